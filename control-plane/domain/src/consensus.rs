//! What a consensus is painted by, and what was painted.

use proto_ids::{SubmissionId, TaskId, Timestamp};

use crate::Refusal;
use crate::closed::closed_enum;
use crate::pattern::check_submissions;

closed_enum! {
    /// How a rule was made of the votes.
    ConsensusKind {
        /// Voxels that more than half of the submissions marked.
        Majority = 1 "majority",
        /// Voxels that STAPLE finds as likely as not.
        Staple = 2 "staple",
    }
}

/// Which voxels of one object are painted: those whose voting pattern has its bit set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsensusRule {
    /// The object, by its number in the instruction.
    pub object_id: u32,
    /// In the order of the bits of a pattern.
    pub submissions: Vec<SubmissionId>,
    /// How the table was made.
    pub kind: ConsensusKind,
    /// Bit p % 8 of byte p / 8 says whether pattern p is painted. The bit of pattern 0 is never set.
    pub truth_table: Vec<u8>,
}

closed_enum! {
    /// What a consensus was painted by.
    RuleKind {
        /// More than half.
        Majority = 1 "majority",
        /// STAPLE.
        Staple = 2 "staple",
        /// It is what the arbiter drew.
        Arbiter = 3 "arbiter",
    }
}

impl From<ConsensusKind> for RuleKind {
    fn from(kind: ConsensusKind) -> Self {
        match kind {
            ConsensusKind::Majority => Self::Majority,
            ConsensusKind::Staple => Self::Staple,
        }
    }
}

/// A consensus of one object that a site painted. The mask stays there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsensusPainted {
    /// The task.
    pub task: TaskId,
    /// The object, by its number in the instruction.
    pub object_id: u32,
    /// In the order of the rule.
    pub submissions: Vec<SubmissionId>,
    /// What it was painted by.
    pub rule: RuleKind,
    /// How many voxels.
    pub voxels: u64,
}

impl ConsensusPainted {
    /// Checks that there are 1 to 16 submissions, each once; one for an arbiter's.
    ///
    /// # Errors
    /// The first field that has a value it cannot have.
    pub fn check(&self) -> Result<(), Refusal> {
        check_submissions(&self.submissions, "consensus")?;
        if self.rule == RuleKind::Arbiter && self.submissions.len() != 1 {
            return Err(Refusal::invalid("consensus.submissions"));
        }
        Ok(())
    }
}

/// What was painted, and when word of it came here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedConsensus {
    /// What the site said.
    pub facts: ConsensusPainted,
    /// When it came here.
    pub received_at: Timestamp,
}
