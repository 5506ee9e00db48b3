//! Whether the running agent is well: what `check` asks, and with it whoever keeps its container.
//!
//! Being cut off from the control plane is told and is not being unwell: a hospital goes on without it.

use std::net::SocketAddr;
use std::sync::Arc;

use agent_uplink::Status;
use proto_program::commands::{Executor, Progress};
use proto_program::{Ready, takes_connections, takes_writes};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::config::Config;
use crate::peers::Dicom;
use crate::requests::Request;
use crate::site::{Site, text};

/// The site of an agent that serves, and what else its command line may ask about.
#[derive(Debug)]
pub(crate) struct Serving {
    site: Arc<Site>,
    dicom: Arc<Dicom>,
    listeners: Vec<(&'static str, SocketAddr)>,
    ready: Ready,
    status: watch::Receiver<Status>,
}

impl Serving {
    /// Joins what the answer is made of.
    pub(crate) fn new(
        (site, dicom): (Arc<Site>, Arc<Dicom>),
        config: &Config,
        ready: Ready,
        status: watch::Receiver<Status>,
    ) -> Self {
        let mut listeners = vec![
            ("viewer", config.viewer_listen),
            ("dicom", config.dicom_listen),
            ("operations", config.ops_listen),
        ];
        listeners.extend(config.dicom_tls_listen.map(|address| ("dicom over TLS", address)));
        Self { site, dicom, listeners, ready, status }
    }

    fn check(&self) -> Value {
        let store = self.site.archive().takes_records() && takes_writes(self.site.directory());
        let listeners = self.listeners.iter();
        let listening: Vec<(&str, bool)> =
            listeners.map(|(name, address)| (*name, takes_connections(*address))).collect();
        let status = self.status.borrow().clone();
        json!({
            "well": self.ready.get() && store && listening.iter().all(|(_, up)| *up),
            "store": if store { "takes writes" } else { "takes no writes" },
            "listeners": listening.iter().map(|(name, up)| json!({ "name": name, "up": up })).collect::<Vec<_>>(),
            "control_plane": connection(&status),
            "certificate_expires_at": status.certificate_expires_at.map(text),
        })
    }
}

impl Executor for Serving {
    type Request = Request;

    fn execute(&self, request: Request, report: &mut dyn FnMut(Progress)) -> anyhow::Result<Value> {
        if let Request::Peer { call } = request {
            self.dicom.execute(call, report)
        } else if matches!(request, Request::Check) {
            Ok(self.check())
        } else {
            self.site.execute(request, report)
        }
    }
}

fn connection(status: &Status) -> &'static str {
    match (status.connected, status.site) {
        (true, _) => "connected",
        (false, Some(_)) => "not connected",
        (false, None) => "not enrolled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serving(directory: &std::path::Path, listen: SocketAddr) -> Serving {
        let mut config = Config { dir: directory.to_path_buf(), ..Config::default() };
        (config.viewer_listen, config.dicom_listen, config.ops_listen) = (listen, listen, listen);
        let ready = Ready::default();
        ready.set(true);
        let (_, status) = watch::channel(Status::default());
        let site = Arc::new(Site::open(&config).unwrap());
        let (_, stopped) = watch::channel(false);
        let now = proto_ids::Timestamp::from_millis(1_800_000_000_000);
        let dicom = Arc::new(Dicom::open(&config, site.archive(), now, stopped).unwrap());
        Serving::new((site, dicom), &config, ready, status)
    }

    #[test]
    fn an_agent_without_a_control_plane_is_well_and_one_without_a_listener_is_not() {
        let place = tempfile::tempdir().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let serving = serving(place.path(), listener.local_addr().unwrap());
        let answer = serving.check();
        assert_eq!((&answer["well"], &answer["control_plane"]), (&json!(true), &json!("not enrolled")));
        drop(listener);
        assert_eq!(serving.check()["well"], json!(false));
    }

    #[test]
    fn an_agent_that_cannot_write_or_is_not_up_yet_is_not_well() {
        let place = tempfile::tempdir().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let serving = serving(&place.path().join("store"), listener.local_addr().unwrap());
        serving.ready.set(false);
        assert_eq!(serving.check()["well"], json!(false));
        serving.ready.set(true);
        std::fs::remove_dir_all(place.path().join("store")).unwrap();
        let answer = serving.check();
        assert_eq!((&answer["well"], &answer["store"]), (&json!(false), &json!("takes no writes")));
    }
}
