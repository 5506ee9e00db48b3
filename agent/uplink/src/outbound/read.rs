//! Small readers that the outbound types share, and the choice of type for a report.

use proto::agent::v1::report::Of;
use proto::types::v1 as wire;

use super::facts::Role;
use super::{InvalidOutbound, LONGEST_LIST, Outbound, SLOTS};

pub(crate) fn wire_id((high, low): (u64, u64)) -> Option<wire::Id> {
    Some(wire::Id { high, low })
}

pub(crate) fn id<T>(
    id: Option<wire::Id>,
    from_halves: fn(u64, u64) -> T,
    field: &'static str,
) -> Result<T, InvalidOutbound> {
    id.map(|id| from_halves(id.high, id.low)).ok_or(InvalidOutbound::Field { field })
}

pub(crate) fn list<W, T>(
    items: Vec<W>,
    longest: usize,
    field: &'static str,
) -> Result<Vec<T>, InvalidOutbound>
where
    T: TryFrom<W, Error = InvalidOutbound>,
{
    if items.len() > longest {
        return Err(InvalidOutbound::Field { field });
    }
    items.into_iter().map(T::try_from).collect()
}

pub(crate) fn short_list<W, T>(items: Vec<W>, field: &'static str) -> Result<Vec<T>, InvalidOutbound>
where
    T: TryFrom<W, Error = InvalidOutbound>,
{
    list(items, LONGEST_LIST, field)
}

pub(crate) fn below(value: u32, limit: u32, field: &'static str) -> Result<u32, InvalidOutbound> {
    if value < limit { Ok(value) } else { Err(InvalidOutbound::Field { field }) }
}

/// The number of a place; an arbiter has number 0.
pub(crate) fn slot(slot: u32, role: Role) -> Result<u32, InvalidOutbound> {
    let places = match role {
        Role::Annotator => SLOTS,
        Role::Arbiter => 1,
    };
    below(slot, places, "slot")
}

impl TryFrom<Of> for Outbound {
    type Error = InvalidOutbound;

    fn try_from(of: Of) -> Result<Self, InvalidOutbound> {
        Ok(match of {
            Of::Asset(card) => Self::Asset(card.try_into()?),
            Of::Lease(event) => Self::Lease(event.try_into()?),
            Of::Submission(submission) => Self::Submission(submission.try_into()?),
            Of::Pattern(pattern) => Self::Pattern(pattern.try_into()?),
            Of::Shapes(shapes) => Self::Shapes(shapes.try_into()?),
            Of::Consensus(painted) => Self::Consensus(painted.try_into()?),
            Of::Recheck(recheck) => Self::Recheck(recheck.try_into()?),
            Of::Model(model) => Self::Model(model.try_into()?),
            Of::Preannotation(progress) => Self::Preannotation(progress.try_into()?),
            Of::Gold(gold) => Self::Gold(gold.try_into()?),
            Of::Person(person) => Self::Person(person.try_into()?),
            Of::Health(health) => Self::Health(health.try_into()?),
        })
    }
}
