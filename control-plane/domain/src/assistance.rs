//! Models of assistance: which a site has, what a project asks of one, how far that has come, and
//! what became of their proposals.
//!
//! A model is known by a random token and the interface that it is asked through. What hospital IT
//! calls it, where it runs and whose it is stays at the site.

use std::cmp::Reverse;

use proto_ids::{ModelToken, ProjectId, SiteId, Timestamp};

use crate::Refusal;
use crate::closed::closed_enum;

/// Proposals that one submission tells of.
const MAX_ASSISTS: usize = 1024;

closed_enum! {
    /// Through which interface a model is asked.
    ModelProvider {
        /// Part of the agent.
        BuiltIn = 1 "built_in",
        /// MONAI Label's REST interface.
        MonaiLabel = 2 "monai_label",
        /// The KServe v2 inference protocol.
        KserveV2 = 3 "kserve_v2",
    }
}

/// What a site says of one of its models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelState {
    /// The model.
    pub model: ModelToken,
    /// Through which interface it is asked.
    pub provider: ModelProvider,
    /// Whether it can be asked; false also once it was removed.
    pub available: bool,
}

/// A model of a site, as the site last spoke of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Model {
    /// The site, from the certificate.
    pub site: SiteId,
    /// What it said.
    pub state: ModelState,
    /// When it came here.
    pub received_at: Timestamp,
}

/// What a project asks of one model of a site: to propose something for each of its tasks there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preannotation {
    /// The model.
    pub model: ModelToken,
    /// Counts up with each start at this site, from 1.
    pub run: u32,
    /// Whether it was called off.
    pub stopped: bool,
}

impl Preannotation {
    /// The run after this one, with a model that may be another.
    pub fn next(before: Option<Self>, model: ModelToken) -> Self {
        let run = before.map_or(0, |before| before.run).saturating_add(1);
        Self { model, run, stopped: false }
    }

    /// How the run stands, by what its site last said of it.
    pub fn state(self, progress: Option<&PreannotationProgress>) -> RunState {
        match progress.filter(|progress| progress.run == self.run) {
            Some(progress) if progress.finished() => RunState::Finished,
            _ if self.stopped => RunState::Stopped,
            Some(_) => RunState::Running,
            None => RunState::Ordered,
        }
    }

    /// What the site is told: nothing once it was called off.
    pub fn order(self) -> Option<PreannotationOrder> {
        (!self.stopped).then_some(PreannotationOrder { model: self.model, run: self.run })
    }
}

closed_enum! {
    /// How a run stands.
    RunState {
        /// The site has not said anything of it yet.
        Ordered = 1 "ordered",
        /// Tasks wait.
        Running = 2 "running",
        /// No task waits.
        Finished = 3 "finished",
        /// It was called off before it came to its end.
        Stopped = 4 "stopped",
    }
}

/// A run as a site has to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreannotationOrder {
    /// The model.
    pub model: ModelToken,
    /// From 1; another number than before is another run.
    pub run: u32,
}

/// How far a run has come at a site, in tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreannotationProgress {
    /// The project.
    pub project: ProjectId,
    /// The run.
    pub run: u32,
    /// Tasks that are not prepared yet.
    pub waiting: u32,
    /// Tasks that have a proposal.
    pub done: u32,
    /// Tasks that the model could not answer.
    pub failed: u32,
    /// Counts up with each report of the run at its site, from 1; 0 from a site that does not count.
    pub report: u32,
}

impl PreannotationProgress {
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        if self.run == 0 { Err(Refusal::invalid("preannotation.run")) } else { Ok(()) }
    }

    /// Tasks that were dealt with.
    pub fn dealt_with(&self) -> u64 {
        u64::from(self.done) + u64::from(self.failed)
    }

    /// Whether nothing is left to do.
    pub fn finished(&self) -> bool {
        self.waiting == 0
    }

    /// The one that is newer. The order is total, so reports may come in any order and any number of
    /// times. A later run is newer than any earlier one, and within a run the report of a higher
    /// number: what it counts may be less, since tasks are taken back. Among reports of a site that
    /// does not number them, the one that has come further: a task that failed and then succeeded is
    /// further than one that failed.
    pub fn furthest(self, other: Self) -> Self {
        let far = |told: &Self| (told.run, told.report, told.dealt_with(), told.done, Reverse(told.waiting));
        if far(&other) > far(&self) { other } else { self }
    }
}

/// How far a site has come, and when it said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SitePreannotation {
    /// The site, from the certificate.
    pub site: SiteId,
    /// What it said.
    pub facts: PreannotationProgress,
    /// When it came here.
    pub received_at: Timestamp,
}

closed_enum! {
    /// What a person did with a proposal.
    AssistOutcome {
        /// Took it, as it was or to work on it.
        Accepted = 1 "accepted",
        /// Looked at it and did not take it.
        Rejected = 2 "rejected",
        /// Did neither.
        Unused = 3 "unused",
    }
}

/// What became of one proposal of a model in work that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssistUse {
    /// The model.
    pub model: ModelToken,
    /// What the person did with it.
    pub outcome: AssistOutcome,
    /// Voxels of the proposal.
    pub proposed_voxels: u64,
    /// Of an accepted one: voxels of the work that it did not have; else 0.
    pub added_voxels: u64,
    /// Of an accepted one: voxels of it that the work does not have; else 0.
    pub removed_voxels: u64,
}

pub(crate) fn check_assists(assists: &[AssistUse]) -> Result<(), Refusal> {
    if assists.len() > MAX_ASSISTS {
        return Err(Refusal::invalid("submission.assists"));
    }
    for (index, used) in assists.iter().enumerate() {
        let field = |name| Refusal::invalid(format!("submission.assists[{index}].{name}"));
        if used.removed_voxels > used.proposed_voxels {
            return Err(field("removed_voxels"));
        }
        if used.outcome != AssistOutcome::Accepted && (used.added_voxels, used.removed_voxels) != (0, 0) {
            return Err(field("added_voxels"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn progress(run: u32, waiting: u32, done: u32, failed: u32) -> PreannotationProgress {
        PreannotationProgress {
            project: ProjectId::from_random([1; 16]),
            run,
            waiting,
            done,
            failed,
            report: 0,
        }
    }

    #[test]
    fn each_start_has_the_next_number_and_a_stop_says_nothing() {
        let (first, second) = ([1; 16], [2; 16]);
        let first = Preannotation::next(None, ModelToken::from_random(first));
        assert_eq!(first.order(), Some(PreannotationOrder { model: first.model, run: 1 }));
        let stopped = Preannotation { stopped: true, ..first };
        assert_eq!(stopped.order(), None);
        let again = Preannotation::next(Some(stopped), ModelToken::from_random(second));
        assert_eq!((again.run, again.stopped), (2, false));
    }

    #[test]
    fn a_run_stands_as_its_site_last_said() {
        let run = Preannotation { model: ModelToken::from_random([1; 16]), run: 2, stopped: false };
        let stopped = Preannotation { stopped: true, ..run };
        assert_eq!(run.state(None), RunState::Ordered);
        assert_eq!(run.state(Some(&progress(1, 0, 9, 0))), RunState::Ordered, "of an earlier run");
        assert_eq!(run.state(Some(&progress(2, 3, 9, 0))), RunState::Running);
        assert_eq!(stopped.state(Some(&progress(2, 3, 9, 0))), RunState::Stopped);
        assert_eq!(stopped.state(None), RunState::Stopped);
        assert_eq!(stopped.state(Some(&progress(2, 0, 9, 0))), RunState::Finished);
    }

    #[test]
    fn a_retry_that_succeeds_is_further_and_a_late_report_is_not() {
        let failed = progress(1, 0, 4, 1);
        assert_eq!(failed.furthest(progress(1, 0, 5, 0)), progress(1, 0, 5, 0));
        assert_eq!(failed.furthest(progress(1, 1, 4, 0)), failed);
        assert_eq!(failed.furthest(progress(2, 5, 0, 0)), progress(2, 5, 0, 0));
        assert_eq!(progress(2, 5, 0, 0).furthest(failed), progress(2, 5, 0, 0));
        assert!(failed.finished() && !progress(1, 2, 3, 0).finished());
    }

    #[test]
    fn tasks_that_were_taken_back_no_longer_wait() {
        assert_eq!(progress(1, 3, 4, 0).furthest(progress(1, 0, 4, 0)), progress(1, 0, 4, 0));
    }

    #[test]
    fn tasks_that_were_taken_back_after_they_were_prepared_count_no_more() {
        let all = PreannotationProgress { report: 7, ..progress(1, 3, 7, 0) };
        let fewer = PreannotationProgress { report: 8, ..progress(1, 0, 2, 0) };
        assert_eq!((all.furthest(fewer), fewer.furthest(all)), (fewer, fewer));
        let next_run = PreannotationProgress { report: 1, ..progress(2, 9, 0, 0) };
        assert_eq!(fewer.furthest(next_run), next_run);
    }

    #[test]
    fn only_what_was_accepted_has_edits_and_never_more_is_gone_than_was_proposed() {
        let used = |outcome, added_voxels, removed_voxels| AssistUse {
            model: ModelToken::from_random([1; 16]),
            outcome,
            proposed_voxels: 10,
            added_voxels,
            removed_voxels,
        };
        assert_eq!(check_assists(&[used(AssistOutcome::Accepted, 99, 10)]), Ok(()));
        let refused = |used, field: &str| {
            let uses = [used, used];
            assert_eq!(check_assists(&uses[..1]), Err(Refusal::invalid(field)));
        };
        refused(used(AssistOutcome::Accepted, 0, 11), "submission.assists[0].removed_voxels");
        refused(used(AssistOutcome::Rejected, 1, 0), "submission.assists[0].added_voxels");
        refused(used(AssistOutcome::Unused, 0, 1), "submission.assists[0].added_voxels");
        let many = vec![used(AssistOutcome::Unused, 0, 0); MAX_ASSISTS + 1];
        assert_eq!(check_assists(&many[1..]), Ok(()));
        assert_eq!(check_assists(&many), Err(Refusal::invalid("submission.assists")));
    }

    fn any_progress() -> impl Strategy<Value = PreannotationProgress> {
        let count = || prop_oneof![0..4_u32, Just(u32::MAX)];
        (1..4_u32, count(), count(), count(), 0..3_u32).prop_map(|(run, waiting, done, failed, report)| {
            PreannotationProgress { report, ..progress(run, waiting, done, failed) }
        })
    }

    proptest! {
        #[test]
        fn reports_in_any_order_and_twice_come_to_the_same(
            told in proptest::collection::vec(any_progress(), 1..12),
            order in proptest::collection::vec(any::<prop::sample::Index>(), 0..24),
        ) {
            let reach = |reports: &[PreannotationProgress]| {
                reports.iter().copied().reduce(PreannotationProgress::furthest)
            };
            // Every report at least once, some more often, in another order.
            let mut shuffled: Vec<_> = order.iter().map(|index| *index.get(&told)).collect();
            shuffled.extend(told.iter().rev().copied());
            prop_assert_eq!(reach(&told), reach(&shuffled));
        }
    }
}
