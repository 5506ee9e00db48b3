//! The ledger's bytes and the schema's words brought together, for the hospital's page and the command line.

use agent_archive::{Archive, MessageKind};
use agent_uplink::{Call, Content};
use agent_viewer_api::{EgressContent, EgressField, EgressSchema, day_at, day_named, ledger_line};
use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::site::text;

/// The schema of the wire, as the hospital's page and the command line read it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WireSchema;

impl EgressSchema for WireSchema {
    fn call(&self, kind: MessageKind) -> &'static str {
        Call::of_kind(kind.code()).name()
    }

    fn words(&self, kind: MessageKind) -> String {
        agent_uplink::kind_in_words(kind.code())
    }

    fn fields(&self, kind: MessageKind, bytes: &[u8]) -> Option<Vec<EgressField>> {
        let fields = agent_uplink::fields(Call::of_kind(kind.code()), bytes)?;
        Some(fields.into_iter().map(field).collect())
    }
}

fn field(field: agent_uplink::Field) -> EgressField {
    let content = match field.content {
        Content::Number => EgressContent::Number,
        Content::Token => EgressContent::Token,
        Content::Credential => EgressContent::Credential,
        Content::Text => EgressContent::Text,
    };
    EgressField { path: field.path, value: field.value, content, class: field.class, why: field.why }
}

/// Which messages are meant; all where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Selection {
    /// As 2026-11-30, UTC.
    pub(crate) day: Option<String>,
    /// The kind's name in the schema.
    pub(crate) kind: Option<String>,
}

impl Selection {
    /// Whether a message of this kind and time is meant.
    ///
    /// # Errors
    /// When day or kind are none.
    pub(crate) fn checked(&self) -> anyhow::Result<impl Fn(&agent_archive::LedgerEntry) -> bool + use<>> {
        let day = self.day.as_deref().map(|day| day_named(day).context("a day is written as 2026-11-30"));
        let kind = self.kind.as_deref().map(|kind| {
            MessageKind::from_code(kind).with_context(|| {
                let kinds: Vec<&str> = MessageKind::ALL.into_iter().map(MessageKind::code).collect();
                format!("'{kind}' is no kind of message; there are {}", kinds.join(", "))
            })
        });
        let (day, kind) = (day.transpose()?, kind.transpose()?);
        Ok(move |entry: &agent_archive::LedgerEntry| {
            day.is_none_or(|day| day_at(entry.at) == day) && kind.is_none_or(|kind| entry.kind == kind)
        })
    }
}

/// The newest messages that are meant, in their order.
pub(crate) fn list(archive: &Archive, selection: &Selection, limit: u64) -> anyhow::Result<Value> {
    const BLOCK: u64 = 1000;
    let meant = selection.checked()?;
    let limit = usize::try_from(limit.min(100_000))?;
    let mut end = archive.ledger_last()?;
    let mut entries = Vec::new();
    while end > 0 && entries.len() < limit {
        let start = end.saturating_sub(BLOCK);
        let lines = archive.ledger_list(start, usize::try_from(end - start)?)?;
        entries.extend(lines.into_iter().rev().filter(|entry| meant(entry)));
        end = start;
    }
    entries.truncate(limit);
    let line = |entry: &agent_archive::LedgerEntry| {
        json!({
            "sequence": entry.sequence, "at": text(entry.at), "kind": entry.kind.code(),
            "bytes": entry.bytes.len(), "tells": WireSchema.words(entry.kind),
        })
    };
    Ok(json!({ "entries": entries.iter().rev().map(line).collect::<Vec<_>>() }))
}

/// One message, field by field.
pub(crate) fn show(archive: &Archive, sequence: u64) -> anyhow::Result<Value> {
    let entry = archive.ledger_show(sequence)?.context("there is no such message")?;
    Ok(ledger_line(&entry, &WireSchema))
}

#[cfg(test)]
mod tests {
    use agent_uplink::{GoldPresence, Outbound};
    use proto_ids::AssetToken;

    use super::*;

    #[test]
    fn every_kind_of_the_ledger_has_a_call_and_words() {
        for kind in MessageKind::ALL {
            assert!(WireSchema.words(kind).len() > 5, "{}", kind.code());
        }
        assert_eq!(WireSchema.call(MessageKind::Renew), "Enrolment.Renew");
        assert_eq!(WireSchema.call(MessageKind::Asset), "Results.Push");
    }

    #[test]
    fn a_report_is_read_with_its_reasons() {
        let report = Outbound::Gold(GoldPresence { asset: AssetToken::from_random([1; 16]), present: true });
        let fields = WireSchema.fields(MessageKind::Gold, &report.encode()).unwrap();
        assert_eq!((fields[0].path.as_str(), fields[0].content), ("gold.asset", EgressContent::Token));
        assert_eq!(fields[1].why, "whether there is a gold annotation");
    }

    #[test]
    fn a_selection_names_what_it_does_not_know() {
        let selection = |day: &str, kind: &str| Selection { day: Some(day.into()), kind: Some(kind.into()) };
        assert!(selection("2026-11-30", "lease").checked().is_ok());
        let error = selection("2026-11-30", "picture").checked().err().unwrap().to_string();
        assert!(error.contains("'picture' is no kind") && error.contains("asset"), "{error}");
        assert!(selection("30.11.2026", "lease").checked().is_err());
    }
}
