//! `deid preview`: before and after, for the eyes of the hospital.

use std::io::Write;
use std::path::Path;

use agent_viewer_api::{DeidChoice, deid_preview};
use anyhow::Context;
use serde_json::Value;

use super::{How, read};

pub(super) fn preview(path: &Path, how: &How, all: bool, as_json: bool) -> anyhow::Result<()> {
    let bytes = read(path)?;
    let choice = DeidChoice { options: how.options(), key: how.key()?, all };
    let shown =
        deid_preview(&bytes, &choice).with_context(|| format!("cannot preview {}", path.display()))?;
    let value = serde_json::to_value(shown)?;
    let mut out = std::io::stdout().lock();
    if as_json {
        writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
    } else {
        write!(out, "{}", lines(&value))?;
    }
    Ok(())
}

/// A line for each attribute: what was done, where, before and after.
fn lines(value: &Value) -> String {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let list = |name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut shown = String::new();
    for reason in list("pixels_may_carry_text") {
        shown.push_str(&format!("pixels may carry text: {}\n", reason.as_str().unwrap_or_default()));
    }
    for attribute in list("attributes") {
        let [place, keyword, done] =
            ["place", "keyword", "done"].map(|name| text(&attribute, name).unwrap_or_default());
        let before = text(&attribute, "before").unwrap_or_default();
        let after = text(&attribute, "after").map_or_else(String::new, |after| format!(" -> {after}"));
        shown.push_str(&format!("{done:10} {place} {keyword}: {before}{after}\n"));
    }
    if let Some(kept) = value.get("kept") {
        shown.push_str(&format!("kept as they are: {kept}\n"));
    }
    if let Some(beyond) = value.get("not_listed").and_then(Value::as_u64).filter(|beyond| *beyond > 0) {
        shown.push_str(&format!("more than can be listed: {beyond}\n"));
    }
    shown
}
