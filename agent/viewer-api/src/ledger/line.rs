//! One message of the ledger as JSON: a line of an export, and what a page opens.

use agent_archive::{LedgerEntry, LedgerFinding, LedgerVerified};
use serde_json::{Value, json};

use super::schema::{EgressField, EgressSchema};
use crate::json::time_text;

/// A message with every field, its reason, and the plain bytes in hexadecimal: one line of an export.
pub fn ledger_line(entry: &LedgerEntry, schema: &dyn EgressSchema) -> Value {
    let fields = schema.fields(entry.kind, &entry.bytes);
    let field = |field: EgressField| {
        let EgressField { path, value, class, why, .. } = field;
        json!({ "path": path, "value": value, "class": class, "why": why })
    };
    json!({
        "sequence": entry.sequence,
        "at": time_text(entry.at),
        "call": schema.call(entry.kind),
        "kind": entry.kind.code(),
        "tells": schema.words(entry.kind),
        "report": (entry.outbox_sequence > 0).then_some(entry.outbox_sequence),
        "fields": fields.map(|fields| fields.into_iter().map(field).collect::<Vec<_>>()),
        "sha256": hex(&entry.sha256),
        "bytes": hex(&entry.bytes),
    })
}

/// What a check of the ledger found: the last line of an export.
pub fn ledger_state(verified: &LedgerVerified) -> Value {
    let intact = verified.findings.is_empty();
    json!({
        "ledger": if intact { "intact" } else { "damaged" },
        "messages": verified.lines,
        "records": verified.records,
        "head": format!("{}:{}", verified.head.sequence, hex(&verified.head.link)),
        "anchors": verified.anchors,
        "findings": verified.findings.iter().map(ledger_finding).collect::<Vec<_>>(),
    })
}

/// A finding in words, with its place.
pub fn ledger_finding(finding: &LedgerFinding) -> String {
    match finding {
        LedgerFinding::Damaged(damage) => format!(
            "record {} of the ledger is not as it was written: segment {:020}, from byte {}",
            damage.sequence, damage.segment, damage.offset
        ),
        LedgerFinding::AnchorsDamaged(damage) => format!(
            "record {} of the audit trail, in which the ledger is anchored, is not as it was written: \
             segment {:020}, from byte {}",
            damage.sequence, damage.segment, damage.offset
        ),
        LedgerFinding::NotAnchored(anchor) => format!(
            "record {} (message {}), anchored at {}, is missing or another: the ledger was cut off or \
             written anew",
            anchor.head.sequence,
            anchor.line,
            time_text(anchor.at)
        ),
        LedgerFinding::NotAsNoted(head) => {
            format!("record {} is missing, or its chain value is not the noted one", head.sequence)
        }
        LedgerFinding::Line { sequence } => {
            format!("message {sequence} is missing, out of place, or not what its digest says")
        }
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
