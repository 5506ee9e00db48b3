//! A report off the wire becomes a domain report, or is refused by the name of a field.

mod agreement;
mod assistance;
mod submission;

use control_plane_domain::{
    AssetCard, BodyRegion, Contrast, Dimensionality, GoldPresence, Health, LeaseEvent, LeaseState, Modality,
    PersonChange, PersonChangeKind, Plane, Recheck, Refusal, Report, WorkRole,
};
use proto::agent::v1 as agent;
use proto::agent::v1::report::Of;
use proto::types::v1 as types;
use proto_ids::{AssetToken, PersonId, ProjectId, TaskId};

/// The domain's report. Ranges are the domain's to check.
pub(crate) fn report(of: Option<Of>) -> Result<Report, Refusal> {
    match of {
        Some(Of::Asset(card)) => asset(card).map(Report::Asset),
        Some(Of::Lease(event)) => lease(event).map(Report::Lease),
        Some(Of::Submission(facts)) => submission::submission(facts).map(Report::Submission),
        Some(Of::Pattern(counts)) => agreement::pattern(counts).map(Report::Pattern),
        Some(Of::Shapes(shapes)) => agreement::shapes(shapes).map(Report::Shapes),
        Some(Of::Consensus(painted)) => agreement::painted(painted).map(Report::Consensus),
        Some(Of::Recheck(recheck)) => Ok(Report::Recheck(Recheck {
            project: id(recheck.project, ProjectId::from_halves, "recheck.project")?,
            instruction_version: recheck.instruction_version,
            checked: recheck.checked,
            failing: recheck.failing,
        })),
        Some(Of::Model(state)) => assistance::model(state).map(Report::Model),
        Some(Of::Preannotation(progress)) => assistance::progress(progress).map(Report::Preannotation),
        Some(Of::Gold(presence)) => Ok(Report::Gold(GoldPresence {
            asset: id(presence.asset, AssetToken::from_halves, "gold.asset")?,
            present: presence.present,
        })),
        Some(Of::Person(change)) => Ok(Report::Person(PersonChange {
            person: id(change.person, PersonId::from_halves, "person.person")?,
            state: code(change.state, PersonChangeKind::from_code, "person.state")?,
        })),
        Some(Of::Health(health)) => Ok(Report::Health(Health {
            version: health.version,
            queue_depth: health.queue_depth,
            disk_free_percent: health.disk_free_percent,
            certificate_days_left: health.certificate_days_left,
        })),
        None => Err(Refusal::invalid("of")),
    }
}

fn id<T>(id: Option<types::Id>, from_halves: fn(u64, u64) -> T, field: &str) -> Result<T, Refusal> {
    id.map(|id| from_halves(id.high, id.low)).ok_or_else(|| Refusal::invalid(field))
}

fn code<T>(code: i32, from_code: fn(u32) -> Option<T>, field: &str) -> Result<T, Refusal> {
    u32::try_from(code).ok().and_then(from_code).ok_or_else(|| Refusal::invalid(field))
}

fn asset(card: types::AssetCard) -> Result<AssetCard, Refusal> {
    Ok(AssetCard {
        asset: id(card.asset, AssetToken::from_halves, "asset.asset")?,
        modality: code(card.modality, Modality::from_code, "asset.modality")?,
        region: code(card.region, BodyRegion::from_code, "asset.region")?,
        plane: code(card.plane, Plane::from_code, "asset.plane")?,
        dimensionality: code(card.dimensionality, Dimensionality::from_code, "asset.dimensionality")?,
        contrast: code(card.contrast, Contrast::from_code, "asset.contrast")?,
        slices_up_to: card.slices_up_to,
        size_up_to: card.size_up_to,
        spacing_tenths_mm: card.spacing_tenths_mm,
        thickness_halves_mm: card.thickness_halves_mm,
        frames_up_to: card.frames_up_to,
    })
}

fn lease(event: agent::LeaseEvent) -> Result<LeaseEvent, Refusal> {
    Ok(LeaseEvent {
        task: id(event.task, TaskId::from_halves, "lease.task")?,
        person: id(event.person, PersonId::from_halves, "lease.person")?,
        slot: event.slot,
        state: code(event.state, LeaseState::from_code, "lease.state")?,
        role: role(event.role, "lease.role")?,
    })
}

/// A site of an earlier version, which knows annotators alone, does not say.
fn role(value: i32, field: &str) -> Result<WorkRole, Refusal> {
    if value == 0 { Ok(WorkRole::Annotator) } else { code(value, WorkRole::from_code, field) }
}

#[cfg(test)]
mod tests {
    use control_plane_domain::Undefined;

    use super::*;

    fn refused(of: Of) -> String {
        report(Some(of)).unwrap_err().field
    }

    #[test]
    fn a_report_is_refused_by_the_name_of_its_field() {
        let id = Some(types::Id { high: 1, low: 2 });
        assert_eq!(report(None).unwrap_err().field, "of");
        assert_eq!(refused(Of::Asset(types::AssetCard::default())), "asset.asset");
        assert_eq!(
            refused(Of::Asset(types::AssetCard { asset: id, modality: 77, ..Default::default() })),
            "asset.modality"
        );
        let lease = agent::LeaseEvent { task: id, person: id, slot: 0, state: -1, role: 1 };
        assert_eq!(refused(Of::Lease(lease)), "lease.state");
        let nan = types::MetricValue { of: Some(types::metric_value::Of::Value(f64::NAN)) };
        let facts = agent::Submission {
            submission: id,
            task: id,
            person: id,
            scores: vec![types::LabelScore { dice: Some(nan), ..Default::default() }],
            ..Default::default()
        };
        assert_eq!(refused(Of::Submission(facts)), "submission.scores[0].dice");
    }

    #[test]
    fn a_site_of_an_earlier_version_says_no_role() {
        let id = Some(types::Id { high: 1, low: 2 });
        let lease = agent::LeaseEvent { task: id, person: id, slot: 1, state: 1, role: 0 };
        let Ok(Report::Lease(event)) = report(Some(Of::Lease(lease))) else { panic!("a lease") };
        assert_eq!(event.role, WorkRole::Annotator);
        assert_eq!(refused(Of::Lease(agent::LeaseEvent { role: 3, ..lease })), "lease.role");
        let facts = agent::Submission { submission: id, task: id, person: id, ..Default::default() };
        let Ok(Report::Submission(read)) = report(Some(Of::Submission(facts.clone()))) else {
            panic!("a submission")
        };
        assert_eq!(read.role, WorkRole::Annotator);
        assert_eq!(refused(Of::Submission(agent::Submission { role: 3, ..facts })), "submission.role");
    }

    #[test]
    fn the_codes_of_the_domain_are_those_of_the_wire() {
        for modality in Modality::ALL {
            assert!(types::Modality::try_from(i32::try_from(modality.code()).unwrap()).is_ok());
        }
        for (name, code) in [("CT", 2), ("MR", 3), ("NIFTI", 13)] {
            assert_eq!(Modality::from_code(code).unwrap().name(), name);
        }
        assert_eq!(BodyRegion::ALL.len(), types::BodyRegion::WholeBody as usize);
        assert_eq!(Plane::ALL.len(), types::Plane::Oblique as usize);
        assert_eq!(Undefined::ALL.len(), types::Undefined::OutOfScope as usize);
    }
}
