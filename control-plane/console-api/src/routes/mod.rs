//! The routes of the API, and the layers around them.

mod assistance;
mod datasets;
mod people;
mod projects;
mod session;
mod sites;
mod work;

use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use tower_http::compression::CompressionLayer;
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::problem::Problem;
use crate::{Console, csrf, files, headers};

/// The longest body: 100,000 asset ids of 39 bytes each fit in it.
const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;
/// How long a request may take.
const REQUEST_TIME: Duration = Duration::from_secs(30);

fn api() -> OpenApiRouter<Console> {
    OpenApiRouter::with_openapi(document())
        .routes(routes!(session::read, session::begin))
        .routes(routes!(session::end))
        .routes(routes!(sites::list, sites::add))
        .routes(routes!(sites::join_token))
        .routes(routes!(sites::revoke))
        .routes(routes!(people::list, people::add))
        .routes(routes!(people::invite))
        .routes(routes!(projects::asset_list))
        .routes(routes!(projects::list, projects::add))
        .routes(routes!(projects::one))
        .routes(routes!(projects::draft))
        .routes(routes!(projects::publish))
        .routes(routes!(projects::publish_preview))
        .routes(routes!(projects::versions))
        .routes(routes!(projects::annotators))
        .routes(routes!(projects::policy))
        .routes(routes!(datasets::dataset_list, datasets::dataset_add))
        .routes(routes!(datasets::dataset))
        .routes(routes!(datasets::asset))
        .routes(routes!(work::task_list, work::task_add))
        .routes(routes!(work::task))
        .routes(routes!(work::task_withdraw))
        .routes(routes!(work::results))
        .routes(routes!(work::labels))
        .routes(routes!(work::agreement))
        .routes(routes!(assistance::preannotation, assistance::preannotation_start))
        .routes(routes!(assistance::preannotation_stop))
        .routes(routes!(assistance::assistance))
}

fn document() -> OpenApi {
    let info = InfoBuilder::new().title("Ringfence console").version("1");
    OpenApiBuilder::new().info(info.build()).build()
}

/// The OpenAPI document of the API.
pub fn openapi() -> OpenApi {
    api().split_for_parts().1
}

/// Everything that the console's port answers.
pub fn router(console: Console) -> Router {
    let (routes, document) = api().split_for_parts();
    routes
        .with_state(console)
        .route("/api/v1/openapi.json", get(move || async move { Json(document) }))
        .fallback(files::file)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn(csrf::layer))
        .layer(from_fn(time_out))
        .layer(CompressionLayer::new())
        .layer(from_fn(headers::layer))
}

async fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "This cannot be done here.")
}

async fn time_out(request: Request, next: Next) -> Response {
    let timed_out = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "time-out", "This took too long.");
    match tokio::time::timeout(REQUEST_TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => timed_out().into_response(),
    }
}
