//! What every use case has at hand: the store, the clock, chance.

use std::sync::Arc;

use control_plane_domain::{Action, Actor, AuditRow, Subject, UseCase, allows};
use proto_ids::{Clock, Timestamp};

use crate::throttle::Throttle;
use crate::{AppError, Chance, Presence, Store, Tx, transact};

/// The use cases over one store. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) chance: Chance,
    pub(crate) presence: Presence,
    pub(crate) throttle: Throttle,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("store", &self.store).finish_non_exhaustive()
    }
}

impl App {
    /// The use cases over a store.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, presence: Presence) -> Self {
        Self { store, clock, chance: Chance::default(), presence, throttle: Throttle::default() }
    }

    /// The store below.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Which sites are connected.
    pub fn presence(&self) -> &Presence {
        &self.presence
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Checks the policy table; a denial is audited.
    pub(crate) fn authorise(&self, actor: &Actor, use_case: UseCase) -> Result<(), AppError> {
        let allowed = match actor {
            Actor::Person { roles, .. } => roles.iter().any(|role| allows(*role, use_case)),
            Actor::Operator => true,
            Actor::Agent(_) | Actor::Unknown => false,
        };
        if allowed {
            return Ok(());
        }
        transact(self.store.as_ref(), |tx| self.audit(tx, actor, Action::Denied, Subject::Store))?;
        Err(AppError::Denied)
    }

    pub(crate) fn audit(
        &self,
        tx: &mut dyn Tx,
        actor: &Actor,
        action: Action,
        subject: Subject,
    ) -> Result<(), AppError> {
        let row = AuditRow { at: self.now(), actor: actor.clone(), action, subject };
        Ok(tx.audit_put(&row)?)
    }
}
