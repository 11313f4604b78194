//! The server's side of a server function: who asks, the operation, and the HTTP status of its answer.

use domain::{
    Actor, Caller, Db, Op,
    accounts::{self, SignedIn, Unfinished},
    jobs::Channels,
    kept_forms,
};
pub use http::StatusCode;
use http::{HeaderName, HeaderValue, Method, header, request::Parts};
use kit::sessions::{OWNER, stored_id};
use leptos::prelude::{expect_context, use_context};
pub use leptos_axum::ResponseOptions;
use model::{
    AccountId, AppError,
    sign_in::{SECOND_FACTOR_PATH, SignInWays},
};
use serde::Serialize;
use std::{net::IpAddr, sync::Arc};
use tower_sessions::Session;
use uuid::Uuid;

/// What server functions reach through Leptos' context. The server provides it for every page and function.
#[derive(Clone)]
pub struct Context {
    pub db: Db,
    pub settings: Arc<Settings>,
}

/// Settings that pages and server functions need.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Scheme and host of the site, for canonical links, without a slash at the end.
    pub public_url: String,
    /// Scheme and host of the desk, for links in mail.
    pub desk_url: String,
    /// Where alarms of the background jobs are told.
    pub alarms: Channels,
    pub sign_in: SignInWays,
}

/// Where a request came from; the router puts it into the request's extensions.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub request_id: Option<String>,
    /// The client's address; forwarded headers count only from trusted proxies.
    pub address: Option<IpAddr>,
}

/// The time, for words such as "3 hours ago".
pub fn now() -> model::Timestamp {
    kit::clock::now()
}

pub fn context() -> Context {
    expect_context()
}

/// Runs a use case that changes something.
pub async fn write<T>(work: impl AsyncFnOnce(&mut Op) -> domain::Result<T>) -> Result<T, AppError> {
    let outcome = match caller().await {
        Ok(caller) => context().db.write(caller, work).await,
        Err(error) => Err(error),
    };
    outcome.inspect_err(tell_status)
}

/// Runs a use case that changes nothing.
pub async fn read<T>(work: impl AsyncFnOnce(&mut Op) -> domain::Result<T>) -> Result<T, AppError> {
    let outcome = match caller().await {
        Ok(caller) => context().db.read(caller, work).await,
        Err(error) => Err(error),
    };
    outcome.inspect_err(tell_status)
}

/// Runs a use case that takes a form. Where the form was posted without scripts and is refused, what was typed is kept
/// for one read and the person is sent back to the form with it. Never for forms with passwords.
pub async fn write_form<T>(form: &impl Serialize, work: impl AsyncFnOnce(&mut Op) -> domain::Result<T>) -> Result<T, AppError> {
    let error = match write(work).await {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    if posted_without_scripts() && !matches!(error, AppError::Unauthenticated) {
        match keep(form, &error).await {
            Ok(Some(address)) => leptos_axum::redirect(&address),
            Ok(None) => {}
            // A fault is in the log already; the refusal is told all the same.
            Err(_) => {}
        }
    }
    Err(error)
}

/// Keeps a refused form and says where its page shows it again.
async fn keep(form: &impl Serialize, error: &AppError) -> Result<Option<String>, AppError> {
    let Some(page) = referer_path() else { return Ok(None) };
    let form = serde_json::to_value(form).map_err(fault)?;
    let caller = caller().await?;
    let id = context().db.write(caller, async |op| kept_forms::keep(op, form, error).await).await?;
    Ok(Some(format!("{page}?kept={id}")))
}

/// Leads back to the record's page where its form was posted without scripts: without what a refusal left in the address. With
/// scripts the page stays as it stands.
pub(crate) fn lead_back(page: &str) {
    if posted_without_scripts() {
        leptos_axum::redirect(page);
    }
}

/// Who asks: the account of the session, with its roles as they are now. Whoever owes a second factor is refused.
pub async fn caller() -> Result<Caller, AppError> {
    caller_of(&context().db, &request()).await
}

/// Who asks, for a door that is no server function.
pub async fn caller_of(db: &Db, parts: &Parts) -> Result<Caller, AppError> {
    let actor = match signed_in(parts).await? {
        Some(session) => accounts::actor(db, session).await?,
        None => Actor::Nobody,
    };
    Ok(from(parts, actor))
}

/// Who asks, at the doors that are open to those who owe a second factor: where they set it up, sign in or sign out.
pub async fn caller_in_setup() -> Result<Caller, AppError> {
    let parts = request();
    let actor = match signed_in(&parts).await? {
        Some(session) => accounts::actor_in_setup(&context().db, session).await?,
        None => Actor::Nobody,
    };
    Ok(from(&parts, actor))
}

fn from(parts: &Parts, actor: Actor) -> Caller {
    let origin = parts.extensions.get::<Origin>().cloned().unwrap_or_default();
    Caller { actor, request_id: origin.request_id, address: origin.address }
}

/// [`write()`] at such a door.
pub async fn write_in_setup<T>(work: impl AsyncFnOnce(&mut Op) -> domain::Result<T>) -> Result<T, AppError> {
    let outcome = match caller_in_setup().await {
        Ok(caller) => context().db.write(caller, work).await,
        Err(error) => Err(error),
    };
    outcome.inspect_err(tell_status)
}

/// [`read`] at such a door.
pub async fn read_in_setup<T>(work: impl AsyncFnOnce(&mut Op) -> domain::Result<T>) -> Result<T, AppError> {
    let outcome = match caller_in_setup().await {
        Ok(caller) => context().db.read(caller, work).await,
        Err(error) => Err(error),
    };
    outcome.inspect_err(tell_status)
}

async fn signed_in(parts: &Parts) -> Result<Option<SignedIn>, AppError> {
    let Some(session) = parts.extensions.get::<Session>() else { return Ok(None) };
    let Some(owner) = session.get::<Uuid>(OWNER).await.map_err(fault)? else { return Ok(None) };
    // A session from before there were epochs is one of the first.
    let epoch = session.get(EPOCH).await.map_err(fault)?.unwrap_or_default();
    let by_provider = session.get(BY_PROVIDER).await.map_err(fault)?.unwrap_or_default();
    Ok(Some(SignedIn { account: AccountId(owner), epoch, by_provider }))
}

/// Starts a session under a new id.
pub async fn begin_session(signed_in: SignedIn) -> Result<(), AppError> {
    begin(&session()?, signed_in).await
}

/// Starts a session under a new id, for a door that has it at hand.
pub async fn begin(session: &Session, signed_in: SignedIn) -> Result<(), AppError> {
    session.insert(BY_PROVIDER, signed_in.by_provider).await.map_err(fault)?;
    go_on(session, signed_in).await
}

/// Goes on in this browser after all sessions of the account were ended: under a new id, signed in the way it was.
pub async fn renew_session(signed_in: SignedIn) -> Result<(), AppError> {
    go_on(&session()?, signed_in).await
}

async fn go_on(session: &Session, signed_in: SignedIn) -> Result<(), AppError> {
    session.cycle_id().await.map_err(fault)?;
    session.remove::<Unfinished>(UNFINISHED).await.map_err(fault)?;
    session.insert(EPOCH, signed_in.epoch).await.map_err(fault)?;
    session.insert(OWNER, signed_in.account.0).await.map_err(fault)
}

/// Keeps a sign-in whose code is still to come, in a session of a new id that is nobody's.
pub async fn keep_unfinished(unfinished: &Unfinished) -> Result<(), AppError> {
    let session = session()?;
    session.flush().await.map_err(fault)?;
    session.insert(UNFINISHED, unfinished).await.map_err(fault)
}

pub async fn unfinished() -> Result<Option<Unfinished>, AppError> {
    session()?.get(UNFINISHED).await.map_err(fault)
}

/// What the table of sessions knows this one by.
pub fn session_id() -> Option<Vec<u8>> {
    session().ok()?.id().map(|id| stored_id(&id))
}

/// Ends the session of this request.
pub async fn end_session() -> Result<(), AppError> {
    session()?.flush().await.map_err(fault)
}

fn session() -> Result<Session, AppError> {
    request().extensions.get::<Session>().cloned().ok_or_else(|| fault("a door without the session layer asked for the session"))
}

/// Logs what is no fault of the caller's; they are told no more than that it happened.
pub fn fault(error: impl std::fmt::Display) -> AppError {
    tracing::error!(%error, "fault");
    AppError::Internal
}

fn request() -> Parts {
    expect_context()
}

/// A form posted by the browser itself: the answer is a redirect to a page, not JSON.
pub(crate) fn posted_without_scripts() -> bool {
    let parts = request();
    parts.method == Method::POST && wants_html(&parts)
}

/// Whether the answer is for a browser that shows it as a page.
pub fn wants_html(parts: &Parts) -> bool {
    parts.headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// The path of the page that a form was posted from. Only the path is used, so that nobody is sent to another site.
fn referer_path() -> Option<String> {
    let referer = request().headers.get(header::REFERER)?.to_str().ok()?.to_owned();
    let uri: http::Uri = referer.parse().ok()?;
    Some(uri.path().to_owned()).filter(|path| path.starts_with('/') && !path.starts_with("//"))
}

/// Sets the status of a refused answer. The redirect of a form posted without scripts is left alone.
pub(crate) fn tell_status(error: &AppError) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    let parts = request();
    if posted_without_scripts() {
        return;
    }
    if let AppError::TooMany { retry_after } = error {
        response.insert_header(header::RETRY_AFTER, HeaderValue::from(*retry_after));
    }
    if matches!(error, AppError::Unauthenticated) && wants_html(&parts) && parts.uri.path() != SIGN_IN {
        let next = parts.uri.path_and_query().map_or("/desk", |p| p.as_str());
        leptos_axum::redirect(&format!("{SIGN_IN}?next={}", percent_encode(next)));
        return;
    }
    if matches!(error, AppError::SecondFactorWanted) && wants_html(&parts) && parts.uri.path() != SECOND_FACTOR_PATH {
        leptos_axum::redirect(SECOND_FACTOR_PATH);
        return;
    }
    if let Ok(status) = StatusCode::from_u16(error.status()) {
        response.set_status(status);
    }
    response.insert_header(HeaderName::from_static("cache-control"), HeaderValue::from_static("no-store"));
}

/// The key in a session's data for the epoch of its account.
const EPOCH: &str = "epoch";
/// The key for whether the provider vouched for the person.
const BY_PROVIDER: &str = "by_provider";
/// The key for a sign-in whose code is still to come.
const UNFINISHED: &str = "unfinished";

/// The page where staff sign in.
pub const SIGN_IN: &str = "/desk/sign-in";

pub fn percent_encode(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => (b as char).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
