//! Typed ids and the one timestamp that both planes share.
//!
//! An id is 128 random bits. Each kind is a type of its own, so a task cannot pass as a project.
//! This room draws no randomness and reads no clock: bits and times are arguments. It knows
//! neither prost nor serde; each room that stores or sends an id writes its own private form.

mod time;

pub use time::{Clock, Timestamp};

/// Why a text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidId;

impl std::fmt::Display for InvalidId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an id has 32 hexadecimal digits, grouped 8-4-4-4-12")
    }
}

impl std::error::Error for InvalidId {}

fn write_grouped(bytes: &[u8; 16], f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            f.write_str("-")?;
        }
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}

fn parse_grouped(text: &str) -> Result<[u8; 16], InvalidId> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    let grouped =
        text.len() == 36 && [8, 13, 18, 23].iter().all(|&at| text.as_bytes().get(at) == Some(&b'-'));
    if digits.len() != 32 || !(grouped || text.len() == 32) {
        return Err(InvalidId);
    }
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| InvalidId)?;
        if !pair.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(InvalidId);
        }
        *byte = u8::from_str_radix(pair, 16).map_err(|_| InvalidId)?;
    }
    Ok(bytes)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// From 128 bits out of the operating system's generator. Sets the version and
            /// variant bits of a UUID v4 (RFC 9562 §5.4).
            pub const fn from_random(mut bits: [u8; 16]) -> Self {
                bits[6] = (bits[6] & 0x0f) | 0x40;
                bits[8] = (bits[8] & 0x3f) | 0x80;
                Self(bits)
            }

            /// The same id from its stored bytes, unchanged.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes, big endian.
            pub const fn bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// From the two halves that travel on the wire, high first.
            pub const fn from_halves(high: u64, low: u64) -> Self {
                Self((((high as u128) << 64) | low as u128).to_be_bytes())
            }

            /// The two halves that travel on the wire, high first.
            pub const fn halves(&self) -> (u64, u64) {
                let whole = u128::from_be_bytes(self.0);
                ((whole >> 64) as u64, whole as u64)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write_grouped(&self.0, f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse_grouped(text).map(Self)
            }
        }
    )+};
}

ids! {
    /// One hospital's installation.
    SiteId,
    /// The agent of a site, as its certificate names it.
    AgentId,
    /// One start of a control plane's store; a store restored from a backup gets a new one.
    EpochId,
    /// A purpose: an instruction, assets, people.
    ProjectId,
    /// What to look for; its versions are numbered.
    InstructionId,
    /// What is annotated as one piece, as the cloud may name it.
    AssetToken,
    /// A frozen list of a project's assets.
    DatasetId,
    /// One asset to be annotated in one project.
    TaskId,
    /// The right of one annotator to one slot until a time.
    LeaseId,
    /// Work handed in.
    SubmissionId,
    /// A person, as both planes know them.
    PersonId,
    /// One operation in the log of work, named by the client.
    OperationId,
    /// One drawn shape, named by the client.
    ShapeId,
    /// What the agent computed or a model answered for a person to accept or reject; never leaves the hospital.
    PreviewId,
    /// A model of assistance, as the cloud may name it: drawn at random when hospital IT registers it.
    ModelToken,
    /// A study inside the hospital; never leaves it.
    StudyToken,
    /// A series inside the hospital; never leaves it.
    SeriesToken,
    /// One stored instance inside the hospital; never leaves it.
    InstanceToken,
    /// What is painted over in the pictures of one kind of device; never leaves the hospital.
    DeviceRuleId,
    /// One run of an import; never leaves the hospital.
    ImportId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_text_and_its_halves() {
        let id = TaskId::from_random([0xab; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        let (high, low) = id.halves();
        assert_eq!(TaskId::from_halves(high, low), id);
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in
            ["", "12", "zz000000-0000-4000-8000-000000000000", "0000000-00000-4000-8000-000000000000", "+1"]
        {
            assert_eq!(text.parse::<TaskId>(), Err(InvalidId), "{text}");
        }
    }
}
