//! Work that was handed in, off the wire.

use control_plane_domain::{
    CheckCode, CodedAnswer, CodedValue, LabelScore, MetricValue, ObjectPresence, Override, OverrideReason,
    OverrideSubject, Refusal, ShapeScore, StatedPresence, Submission, Undefined, Verdict, VerdictKind,
};
use proto::agent::v1 as agent;
use proto::types::v1 as types;
use proto_ids::{PersonId, SubmissionId, TaskId};

use super::assistance::assist;
use super::{code, id, role};

/// Work that was handed in.
pub(super) fn submission(facts: agent::Submission) -> Result<Submission, Refusal> {
    let scores = facts.scores.into_iter().enumerate().map(|(index, item)| score(item, index));
    let answers = facts.answers.into_iter().enumerate().map(|(index, item)| answer(item, index));
    let objects = facts.objects.into_iter().enumerate().map(|(index, item)| presence(item, index));
    let overrides = facts.overrides.into_iter().enumerate().map(|(index, item)| overridden(item, index));
    let verdicts = facts.verdicts.into_iter().enumerate().map(|(index, item)| verdict(item, index));
    let assists = facts.assists.into_iter().enumerate().map(|(index, item)| assist(item, index));
    Ok(Submission {
        id: id(facts.submission, SubmissionId::from_halves, "submission.submission")?,
        task: id(facts.task, TaskId::from_halves, "submission.task")?,
        person: id(facts.person, PersonId::from_halves, "submission.person")?,
        slot: facts.slot,
        instruction_version: facts.instruction_version,
        duration_seconds: facts.duration_seconds,
        engine: facts.engine,
        scores: scores.collect::<Result<_, _>>()?,
        answers: answers.collect::<Result<_, _>>()?,
        role: role(facts.role, "submission.role")?,
        active_seconds: facts.active_seconds,
        reading_seconds: facts.reading_seconds,
        idle_seconds: facts.idle_seconds,
        objects: objects.collect::<Result<_, _>>()?,
        shapes: facts.shapes.into_iter().map(shape_score).collect(),
        overrides: overrides.collect::<Result<_, _>>()?,
        verdicts: verdicts.collect::<Result<_, _>>()?,
        assists: assists.collect::<Result<_, _>>()?,
    })
}

fn presence(object: types::ObjectPresence, index: usize) -> Result<ObjectPresence, Refusal> {
    let field = format!("submission.objects[{index}].presence");
    Ok(ObjectPresence {
        object_id: object.object_id,
        presence: code(object.presence, StatedPresence::from_code, &field)?,
        count: object.count,
    })
}

fn shape_score(score: types::ShapeScore) -> ShapeScore {
    ShapeScore {
        object_id: score.object_id,
        reference_count: score.reference_count,
        candidate_count: score.candidate_count,
        matched: score.matched,
    }
}

fn overridden(said: agent::Override, index: usize) -> Result<Override, Refusal> {
    let field = |name: &str| format!("submission.overrides[{index}].{name}");
    let subject = match said.subject {
        Some(agent::r#override::Subject::ObjectId(id)) => OverrideSubject::Object(id),
        Some(agent::r#override::Subject::RuleId(id)) => OverrideSubject::Rule(id),
        None => return Err(Refusal::invalid(field("subject"))),
    };
    Ok(Override {
        subject,
        check: code(said.check, CheckCode::from_code, &field("check"))?,
        reason: code(said.reason, OverrideReason::from_code, &field("reason"))?,
    })
}

fn verdict(said: agent::Verdict, index: usize) -> Result<Verdict, Refusal> {
    let field = |name: &str| format!("submission.verdicts[{index}].{name}");
    Ok(Verdict {
        submission: id(said.submission, SubmissionId::from_halves, &field("submission"))?,
        object_id: said.object_id,
        verdict: code(said.verdict, VerdictKind::from_code, &field("verdict"))?,
    })
}

fn score(score: types::LabelScore, index: usize) -> Result<LabelScore, Refusal> {
    let measure = |value: Option<types::MetricValue>, name: &str| {
        metric(value).ok_or_else(|| Refusal::invalid(format!("submission.scores[{index}].{name}")))
    };
    Ok(LabelScore {
        object_id: score.object_id,
        dice: measure(score.dice, "dice")?,
        nsd: measure(score.nsd, "nsd")?,
        hd95_mm: measure(score.hd95_mm, "hd95_mm")?,
        reference_voxels: score.reference_voxels,
        candidate_voxels: score.candidate_voxels,
    })
}

fn metric(value: Option<types::MetricValue>) -> Option<MetricValue> {
    match value?.of? {
        // Not a number is not a number that stands for a reason either.
        types::metric_value::Of::Value(value) => value.is_finite().then_some(MetricValue::Value(value)),
        types::metric_value::Of::Undefined(reason) => {
            u32::try_from(reason).ok().and_then(Undefined::from_code).map(MetricValue::Undefined)
        }
    }
}

fn answer(answer: agent::CodedAnswer, index: usize) -> Result<CodedAnswer, Refusal> {
    let value = match answer.of {
        Some(agent::coded_answer::Of::OptionId(option)) => CodedValue::Option(option),
        Some(agent::coded_answer::Of::GridStep(step)) => CodedValue::GridStep(step),
        None => return Err(Refusal::invalid(format!("submission.answers[{index}].of"))),
    };
    Ok(CodedAnswer { question_id: answer.question_id, value })
}
