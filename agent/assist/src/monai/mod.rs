//! MONAI Label over REST: a session with the image, one inference in it, and the session's end.
//!
//! The server needs no access to any archive: it gets the image from us (`PUT /session/`) and forgets it
//! (`DELETE /session/{id}`) however the call ends; a session that even that does not reach expires. A server that
//! keeps no sessions gets the image with the inference. Read against MONAI Label 0.8.5.

mod form;
mod info;
mod prompts;
mod session;

use bytes::Bytes;
use reqwest::Url;
use serde_json::Value;

use crate::answer::{Doing, Watch};
use crate::broker::{Raw, apart};
use crate::error::AssistError;
use crate::http::{Http, Span, Upload};
use crate::labels::Plan;
use crate::outbound;
use crate::registration::{Capabilities, Registration, address};
use crate::request::Request;
use form::Form;
use info::Served;
use session::Session;

/// The longest `/info/` or session answer that is read.
const JSON_BYTES_MAX: u64 = 8 * 1024 * 1024;
const IMAGE_NAME: &str = "image.nii.gz";
const IMAGE: Span = Span { from: 0.1, to: 0.35, then: Doing::Sending };
const PROMPTS: Span = Span { from: 0.35, to: 0.4, then: Doing::Computing };

/// One registered model at its server.
pub(crate) struct Monai<'a> {
    http: &'a Http,
    base: Url,
    model: &'a str,
}

/// The image of an inference: in a session, or with the request.
enum Image {
    Session(Session),
    Along(Bytes),
}

impl<'a> Monai<'a> {
    pub(crate) fn new(http: &'a Http, registration: &'a Registration) -> Result<Self, AssistError> {
        let base = address(&registration.address).map_err(|_| AssistError::Unreachable)?;
        Ok(Self { http, base, model: &registration.model })
    }

    pub(crate) async fn capabilities(&self) -> Result<Capabilities, AssistError> {
        Ok(self.served().await?.capabilities())
    }

    /// What the server says of the model now.
    async fn served(&self) -> Result<Served, AssistError> {
        let response = self.http.send(self.http.client().get(self.url(&["info", ""])?)).await?;
        let body = self.http.body(response, JSON_BYTES_MAX).await?;
        info::read(&body, self.model)
    }

    pub(crate) async fn infer(
        &self,
        request: &Request,
        plan: &Plan,
        watch: &Watch,
    ) -> Result<Raw, AssistError> {
        watch.tell(Doing::Connecting, 0.02);
        let served = self.served().await?;
        served.check(request)?;
        let params = prompts::params(request, plan, &served);
        let label = match prompts::label_map(request, &served)? {
            Some(map) => Some(apart(move || outbound::labels(&map)).await?),
            None => None,
        };
        watch.tell(Doing::Preparing, 0.05);
        let volume = request.volume.clone();
        let image = apart(move || outbound::image(&volume)).await?;
        let image = self.place(image.into(), watch).await?;
        let answered = self.ask(&image, params, label, watch).await;
        if let Image::Session(session) = image {
            session.close().await;
        }
        let file = answered?;
        watch.tell(Doing::Checking, 0.9);
        let sent = *request.volume.grid();
        let labels = apart(move || outbound::read_labels(&file, &sent)).await?;
        Ok(Raw { labels, declared: served.declared(), version: served.version })
    }

    /// Gives the image to the server, in a session where it keeps sessions.
    async fn place(&self, image: Bytes, watch: &Watch) -> Result<Image, AssistError> {
        let mut form = Form::default();
        form.file("files", IMAGE_NAME, image.clone());
        let mut url = self.url(&["session", ""])?;
        let expiry = self.http.limits().total.as_secs().saturating_add(60);
        url.query_pairs_mut().append_pair("expiry", &expiry.to_string());
        let (kind, body) = form.finish();
        let put = self.http.client().put(url).header(http::header::CONTENT_TYPE, kind);
        match self.http.send(put.body(Upload::body(body, watch, IMAGE))).await {
            Ok(response) => {
                let body = self.http.body(response, JSON_BYTES_MAX).await?;
                let id = session_id(&body)?;
                let url = self.url(&["session", &id])?;
                Ok(Image::Session(Session::new(self.http.clone(), id, url)))
            }
            // 406: "Session Feature is Not Enabled"; 404 and 405: a server without these paths.
            Err(AssistError::NotServed | AssistError::Refused { status: 405 | 406 }) => {
                Ok(Image::Along(image))
            }
            Err(error) => Err(error),
        }
    }

    /// One inference. Returns the file of the answer.
    async fn ask(
        &self,
        image: &Image,
        params: Value,
        label: Option<Vec<u8>>,
        watch: &Watch,
    ) -> Result<Vec<u8>, AssistError> {
        let mut url = self.url(&["infer", self.model])?;
        let mut form = Form::default();
        form.text("params", &params.to_string());
        match image {
            Image::Session(session) => {
                url.query_pairs_mut().append_pair("session_id", session.id());
            }
            Image::Along(bytes) => form.file("file", IMAGE_NAME, bytes.clone()),
        }
        url.query_pairs_mut().append_pair("output", "all");
        if let Some(label) = label {
            form.file("label", "label.nii.gz", label.into());
        }
        let (kind, body) = form.finish();
        let post = self.http.client().post(url).header(http::header::CONTENT_TYPE, kind);
        let post = post.body(Upload::body(body, watch, PROMPTS));
        let response = self.http.send(post).await?;
        watch.tell(Doing::Receiving, 0.85);
        let kind = response.headers().get(http::header::CONTENT_TYPE).cloned();
        let body = self.http.body(response, self.http.limits().answer_bytes).await?;
        form::file_of(kind.as_ref().and_then(|kind| kind.to_str().ok()).unwrap_or_default(), body).await
    }

    /// An address below the registered one. An empty last segment is the slash that the server's paths end with.
    fn url(&self, segments: &[&str]) -> Result<Url, AssistError> {
        let mut url = self.base.clone();
        url.path_segments_mut().map_err(|()| AssistError::Unreachable)?.pop_if_empty().extend(segments);
        Ok(url)
    }
}

fn session_id(body: &[u8]) -> Result<String, AssistError> {
    let invalid = AssistError::InvalidAnswer { what: "no session id" };
    let answer: Value = serde_json::from_slice(body).map_err(|_| invalid.clone())?;
    let id = answer.get("session_id").and_then(Value::as_str).ok_or(invalid.clone())?;
    let plain = id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_');
    if plain && !id.is_empty() && id.len() <= 100 { Ok(id.to_owned()) } else { Err(invalid) }
}
