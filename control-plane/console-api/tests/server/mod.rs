//! A console of its own for each test, and people who sign in to it.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use control_plane_app::{App, NewStaff, Presence};
use control_plane_console_api::{Console, JoinPoint, router};
use control_plane_domain::{Actor, Role};
use control_plane_store::Embedded;
use proto_ids::{Clock, Timestamp};
use serde_json::{Value, json};
use tower::ServiceExt;

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000)
    }
}

pub(crate) struct Server {
    pub(crate) app: App,
    router: Router,
    _place: tempfile::TempDir,
}

pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) fn server() -> Server {
    let place = tempfile::tempdir().unwrap();
    let store = Embedded::open_on_disk(place.path(), [1; 16]).unwrap().store;
    let app = App::new(Arc::new(store), Arc::new(Still), Presence::default());
    for (name, role) in [("ada", Role::Administrator), ("max", Role::Manager)] {
        let new = NewStaff {
            user_name: name.to_owned(),
            display_name: name.to_owned(),
            roles: BTreeSet::from([role]),
            password: PASSWORD.to_owned(),
        };
        app.staff_add(&Actor::Operator, &new).unwrap();
    }
    let join = JoinPoint { authority_spki_sha256: [3; 32], endpoint: "localhost:7443".to_owned() };
    let router = router(Console { app: app.clone(), join: Arc::new(join) });
    Server { app, router, _place: place }
}

impl Server {
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        cookie: Option<&str>,
        body: Option<&Value>,
    ) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:8444");
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, format!("theme=dark; {cookie}"));
        }
        let body = match body {
            Some(body) => {
                request = request
                    .header("x-ringfence", "1")
                    .header(header::ORIGIN, "https://localhost:8444")
                    .header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap()
    }

    pub(crate) async fn json(
        &self,
        method: &str,
        path: &str,
        cookie: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let response = self.call(method, path, Some(cookie), body).await;
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub(crate) async fn sign_in(&self, name: &str) -> String {
        let body = json!({ "user_name": name, "password": PASSWORD });
        let response = self.call("POST", "/api/v1/session", None, Some(&body)).await;
        assert_eq!(response.status(), StatusCode::OK);
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
        assert!(cookie.starts_with("__Host-console="), "{cookie}");
        assert!(cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    }
}
