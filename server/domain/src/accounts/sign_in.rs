//! Signing in and out.

use super::{SignedIn, comparable, passwords, store};
use crate::{
    Actor, Caller, Db, Op, Result,
    journal::{self, Subject},
    limits::{self, Excess, Limit},
};
use chrono::TimeDelta;
use kit::password;
use model::{
    AppError,
    accounts::{AccountRefusal, parse_sign_in},
};
use serde_json::json;

/// Tries for one account from one network.
///
/// Three limits, because each alone fails somebody. The first two also count, with more room, the larger networks that an
/// IPv6 address lies in. This one stops guessing without shutting out the account's person: who attacks from elsewhere uses
/// up a count of their own. A sign-in clears it.
const ACCOUNT_FROM_NETWORK: Limit = Limit { most: 10, window: WINDOW };
/// Tries from one network for whatever accounts: stops trying one password on many accounts. It leaves room for an office
/// behind one address, and no sign-in clears it, so that nobody buys tries with an account of their own.
const NETWORK: Limit = Limit { most: 60, window: WINDOW };
/// Tries for one account from everywhere: stops guessing from many networks. It takes thirty IPv4 addresses or eight IPv6
/// prefixes of 48 bits to use up, each at its own limit, and still lets through no more than 29,000 guesses a day, which a
/// password of twelve characters that heads no list withstands for good. Were it tighter, a few machines could keep a
/// person out.
const ACCOUNT: Limit = Limit { most: 300, window: WINDOW };
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// Checks an address and a password, and answers whose they are.
///
/// An unknown address, a disabled account and one without a password answer as a wrong password does, and take as long. The
/// try is counted and committed before the password is looked at, so that tries at the same time count each other.
///
/// # Errors
/// `Invalid` when a field is empty, which counts no try; `TooMany` past a limit, whether the password is right or not; else
/// `AccountRefusal::WrongCredentials`.
pub async fn sign_in(db: &Db, caller: Caller, email: &str, password: &str) -> std::result::Result<SignedIn, AppError> {
    parse_sign_in(email, password)?;
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
    let Some((limit, excess)) = count(op, email).await? else { return Ok(Ok(found)) };
    if excess.is_first {
        let subject = found.map(|found| Subject::Account(found.id));
        journal::record_quietly(op, "account.sign_in_limited", subject, json!({ "limit": limit })).await?;
    }
    Ok(Err(AppError::TooMany { retry_after: excess.retry_after }))
}

/// Counts the try against each limit; names the first that it is past.
async fn count(op: &mut Op, email: &str) -> Result<Option<(&'static str, Excess)>> {
    // Without addresses this would shut everybody out together.
    if op.address.is_some()
        && let Some(excess) = limits::count_from_networks(op, "sign-in", NETWORK).await?
    {
        return Ok(Some(("network", excess)));
    }
    let account = format!("sign-in as {email}");
    if let Some(excess) = limits::count_from_networks(op, &account, ACCOUNT_FROM_NETWORK).await? {
        return Ok(Some(("account_from_network", excess)));
    }
    Ok(limits::count(op, &account, ACCOUNT).await?.map(|excess| ("account", excess)))
}

async fn conclude(
    op: &mut Op,
    email: &str,
    found: Option<store::Credentials>,
    fits: bool,
    renewed: Option<&str>,
) -> Result<SignedIn> {
    let now = op.now;
    let session = match &found {
        Some(store::Credentials { id, password_hash: Some(verified) }) if fits => {
            let epoch = store::note_sign_in(op.conn(), *id, verified, renewed, now).await?;
            epoch.map(|epoch| SignedIn { account: *id, epoch })
        }
        _ => None,
    };
    let Some(session) = session else {
        let subject = found.map(|found| Subject::Account(found.id));
        op.note("account.sign_in_failed", subject, json!({}));
        return Err(AccountRefusal::WrongCredentials.into());
    };
    limits::clear_from_networks(op, &format!("sign-in as {email}")).await?;
    op.actor = Actor::Staff { id: session.account, roles: Vec::new() };
    journal::record_quietly(op, "account.signed_in", Some(Subject::Account(session.account)), json!({})).await?;
    Ok(session)
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
    let ended = store::end_sessions(op.conn(), id).await?;
    let detail = json!({ "sessions_ended": ended.sessions });
    journal::record_quietly(op, "account.signed_out_everywhere", Some(Subject::Account(id)), detail).await
}
