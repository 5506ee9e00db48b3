//! `deid preview`: before and after, for the eyes of the hospital.

use std::io::Write;
use std::path::Path;

use agent_deid::{Change, Changes, Done, File, nifti, risk};
use agent_phi::{Phi, Purpose};
use anyhow::Context;
use serde_json::{Value, json};

use super::{How, read};

pub(super) fn preview(path: &Path, how: &How, all: bool, as_json: bool) -> anyhow::Result<()> {
    let bytes = read(path)?;
    let value =
        if nifti::looks_like(&bytes) { of_nifti(&bytes, path)? } else { of_dicom(&bytes, how, all, path)? };
    let mut out = std::io::stdout().lock();
    if as_json {
        writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
    } else {
        write!(out, "{}", lines(&value))?;
    }
    Ok(())
}

fn of_dicom(bytes: &[u8], how: &How, all: bool, path: &Path) -> anyhow::Result<Value> {
    let refused = || format!("cannot preview {}", path.display());
    let file = File::open(bytes).with_context(refused)?;
    let (deidentifier, _) = how.deidentifier()?;
    let mut changes = Changes::default();
    let risks = risk::assess(&file.set().with_context(refused)?);
    deidentifier.file(&file, &mut changes).with_context(refused)?;
    let shown = changes.0.iter().filter(|change| all || change.done != Done::Kept);
    Ok(json!({
        "format": "dicom",
        "profile": format!("PS3.15 {} Basic", agent_deid::EDITION),
        "options": how.option_names(),
        "pixels_may_carry_text": risks.iter().map(|reason| reason.text()).collect::<Vec<_>>(),
        "kept": changes.0.iter().filter(|change| change.done == Done::Kept).count(),
        "attributes": shown.map(attribute).collect::<Vec<_>>(),
    }))
}

fn attribute(change: &Change) -> Value {
    let text = |value: &Option<Phi<String>>| {
        value.as_ref().map(|value| value.expose(Purpose::HospitalScreen).clone())
    };
    json!({
        "place": change.place,
        "keyword": change.keyword,
        "vr": change.vr.to_string(),
        "done": change.done.word(),
        "before": text(&change.before),
        "after": text(&change.after),
    })
}

fn of_nifti(bytes: &[u8], path: &Path) -> anyhow::Result<Value> {
    let cleaned = nifti::clean(bytes).with_context(|| format!("cannot preview {}", path.display()))?;
    let fields = cleaned.cleared.iter().map(|cleared| {
        json!({
            "place": cleared.field,
            "keyword": "",
            "vr": "",
            "done": Done::Emptied.word(),
            "before": cleared.before.expose(Purpose::HospitalScreen),
            "after": "",
        })
    });
    Ok(json!({ "format": "nifti", "attributes": fields.collect::<Vec<_>>() }))
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
    shown
}
