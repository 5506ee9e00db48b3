//! How well annotators work, as rates with their intervals and as agreement between people.
//!
//! Shares of whole tasks, never of voxels: voxels of one mask are not independent. Nobody is
//! measured against a vote of their own. Agreement is not truth: what all misunderstand alike shows
//! against gold only.

mod agreement_matrix;
mod gold;
mod rate;

pub use agreement_matrix::{AgreementCell, agreement_matrix, leave_one_out};
pub use gold::{GOLD_NSD_TARGET, gold_pass, gold_pass_rate};
pub use rate::{Interval, PassRate, wilson};
