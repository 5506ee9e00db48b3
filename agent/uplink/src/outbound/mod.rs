//! What may leave the hospital, as types: numbers in buckets, closed enumerations, tokens.
//!
//! An [`Outbound`] is built by the rooms that know more and encoded here; the same types read the
//! bytes back before they are sent, so that nothing goes out that they cannot express.

mod agreement;
mod asset;
mod assistance;
mod facts;
mod read;
mod score;
mod submission;

pub use agreement::{ConsensusPainted, PatternCount, RuleKind, ShapeAgreement, ShapePair, VotingPattern};
pub use asset::{
    AssetCard, BodyRegion, Contrast, CountBucket, Dimensionality, Modality, Plane, SizeClass, SpacingTenths,
    ThicknessHalves,
};
pub use assistance::{AssistOutcome, AssistUse, ModelProvider, ModelState, PreannotationProgress};
pub use facts::{GoldPresence, Health, LeaseEvent, LeaseState, PersonState, PersonStateKind, Recheck, Role};
pub use score::{LabelScore, MetricValue, ObjectPresence, Presence, ShapeScore, Undefined};
pub use submission::{
    AnswerCode, CheckCode, CodedAnswer, Override, OverrideReason, OverrideSubject, Submission, Verdict,
    VerdictKind,
};

use prost::Message;
use proto::agent::v1 as wire;
use proto::agent::v1::report::Of;

/// The longest duration that leaves, in seconds: 4 hours.
pub(crate) const LONGEST_DURATION_SECONDS: u32 = 4 * 60 * 60;
/// Slots of a task are numbered from 0 to 15.
pub(crate) const SLOTS: u32 = 16;
/// Steps of a grid on which a numeric answer may leave.
pub(crate) const GRID_STEPS: u32 = 10_000;
/// Entries of a list in a message.
pub(crate) const LONGEST_LIST: usize = 256;

/// Why bytes may not leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOutbound {
    /// Not a report, or with fields that the schema lacks.
    #[error("the bytes are not a report in canonical form")]
    NotAReport,
    /// A field holds what it must not.
    #[error("field {field} holds a value that may not leave")]
    Field {
        /// The field as the schema names it.
        field: &'static str,
    },
}

/// One thing that the control plane is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Outbound {
    /// The allow-listed numbers about an asset.
    Asset(AssetCard),
    /// Who holds which slot.
    Lease(LeaseEvent),
    /// That work was handed in, and its scores.
    Submission(Submission),
    /// How the submissions of a task overlap, without place.
    Pattern(VotingPattern),
    /// How the shapes of the submissions of a task fit each other, without place.
    Shapes(ShapeAgreement),
    /// That a consensus was painted.
    Consensus(ConsensusPainted),
    /// How much finished work fits a new instruction version.
    Recheck(Recheck),
    /// That the site has a model of assistance, and whether it can be asked.
    Model(ModelState),
    /// How far a run of pre-annotation has come.
    Preannotation(PreannotationProgress),
    /// That an asset has a gold annotation, or no longer has.
    Gold(GoldPresence),
    /// What became of a person at the site.
    Person(PersonState),
    /// The state of the agent itself.
    Health(Health),
}

impl Outbound {
    /// The encoded report without its sequence number, which the outbox assigns.
    pub fn encode(&self) -> Vec<u8> {
        self.numbered(0)
    }

    /// The encoded report as it goes over the wire.
    pub(crate) fn numbered(&self, sequence: u64) -> Vec<u8> {
        wire::Report { sequence, of: Some(self.wire()) }.encode_to_vec()
    }

    /// Reads an encoded report back, with its sequence number (0 where it has none yet).
    ///
    /// # Errors
    /// `NotAReport` for other bytes or unknown fields; `Field` names the first field that holds what
    /// may not leave.
    pub fn decode(bytes: &[u8]) -> Result<(u64, Self), InvalidOutbound> {
        let report: wire::Report = proto::exact::decode(bytes).map_err(|_| InvalidOutbound::NotAReport)?;
        let of = report.of.ok_or(InvalidOutbound::Field { field: "of" })?;
        Ok((report.sequence, Self::try_from(of)?))
    }

    /// What kind of message this is, as the schema names it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Asset(_) => "asset",
            Self::Lease(_) => "lease",
            Self::Submission(_) => "submission",
            Self::Pattern(_) => "pattern",
            Self::Shapes(_) => "shapes",
            Self::Consensus(_) => "consensus",
            Self::Recheck(_) => "recheck",
            Self::Model(_) => "model",
            Self::Preannotation(_) => "preannotation",
            Self::Gold(_) => "gold",
            Self::Person(_) => "person",
            Self::Health(_) => "health",
        }
    }

    fn wire(&self) -> Of {
        match self {
            Self::Asset(card) => Of::Asset(card.wire()),
            Self::Lease(event) => Of::Lease(event.wire()),
            Self::Submission(submission) => Of::Submission(submission.wire()),
            Self::Pattern(pattern) => Of::Pattern(pattern.wire()),
            Self::Shapes(shapes) => Of::Shapes(shapes.wire()),
            Self::Consensus(painted) => Of::Consensus(painted.wire()),
            Self::Recheck(recheck) => Of::Recheck(recheck.wire()),
            Self::Model(model) => Of::Model(model.wire()),
            Self::Preannotation(progress) => Of::Preannotation(progress.wire()),
            Self::Gold(gold) => Of::Gold(gold.wire()),
            Self::Person(person) => Of::Person(person.wire()),
            Self::Health(health) => Of::Health(health.wire()),
        }
    }
}

/// A report that says nothing. It takes the place of one that may not leave, so that the numbers on
/// the wire have no gap.
pub(crate) fn empty(sequence: u64) -> Vec<u8> {
    wire::Report { sequence, of: None }.encode_to_vec()
}

/// An enumeration that has the same names here and on the wire, without the wire's "unspecified".
macro_rules! closed {
    ($(#[$doc:meta])* $name:ident = $wire:path { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// All values, in the order of the schema.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub(crate) fn wire(self) -> i32 {
                use $wire as Wire;
                match self { $(Self::$variant => Wire::$variant.into()),+ }
            }

            pub(crate) fn read(value: i32, field: &'static str) -> Result<Self, InvalidOutbound> {
                Self::ALL.iter().copied().find(|known| known.wire() == value).ok_or(InvalidOutbound::Field { field })
            }
        }
    };
}
pub(crate) use closed;

#[cfg(test)]
mod tests;
