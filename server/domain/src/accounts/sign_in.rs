//! Signing in and out.

use super::{comparable, passwords, store};
use crate::{
    Actor, Caller, Db, Op, Result,
    journal::{self, Subject},
    limits::{self, Limit},
};
use chrono::TimeDelta;
use kit::password;
use model::{AccountId, AppError, accounts::AccountRefusal};
use serde_json::json;

/// Tries for one account from one network.
///
/// Three limits, because each alone fails somebody. This one stops guessing without shutting out the account's person: who
/// attacks from elsewhere uses up a count of their own. A sign-in clears it.
const ACCOUNT_FROM_NETWORK: Limit = Limit { most: 10, window: WINDOW };
/// Tries from one network for whatever accounts: stops trying one password on many accounts. It leaves room for an office
/// behind one address, and no sign-in clears it, so that nobody buys tries with an account of their own.
const NETWORK: Limit = Limit { most: 60, window: WINDOW };
/// Tries for one account from everywhere: stops guessing from many networks. It takes thirty networks to use up, each at its
/// own limit, and still lets through no more than 29,000 guesses a day, which a password of twelve characters that heads no
/// list withstands for good. Were it tighter, a few machines could keep a person out.
const ACCOUNT: Limit = Limit { most: 300, window: WINDOW };
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// Checks an address and a password, and answers whose they are.
///
/// An unknown address, a disabled account and one without a password answer as a wrong password does, and take as long. The
/// try is counted and committed before the password is looked at, so that tries at the same time count each other.
///
/// # Errors
/// `TooMany` past a limit, whether the password is right or not; else `AccountRefusal::WrongCredentials`.
pub async fn sign_in(db: &Db, caller: Caller, email: &str, password: &str) -> std::result::Result<AccountId, AppError> {
    let email = comparable(email);
    let found = db.write(caller.clone(), async |op| admit(op, &email).await).await??;
    let hash = found.as_ref().and_then(|found| found.password_hash.as_deref());
    let fits = password::verify(password, hash).await;
    let renewed = match hash {
        Some(hash) if fits && !password::is_current(hash) => Some(passwords::hash(password).await?),
        _ => None,
    };
    db.write(caller, async |op| conclude(op, &email, found, fits, renewed.as_deref()).await).await
}

/// Counts the try. A refusal is a value here, so that the operation commits its counts and its audit row.
pub(super) async fn admit(op: &mut Op, email: &str) -> Result<std::result::Result<Option<store::Credentials>, AppError>> {
    let found = store::credentials(op.conn(), email).await?;
    let network = op.address.map(|address| format!("sign-in from {}", limits::network(address)));
    let account = format!("sign-in as {email}");
    let counts = [
        ("network", network, NETWORK),
        ("account_from_network", Some(from_network(op, email)), ACCOUNT_FROM_NETWORK),
        ("account", Some(account), ACCOUNT),
    ];
    for (limit, key, allowed) in counts {
        let Some(key) = key else { continue };
        if let Some(retry_after) = limits::count(op, &key, allowed).await? {
            let subject = found.map(|found| Subject::Account(found.id));
            journal::record_quietly(op, "account.sign_in_limited", subject, json!({ "limit": limit })).await?;
            return Ok(Err(AppError::TooMany { retry_after }));
        }
    }
    Ok(Ok(found))
}

/// Where an address is not known (behind no proxy that tells it), everybody counts together.
fn from_network(op: &Op, email: &str) -> String {
    let network = op.address.map(limits::network).unwrap_or_default();
    format!("sign-in as {email} from {network}")
}

async fn conclude(
    op: &mut Op,
    email: &str,
    found: Option<store::Credentials>,
    fits: bool,
    renewed: Option<&str>,
) -> Result<AccountId> {
    let now = op.now;
    match &found {
        Some(store::Credentials { id, password_hash: Some(verified) })
            if fits && store::note_sign_in(op.conn(), *id, verified, renewed, now).await? =>
        {
            let key = from_network(op, email);
            limits::clear(op, &key).await?;
            op.actor = Actor::Staff { id: *id, roles: Vec::new() };
            journal::record_quietly(op, "account.signed_in", Some(Subject::Account(*id)), json!({})).await?;
            Ok(*id)
        }
        _ => {
            let subject = found.map(|found| Subject::Account(found.id));
            op.note("account.sign_in_failed", subject, json!({}));
            Err(AccountRefusal::WrongCredentials.into())
        }
    }
}

/// Notes that somebody signed out here; the session itself is the caller's to end.
pub async fn sign_out(op: &mut Op) -> Result<()> {
    match op.account() {
        Some(id) => journal::record_quietly(op, "account.signed_out", Some(Subject::Account(id)), json!({})).await,
        // The session had ended by itself.
        None => Ok(()),
    }
}

/// Ends all sessions of the account that asks.
pub async fn sign_out_everywhere(op: &mut Op) -> Result<()> {
    let id = op.account().ok_or(AppError::Unauthenticated)?;
    let sessions = store::end_sessions(op.conn(), id).await?;
    let detail = json!({ "sessions_ended": sessions });
    journal::record_quietly(op, "account.signed_out_everywhere", Some(Subject::Account(id)), detail).await
}
