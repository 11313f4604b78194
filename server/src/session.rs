//! The session of staff: a cookie that only the desk's doors read and write.

use std::task::{Context, Poll};
use std::time::Duration;

use api::server::Origin;
use axum::extract::Request;
use axum::response::Response;
use http::header::USER_AGENT;
use kit::sessions::{PgSessionStore, Visit};
use sqlx::PgPool;
use tower::{Layer, Service, ServiceExt as _};
use tower_sessions::cookie::{SameSite, time};
use tower_sessions::{Expiry, SessionManagerLayer};

use crate::config::Settings;
use crate::shell::Portal;

/// A session that nobody uses ends after this time.
const IDLE: Duration = Duration::from_secs(12 * 3600);
/// Any session ends after this time.
const ABSOLUTE: Duration = Duration::from_secs(7 * 24 * 3600);

/// The sessions of staff.
pub fn store(pool: PgPool) -> PgSessionStore {
    PgSessionStore::new(pool, "staff_sessions", IDLE, ABSOLUTE)
}

/// The layer that gives requests to the desk their session, and no others. There is no cookie until something is kept.
pub fn layer(settings: &Settings, pool: PgPool) -> DeskSessions {
    DeskSessions { store: store(pool), is_https: settings.is_https() }
}

/// See [`layer`].
#[derive(Clone)]
pub struct DeskSessions {
    store: PgSessionStore,
    is_https: bool,
}

impl DeskSessions {
    /// The manager of one request's session, whose store knows who visits.
    fn manager(&self, request: &Request) -> SessionManagerLayer<PgSessionStore> {
        let visit = Visit {
            address: request.extensions().get::<Origin>().and_then(|origin| origin.address),
            agent: request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok()).map(str::to_owned),
        };
        SessionManagerLayer::new(self.store.visited_by(visit))
            // Browsers take a `__Host-` cookie over HTTPS alone, and then from this very host.
            .with_name(if self.is_https { "__Host-tessera-desk" } else { "tessera-desk" })
            .with_secure(self.is_https)
            .with_http_only(true)
            .with_same_site(SameSite::Lax)
            .with_path("/")
            // This dates the cookie; the store decides when the session ends.
            .with_expiry(Expiry::OnInactivity(time::Duration::seconds(ABSOLUTE.as_secs().cast_signed())))
    }
}

impl<S> Layer<S> for DeskSessions {
    type Service = ByPortal<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ByPortal { sessions: self.clone(), inner }
    }
}

/// Gives a request to the desk its session on the way to the doors; others come there as they are.
#[derive(Clone)]
pub struct ByPortal<S> {
    sessions: DeskSessions,
    inner: S,
}

impl<S> Service<Request> for ByPortal<S>
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match Portal::of(request.uri().path()) {
            Portal::Desk => Box::pin(self.sessions.manager(&request).layer(self.inner.clone()).oneshot(request)),
            Portal::Member => Box::pin(self.inner.call(request)),
        }
    }
}
