//! What an address names, and the addresses that answers give.

use std::sync::Arc;

use agent_archive::AuditSubject;
use agent_phi::Purpose;
use axum::http::header;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use serde::Deserialize;

use super::catalogue::{SeriesEntry, StudyEntry};
use super::listing::{InstanceEntry, Listing};
use super::view::View;
use crate::app::App;
use crate::problem::Problem;
use crate::serve::ListeningPort;

/// Where everything of this room stands.
pub(super) const ROOT: &str = "/dicom-web";

/// A study, and of it a series, and of that an instance, as far as an address names them.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) study: Arc<StudyEntry>,
    series: Option<usize>,
    instance: Option<(Listing, usize)>,
}

/// UIDs in an address.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Uids {
    study: String,
    #[serde(default)]
    series: Option<String>,
    #[serde(default)]
    instance: Option<String>,
}

impl Uids {
    pub(super) fn study(&self) -> &str {
        &self.study
    }
}

impl Target {
    /// Finds what the UIDs of a view name; those of the other view are not found. Blocks.
    pub(super) fn find(app: &App, view: &View, uids: &Uids) -> Result<Self, Problem> {
        let ours = |cause| Problem::ours(&cause);
        let state = &app.dicomweb;
        let study = state.catalogues.study(&app.archive, view, &uids.study).map_err(ours)?;
        let study = study.ok_or_else(Problem::not_found)?;
        let mut target = Self { study, series: None, instance: None };
        let Some(uid) = &uids.series else { return Ok(target) };
        let found = target
            .study
            .series
            .iter()
            .position(|series| series.uid.expose(Purpose::DicomPeer) == uid.as_str());
        target.series = Some(found.ok_or_else(Problem::not_found)?);
        let (Some(uid), Some(series)) = (&uids.instance, target.series()) else { return Ok(target) };
        let listing = state.listings.of(&app.archive, view, series).map_err(ours)?;
        let found =
            listing.iter().position(|instance| instance.uid.expose(Purpose::DicomPeer) == uid.as_str());
        let place = found.ok_or_else(Problem::not_found)?;
        target.instance = Some((listing, place));
        Ok(target)
    }

    /// What the audit trail says was asked for.
    pub(super) fn subject(&self) -> AuditSubject {
        match self.instance() {
            Some(instance) => AuditSubject::Instance(instance.instance),
            None => AuditSubject::Study(self.study.study),
        }
    }

    /// The series that is named, if one is.
    pub(super) fn series(&self) -> Option<&SeriesEntry> {
        self.study.series.get(self.series?)
    }

    /// All series that are named: the one, or those of the study.
    pub(super) fn all_series(&self) -> &[SeriesEntry] {
        match self.series {
            Some(place) => self.study.series.get(place..=place).unwrap_or_default(),
            None => &self.study.series,
        }
    }

    /// The instance that is named, if one is.
    pub(super) fn instance(&self) -> Option<&InstanceEntry> {
        let (listing, place) = self.instance.as_ref()?;
        listing.get(*place)
    }
}

/// Where a client has reached us: what addresses in answers begin with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Origin(String);

impl Origin {
    /// Out of the host that the request was sent to; a path alone where there is none of a usable form.
    pub(super) fn of(parts: &Parts) -> Self {
        let in_header = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let host = parts.uri.authority().map(Authority::as_str).or(in_header);
        let usable = |host: &&str| {
            host.len() <= 255 && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]_".contains(&b))
        };
        let Some(host) = host.filter(usable) else { return Self(ROOT.to_owned()) };
        // Some clients leave the port out of the header, against RFC 9112 §3.2; then it is the one we listen at.
        let ported = host.rsplit(']').next().is_some_and(|end| end.contains(':'));
        match parts.extensions.get::<ListeningPort>() {
            Some(ListeningPort(port)) if !ported && *port != 443 => {
                Self(format!("https://{host}:{port}{ROOT}"))
            }
            Some(_) | None => Self(format!("https://{host}{ROOT}")),
        }
    }

    pub(super) fn study(&self, study: &StudyEntry) -> String {
        format!("{}/studies/{}", self.0, study.uid.expose(Purpose::DicomPeer))
    }

    pub(super) fn series(&self, study: &StudyEntry, series: &SeriesEntry) -> String {
        format!("{}/series/{}", self.study(study), series.uid.expose(Purpose::DicomPeer))
    }

    pub(super) fn instance(
        &self,
        study: &StudyEntry,
        series: &SeriesEntry,
        instance: &InstanceEntry,
    ) -> String {
        format!("{}/instances/{}", self.series(study, series), instance.uid.expose(Purpose::DicomPeer))
    }

    /// The address of a study that was just stored, and of what is below it.
    pub(super) fn stored(&self, below: &str) -> String {
        format!("{}/studies/{below}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(host: &str, port: Option<u16>) -> String {
        let mut parts = axum::http::Request::get("/dicom-web/studies")
            .header(header::HOST, host)
            .body(())
            .unwrap()
            .into_parts()
            .0;
        if let Some(port) = port {
            parts.extensions.insert(ListeningPort(port));
        }
        Origin::of(&parts).0
    }

    #[test]
    fn a_host_of_no_usable_form_is_left_out() {
        assert_eq!(origin("pacs.local:8443", None), "https://pacs.local:8443/dicom-web");
        assert_eq!(origin("[::1]:8443", None), "https://[::1]:8443/dicom-web");
        assert_eq!(origin("a/b", None), "/dicom-web");
        assert_eq!(origin("a\"b", Some(8443)), "/dicom-web");
    }

    #[test]
    fn a_port_that_is_left_out_is_ours() {
        assert_eq!(origin("pacs.local", Some(8443)), "https://pacs.local:8443/dicom-web");
        assert_eq!(origin("[::1]", Some(8443)), "https://[::1]:8443/dicom-web");
        assert_eq!(origin("pacs.local:18443", Some(8443)), "https://pacs.local:18443/dicom-web");
        assert_eq!(origin("pacs.local", Some(443)), "https://pacs.local/dicom-web");
    }
}
