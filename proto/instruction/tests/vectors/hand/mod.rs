//! Cases written by hand, with what has to be asked and found.

mod conditions;
mod hidden;
mod objects;
mod questions;
mod rules;

use crate::case::Case;

pub(crate) fn cases() -> Vec<Case> {
    [questions::cases(), hidden::cases(), conditions::cases(), objects::cases(), rules::cases()].concat()
}
