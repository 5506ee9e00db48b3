//! All addresses, and the layers around them.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{App, ViewerState};
use crate::problem::Problem;
use crate::{
    admin, arbitration, consensus, csrf, deid_preview, dicomweb, files, headers, imports, invitations, lease,
    ledger, models, peers, previews, problem, quarantine, review, session, submit, tasks, work,
};

/// Ordinary requests are a few hundred bytes.
const SMALL_BYTES: usize = 64 * 1024;
/// Some thousand overrides and verdicts of 100 bytes.
const SUBMIT_BYTES: usize = 1024 * 1024;
/// A stroke over a whole 512 × 512 slice of alternating voxels has about 4 MiB of JSON.
const OPERATIONS_BYTES: usize = 16 * 1024 * 1024;
/// A label map as large as a volume of 512 × 512 × 1,024 voxels of 8 bits.
const GOLD_BYTES: usize = 256 * 1024 * 1024 + 1024;
/// A large enhanced object; a preview holds it in memory.
const PREVIEWED_BYTES: usize = 64 * 1024 * 1024;
/// The decoding of a large compressed series takes tens of seconds on a busy machine.
const LONGEST: Duration = Duration::from_secs(180);

#[derive(Debug, OpenApi)]
#[openapi(
    info(title = "Ringfence agent", description = "What the viewer and hospital IT call."),
    servers((url = "/api/v1"))
)]
struct Api;

/// The whole of what the agent answers over HTTPS.
pub fn router(state: ViewerState) -> Router {
    let app = App::new(state);
    let (api, document) = api(Arc::clone(&app));
    let document = Arc::new(document);
    let described = get(move || {
        let document = Arc::clone(&document);
        async move { Json((*document).clone()) }
    });
    Router::new()
        .nest("/api/v1", api.route("/openapi.json", described))
        .fallback(files::file)
        .layer(middleware::from_fn(csrf::layer))
        // A token in a header is nothing that another site's page could send along.
        .merge(dicomweb::routes(app))
        // Pixels are noise and go over a local network: compressing them costs more than it saves.
        .layer(
            CompressionLayer::new().compress_when(
                SizeAbove::new(1024)
                    .and(NotForContentType::const_new("application/octet-stream"))
                    .and(NotForContentType::const_new("multipart/related"))
                    .and(NotForContentType::const_new("application/dicom;"))
                    .and(NotForContentType::IMAGES),
            ),
        )
        .layer(middleware::from_fn(time_limit))
        .layer(middleware::from_fn(problem::layer))
        .layer(middleware::from_fn(headers::layer))
}

fn api(app: Arc<App>) -> (Router, Document) {
    let (router, document) = described().split_for_parts();
    (router.with_state(app), document)
}

/// The OpenAPI document of the API.
pub fn openapi() -> Document {
    described().split_for_parts().1
}

fn described() -> OpenApiRouter<Arc<App>> {
    let small = OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(session::read, session::begin))
        .routes(routes!(session::end))
        .routes(routes!(invitations::redeem))
        .routes(routes!(tasks::next))
        .routes(routes!(tasks::mine))
        .routes(routes!(tasks::read))
        .routes(routes!(tasks::pixels))
        .routes(routes!(work::read))
        .routes(routes!(work::measured))
        .routes(routes!(arbitration::other))
        .routes(routes!(lease::release))
        .routes(routes!(lease::renew))
        .routes(routes!(lease::version))
        .routes(routes!(lease::time))
        .routes(routes!(admin::overview))
        .routes(routes!(admin::people))
        .routes(routes!(admin::suspend))
        .routes(routes!(admin::resume))
        .routes(routes!(admin::assets))
        .routes(routes!(ledger::overview))
        .routes(routes!(ledger::messages))
        .routes(routes!(ledger::message))
        .routes(routes!(ledger::verify))
        .routes(routes!(ledger::export::export))
        .routes(routes!(consensus::list))
        .routes(routes!(consensus::mask))
        .routes(routes!(review::submissions))
        .routes(routes!(review::promote))
        .routes(routes!(previews::read, previews::end))
        .routes(routes!(previews::proposal))
        .routes(routes!(models::of_task))
        .routes(routes!(models::list, models::add))
        .routes(routes!(models::change, models::remove))
        .routes(routes!(models::try_now))
        .merge(peers::described())
        .routes(routes!(quarantine::list))
        .routes(routes!(quarantine::release))
        .routes(routes!(quarantine::withhold))
        .routes(routes!(quarantine::picture))
        .routes(routes!(quarantine::rules::list, quarantine::rules::add))
        .routes(routes!(quarantine::rules::remove))
        .routes(routes!(imports::list))
        .layer(DefaultBodyLimit::max(SMALL_BYTES));
    let operations =
        OpenApiRouter::new().routes(routes!(work::operations)).layer(DefaultBodyLimit::max(OPERATIONS_BYTES));
    // Scribbles over a whole volume are as large as a stroke.
    let begin =
        OpenApiRouter::new().routes(routes!(previews::begin)).layer(DefaultBodyLimit::max(OPERATIONS_BYTES));
    let submit =
        OpenApiRouter::new().routes(routes!(submit::submit)).layer(DefaultBodyLimit::max(SUBMIT_BYTES));
    let gold = OpenApiRouter::new().routes(routes!(admin::gold)).layer(DefaultBodyLimit::max(GOLD_BYTES));
    let preview = OpenApiRouter::new()
        .routes(routes!(deid_preview::preview))
        .layer(DefaultBodyLimit::max(PREVIEWED_BYTES));
    small.merge(preview).merge(operations).merge(begin).merge(submit).merge(gold)
}

async fn time_limit(request: Request, next: Next) -> Response {
    // Objects come in as long as they come; whoever sends none for a while is given up there.
    if request.method() == Method::POST && request.uri().path().starts_with("/dicom-web/") {
        return next.run(request).await;
    }
    tokio::time::timeout(LONGEST, next.run(request)).await.unwrap_or_else(|_| {
        Problem::new(StatusCode::GATEWAY_TIMEOUT, "too-slow", "This took too long.").into_response()
    })
}
