//! QIDO-RS (PS3.18 §10.6): studies, series and instances that match, page by page.
//!
//! Everything is answered out of the catalogue of the caller's view, and so a query of the de-identified view is
//! compared with pseudonyms: what a header said cannot be guessed by asking.

mod condition;
mod find;

use agent_archive::{AuditAction, AuditOutcome, AuditSubject};
use axum::extract::{Path, Query};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;

use super::Call;
use super::accept;
use super::attributes::{self, Attribute};
use crate::problem::Problem;
use condition::{Condition, Level, level};

/// The most matches of one answer; a query for more goes on with `offset`.
pub(super) const MOST: usize = 1_000;

/// The level at which an attribute is matched; none where it is only answered.
pub(super) fn matched_at(attribute: &Attribute) -> Option<&'static str> {
    level(attribute).map(|level| match level {
        Level::Study => "study",
        Level::Series => "series",
        Level::Instance => "instance",
    })
}

type Parameters = Query<Vec<(String, String)>>;

/// UIDs in the address of a query.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Below {
    study: Option<String>,
    #[serde(default)]
    series: Option<String>,
}

pub(super) async fn studies(call: Call, Query(parameters): Parameters) -> Result<Response, Problem> {
    answered(call, Level::Study, Below::default(), &parameters).await
}

pub(super) async fn series(call: Call, Query(parameters): Parameters) -> Result<Response, Problem> {
    answered(call, Level::Series, Below::default(), &parameters).await
}

pub(super) async fn series_of_study(
    call: Call,
    Path(below): Path<Below>,
    Query(parameters): Parameters,
) -> Result<Response, Problem> {
    answered(call, Level::Series, below, &parameters).await
}

pub(super) async fn instances(call: Call, Query(parameters): Parameters) -> Result<Response, Problem> {
    answered(call, Level::Instance, Below::default(), &parameters).await
}

pub(super) async fn instances_below(
    call: Call,
    Path(below): Path<Below>,
    Query(parameters): Parameters,
) -> Result<Response, Problem> {
    answered(call, Level::Instance, below, &parameters).await
}

/// What is asked for.
#[derive(Debug)]
struct Asked {
    level: Level,
    conditions: Vec<Condition>,
    offset: usize,
    limit: usize,
    fuzzy: bool,
}

/// A page of matches, and how many come after it.
#[derive(Debug, Default)]
struct Page {
    rows: Vec<Value>,
    remaining: u64,
}

async fn answered(
    call: Call,
    level: Level,
    below: Below,
    parameters: &[(String, String)],
) -> Result<Response, Problem> {
    accept::dicom_json(&call.headers)?;
    let asked = Asked::read(level, below, parameters)?;
    let fuzzy = asked.fuzzy;
    let page = call.blocking(move |app, holder, origin| {
        // The answer names patients: without a line in the audit trail there is none.
        holder.audit(app, AuditAction::StudyQueried, AuditSubject::Nothing, AuditOutcome::Done)?;
        find::page(app, &holder.view, origin, &asked)
    });
    let page = page.await?;
    let body = Value::Array(page.rows).to_string();
    let content_type = HeaderValue::from_static("application/dicom+json");
    let mut response = ([(header::CONTENT_TYPE, content_type)], body).into_response();
    let mut warn = |text: String| {
        let value = HeaderValue::from_str(&format!("299 ringfence-agent \"{text}\""));
        value.map(|value| response.headers_mut().append(header::WARNING, value)).map(|_| ())
    };
    // PS3.18 §8.3.4.2 and §8.3.4.4 have these words.
    let fuzzy = if fuzzy {
        let text = "The fuzzymatching parameter is not supported. Only literal matching has been performed.";
        warn(text.to_owned())
    } else {
        Ok(())
    };
    let more = match page.remaining {
        0 => Ok(()),
        remaining => warn(format!("There are {remaining} additional results that can be requested.")),
    };
    fuzzy.and(more).map_err(|cause| Problem::ours(&cause))?;
    Ok(response)
}

impl Asked {
    fn read(level: Level, below: Below, parameters: &[(String, String)]) -> Result<Self, Problem> {
        let mut asked = Self { level, conditions: Vec::new(), offset: 0, limit: MOST, fuzzy: false };
        for (attribute, uid) in
            [(&attributes::STUDY_UID, below.study), (&attributes::SERIES_UID, below.series)]
        {
            asked.conditions.extend(uid.map(|uid| Condition::of_address(attribute, uid)));
        }
        for (name, value) in parameters {
            match name.as_str() {
                "limit" => asked.limit = number(name, value)?.min(MOST),
                "offset" => asked.offset = number(name, value)?,
                "fuzzymatching" => asked.fuzzy = truth(value)?,
                // Every attribute there is comes in each answer, and others may be left out (PS3.18 §8.3.4.3).
                "includefield" => included(value)?,
                name => asked.conditions.extend(asked.condition(name, value)?),
            }
        }
        Ok(asked)
    }

    fn condition(&self, name: &str, value: &str) -> Result<Option<Condition>, Problem> {
        let unsupported = |attribute: Option<&Attribute>| {
            let title = "This parameter of a query is not supported.";
            let problem = Problem::new(StatusCode::BAD_REQUEST, "parameter-not-supported", title);
            // A name that is not ours may hold anything, so it is not repeated.
            match attribute {
                Some(attribute) => problem.detail(format!("{} is not matched here", attribute.keyword)),
                None => problem,
            }
        };
        let attribute = attributes::named(name).ok_or_else(|| unsupported(None))?;
        match level(attribute) {
            Some(level) if level <= self.level => Condition::read(attribute, value),
            Some(_) | None => Err(unsupported(Some(attribute))),
        }
    }
}

fn number(name: &str, value: &str) -> Result<usize, Problem> {
    value.parse().map_err(|_| Problem::malformed(format!("the value of {name} cannot be used")))
}

fn truth(value: &str) -> Result<bool, Problem> {
    match value {
        "true" => Ok(true),
        "false" | "" => Ok(false),
        _ => Err(Problem::malformed("the value of fuzzymatching cannot be used")),
    }
}

/// Attributes are named by keyword, by eight digits, or as a path of those with full stops between.
fn included(value: &str) -> Result<(), Problem> {
    let named = |name: &str| {
        let keyword = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        !name.is_empty() && name.len() <= 64 && keyword
    };
    let all = value.split(',').all(|field| field.trim().split('.').all(named));
    if all { Ok(()) } else { Err(Problem::malformed("the value of includefield cannot be used")) }
}
