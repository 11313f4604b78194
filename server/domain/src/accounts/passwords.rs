//! How passwords are set: through a single-use link that comes by mail or that an administrator passes on, or by the signed-in
//! person.

use super::{SignedIn, recipient, store};
use crate::{
    Actor, Caller, Db, Error, Op, Result,
    journal::{self, Subject},
    limits::{self, Limit},
    mail::{self, letters},
};
use chrono::TimeDelta;
use kit::{
    password,
    secret::{sha256, token},
};
use model::{
    AccountId, AppError, FieldErrors,
    access::Permission,
    accounts::{AccountRefusal, PASSWORD_PATH, PasswordFlaw, PasswordLink, parse_password},
};
use serde_json::json;

/// How long a link can be used that somebody waits for to be told of: over a weekend.
pub(super) const LINK_LIFE: TimeDelta = TimeDelta::hours(72);
/// Tries at one's own password, from a session that somebody else may sit at.
const OWN_PASSWORD: Limit = Limit { most: 10, window: TimeDelta::minutes(15) };
/// Tries from one network with links that are worth nothing. No token can be guessed: this bounds the rows that strangers
/// leave in the audit log. Who holds a good link is never kept waiting by it.
const WORTHLESS_LINKS: Limit = Limit { most: 20, window: TimeDelta::minutes(15) };

/// Makes the link by which an account's person sets a password. A link made before is worth nothing from then on.
pub async fn make_password_link(op: &mut Op, id: AccountId, desk_url: &str) -> Result<PasswordLink> {
    op.about(Subject::Account(id));
    op.demand(Permission::ManageAccounts)?;
    if store::lock(op.conn(), id).await?.ok_or(AppError::NotFound)? {
        return Err(AccountRefusal::Disabled.into());
    }
    new_link(op, id, desk_url, LINK_LIFE).await
}

/// Puts a new link in the place of the account's others. Only the hash of its token is stored.
pub(super) async fn new_link(op: &mut Op, id: AccountId, desk_url: &str, life: TimeDelta) -> Result<PasswordLink> {
    let (token, now) = (token(), op.now);
    let expires_at = now + life;
    let (name, email) = store::profile(op.conn(), id).await?.ok_or(AppError::NotFound)?;
    end_links(op, id).await?;
    store::insert_link(op.conn(), &sha256(&token), id, now, expires_at).await?;
    let detail = json!({ "expires_at": expires_at });
    journal::record(op, "account.password_link_made", Subject::Account(id), detail).await?;
    Ok(PasswordLink { url: format!("{desk_url}{PASSWORD_PATH}{token}"), expires_at, name, email })
}

/// Makes every link of an account worth nothing, those in its mails too.
pub(super) async fn end_links(op: &mut Op, id: AccountId) -> Result<()> {
    store::remove_links(op.conn(), id).await?;
    mail::forget_links(op, id).await
}

/// Whose password a link sets, without using it up: programs that look at links in messages only look. Nothing when the link
/// was used already, has expired, or is none.
pub async fn open_password_link(op: &mut Op, token: &str, desk_url: &str) -> Result<Option<PasswordLink>> {
    let now = op.now;
    let link = store::read_link(op.conn(), &sha256(token), now).await?;
    let url = format!("{desk_url}{PASSWORD_PATH}{token}");
    Ok(link.map(|store::Link { name, email, expires_at, .. }| PasswordLink { url, expires_at, name, email }))
}

/// Sets a password through a link, uses the link up and ends the account's sessions.
///
/// # Errors
/// `AccountRefusal::LinkSpent`; `TooMany` after too many links from one network that are worth nothing.
pub async fn set_password(
    db: &Db,
    caller: Caller,
    token: &str,
    password: &str,
    again: &str,
) -> std::result::Result<(), AppError> {
    // A link that is worth nothing costs no hash.
    let id = db.write(caller.clone(), async |op| admit_link(op, token).await).await??;
    parse_password(password, again)?;
    let hash = hash(password).await?;
    db.write(caller, async |op| {
        // First the account, then its links: whoever else changes both locks them in this order.
        let is_shut_out = store::lock(op.conn(), id).await?.unwrap_or(true);
        op.after_waiting();
        let now = op.now;
        if is_shut_out || !store::spend_link(op.conn(), &sha256(token), now).await? {
            op.note("account.password_link_refused", Some(Subject::Account(id)), json!({}));
            return Err(AccountRefusal::LinkSpent.into());
        }
        let is_first = store::password_hash(op.conn(), id).await?.is_none();
        store::set_password(op.conn(), id, &hash).await?;
        mail::forget_links(op, id).await?;
        let ended = store::end_sessions(op.conn(), id).await?;
        op.actor = Actor::Staff { id, roles: Vec::new() };
        journal::record(op, "account.password_set", Subject::Account(id), json!({ "sessions_ended": ended.sessions })).await?;
        // Who sets their first password was invited to.
        if is_first { Ok(()) } else { tell_of_change(op, id).await }
    })
    .await
}

/// Tells the account's person by mail that their password was changed, in case it was somebody else.
async fn tell_of_change(op: &mut Op, id: AccountId) -> Result<()> {
    let (to, now) = (recipient(op, id).await?, op.now);
    mail::send(op, &letters::password_changed(to, now)).await?;
    Ok(())
}

/// Whose password a link sets. One that is worth nothing is counted; the refusal is a value here, so that the count and the
/// audit row are committed.
async fn admit_link(op: &mut Op, token: &str) -> Result<std::result::Result<AccountId, AppError>> {
    let now = op.now;
    if let Some(link) = store::read_link(op.conn(), &sha256(token), now).await? {
        return Ok(Ok(link.account_id.into()));
    }
    match limits::count_from_networks(op, "worthless password link", WORTHLESS_LINKS).await? {
        None => {
            journal::record_quietly(op, "account.password_link_refused", None, json!({})).await?;
            Ok(Err(AccountRefusal::LinkSpent.into()))
        }
        Some(excess) => {
            if excess.is_first {
                journal::record_quietly(op, "account.password_links_limited", None, json!({})).await?;
            }
            Ok(Err(AppError::TooMany { retry_after: excess.retry_after }))
        }
    }
}

/// Changes the password of the account that asks and ends all its sessions, this one too: the caller begins the one that is
/// answered.
pub async fn change_own_password(
    db: &Db,
    caller: Caller,
    current: &str,
    password: &str,
    again: &str,
) -> std::result::Result<SignedIn, AppError> {
    let id = caller.actor.account().ok_or(AppError::Unauthenticated)?;
    parse_password(password, again)?;
    let key = format!("own password of {id}");
    let stored = db.write(caller.clone(), async |op| admit(op, id, &key).await).await??;
    let verified = match stored {
        Some(stored) if password::verify(current, Some(&stored)).await => Some((stored, hash(password).await?)),
        _ => None,
    };
    db.write(caller, async |op| {
        let changed = match &verified {
            Some((stored, hash)) => store::replace_password(op.conn(), id, stored, hash).await?,
            None => false,
        };
        if !changed {
            op.note("account.password_change_refused", Some(Subject::Account(id)), json!({}));
            return Err(FieldErrors::from(PasswordFlaw::Current).into());
        }
        limits::clear(op, &key).await?;
        end_links(op, id).await?;
        let ended = store::end_sessions(op.conn(), id).await?;
        let detail = json!({ "sessions_ended": ended.sessions });
        journal::record(op, "account.password_changed", Subject::Account(id), detail).await?;
        tell_of_change(op, id).await?;
        Ok(SignedIn { account: id, epoch: ended.epoch, by_provider: false })
    })
    .await
}

/// Counts the try; answers the hash in force, if the account has a password. A refusal is a value here, so that its audit row is
/// committed.
pub(super) async fn admit(op: &mut Op, id: AccountId, key: &str) -> Result<std::result::Result<Option<String>, AppError>> {
    if let Some(excess) = limits::count(op, key, OWN_PASSWORD).await? {
        if excess.is_first {
            let subject = Some(Subject::Account(id));
            journal::record_quietly(op, "account.password_change_limited", subject, json!({})).await?;
        }
        return Ok(Err(AppError::TooMany { retry_after: excess.retry_after }));
    }
    Ok(Ok(store::password_hash(op.conn(), id).await?))
}

/// Hashes a password off the async threads.
pub(super) async fn hash(password: &str) -> std::result::Result<String, AppError> {
    password::hash(password).await.map_err(|error| Error::fault(error.to_string()).answer())
}
