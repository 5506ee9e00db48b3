//! A session at a MONAI Label server: an image that the server must forget.

use std::time::Duration;

use reqwest::Url;

use crate::http::Http;

/// How long the end of a session may take; it is told in the background when a call was given up.
const CLOSE: Duration = Duration::from_secs(10);

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
            let ended = tokio::spawn(end(self.http.clone(), url)).await;
            tracing::trace!(ended = ended.is_ok(), "a session was closed");
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

async fn end(http: Http, url: Url) {
    let ended = tokio::time::timeout(CLOSE, http.send(http.client().delete(url))).await;
    if !matches!(ended, Ok(Ok(_))) {
        metrics::counter!("ringfence_assist_sessions_left_total").increment(1);
        tracing::warn!("a model server was not told to forget an image; it does so when the session expires");
    }
}
