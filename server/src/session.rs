//! The session of staff: a cookie that only the desk's doors read and write.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::Request;
use kit::sessions::PgSessionStore;
use sqlx::PgPool;
use tower::{Layer, Service};
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
    let is_https = settings.is_https();
    let manager = SessionManagerLayer::new(store(pool))
        // Browsers take a `__Host-` cookie over HTTPS alone, and then from this very host.
        .with_name(if is_https { "__Host-tessera-desk" } else { "tessera-desk" })
        .with_secure(is_https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        // This dates the cookie; the store decides when the session ends.
        .with_expiry(Expiry::OnInactivity(time::Duration::seconds(ABSOLUTE.as_secs().cast_signed())));
    DeskSessions(Arc::new(manager))
}

/// See [`layer`].
#[derive(Clone)]
pub struct DeskSessions(Arc<SessionManagerLayer<PgSessionStore>>);

impl<S: Clone> Layer<S> for DeskSessions {
    type Service = ByPortal<S, <SessionManagerLayer<PgSessionStore> as Layer<S>>::Service>;

    fn layer(&self, inner: S) -> Self::Service {
        ByPortal { desk: self.0.layer(inner.clone()), others: inner }
    }
}

/// Sends a request to one of two services, which both end at the same doors.
#[derive(Clone)]
pub struct ByPortal<S, D> {
    desk: D,
    others: S,
}

impl<S, D> Service<Request> for ByPortal<S, D>
where
    S: Service<Request>,
    D: Service<Request, Response = S::Response, Error = S::Error>,
    S::Future: Send + 'static,
    D::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        match self.desk.poll_ready(context) {
            Poll::Ready(Ok(())) => self.others.poll_ready(context),
            other => other,
        }
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match Portal::of(request.uri().path()) {
            Portal::Desk => Box::pin(self.desk.call(request)),
            Portal::Member => Box::pin(self.others.call(request)),
        }
    }
}
