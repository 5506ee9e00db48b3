//! DICOMweb (PS3.18) for the hospital's own systems: QIDO-RS, WADO-RS and STOW-RS to the holder of a token.
//!
//! A token has a view: objects as they arrived, or without what identifies a patient. Nothing here is reached with a
//! session of the viewer. Every answer is made of what [`view`] gives; start reading there, then `address` for what an
//! address names, `retrieve` for objects and `qido` for queries.

mod accept;
mod address;
mod attributes;
mod bulk;
mod catalogue;
mod conformance;
mod frames;
mod listing;
mod metadata;
mod objects;
mod parts;
mod picture;
mod qido;
mod release;
mod rendered;
mod retrieve;
mod stow;
mod token;
mod transcode;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::{get, post};
use tokio::sync::Semaphore;

use crate::app::App;
use crate::problem::Problem;
use address::Origin;
pub use conformance::dicomweb_conformance_statement;
use token::Holder;

/// How many answers are made at a time: each holds an object or two and a thread.
const RETRIEVALS: usize = 16;

/// What all DICOMweb calls share.
#[derive(Debug)]
pub(crate) struct Shared {
    catalogues: catalogue::Catalogues,
    listings: listing::Listings,
    risks: release::Risks,
    metadata: metadata::Cache,
    objects: objects::Objects,
    retrievals: Arc<Semaphore>,
    room: Arc<Semaphore>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            catalogues: catalogue::Catalogues::default(),
            listings: listing::Listings::default(),
            risks: release::Risks::default(),
            metadata: metadata::Cache::default(),
            objects: objects::Objects::default(),
            retrievals: Arc::new(Semaphore::new(RETRIEVALS)),
            room: Arc::new(Semaphore::new(stow::ROOM_MIB)),
        }
    }
}

/// A call of the holder of a token.
struct Call {
    app: Arc<App>,
    holder: Holder,
    headers: HeaderMap,
    origin: Origin,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("holder", &self.holder).finish_non_exhaustive()
    }
}

impl FromRequestParts<Arc<App>> for Call {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let holder = Holder::from_request_parts(parts, app).await?;
        let origin = Origin::of(parts);
        Ok(Self { app: Arc::clone(app), holder, headers: parts.headers.clone(), origin })
    }
}

impl Call {
    /// Runs what blocks on a thread of its own.
    async fn blocking<R, F>(&self, act: F) -> Result<R, Problem>
    where
        R: Send + 'static,
        F: FnOnce(&App, &Holder, &Origin) -> Result<R, Problem> + Send + 'static,
    {
        let (holder, origin) = (self.holder.clone(), self.origin.clone());
        self.app.blocking(move |app| act(app, &holder, &origin)).await?
    }

    /// As [`Call::blocking`], for what holds a whole object.
    async fn holding<R, F>(&self, act: F) -> Result<R, Problem>
    where
        R: Send + 'static,
        F: FnOnce(&App, &Holder, &Origin) -> Result<R, Problem> + Send + 'static,
    {
        let place = Arc::clone(&self.app.dicomweb.retrievals).acquire_owned().await;
        let place = place.map_err(|cause| Problem::ours(&cause))?;
        self.blocking(move |app, holder, origin| {
            let done = act(app, holder, origin);
            drop(place);
            done
        })
        .await
    }
}

/// All addresses of DICOMweb.
pub(crate) fn routes(app: Arc<App>) -> Router {
    const STUDY: &str = "/studies/{study}";
    const SERIES: &str = "/studies/{study}/series/{series}";
    const INSTANCE: &str = "/studies/{study}/series/{series}/instances/{instance}";
    let of_study = |rest: &str| format!("{STUDY}{rest}");
    let of_series = |rest: &str| format!("{SERIES}{rest}");
    let of_instance = |rest: &str| format!("{INSTANCE}{rest}");
    let routes = Router::new()
        .route("/studies", get(qido::studies).merge(post(stow::store)))
        .route("/series", get(qido::series))
        .route("/instances", get(qido::instances))
        .route(STUDY, get(retrieve::objects).merge(post(stow::store_in_study)))
        .route(&of_study("/metadata"), get(metadata::metadata))
        .route(&of_study("/series"), get(qido::series_of_study))
        .route(&of_study("/instances"), get(qido::instances_below))
        .route(&of_study("/thumbnail"), get(rendered::thumbnail))
        .route(SERIES, get(retrieve::objects))
        .route(&of_series("/metadata"), get(metadata::metadata))
        .route(&of_series("/instances"), get(qido::instances_below))
        .route(&of_series("/thumbnail"), get(rendered::thumbnail))
        .route(INSTANCE, get(retrieve::objects))
        .route(&of_instance("/metadata"), get(metadata::metadata))
        .route(&of_instance("/rendered"), get(rendered::rendered))
        .route(&of_instance("/thumbnail"), get(rendered::thumbnail))
        .route(&of_instance("/bulkdata/{*path}"), get(bulk::value))
        .route(&of_instance("/frames/{frames}"), get(frames::frames))
        .route(&of_instance("/frames/{frames}/rendered"), get(rendered::rendered))
        .route(&of_instance("/frames/{frames}/thumbnail"), get(rendered::thumbnail))
        // Objects are as long as they are; the room has its own limits.
        .layer(DefaultBodyLimit::disable())
        .with_state(app);
    Router::new().nest(address::ROOT, routes)
}
