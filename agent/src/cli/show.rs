//! Answers on the terminal: a progress bar where somebody looks, one line a second otherwise.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};
use proto_ids::{Clock, Timestamp};
use serde_json::Value;

use proto_program::SystemClock;
use proto_program::commands::Progress;

/// Shows how far long work has come, on standard error.
#[derive(Debug)]
pub(super) struct Meter {
    bar: Option<ProgressBar>,
    told_at: Timestamp,
}

impl Meter {
    pub(super) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg:24} [{wide_bar}] {pos}/{len}");
            ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { bar, told_at: Timestamp::default() }
    }

    pub(super) fn show(&mut self, progress: &Progress) {
        if let Some(bar) = &self.bar {
            bar.set_length(progress.of);
            bar.set_position(progress.done);
            bar.set_message(progress.what.clone());
            return;
        }
        let now = SystemClock.now();
        if now.millis_since(self.told_at) >= 1000 {
            self.told_at = now;
            let _ = writeln!(std::io::stderr(), "{}: {} of {}", progress.what, progress.done, progress.of);
        }
    }

    pub(super) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Prints a result: as JSON, or as text that a person reads.
pub(super) fn result(value: &Value, json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(value)?)?;
    } else {
        write!(out, "{}", text(value, 0))?;
    }
    Ok(())
}

fn text(value: &Value, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| match value {
                Value::Object(_) | Value::Array(_) => {
                    format!("{indent}{}:\n{}", words(name), text(value, depth + 1))
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                    format!("{indent}{}: {}\n", words(name), plain(value))
                }
            })
            .collect(),
        Value::Array(items) if items.is_empty() => format!("{indent}none\n"),
        Value::Array(items) => items.iter().map(|item| format!("{indent}{}\n", line(item))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            format!("{indent}{}\n", plain(value))
        }
    }
}

fn line(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let parts = fields.iter().map(|(name, value)| format!("{} {}", words(name), line(value)));
            parts.collect::<Vec<_>>().join("   ")
        }
        Value::Array(items) if items.is_empty() => "–".to_owned(),
        Value::Array(items) if items.iter().all(Value::is_number) => {
            items.iter().map(line).collect::<Vec<_>>().join(" × ")
        }
        Value::Array(items) => items.iter().map(line).collect::<Vec<_>>().join(", "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => plain(value),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Null => "–".to_owned(),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn words(name: &str) -> String {
    name.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_result_reads_as_lines() {
        let value = json!({"taken": 2, "assets": [{"id": "a", "dimensions": [4, 5, 6], "gold": false}], "refused": []});
        let expected = "assets:\n  dimensions 4 × 5 × 6   gold no   id a\nrefused:\n  none\ntaken: 2\n";
        assert_eq!(text(&value, 0), expected);
    }
}
