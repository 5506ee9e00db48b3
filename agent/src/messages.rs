//! Turns what the archive tells of its own changes into messages for its outbox.

use agent_archive::{LeaseChange, Messages, ModelChange, PersonChange};
use proto_ids::{AssetToken, PersonId};

use crate::facts;

/// Every change that the control plane has to know becomes one message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ToTheControlPlane;

impl Messages for ToTheControlPlane {
    fn lease(&self, change: LeaseChange) -> Option<Vec<u8>> {
        Some(facts::lease(change).encode())
    }

    fn person(&self, person: PersonId, change: PersonChange) -> Option<Vec<u8>> {
        Some(facts::person(person, change).encode())
    }

    fn gold(&self, asset: AssetToken) -> Option<Vec<u8>> {
        Some(facts::gold(asset).encode())
    }

    fn model(&self, change: ModelChange) -> Option<Vec<u8>> {
        Some(facts::model(change).encode())
    }
}
