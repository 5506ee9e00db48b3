//! What may leave the hospital, as types: numbers in buckets, closed enumerations, tokens.
//!
//! An [`Outbound`] is built by the rooms that know more and encoded here; the same types read the
//! bytes back before they are sent, so that nothing goes out that they cannot express.

mod asset;
mod facts;
mod read;
mod score;

pub use asset::{
    AssetCard, BodyRegion, Contrast, CountBucket, Dimensionality, Modality, Plane, SizeClass, SpacingTenths,
    ThicknessHalves,
};
pub use facts::{
    AnswerCode, CodedAnswer, GoldPresence, Health, LeaseEvent, LeaseState, PersonState, PersonStateKind,
    Submission,
};
pub use score::{LabelScore, MetricValue, PatternCount, Undefined, VotingPattern};

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
mod tests {
    use super::*;
    use proto_ids::{AssetToken, PersonId, SubmissionId, TaskId};

    pub(crate) fn examples() -> Vec<Outbound> {
        let task = TaskId::from_random([1; 16]);
        let person = PersonId::from_random([2; 16]);
        let asset = AssetToken::from_random([3; 16]);
        vec![
            Outbound::Asset(AssetCard {
                asset,
                modality: Modality::Ct,
                region: BodyRegion::Abdomen,
                plane: Plane::Axial,
                dimensionality: Dimensionality::Volume,
                contrast: Contrast::With,
                slices: CountBucket::of(300),
                size: SizeClass::of(512),
                spacing: SpacingTenths::of_mm(0.74),
                thickness: ThicknessHalves::of_mm(2.9),
                frames: CountBucket::of(1),
            }),
            Outbound::Lease(LeaseEvent { task, person, slot: 2, state: LeaseState::Granted }),
            Outbound::Submission(Submission {
                submission: SubmissionId::from_random([4; 16]),
                task,
                person,
                slot: 2,
                instruction_version: 1,
                duration_seconds: 100_000,
                engine: 1,
                scores: vec![LabelScore {
                    object_id: 1,
                    dice: MetricValue::Value(0.5),
                    nsd: MetricValue::Undefined(Undefined::OneEmpty),
                    hd95_mm: MetricValue::Value(3.25),
                    reference_voxels: 10,
                    candidate_voxels: 12,
                }],
                answers: vec![
                    CodedAnswer { question_id: 1, code: AnswerCode::Option(0) },
                    CodedAnswer { question_id: 2, code: AnswerCode::GridStep(7) },
                ],
            }),
            Outbound::Pattern(VotingPattern {
                task,
                object_id: 1,
                submissions: vec![SubmissionId::from_random([4; 16]), SubmissionId::from_random([5; 16])],
                counts: vec![PatternCount { marked_by: 0b11, voxels: 9 }],
            }),
            Outbound::Gold(GoldPresence { asset, present: true }),
            Outbound::Person(PersonState { person, state: PersonStateKind::Redeemed }),
            Outbound::Health(Health {
                version: 1_000,
                queue_depth: 3,
                disk_free_percent: 57,
                certificate_days_left: 6,
            }),
        ]
    }

    #[test]
    fn what_is_encoded_reads_back_in_its_generalised_form() {
        for outbound in examples() {
            let bytes = outbound.encode();
            let (sequence, read) = Outbound::decode(&bytes).unwrap();
            assert_eq!(sequence, 0);
            assert_eq!(read.encode(), bytes, "{}", outbound.kind());
            assert_eq!(Outbound::decode(&outbound.numbered(9)).unwrap().0, 9);
        }
    }

    #[test]
    fn a_duration_is_capped_before_it_leaves() {
        let bytes = examples()[2].encode();
        let (_, Outbound::Submission(read)) = Outbound::decode(&bytes).unwrap() else {
            panic!("a submission")
        };
        assert_eq!(read.duration_seconds, LONGEST_DURATION_SECONDS);
    }

    #[test]
    fn a_field_outside_its_range_may_not_leave() {
        let check = |of: Of, field| {
            let bytes = wire::Report { sequence: 1, of: Some(of) }.encode_to_vec();
            assert_eq!(Outbound::decode(&bytes).unwrap_err(), InvalidOutbound::Field { field });
        };
        for example in examples() {
            match example.wire() {
                Of::Asset(card) => {
                    check(Of::Asset(proto::types::v1::AssetCard { modality: 99, ..card }), "modality");
                    check(
                        Of::Asset(proto::types::v1::AssetCard { slices_up_to: 300, ..card }),
                        "slices_up_to",
                    );
                    check(
                        Of::Asset(proto::types::v1::AssetCard { spacing_tenths_mm: 101, ..card }),
                        "spacing_tenths_mm",
                    );
                    check(Of::Asset(proto::types::v1::AssetCard { asset: None, ..card }), "asset");
                }
                Of::Lease(lease) => check(Of::Lease(wire::LeaseEvent { slot: 16, ..lease }), "slot"),
                Of::Submission(submission) => {
                    check(
                        Of::Submission(wire::Submission { duration_seconds: 14_401, ..submission }),
                        "duration_seconds",
                    );
                }
                Of::Pattern(mut pattern) => {
                    pattern.counts[0].marked_by = 0b100;
                    check(Of::Pattern(pattern), "marked_by");
                }
                Of::Health(health) => {
                    check(Of::Health(wire::Health { disk_free_percent: 57, ..health }), "disk_free_percent")
                }
                Of::Person(person) => check(Of::Person(wire::PersonState { state: 0, ..person }), "state"),
                Of::Gold(gold) => check(Of::Gold(wire::GoldPresence { asset: None, ..gold }), "asset"),
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn only_what_encodes_to_the_same_bytes_is_read(bytes in proptest::collection::vec(0_u8.., 0..64)) {
            if let Ok((sequence, outbound)) = Outbound::decode(&bytes) {
                proptest::prop_assert_eq!(outbound.numbered(sequence), bytes);
            }
        }

        #[test]
        fn a_flipped_bit_never_widens_what_leaves(which in 0_usize..7, bit in 0_usize..2048) {
            let mut bytes = examples()[which].encode();
            let bit = bit % (bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Ok((sequence, outbound)) = Outbound::decode(&bytes) {
                proptest::prop_assert_eq!(outbound.numbered(sequence), bytes);
            }
        }
    }

    #[test]
    fn unknown_fields_may_not_leave() {
        let mut bytes = examples()[4].encode();
        bytes.extend_from_slice(&[0x7a, 2, b'h', b'i']);
        assert_eq!(Outbound::decode(&bytes), Err(InvalidOutbound::NotAReport));
    }

    #[test]
    fn counts_fall_into_powers_of_two() {
        let up_to = |count| CountBucket::of(count).up_to();
        assert_eq!([0, 1, 2, 8, 9, 300, 2048, 2049].map(up_to), [1, 1, 8, 8, 16, 512, 2048, 4096]);
        assert_eq!(
            [0, 256, 257, 4096, 9999].map(|side| SizeClass::of(side).up_to()),
            [256, 256, 512, 4096, 8192]
        );
        assert_eq!([f64::NAN, 0.0, 0.26, 44.0].map(|mm| SpacingTenths::of_mm(mm).tenths()), [1, 1, 3, 100]);
        assert_eq!([f64::NAN, 0.0, 2.9, 44.0].map(|mm| ThicknessHalves::of_mm(mm).halves()), [0, 0, 6, 20]);
    }
}
