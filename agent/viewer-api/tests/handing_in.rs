//! Facts about handing in: findings, reasons, answers that are not asked, and the time it took.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use agent_archive::{Role, Submission};
use agent_work::{Override, OverrideReason, TimeUse};
use axum::http::StatusCode;
use proto_instruction::{Check, Condition, Instruction, QuestionKind, Rule, Severity, Subject, YES};
use serde_json::{Value, json};
use support::calls::{cyst, paint, path, put_shape, state, text, uuid};
use support::tasks::{every_geometry, question, task};
use support::{Answer, Site};

/// As [`every_geometry`], with a rule that wants a tip, and a text that is asked only after yes.
fn strict() -> Instruction {
    let mut instruction = every_geometry();
    instruction.questions = vec![
        question(1, true, QuestionKind::YesNo),
        question(2, true, QuestionKind::Text { max_length: 100 }),
    ];
    instruction.questions[1].visible_when = Some(Condition::Option { question_id: 1, option_id: YES });
    instruction.objects[1].severity = Severity::Refuse;
    instruction.objects[1].count.maximum = Some(1);
    instruction.rules = vec![Rule {
        id: 7,
        message: "Mark the tip.".into(),
        severity: Severity::Warn,
        must_hold: Condition::Count {
            object_id: 3,
            comparison: proto_instruction::Comparison::Greater,
            value: 0,
        },
    }];
    instruction
}

async fn begun(instruction: Instruction) -> (Site, String) {
    let site = Site::new();
    let asset = site.asset(1);
    let anna = site.account("anna", &[Role::Annotator]);
    site.project_with(instruction, &[anna], &[]);
    site.order(task(1), asset, false);
    let cookie = site.sign_in("anna").await;
    assert_eq!(site.next(&cookie).await, 1);
    (site, cookie)
}

fn said(number: u8, base_revision: u64, option_id: u32) -> Value {
    json!({"id": uuid(number), "kind": "answer", "base_revision": base_revision, "question_id": 1,
        "answer": {"option_id": option_id}})
}

fn finding(kind: &str, id: u32, check: &str, severity: &str) -> Value {
    json!({"subject": {"type": kind, "id": id}, "check": check, "severity": severity})
}

fn reason(kind: &str, id: u32, check: &str, reason: &str) -> Value {
    json!({"subject": {"type": kind, "id": id}, "check": check, "reason": reason})
}

fn kept(site: &Site) -> Submission {
    let row = site.archive.submissions().unwrap()[0];
    site.archive.submission(row.submission).unwrap().unwrap()
}

#[tokio::test]
async fn everything_that_stands_in_the_way_is_told_at_once() {
    let (site, cookie) = begun(strict()).await;
    let operations = vec![
        paint(1, 0, json!([[7, 4, 0, 1]])),
        put_shape(2, 1, &cyst(8, [2, 2, 2])),
        put_shape(3, 2, &cyst(9, [2, 2, 2])),
    ];
    site.save(&cookie, 1, operations).await;
    let refused = site.submit(&cookie, 1, 3, json!({})).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "incomplete"));
    let json = refused.json();
    assert_eq!(json["fields"], json!([{"question_id": 1, "problem": "required"}]));
    let expected = json!([
        finding("question", 1, "answer-missing", "refuse"),
        finding("object", 1, "volume-too-small", "warn"),
        finding("object", 2, "too-many", "refuse"),
        finding("object", 5, "statement-missing", "refuse"),
        finding("rule", 7, "rule-broken", "warn"),
    ]);
    assert_eq!(json["findings"], expected);
}

#[tokio::test]
async fn a_warning_needs_a_reason_and_what_is_refused_takes_none() {
    let (site, cookie) = begun(strict()).await;
    let operations =
        vec![paint(1, 0, json!([[7, 4, 0, 1]])), said(2, 1, 2), state(3, 2, 5, json!("present"))];
    site.save(&cookie, 1, operations).await;
    let small = reason("object", 1, "volume-too-small", "unusual-anatomy");
    let rule = reason("rule", 7, "rule-broken", "image-quality");
    let submit = |overrides: Value| {
        let (site, cookie) = (&site, &cookie);
        async move { site.submit(cookie, 1, 3, json!({"overrides": overrides})).await }
    };
    let left = |refused: Answer| refused.json()["findings"].clone();
    assert_eq!(left(submit(json!([small])).await), json!([finding("rule", 7, "rule-broken", "warn")]));
    let other = reason("object", 1, "volume-too-large", "other");
    assert_eq!(
        left(submit(json!([other, rule])).await),
        json!([finding("object", 1, "volume-too-small", "warn")])
    );
    let needless = reason("object", 2, "too-few", "other");
    let done = submit(json!([small, rule, needless])).await;
    assert_eq!(done.status, StatusCode::CREATED, "{done:?}");
    let expected = [
        Override {
            subject: Subject::Object(1),
            check: Check::VolumeTooSmall,
            reason: OverrideReason::UnusualAnatomy,
        },
        Override {
            subject: Subject::Rule(7),
            check: Check::RuleBroken,
            reason: OverrideReason::ImageQuality,
        },
    ];
    assert_eq!(kept(&site).overrides, expected, "the reason for nothing is dropped");
}

#[tokio::test]
async fn a_reason_cannot_excuse_what_is_refused() {
    let (site, cookie) = begun(strict()).await;
    let operations = vec![
        put_shape(1, 0, &cyst(8, [2, 2, 2])),
        put_shape(2, 1, &cyst(9, [2, 2, 2])),
        said(3, 2, 2),
        state(4, 3, 5, json!("absent")),
    ];
    site.save(&cookie, 1, operations).await;
    let overrides = json!([
        reason("object", 2, "too-many", "other"),
        reason("rule", 7, "rule-broken", "instruction-unclear"),
    ]);
    let refused = site.submit(&cookie, 1, 4, json!({"overrides": overrides})).await;
    assert_eq!(refused.json()["findings"], json!([finding("object", 2, "too-many", "refuse")]));
}

#[tokio::test]
async fn answers_that_are_not_asked_stay_in_the_work_and_out_of_the_submission() {
    let (site, cookie) = begun(strict()).await;
    let word = json!({"id": uuid(2), "kind": "answer", "base_revision": 1, "question_id": 2,
        "answer": {"text": "left lobe"}});
    let operations = vec![said(1, 0, 1), word, said(3, 2, 2), state(4, 3, 5, json!("absent"))];
    site.save(&cookie, 1, operations).await;
    assert_eq!(site.work(&cookie).await["answers"].as_array().unwrap().len(), 2);
    let overrides = json!([reason("rule", 7, "rule-broken", "other")]);
    let done = site.submit(&cookie, 1, 4, json!({"overrides": overrides})).await;
    assert_eq!(done.status, StatusCode::CREATED, "{done:?}");
    assert_eq!(kept(&site).drawn.answers.keys().copied().collect::<Vec<u32>>(), [1]);
}

#[tokio::test]
async fn reasons_and_verdicts_of_the_wrong_form_are_refused() {
    let (site, cookie) = begun(every_geometry()).await;
    let verdict = json!({"letter": "A", "object_id": 1, "verdict": "right"});
    for more in [
        json!({"overrides": [reason("question", 1, "answer-missing", "other")]}),
        json!({"overrides": [reason("object", 1, "statement-missing", "other")]}),
        json!({"overrides": [reason("object", 1, "too-few", "lunch")]}),
        json!({"overrides": [{"subject": {"type": "object", "id": 1, "name": "x"}, "check": "too-few", "reason": "other"}]}),
        json!({"verdicts": [{"letter": "A", "object_id": 1, "verdict": "splendid"}]}),
        json!({"verdicts": [{"letter": "AB", "object_id": 1, "verdict": "right"}]}),
        json!({"overrides": vec![reason("object", 1, "too-few", "other"); 5_001]}),
        json!({"verdicts": vec![verdict; 4_097]}),
        json!({"remark": "x"}),
    ] {
        let refused = site.submit(&cookie, 1, 0, more.clone()).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            "{more}"
        );
    }
}

fn span(kind: &str, began_ms_ago: u64, ended_ms_ago: u64) -> Value {
    json!({"kind": kind, "began_ms_ago": began_ms_ago, "ended_ms_ago": ended_ms_ago})
}

async fn time(site: &Site, cookie: &str, fencing: u64, spans: Value) -> Answer {
    site.post(&path(task(1), "/time"), cookie, json!({"fencing": fencing, "spans": spans})).await
}

#[tokio::test]
async fn the_time_that_work_took_is_folded() {
    let (site, cookie) = begun(every_geometry()).await;
    site.wait_minutes(5);
    // Half a minute between the strokes counts as drawing; what was looked at meanwhile counts once.
    let spans = json!([
        span("edit", 240_000, 200_000),
        span("answer", 170_000, 160_000),
        span("read", 180_000, 60_000),
        span("read", 400_000, 299_000),
    ]);
    assert_eq!(time(&site, &cookie, 1, spans.clone()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(
        time(&site, &cookie, 1, spans).await.status,
        StatusCode::NO_CONTENT,
        "once more changes nothing"
    );
    site.wait_minutes(5);
    let operations = vec![text(1, 0, "done"), state(2, 1, 5, json!("absent"))];
    site.save(&cookie, 1, operations).await;
    let done = site.submit(&cookie, 1, 2, json!({})).await;
    assert_eq!(done.status, StatusCode::CREATED, "{done:?}");
    // Drawing lasts from 60 to 140 s after the grant. The looks at 0 to 1 s, cut at the grant, and at 120 to
    // 240 s are less than three minutes apart, so that they are one.
    let expected = TimeUse { wall_seconds: 600, active_seconds: 80, reading_seconds: 160, idle_seconds: 360 };
    assert_eq!(kept(&site).row.time, expected);
}

#[tokio::test]
async fn spans_are_bounded_and_belong_to_the_holder() {
    let (site, cookie) = begun(every_geometry()).await;
    let refused = time(&site, &cookie, 1, json!([span("edit", 1, 2)])).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "invalid"));
    let many = Value::Array(vec![span("edit", 2, 1); 501]);
    assert_eq!(time(&site, &cookie, 1, many).await.code(), "invalid");
    assert_eq!(time(&site, &cookie, 1, json!([span("sleep", 2, 1)])).await.code(), "invalid");
    assert_eq!(time(&site, &cookie, 7, json!([])).await.status, StatusCode::FORBIDDEN);
    site.account("ben", &[Role::Annotator]);
    let ben = site.sign_in("ben").await;
    assert_eq!(time(&site, &ben, 1, json!([])).await.status, StatusCode::FORBIDDEN);
    site.wait_minutes(14);
    let operations = vec![text(1, 0, "done"), state(2, 1, 5, json!("absent"))];
    time(&site, &cookie, 1, json!([span("edit", 800_000, 590_000), span("edit", 900_000, 700_000)])).await;
    site.save(&cookie, 1, operations).await;
    site.submit(&cookie, 1, 2, json!({})).await;
    assert_eq!(kept(&site).row.time.active_seconds, 10, "what is older than ten minutes is cut");
}

#[tokio::test]
async fn looking_keeps_a_session_and_an_idle_viewer_does_not() {
    let (site, cookie) = begun(every_geometry()).await;
    for _ in 0..3 {
        site.wait_minutes(10);
        site.post(&path(task(1), "/renew"), &cookie, json!({"fencing": 1})).await;
        let told = time(&site, &cookie, 1, json!([span("read", 5_000, 0)])).await;
        assert_eq!(told.status, StatusCode::NO_CONTENT);
    }
    site.wait_minutes(10);
    assert_eq!(time(&site, &cookie, 1, json!([])).await.status, StatusCode::NO_CONTENT);
    site.wait_minutes(5);
    assert_eq!(time(&site, &cookie, 1, json!([])).await.status, StatusCode::UNAUTHORIZED);
}
