//! The open store, and what the command line may ask of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use agent_archive::{
    Archive, AuditAction, AuditActor, AuditOutcome, AuditSubject, DicomwebToken, DiskIo, GoldError,
    GoldSource, NewAccount, NewAuditEvent, NewGold, PersonRow, PersonState, Role, TokenView,
};
use agent_formats::Drawn;
use agent_viewer_api::{password_hash, secret_draw, secret_hash};
use anyhow::{Context, bail, ensure};
use proto_ids::{AssetToken, Clock, ProjectId, Timestamp};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::config::Config;
use crate::egress;
use crate::follow::slices_of;
use crate::import::{asset_line, import};
use crate::messages::ToTheControlPlane;
use crate::ports::ArchiveLedger;
use crate::requests::Request;
use crate::segments::{self, ClosedSegments, segmentation};
use crate::wiring::identity_directory;
use proto_program::SystemClock;
use proto_program::commands::{Executor, Progress};
use proto_program::runtime;

impl Executor for Site {
    type Request = Request;

    fn execute(&self, request: Request, report: &mut dyn FnMut(Progress)) -> anyhow::Result<Value> {
        self.answer(request, report)
    }
}

/// Where the running agent listens for its command line.
pub(crate) fn socket(directory: &Path) -> PathBuf {
    directory.join("agent.socket")
}

/// One hospital's store, opened by this process alone.
#[derive(Debug)]
pub(crate) struct Site {
    directory: PathBuf,
    archive: Arc<Archive>,
    closed: ClosedSegments,
}

impl Site {
    /// Opens the store of the settings, or makes one.
    ///
    /// # Errors
    /// When another process has it open, or it cannot be used.
    pub(crate) fn open(config: &Config) -> anyhow::Result<Self> {
        let directory = &config.dir;
        let (io, clock, segmentation) = (Arc::new(DiskIo), Arc::new(SystemClock), segmentation(config)?);
        let archive = Archive::open_segmented(directory, io, clock, segmentation)
            .with_context(|| format!("cannot open the store {}", directory.display()))?;
        archive.messages_join(Arc::new(ToTheControlPlane));
        let closed = config.segment_store;
        Ok(Self { directory: directory.clone(), archive: Arc::new(archive), closed })
    }

    /// Where the store is.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The store itself.
    pub(crate) fn archive(&self) -> &Arc<Archive> {
        &self.archive
    }

    fn answer(&self, request: Request, report: &mut dyn FnMut(Progress)) -> anyhow::Result<Value> {
        match request {
            Request::Import { paths } => import(&self.archive, &paths, report),
            Request::Gold { asset, file } => self.gold(&asset, &file),
            Request::Assets => self.assets(),
            Request::StudyDelete { asset } => self.study_delete(&asset),
            Request::UserAdd { name, roles, password_file } => self.user_add(name, &roles, &password_file),
            Request::UserList => self.user_list(),
            Request::UserSuspend { name } => self.user_state(&name, true),
            Request::UserResume { name } => self.user_state(&name, false),
            Request::TokenCreate { name, project, store } => {
                self.token_create(name, project.as_deref(), store)
            }
            Request::TokenList => self.token_list(),
            Request::TokenRevoke { name } => self.token_revoke(&name),
            Request::Check => bail!("no agent runs here that could be asked"),
            Request::Peer { .. } => bail!("no agent runs here that could call a peer"),
            Request::Segments { call } => segments::execute(&self.archive, self.closed, &call, report),
            Request::Enrol { join_file } => self.enrol(&join_file),
            Request::LedgerList { limit, selection } => egress::list(&self.archive, &selection, limit),
            Request::LedgerShow { sequence } => egress::show(&self.archive, sequence),
            Request::LedgerExported => self.ledger_exported(),
        }
    }

    fn gold(&self, asset: &str, file: &Path) -> anyhow::Result<Value> {
        let token: AssetToken = asset.parse().context("the asset's id")?;
        let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let asset = self.archive.asset(token)?.context("there is no such asset")?;
        let drawn = Drawn::read(&bytes, Some(&asset.grid)).context("not a label map on the asset's grid")?;
        let map = drawn.label_map()?;
        let labels: Vec<u16> = map.labels().into_iter().collect();
        let gold = NewGold {
            asset: token,
            slices: slices_of(map),
            labels: labels.clone(),
            source: GoldSource::Upload,
            person: None,
        };
        match self.archive.gold_put(&gold, SystemClock.now()) {
            Ok(_) => {
                self.audit(AuditAction::GoldPut, AuditSubject::Asset(token))?;
                Ok(json!({ "asset": token.to_string(), "labels": labels }))
            }
            Err(GoldError::UnknownAsset) => bail!("there is no such asset"),
            Err(error) => Err(error.into()),
        }
    }

    fn study_delete(&self, asset: &str) -> anyhow::Result<Value> {
        let token: AssetToken = asset.parse().context("the asset's id")?;
        let study = self.archive.asset(token)?.context("there is no such asset")?.study;
        let deleted = self.archive.study_delete(study)?;
        self.audit(AuditAction::StudyDeleted, AuditSubject::Study(study))?;
        Ok(json!({ "deleted": deleted }))
    }

    /// What somebody at the command line did.
    fn audit(&self, action: AuditAction, subject: AuditSubject) -> anyhow::Result<()> {
        let (actor, outcome) = (AuditActor::Operator, AuditOutcome::Done);
        self.archive.audit_append(&NewAuditEvent { actor, action, subject, outcome, detail: None })?;
        Ok(())
    }

    fn assets(&self) -> anyhow::Result<Value> {
        let assets = self.archive.assets()?;
        Ok(json!({ "assets": assets.iter().map(asset_line).collect::<Vec<_>>() }))
    }

    fn user_add(&self, name: String, roles: &[String], password_file: &Path) -> anyhow::Result<Value> {
        let password = std::fs::read_to_string(password_file)
            .with_context(|| format!("cannot read {}", password_file.display()))?;
        let password_hash = password_hash(password.trim_end_matches(['\n', '\r']))?;
        let roles: Option<Vec<Role>> =
            roles.iter().map(|role| Role::from_code(&role.replace('-', "_"))).collect();
        let roles = roles.context("a role is hospital-admin or reviewer")?;
        let account =
            NewAccount { user_name: name.clone(), display_name: name.clone(), roles, password_hash };
        let person = self.archive.account_create(account)?;
        self.audit(AuditAction::AccountCreated, AuditSubject::Person(person))?;
        Ok(json!({ "user": name }))
    }

    fn user_list(&self) -> anyhow::Result<Value> {
        let line = |person: &PersonRow| {
            let roles: Vec<&str> = person.roles.iter().map(|role| role.code()).collect();
            json!({ "user": person.user_name, "name": person.display_name, "roles": roles, "state": state(person.state) })
        };
        Ok(json!({ "users": self.archive.people()?.iter().map(line).collect::<Vec<_>>() }))
    }

    fn user_state(&self, name: &str, suspend: bool) -> anyhow::Result<Value> {
        let people = self.archive.people()?;
        let person =
            people.iter().find(|person| person.user_name == name).context("there is no such user")?;
        let (changed, action) = if suspend {
            (self.archive.person_suspend(person.person)?, AuditAction::PersonSuspended)
        } else {
            (self.archive.person_resume(person.person)?, AuditAction::PersonResumed)
        };
        self.audit(action, AuditSubject::Person(person.person))?;
        Ok(json!({ "user": name, "changed": changed }))
    }

    fn token_create(&self, name: String, project: Option<&str>, may_store: bool) -> anyhow::Result<Value> {
        ensure!(!name.trim().is_empty(), "a token needs a name");
        let taken = self.archive.dicomweb_tokens()?.iter().any(|token| token.name == name);
        ensure!(!taken, "there is a token of this name");
        let view = project.map_or(Ok(TokenView::Original), |project| self.deidentified(project))?;
        ensure!(!may_store || view == TokenView::Original, "only a token of the original view may store");
        let secret = secret_draw()?;
        let sha256 = secret_hash(&secret);
        let token = DicomwebToken { sha256, name, view, may_store, created_at: SystemClock.now() };
        self.archive.dicomweb_token_put(&token)?;
        self.audit(AuditAction::DicomwebTokenCreated, AuditSubject::Nothing)?;
        let mut line = token_line(&token);
        line["token"] = json!(secret);
        Ok(line)
    }

    /// The de-identified view of a project that the site knows; it has a secret from now on.
    fn deidentified(&self, project: &str) -> anyhow::Result<TokenView> {
        let project: ProjectId = project.parse().context("the project's id")?;
        self.archive.project(project)?.context("there is no such project at this site")?;
        self.archive.project_secret(project)?;
        Ok(TokenView::Deidentified(project))
    }

    fn token_list(&self) -> anyhow::Result<Value> {
        let tokens = self.archive.dicomweb_tokens()?;
        Ok(json!({ "tokens": tokens.iter().map(token_line).collect::<Vec<_>>() }))
    }

    fn token_revoke(&self, name: &str) -> anyhow::Result<Value> {
        let tokens = self.archive.dicomweb_tokens()?;
        let token = tokens.iter().find(|token| token.name == name).context("there is no such token")?;
        self.archive.dicomweb_token_revoke(&token.sha256)?;
        self.audit(AuditAction::DicomwebTokenRevoked, AuditSubject::Nothing)?;
        Ok(json!({ "revoked": name }))
    }

    /// Blocks until the control plane has answered. In the running agent it waits on that one's runtime.
    fn enrol(&self, join_file: &Path) -> anyhow::Result<Value> {
        let join = std::fs::read_to_string(join_file).context("the join string")?;
        let join: agent_uplink::JoinString = join.trim().parse()?;
        let directory = identity_directory(&self.directory);
        let ledger = Arc::new(ArchiveLedger(Arc::clone(&self.archive)));
        let enrolling = agent_uplink::enrol(&join, &directory, ledger, Arc::new(SystemClock));
        let enrolled = match tokio::runtime::Handle::try_current() {
            Ok(running) => running.block_on(enrolling),
            Err(_) => runtime()?.block_on(enrolling),
        }?;
        // What an enrolment sent is the beginning of the ledger.
        self.archive.ledger_anchor()?;
        let until = enrolled.certificate_expires_at.map(text);
        Ok(json!({ "site": enrolled.site.to_string(), "certificate_expires_at": until }))
    }

    fn ledger_exported(&self) -> anyhow::Result<Value> {
        self.audit(AuditAction::LedgerExported, AuditSubject::Nothing)?;
        Ok(json!({ "audit": "noted" }))
    }
}

/// A token as the command line lists it.
fn token_line(token: &DicomwebToken) -> Value {
    let (view, project) = match token.view {
        TokenView::Original => ("original", None),
        TokenView::Deidentified(project) => ("de-identified", Some(project.to_string())),
    };
    json!({
        "name": token.name, "view": view, "project": project, "may_store": token.may_store,
        "created_at": text(token.created_at),
    })
}

fn state(state: PersonState) -> &'static str {
    match state {
        PersonState::Invited => "invited",
        PersonState::Active => "active",
        PersonState::Suspended => "suspended",
    }
}

/// A time as RFC 3339, UTC.
pub(crate) fn text(at: Timestamp) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.millis()) * 1_000_000)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_at_the_command_line_is_in_the_audit_trail() {
        let place = tempfile::tempdir().unwrap();
        let site = Site::open(&Config { dir: place.path().join("store"), ..Config::default() }).unwrap();
        let password_file = place.path().join("password");
        std::fs::write(&password_file, "correct horse battery").unwrap();
        let ask = |request| site.answer(request, &mut |_| ()).unwrap();
        let (name, roles) = ("it".to_owned(), vec!["hospital-admin".to_owned()]);
        ask(Request::UserAdd { name: name.clone(), roles, password_file });
        ask(Request::UserSuspend { name: name.clone() });
        ask(Request::UserResume { name });
        ask(Request::TokenCreate { name: "pacs".to_owned(), project: None, store: true });
        ask(Request::TokenRevoke { name: "pacs".to_owned() });
        let lines = site.archive.audit_list(0, 10).unwrap();
        assert!(lines.iter().all(|line| line.event.actor == AuditActor::Operator));
        assert_eq!(
            lines.iter().map(|line| line.event.action).collect::<Vec<_>>(),
            [
                AuditAction::AccountCreated,
                AuditAction::PersonSuspended,
                AuditAction::PersonResumed,
                AuditAction::DicomwebTokenCreated,
                AuditAction::DicomwebTokenRevoked,
            ]
        );
    }

    #[test]
    fn a_token_of_the_deidentified_view_names_a_project_and_stores_nothing() {
        let place = tempfile::tempdir().unwrap();
        let site = Site::open(&Config { dir: place.path().join("store"), ..Config::default() }).unwrap();
        let create = |project: Option<&str>, store| {
            let project = project.map(str::to_owned);
            site.answer(Request::TokenCreate { name: "research".to_owned(), project, store }, &mut |_| ())
        };
        let unknown = ProjectId::from_bytes([1; 16]).to_string();
        let refusal = create(Some(&unknown), false).unwrap_err().to_string();
        assert_eq!(refusal, "there is no such project at this site");
        assert_eq!(create(Some("x"), false).unwrap_err().to_string(), "the project's id");
        let made = create(None, true).unwrap();
        assert_eq!((&made["view"], &made["may_store"]), (&json!("original"), &json!(true)));
        let listed = site.answer(Request::TokenList, &mut |_| ()).unwrap();
        assert_eq!(listed["tokens"][0]["view"], "original");
        assert_eq!(listed["tokens"][0]["token"], Value::Null);
    }
}
