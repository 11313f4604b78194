//! Sign-in through a provider (OpenID Connect): whose account an identity is, and which roles follow from it. The talk with the
//! provider itself is `kit::oidc`, outside of any operation.

use super::{SignedIn, comparable, insert, second_factor, set_roles, store};
use crate::{
    Actor, Error, Op, Result,
    journal::{self, Subject},
    limits::{self, Limit},
};
use chrono::TimeDelta;
use kit::secret::sha256;
use model::{
    AccountId, AppError,
    access::{Permission, Role},
    accounts::{AccountForm, AccountRefusal},
    sign_in::RoleMapping,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How long somebody may take at the provider.
const LIFE: TimeDelta = TimeDelta::minutes(15);
/// Sign-ins that are sent to the provider from one network: each leaves a row here until it ends.
const FROM_NETWORK: Limit = Limit { most: 60, window: TimeDelta::minutes(15) };

/// A sign-in on its way through the provider: what its answer is checked against, and where the person wanted to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journey {
    pub nonce: String,
    pub verifier: String,
    pub next: String,
}

/// Who the provider says that somebody is. All of it was verified to come from the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub issuer: String,
    pub subject: String,
    /// Only an address that the provider has verified.
    pub email: Option<String>,
    pub name: Option<String>,
    pub groups: Vec<String>,
}

/// Keeps a sign-in until the provider sends it back under `state`. A refusal is a value here, so that its count is committed.
pub async fn send_to_provider(op: &mut Op, state: &str, journey: &Journey) -> Result<std::result::Result<(), AppError>> {
    if op.address.is_some()
        && let Some(excess) = limits::count_from_networks(op, "sign-in at the provider", FROM_NETWORK).await?
    {
        return Ok(Err(AppError::TooMany { retry_after: excess.retry_after }));
    }
    let now = op.now;
    let hash = sha256(state);
    let sealed = op.key()?.seal(ROW, &serde_json::to_vec(journey)?);
    store::provider::keep(op.conn(), &hash, &sealed, now, now + LIFE).await?;
    Ok(Ok(()))
}

/// The sign-in that comes back under `state`: once, and in time.
pub async fn receive_from_provider(op: &mut Op, state: &str) -> Result<Journey> {
    let now = op.now;
    let sealed = store::provider::take(op.conn(), &sha256(state), now).await?.ok_or(AccountRefusal::ProviderStale)?;
    let journey = op.key()?.open(ROW, &sealed).map_err(|error| Error::fault(error.to_string()))?;
    Ok(serde_json::from_slice(&journey)?)
}

/// Signs in whoever the provider says it is.
///
/// An account is found by the identity; else by the e-mail address, if the provider has verified that and no other identity of
/// it is bound to the account; else it is added, if a role follows from the groups. Roles follow the groups at each sign-in: who
/// is left with none is signed out everywhere. A refusal is a value here, so that this is committed.
pub async fn sign_in_by_provider(
    op: &mut Op,
    identity: &Identity,
    mapping: &RoleMapping,
) -> Result<std::result::Result<SignedIn, AppError>> {
    let granted = mapping.roles_of(&identity.groups);
    // Whoever changes roles locks the administrators first.
    let administrators = store::lock_administrators(op.conn()).await?;
    let id = match find(op, identity, granted.as_deref()).await? {
        Ok(id) => id,
        Err(refusal) => return refuse(op, None, refusal).await,
    };
    if store::lock(op.conn(), id).await?.unwrap_or(true) {
        return refuse(op, Some(id), AccountRefusal::ShutOut).await;
    }
    op.actor = Actor::Staff { id, roles: Vec::new() };
    if let Some(roles) = granted {
        let none_left = roles.is_empty();
        set_roles(op, id, &administrators, roles).await?;
        if none_left {
            store::end_sessions(op.conn(), id).await?;
            return refuse(op, Some(id), AccountRefusal::ProviderNoRole).await;
        }
    }
    op.after_waiting();
    let now = op.now;
    let epoch = store::provider::note_sign_in(op.conn(), id, now).await?;
    let detail = json!({ "issuer": identity.issuer });
    journal::record_quietly(op, "account.signed_in", Some(Subject::Account(id)), detail).await?;
    Ok(Ok(SignedIn { account: id, epoch, by_provider: true }))
}

/// Whose account it is; a new one where there is none and a role is granted.
async fn find(
    op: &mut Op,
    identity: &Identity,
    granted: Option<&[Role]>,
) -> Result<std::result::Result<AccountId, AccountRefusal>> {
    let Identity { issuer, subject, email, name, .. } = identity;
    if let Some(id) = store::provider::account_of(op.conn(), issuer, subject).await? {
        return Ok(Ok(id));
    }
    let Some(email) = email else { return Ok(Err(AccountRefusal::ProviderUnknown)) };
    if granted.is_some_and(<[Role]>::is_empty) {
        return Ok(Err(AccountRefusal::ProviderNoRole));
    }
    let known = store::credentials(op.conn(), &comparable(email)).await?.map(|found| found.id);
    let id = match (known, granted) {
        (Some(id), _) => id,
        (None, None) => return Ok(Err(AccountRefusal::ProviderUnknown)),
        (None, Some(roles)) => {
            let name = name.clone().unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
            let form = AccountForm { name, email: email.clone(), roles: store::words(roles) };
            insert(op, form.parse()?, None).await?
        }
    };
    store::lock(op.conn(), id).await?;
    let now = op.now;
    if !store::provider::bind(op.conn(), id, issuer, subject, now).await? {
        return Ok(Err(AccountRefusal::ProviderUnknown));
    }
    let detail = json!({ "issuer": issuer });
    journal::record(op, "account.provider_bound", Subject::Account(id), detail).await?;
    if known.is_some() {
        let change = "From now on your account at the Tessera desk can be signed in to through the provider, which counts as both factors.";
        second_factor::tell_of_change(op, id, change).await?;
    }
    Ok(Ok(id))
}

/// Unties an account from whom it is at the provider, and ends its sessions: the next sign-in there with its address ties it anew.
pub async fn untie_from_provider(op: &mut Op, id: AccountId) -> Result<()> {
    op.about(Subject::Account(id));
    op.demand(Permission::ManageAccounts)?;
    store::lock(op.conn(), id).await?.ok_or(AppError::NotFound)?;
    if store::provider::unbind(op.conn(), id).await? {
        let ended = store::end_sessions(op.conn(), id).await?;
        let detail = json!({ "sessions_ended": ended.sessions });
        journal::record(op, "account.provider_unbound", Subject::Account(id), detail).await?;
    }
    Ok(())
}

async fn refuse<T>(op: &mut Op, id: Option<AccountId>, refusal: AccountRefusal) -> Result<std::result::Result<T, AppError>> {
    let detail = json!({ "refusal": refusal });
    journal::record_quietly(op, "account.provider_sign_in_refused", id.map(Subject::Account), detail).await?;
    Ok(Err(refusal.into()))
}

/// What a sealed sign-in is bound to; its row is found by the hash of its state.
const ROW: &str = "sign-in at the provider";
