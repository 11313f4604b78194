//! Signing in and out.

use super::{SignIn, SignedIn, Unfinished, comparable, passwords, store};
use crate::{
    Actor, Caller, Db, Op, Result,
    journal::{self, Subject},
    limits::{self, Excess, Limit},
};
use chrono::TimeDelta;
use kit::password;
use model::{
    AccountId, AppError,
    accounts::{AccountRefusal, parse_sign_in},
};
use serde_json::json;
use uuid::Uuid;

/// Tries for one account from one network.
///
/// Three limits, because each alone fails somebody. The first two also count, with more room, the larger networks that an
/// IPv6 address lies in. This one stops guessing without shutting out the account's person: who attacks from elsewhere uses
/// up a count of their own. A sign-in clears it.
pub(super) const ACCOUNT_FROM_NETWORK: Limit = Limit { most: 10, window: WINDOW };
/// Tries from one network for whatever accounts: stops trying one password on many accounts. It leaves room for an office
/// behind one address, and no sign-in clears it, so that nobody buys tries with an account of their own.
pub(super) const NETWORK: Limit = Limit { most: 60, window: WINDOW };
/// Tries for one account from everywhere: stops guessing from many networks. It takes thirty IPv4 addresses or eight IPv6
/// prefixes of 48 bits to use up, each at its own limit, and still lets through no more than 29,000 guesses a day, which a
/// password of twelve characters that heads no list withstands for good. Where the account signed in from lately it does not
/// count: a hundred machines use it up in no time, and would keep its person out.
const ACCOUNT: Limit = Limit { most: 300, window: WINDOW };
const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// How long a network counts as one that an account signs in from.
const KNOWN: TimeDelta = TimeDelta::days(90);

/// Checks an address and a password, and answers whose they are. Where the account has a second factor, the sign-in is not
/// finished: `second_factor::finish_sign_in` does that.
///
/// An unknown address, a disabled account and one without a password answer as a wrong password does, and take as long. The
/// try is counted and committed before the password is looked at, so that tries at the same time count each other.
///
/// # Errors
/// `Invalid` when a field is empty, which counts no try; `TooMany` past a limit, whether the password is right or not; else
/// `AccountRefusal::WrongCredentials`.
pub async fn sign_in(db: &Db, caller: Caller, email: &str, password: &str) -> std::result::Result<SignIn, AppError> {
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
    let Some((limit, excess)) = count(op, email, found.as_ref()).await? else { return Ok(Ok(found)) };
    if excess.is_first {
        let subject = found.map(|found| Subject::Account(found.id));
        journal::record_quietly(op, "account.sign_in_limited", subject, json!({ "limit": limit })).await?;
    }
    Ok(Err(AppError::TooMany { retry_after: excess.retry_after }))
}

/// Counts the try against each limit; names the first that it is past.
async fn count(op: &mut Op, email: &str, found: Option<&store::Credentials>) -> Result<Option<(&'static str, Excess)>> {
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
    if is_at_home(op, found).await? {
        return Ok(None);
    }
    Ok(limits::count(op, &account, ACCOUNT).await?.map(|excess| ("account", excess)))
}

/// Whether the account signed in from the caller's network lately. For an address without an account the same is asked in vain.
async fn is_at_home(op: &mut Op, found: Option<&store::Credentials>) -> Result<bool> {
    let Some(network) = limits::network(op) else { return Ok(false) };
    let (id, since) = (found.map_or(AccountId(Uuid::nil()), |found| found.id), op.now - KNOWN);
    store::networks::is_known(op.conn(), id, &network, since).await
}

/// Notes the network of a sign-in that is finished.
pub(super) async fn note_network(op: &mut Op, id: AccountId) -> Result<()> {
    let Some(network) = limits::network(op) else { return Ok(()) };
    let now = op.now;
    store::networks::note(op.conn(), id, &network, now, now - KNOWN).await
}

async fn conclude(
    op: &mut Op,
    email: &str,
    found: Option<store::Credentials>,
    fits: bool,
    renewed: Option<&str>,
) -> Result<SignIn> {
    let now = op.now;
    let noted = match &found {
        Some(store::Credentials { id, password_hash: Some(verified) }) if fits => {
            // What is read next must be as it is once a second factor that is being set up has come to be.
            store::lock(op.conn(), *id).await?;
            let noted = store::note_sign_in(op.conn(), *id, verified, renewed, now).await?;
            noted.map(|noted| (*id, noted))
        }
        _ => None,
    };
    let Some((id, store::Noted { epoch, has_second_factor })) = noted else {
        let subject = found.map(|found| Subject::Account(found.id));
        op.note("account.sign_in_failed", subject, json!({}));
        return Err(AccountRefusal::WrongCredentials.into());
    };
    limits::clear_from_networks(op, &format!("sign-in as {email}")).await?;
    op.actor = Actor::Staff { id, roles: Vec::new() };
    if has_second_factor {
        journal::record_quietly(op, "account.password_accepted", Some(Subject::Account(id)), json!({})).await?;
        return Ok(SignIn::CodeWanted(Unfinished { id: op.new_id(), account: id, epoch, begun_at: now }));
    }
    note_network(op, id).await?;
    journal::record_quietly(op, "account.signed_in", Some(Subject::Account(id)), json!({})).await?;
    Ok(SignIn::Done(SignedIn { account: id, epoch, by_provider: false }))
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
