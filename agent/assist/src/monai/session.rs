//! A session at a MONAI Label server: an image that the server must forget.

use std::time::Duration;

use reqwest::Url;

use crate::http::Http;

/// How long a call waits for the end of its session; the rest is done in the background.
const PATIENCE: Duration = Duration::from_secs(2);

/// Ends itself at the server when it is closed or dropped.
#[derive(Debug)]
pub(super) struct Session {
    http: Http,
    id: String,
    url: Option<Url>,
}

impl Session {
    pub(super) const fn new(http: Http, id: String, url: Url) -> Self {
        Self { http, id, url: Some(url) }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Tells the server to forget the image. When that fails the server forgets it at the session's expiry.
    pub(super) async fn close(mut self) {
        if let Some(url) = self.url.take() {
            // On a task of its own, so that a call that is given up right now still ends its session.
            let ended = tokio::time::timeout(PATIENCE, tokio::spawn(end(self.http.clone(), url))).await;
            tracing::trace!(ended = ended.is_ok(), "a session is closed");
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let Some(url) = self.url.take() else { return };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(end(self.http.clone(), url));
            }
            Err(_) => metrics::counter!("ringfence_assist_sessions_left_total").increment(1),
        }
    }
}

/// A server that is computing answers nobody meanwhile (MONAI Label 0.8.5 runs inferences on its event loop), so
/// this waits as long as a call may take.
async fn end(http: Http, url: Url) {
    let limit = http.limits().total;
    let ended = tokio::time::timeout(limit, http.send(http.client().delete(url))).await;
    if !matches!(ended, Ok(Ok(_))) {
        metrics::counter!("ringfence_assist_sessions_left_total").increment(1);
        tracing::warn!("a model server was not told to forget an image; it does so when the session expires");
    }
}
