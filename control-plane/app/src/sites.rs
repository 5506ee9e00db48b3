//! Sites: the list, a new one, shutting one out for good.

use control_plane_domain::{
    Action, Actor, AgentState, Model, Site, SiteState, Subject, UseCase, check_display_name,
};
use proto_ids::{SiteId, Timestamp};

use crate::preannotation::models_in_order;
use crate::{App, AppError, FieldProblem, Thing, Tx, read, transact};

/// A site with what is known of it now.
#[derive(Debug, Clone)]
pub struct SiteView {
    /// The site.
    pub site: Site,
    /// Whether its agent is connected.
    pub connected: bool,
    /// When it was last heard of.
    pub last_seen_at: Option<Timestamp>,
    /// When its agent's certificate ends.
    pub certificate_expires_at: Option<Timestamp>,
    /// How many assets it has.
    pub assets: usize,
    /// Its models of assistance, those that can be asked first.
    pub models: Vec<Model>,
}

impl App {
    /// All sites, by name.
    ///
    /// # Errors
    /// Denied, or the store failed.
    pub fn site_list(&self, actor: &Actor) -> Result<Vec<SiteView>, AppError> {
        self.authorise(actor, UseCase::SiteList)?;
        let mut views = read(self.store.as_ref(), |reader| {
            let (agents, assets) = (reader.agent_list()?, reader.asset_list()?);
            let models = models_in_order(reader)?;
            let views = reader.site_list()?.into_iter().map(|site| {
                let certificate = agents
                    .iter()
                    .filter(|agent| agent.site == site.id && agent.state.may_call())
                    .map(|agent| agent.issued.expires_at)
                    .max();
                let assets = assets.iter().filter(|asset| asset.site == site.id).count();
                let own = models.iter().filter(|model| model.site == site.id).copied().collect();
                SiteView { models: own, ..self.site_view(site, certificate, assets) }
            });
            Ok(views.collect::<Vec<_>>())
        })?;
        views.sort_by(|a, b| a.site.name.cmp(&b.site.name));
        Ok(views)
    }

    fn site_view(&self, site: Site, certificate_expires_at: Option<Timestamp>, assets: usize) -> SiteView {
        let (connected, seen_at) = self.presence.of(site.id);
        let last_seen_at = seen_at.max(site.health.as_ref().map(|(_, at)| *at));
        SiteView { site, connected, last_seen_at, certificate_expires_at, assets, models: Vec::new() }
    }

    /// Adds a site; it is invited until an agent joins.
    ///
    /// # Errors
    /// Denied, a name that cannot be used or is taken, or the store failed.
    pub fn site_add(&self, actor: &Actor, name: &str) -> Result<SiteView, AppError> {
        self.authorise(actor, UseCase::SiteAdd)?;
        if let Err(problem) = check_display_name(name) {
            return Err(AppError::Invalid(vec![FieldProblem::new("name", problem.to_string())]));
        }
        let site = Site {
            id: SiteId::from_random(self.chance.bytes()?),
            name: name.to_owned(),
            state: SiteState::Invited,
            created_at: self.now(),
            health: None,
        };
        transact(self.store.as_ref(), |tx| {
            if tx.site_list()?.iter().any(|other| other.name == name && other.state != SiteState::Revoked) {
                return Err(AppError::Exists(Thing::Site));
            }
            tx.site_put(&site)?;
            self.audit(tx, actor, Action::SiteAdded, Subject::Site(site.id))
        })?;
        Ok(self.site_view(site, None, 0))
    }

    /// The site of a name that is not revoked.
    ///
    /// # Errors
    /// Denied, or the store failed.
    pub fn site_by_name(&self, actor: &Actor, name: &str) -> Result<Option<Site>, AppError> {
        self.authorise(actor, UseCase::SiteList)?;
        let sites = read(self.store.as_ref(), |reader| Ok(reader.site_list()?))?;
        Ok(sites.into_iter().find(|site| site.name == name && site.state != SiteState::Revoked))
    }

    /// Shuts a site and its agents out for good. Their streams are cut when they are next looked at.
    ///
    /// # Errors
    /// Denied, the site is unknown, or the store failed.
    pub fn site_revoke(&self, actor: &Actor, id: SiteId) -> Result<(), AppError> {
        self.authorise(actor, UseCase::SiteRevoke)?;
        transact(self.store.as_ref(), |tx| {
            let mut site = tx.site_get(id)?.ok_or(AppError::NotFound(Thing::Site))?;
            if site.state == SiteState::Revoked {
                return Ok(());
            }
            site.state = SiteState::Revoked;
            tx.site_put(&site)?;
            agents_revoke(tx, id)?;
            self.audit(tx, actor, Action::SiteRevoked, Subject::Site(id))
        })
    }
}

fn agents_revoke(tx: &mut dyn Tx, site: SiteId) -> Result<(), AppError> {
    for mut agent in tx.agent_list()?.into_iter().filter(|agent| agent.site == site) {
        agent.state = AgentState::Revoked;
        tx.agent_put(&agent)?;
    }
    Ok(())
}
