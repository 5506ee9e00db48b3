//! Every message, field, number and call of the schema against a golden file: fields are added, never
//! renumbered or reused. `RINGFENCE_GOLDEN=write` regenerates the file.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a type is printed by its name, whichever it is")]

use std::fmt::Write;
use std::path::Path;

use prost_reflect::{Cardinality, DescriptorPool, Kind};

fn schema() -> String {
    let pool = DescriptorPool::decode(proto::DESCRIPTOR_SET).unwrap();
    let mut lines = Vec::new();
    for message in pool.all_messages().filter(|message| message.full_name().starts_with("ringfence.")) {
        for field in message.fields() {
            let kind = match field.kind() {
                Kind::Message(inner) => inner.full_name().to_owned(),
                Kind::Enum(closed) => closed.full_name().to_owned(),
                scalar => format!("{scalar:?}").to_lowercase(),
            };
            let many = if field.cardinality() == Cardinality::Repeated { "repeated " } else { "" };
            lines.push(format!("{}.{} = {} {many}{kind}", message.full_name(), field.name(), field.number()));
        }
    }
    for closed in pool.all_enums().filter(|closed| closed.full_name().starts_with("ringfence.")) {
        for value in closed.values() {
            lines.push(format!("{}.{} = {}", closed.full_name(), value.name(), value.number()));
        }
    }
    for service in pool.services() {
        for method in service.methods() {
            let stream = |streaming| if streaming { "stream " } else { "" };
            lines.push(format!(
                "{}({}{}) returns ({}{})",
                method.full_name(),
                stream(method.is_client_streaming()),
                method.input().full_name(),
                stream(method.is_server_streaming()),
                method.output().full_name(),
            ));
        }
    }
    lines.sort();
    lines.iter().fold(String::new(), |mut text, line| {
        writeln!(text, "{line}").unwrap();
        text
    })
}

#[test]
fn the_wire_is_as_it_was_frozen() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frozen_wire.txt");
    let now = schema();
    if std::env::var_os("RINGFENCE_GOLDEN").is_some_and(|value| value == "write") {
        std::fs::write(&path, &now).unwrap();
    }
    assert_eq!(now, std::fs::read_to_string(&path).unwrap(), "the wire has changed");
}
