//! How well annotators work, as rates with their intervals and as agreement between people.
//!
//! Shares of whole tasks, never of voxels: voxels of one mask are not independent. Nobody is
//! measured against a vote of their own. Agreement is not truth: what all misunderstand alike shows
//! against gold only.

mod agreement_matrix;
mod assistance;
mod consensus;
mod gold;
mod judge;
mod labels;
mod rate;
#[cfg(test)]
mod samples;
mod time;
mod verdicts;

pub use agreement_matrix::{AgreementCell, agreement_matrix, leave_one_out};
pub use assistance::{AssistTally, assist_tally, assists_by};
pub use consensus::{consensus_rules, sound_staple};
pub use gold::{GOLD_NSD_TARGET, gold_pass, gold_pass_rate};
pub use judge::{Evidence, asked_of_all, judge};
pub use labels::{
    OverrideCount, PresenceAgreement, PresenceTally, Skill, annotator_skills, override_counts, pairwise_dice,
    presence_agreement, presence_tally, submission_skills,
};
pub use rate::{Interval, PassRate, wilson};
pub use time::{TimeMedians, time_medians};
pub use verdicts::{VerdictTally, verdict_tallies};
