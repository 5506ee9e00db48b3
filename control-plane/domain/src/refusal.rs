//! Why a report of an agent was not taken.

use crate::closed::closed_enum;

closed_enum! {
    /// The closed list of reasons that an agent is told.
    RefusalReason {
        /// A field has a value that it cannot have.
        InvalidField = 1 "invalid-field",
        /// The message has a field that this schema does not know.
        UnknownField = 2 "unknown-field",
        /// The message speaks of something that this control plane does not know.
        UnknownThing = 3 "unknown-thing",
        /// Messages before this one are missing; nothing is dealt with until they come.
        OutOfOrder = 4 "out-of-order",
        /// The message speaks of something that belongs to another site.
        ForeignSite = 5 "foreign-site",
    }
}

/// A report that was not taken: the reason, and the field as the schema names it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("refused ({}): field {field}", reason.name())]
pub struct Refusal {
    /// Why.
    pub reason: RefusalReason,
    /// The field, as `submission.scores[0].dice`.
    pub field: String,
}

impl Refusal {
    /// A field has a value that it cannot have.
    pub fn invalid(field: impl Into<String>) -> Self {
        Self { reason: RefusalReason::InvalidField, field: field.into() }
    }

    /// The field names something that is not known here.
    pub fn unknown(field: impl Into<String>) -> Self {
        Self { reason: RefusalReason::UnknownThing, field: field.into() }
    }

    /// The field names something of another site.
    pub fn foreign(field: impl Into<String>) -> Self {
        Self { reason: RefusalReason::ForeignSite, field: field.into() }
    }
}
