//! Sign-in of staff through a provider: the way there and the way back. The rules of whose account it is stand in `domain`, the talk
//! with the provider in `kit::oidc`; here is what the browser sees, which is always a page.

use api::server::{Origin, SIGN_IN, begin, fault, percent_encode};
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::accounts::{self, Identity, Journey};
use domain::{Actor, Caller};
use kit::oidc::{OidcError, Person, Provider};
use model::AppError;
use model::accounts::{AccountRefusal, desk_page, error_word};
use model::sign_in::RoleMapping;
use serde::Deserialize;
use tower_sessions::Session;

use crate::headers::nothing;
use crate::state::AppState;

/// The key in a session's data for the state of the sign-in that this browser began.
const STATE: &str = "provider_state";

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    next: String,
}

/// What the provider sends back: a code, or why there is none.
#[derive(Deserialize)]
pub struct Told {
    #[serde(default)]
    state: String,
    code: Option<String>,
    error: Option<String>,
}

/// Sends the browser to the provider.
pub async fn start(
    State(state): State<AppState>,
    Query(asked): Query<Asked>,
    session: Option<Extension<Session>>,
    origin: Option<Extension<Origin>>,
) -> Response {
    let (Some(provider), Some(Extension(session))) = (state.provider.clone(), session) else { return nothing() };
    let next = desk_page(&asked.next).to_owned();
    match depart(&state, &provider, &session, caller(origin), &next).await {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(error) => refuse(&error, &next),
    }
}

async fn depart(
    state: &AppState,
    provider: &Provider,
    session: &Session,
    caller: Caller,
    next: &str,
) -> Result<String, AppError> {
    let departure = provider.depart().await.map_err(unanswered)?;
    let journey = Journey { nonce: departure.nonce, verifier: departure.verifier, next: next.to_owned() };
    state.context.db.write(caller, async |op| accounts::send_to_provider(op, &departure.state, &journey).await).await??;
    // The state binds the sign-in to this browser: nobody can send somebody else back from a sign-in of their own.
    session.insert(STATE, &departure.state).await.map_err(fault)?;
    Ok(departure.url)
}

/// Takes the browser back from the provider, and signs whoever it is in.
pub async fn back(
    State(state): State<AppState>,
    Query(told): Query<Told>,
    session: Option<Extension<Session>>,
    origin: Option<Extension<Origin>>,
) -> Response {
    let (Some(provider), Some(Extension(session))) = (state.provider.clone(), session) else { return nothing() };
    let mut next = "/desk".to_owned();
    match arrive(&state, &provider, &session, caller(origin), told, &mut next).await {
        Ok(()) => Redirect::to(desk_page(&next)).into_response(),
        Err(error) => refuse(&error, &next),
    }
}

async fn arrive(
    state: &AppState,
    provider: &Provider,
    session: &Session,
    caller: Caller,
    told: Told,
    next: &mut String,
) -> Result<(), AppError> {
    let db = &state.context.db;
    let begun: Option<String> = session.remove(STATE).await.map_err(fault)?;
    if begun.is_none_or(|begun| !kit::secret::same(&begun, &told.state)) {
        return Err(AccountRefusal::ProviderStale.into());
    }
    let journey = db.write(caller.clone(), async |op| accounts::receive_from_provider(op, &told.state).await).await?;
    next.clone_from(&journey.next);
    let code = match (told.code, told.error) {
        (Some(code), None) => code,
        (_, error) => {
            tracing::info!(error, "the provider sent somebody back without a code");
            return Err(AccountRefusal::ProviderRefused.into());
        }
    };
    let Person { issuer, subject, email, name, groups } =
        provider.arrive(code, journey.nonce, journey.verifier).await.map_err(unanswered)?;
    let identity = Identity { issuer, subject, email, name, groups };
    let mapping = RoleMapping(state.settings.oidc_roles.clone());
    let signed_in = db.write(caller, async |op| accounts::sign_in_by_provider(op, &identity, &mapping).await).await??;
    begin(session, signed_in).await
}

fn caller(origin: Option<Extension<Origin>>) -> Caller {
    let Origin { request_id, address } = origin.map(|Extension(origin)| origin).unwrap_or_default();
    Caller { actor: Actor::Nobody, request_id, address }
}

/// What went wrong at the provider is for the log; people are told what they can do.
fn unanswered(error: OidcError) -> AppError {
    tracing::warn!(%error, "a sign-in through the provider did not come about");
    match error {
        OidcError::Down(_) => AccountRefusal::ProviderDown.into(),
        OidcError::Refused(_) => AccountRefusal::ProviderRefused.into(),
    }
}

/// Back to the page where staff sign in, which says why.
fn refuse(error: &AppError, next: &str) -> Response {
    Redirect::to(&format!("{SIGN_IN}?next={}&error={}", percent_encode(next), error_word(error))).into_response()
}
