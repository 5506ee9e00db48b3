//! The hospital's other DICOM systems and the work with them, as hospital IT sees them.

use std::collections::BTreeMap;

use agent_phi::{HeaderText, Purpose};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::time_text;
use crate::peers::jobs::{Job, Moved, State};
use crate::peers::port::{
    PeerCounts, PeerFault, PeerInfo, PeerLevel, PeerList, PeerMatches, PeerRefusal, PeerWay,
};

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PeersJson {
    /// This agent's own AE title, which peers have to know.
    ae_title: String,
    peers: Vec<PeerJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PeerJson {
    name: String,
    ae_title: String,
    /// Host and port; left out for a peer that only calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    address: Option<String>,
    tls: bool,
    /// Of `store`, `find`, `move`, `get`, `commit`, `receive`.
    may: Vec<&'static str>,
}

/// Which peer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeerNamedJson {
    pub(crate) peer: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PeerEchoJson {
    pub(crate) took_ms: u64,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PeerLevelJson {
    Study,
    Series,
}

/// An attribute and the value that it should have; `*` and `?` as wildcards, `20260101-20260131` for a range of days.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeerKeyJson {
    /// Such as `PatientID`.
    pub(crate) keyword: String,
    pub(crate) value: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeerQueryJson {
    pub(crate) peer: String,
    pub(crate) level: PeerLevelJson,
    pub(crate) keys: Vec<PeerKeyJson>,
    /// At most so many matches, up to 500.
    pub(crate) limit: usize,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct PeerMatchesJson {
    /// Keyword and value of each attribute that is not empty.
    matches: Vec<BTreeMap<&'static str, String>>,
    /// Whether the peer had more than the limit.
    more: bool,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PeerWayJson {
    /// The peer calls this agent (C-MOVE).
    Move,
    /// Over the association that this agent opens (C-GET).
    Get,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeerPullJson {
    pub(crate) peer: String,
    pub(crate) study_uid: String,
    /// For one series alone.
    #[schema(nullable = false)]
    pub(crate) series_uid: Option<String>,
    pub(crate) way: PeerWayJson,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeerSendJson {
    pub(crate) peer: String,
    pub(crate) asset_id: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct PeerJobsJson {
    /// The newest first; jobs are forgotten when the agent stops.
    jobs: Vec<PeerJobJson>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PeerJobKindJson {
    Pull,
    Send,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PeerJobStateJson {
    Waiting,
    Running,
    Done,
    Failed,
    Cancelled,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct PeerJobJson {
    id: u64,
    kind: PeerJobKindJson,
    peer: String,
    /// The person's name.
    by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    study_uid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    series_uid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    asset_id: Option<String>,
    state: PeerJobStateJson,
    /// Whether somebody has asked to end it before it is done.
    cancelling: bool,
    begun_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    ended_at: Option<String>,
    /// Objects that are done while it runs, and of how many; 0 of 0 before anything is known.
    done: u64,
    of: u64,
    /// What became of the objects, once it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    counts: Option<PeerCountsJson>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    refusal: Option<PeerRefusalJson>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct PeerCountsJson {
    completed: u64,
    /// Taken, but something about them was changed or missed.
    warned: u64,
    failed: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PeerRefusalJson {
    code: &'static str,
    /// What happened.
    title: &'static str,
    /// What exactly, and what a person can do about it.
    advice: String,
}

impl From<PeerLevelJson> for PeerLevel {
    fn from(level: PeerLevelJson) -> Self {
        match level {
            PeerLevelJson::Study => Self::Study,
            PeerLevelJson::Series => Self::Series,
        }
    }
}

impl From<PeerWayJson> for PeerWay {
    fn from(way: PeerWayJson) -> Self {
        match way {
            PeerWayJson::Move => Self::Move,
            PeerWayJson::Get => Self::Get,
        }
    }
}

impl From<PeerList> for PeersJson {
    fn from(list: PeerList) -> Self {
        let peer = |PeerInfo { name, ae_title, address, tls, may }: PeerInfo| PeerJson {
            name,
            ae_title,
            address,
            tls,
            may,
        };
        Self { ae_title: list.ae_title, peers: list.peers.into_iter().map(peer).collect() }
    }
}

impl From<PeerMatches> for PeerMatchesJson {
    fn from(found: PeerMatches) -> Self {
        let shown = |(keyword, text): (&'static str, HeaderText)| {
            (keyword, text.expose(Purpose::HospitalScreen).to_owned())
        };
        let matches = found.matches.into_iter().map(|one| one.into_iter().map(shown).collect());
        Self { matches: matches.collect(), more: found.more }
    }
}

impl PeerJobsJson {
    pub(crate) fn new<'a>(jobs: impl Iterator<Item = &'a Job>) -> Self {
        Self { jobs: jobs.map(PeerJobJson::from).collect() }
    }
}

impl From<&Job> for PeerJobJson {
    fn from(job: &Job) -> Self {
        let (kind, study_uid, series_uid, asset_id) = match &job.order.moved {
            Moved::Pull { study, series } => {
                let series = series.as_ref().map(|uid| uid.expose(Purpose::HospitalScreen).to_owned());
                let study = study.expose(Purpose::HospitalScreen).to_owned();
                (PeerJobKindJson::Pull, Some(study), series, None)
            }
            Moved::Send { asset } => (PeerJobKindJson::Send, None, None, Some(asset.to_string())),
        };
        let Far { state, done, of, ended_at, counts, refusal } = Far::from(job.state());
        Self {
            id: job.id,
            kind,
            peer: job.order.peer.clone(),
            by: job.order.by.clone(),
            study_uid,
            series_uid,
            asset_id,
            state,
            cancelling: job.cancel.is_cancelled() && ended_at.is_none(),
            begun_at: time_text(job.begun_at),
            ended_at,
            done,
            of,
            counts,
            refusal,
        }
    }
}

/// How far a job is, in the terms of the page.
struct Far {
    state: PeerJobStateJson,
    done: u64,
    of: u64,
    ended_at: Option<String>,
    counts: Option<PeerCountsJson>,
    refusal: Option<PeerRefusalJson>,
}

impl Far {
    const fn going(state: PeerJobStateJson, done: u64, of: u64) -> Self {
        Self { state, done, of, ended_at: None, counts: None, refusal: None }
    }
}

impl From<State> for Far {
    fn from(state: State) -> Self {
        match state {
            State::Waiting => Self::going(PeerJobStateJson::Waiting, 0, 0),
            State::Running { done, of } => Self::going(PeerJobStateJson::Running, done, of),
            State::Ended { at, end } => {
                let (state, counts, refusal) = match end {
                    Ok(counts) if counts.cancelled => (PeerJobStateJson::Cancelled, Some(counts), None),
                    Ok(counts) => (PeerJobStateJson::Done, Some(counts), None),
                    Err(refusal) if refusal.fault == PeerFault::Cancelled => {
                        (PeerJobStateJson::Cancelled, None, None)
                    }
                    Err(refusal) => (PeerJobStateJson::Failed, None, Some(refusal)),
                };
                Self {
                    ended_at: Some(time_text(at)),
                    counts: counts.map(PeerCountsJson::from),
                    refusal: refusal.map(PeerRefusalJson::from),
                    ..Self::going(state, 0, 0)
                }
            }
        }
    }
}

impl From<PeerCounts> for PeerCountsJson {
    fn from(counts: PeerCounts) -> Self {
        Self { completed: counts.completed, warned: counts.warned, failed: counts.failed }
    }
}

impl From<PeerRefusal> for PeerRefusalJson {
    fn from(PeerRefusal { code, title, advice, .. }: PeerRefusal) -> Self {
        Self { code, title, advice }
    }
}
