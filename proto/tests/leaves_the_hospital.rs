//! What an agent can send, field by field, with the reason why each field is no protected health
//! information. A new line in the golden file is a decision; `RINGFENCE_GOLDEN=write` regenerates it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a type is printed by its name, whichever it is")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor, Value};

fn pool() -> DescriptorPool {
    DescriptorPool::decode(proto::DESCRIPTOR_SET).unwrap()
}

/// Requests of every call of the package: the agent always calls.
fn requests(pool: &DescriptorPool) -> Vec<(String, MessageDescriptor)> {
    let calls = pool.services().filter(|service| service.full_name().starts_with("ringfence.agent."));
    calls
        .flat_map(|service| {
            let name = service.name().to_owned();
            service
                .methods()
                .map(move |method| (format!("{name}.{}", method.name()), method.input()))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The class and the reason of a field.
fn privacy(pool: &DescriptorPool, field: &FieldDescriptor) -> (String, String) {
    let extension = |name: &str| pool.get_extension_by_name(name).unwrap();
    let options = field.options();
    let class = extension("ringfence.privacy.v1.class");
    let Kind::Enum(classes) = class.kind() else { panic!("the class is an enumeration") };
    let class = match options.get_extension(&class).as_ref() {
        Value::EnumNumber(number) => classes.get_value(*number).map(|value| value.name().to_owned()),
        _ => None,
    };
    let why = match options.get_extension(&extension("ringfence.privacy.v1.why")).as_ref() {
        Value::String(why) => why.clone(),
        _ => String::new(),
    };
    (class.unwrap_or_default(), why)
}

fn type_name(field: &FieldDescriptor) -> String {
    let repeated = if field.is_list() { "repeated " } else { "" };
    let name = match field.kind() {
        Kind::Message(message) => message.full_name().to_owned(),
        Kind::Enum(closed) => format!("enum {} of {}", closed.full_name(), closed.values().count() - 1),
        scalar => format!("{scalar:?}").to_lowercase(),
    };
    format!("{repeated}{name}")
}

/// Whether a field of this type may go up at all.
fn permitted(call: &str, field: &FieldDescriptor, class: &str) -> bool {
    if field.is_map() || field.is_group() {
        return false;
    }
    match field.kind() {
        Kind::String => false,
        Kind::Bytes => call.starts_with("Enrolment.") && class == "CLASS_CREDENTIAL",
        Kind::Message(message) => message.full_name().starts_with("ringfence."),
        Kind::Double | Kind::Float | Kind::Bool | Kind::Enum(_) => true,
        Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 | Kind::Sint32 | Kind::Sint64 => true,
        Kind::Fixed32 | Kind::Fixed64 | Kind::Sfixed32 | Kind::Sfixed64 => true,
    }
}

fn walk(
    pool: &DescriptorPool,
    call: &str,
    path: &str,
    message: &MessageDescriptor,
    lines: &mut BTreeMap<String, String>,
) {
    assert!(path.split('.').count() < 12, "{path}: messages that hold themselves have no bound");
    for field in message.fields() {
        let path = format!("{path}.{}", field.name());
        let (class, why) = privacy(pool, &field);
        assert!(
            permitted(call, &field, &class),
            "{path}: a {} may not leave the hospital",
            type_name(&field)
        );
        assert!(!class.is_empty() && class != "CLASS_UNSPECIFIED", "{path} has no privacy class");
        assert!(why.len() > 5, "{path} does not say why it may leave");
        lines.insert(path.clone(), format!("{path} | {} | {class} | {why}", type_name(&field)));
        if let Kind::Message(inner) = field.kind() {
            walk(pool, call, &path, &inner, lines);
        }
    }
}

fn golden() -> String {
    let pool = pool();
    let mut lines = BTreeMap::new();
    for (call, request) in requests(&pool) {
        walk(&pool, &call, &call, &request, &mut lines);
    }
    let mut text = String::from(
        "# Every field that an agent can send: path | type | privacy class | why it may leave.\n",
    );
    for line in lines.values() {
        writeln!(text, "{line}").unwrap();
    }
    text.push_str("# Every header that an agent sends beside its messages.\n");
    for (name, value) in proto::headers::SENT {
        writeln!(text, "{name} | {value}").unwrap();
    }
    writeln!(text, "# An asset card tells at most {:.1} bits beyond its token.", card_bits(&pool)).unwrap();
    text
}

/// Values that a field of an asset card can have; ranges of numbers are those of `asset.proto`.
fn values(field: &FieldDescriptor) -> usize {
    match (field.name(), field.kind()) {
        (_, Kind::Enum(closed)) => closed.values().count() - 1,
        ("slices_up_to" | "frames_up_to", _) => 11,
        ("size_up_to", _) => 6,
        ("spacing_tenths_mm", _) => 100,
        ("thickness_halves_mm", _) => 21,
        (name, kind) => panic!("{name}: a {kind:?} has no known number of values"),
    }
}

fn card_bits(pool: &DescriptorPool) -> f64 {
    let card = pool.get_message_by_name("ringfence.types.v1.AssetCard").unwrap();
    let fields = card.fields().filter(|field| field.name() != "asset");
    fields.map(|field| (values(&field) as f64).log2()).sum()
}

#[test]
fn what_leaves_the_hospital_is_what_was_agreed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/leaves_the_hospital.txt");
    let now = golden();
    if std::env::var_os("RINGFENCE_GOLDEN").is_some_and(|value| value == "write") {
        std::fs::write(&path, &now).unwrap();
    }
    let agreed = std::fs::read_to_string(&path).unwrap();
    assert_eq!(now, agreed, "the list of what leaves the hospital has changed");
}

#[test]
fn an_asset_card_tells_at_most_64_bits_beyond_its_token() {
    let bits = card_bits(&pool());
    assert!((1.0..=64.0).contains(&bits), "{bits}");
}

#[test]
fn every_call_of_an_agent_is_walked() {
    let calls: Vec<String> = requests(&pool()).into_iter().map(|(call, _)| call).collect();
    let expected = [
        "Enrolment.Begin",
        "Enrolment.Enrol",
        "Enrolment.Rejoin",
        "Enrolment.Renew",
        "Worklist.Follow",
        "Results.Push",
    ];
    assert_eq!(calls, expected);
}

#[test]
fn text_in_a_message_that_goes_up_is_found() {
    let pool = pool();
    let down = pool.get_message_by_name("ringfence.agent.v1.Project").unwrap();
    let title = down.get_field_by_name("title").unwrap();
    assert!(!permitted("Results.Push", &title, "CLASS_ECHO"));
    let proof = pool
        .get_message_by_name("ringfence.agent.v1.EnrolRequest")
        .unwrap()
        .get_field_by_name("proof")
        .unwrap();
    assert!(permitted("Enrolment.Enrol", &proof, "CLASS_CREDENTIAL"));
    assert!(!permitted("Results.Push", &proof, "CLASS_CREDENTIAL"));
}
