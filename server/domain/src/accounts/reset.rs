//! What somebody does who forgot their password: they give an address, and a link comes by mail.
//!
//! The answer must not tell a stranger whether there is an account. So the request looks at no account at all: it counts the try
//! and leaves a job, and what an account makes different happens there.

use super::{passwords, store};
use crate::{
    Caller, Db, Op, Result, journal,
    limits::{self, Excess, Limit},
    mail::{self, letters},
};
use chrono::TimeDelta;
use kit::queue::NewJob;
use model::{AppError, accounts::parse_reset};
use serde_json::json;

/// The task that sends a link to an address if that is an account's; its payload is `{"email": address}`.
pub const SEND_RESET: &str = "send_reset";
/// How long the link can be used: longer than a mail is tried for.
const RESET_LIFE: TimeDelta = TimeDelta::hours(4);
/// Mails to one address: nobody's mail box is to be filled. The last link stays good when this is used up.
const TO_ADDRESS: Limit = Limit { most: 5, window: TimeDelta::hours(1) };
/// Tries from one network, for whatever addresses.
const FROM_NETWORK: Limit = Limit { most: 20, window: TimeDelta::hours(1) };

/// Asks for a link to set a new password; the same answer, after the same work, whether there is such an account or not.
///
/// # Errors
/// `Invalid` when it is no address, which counts no try; `TooMany` past a limit.
pub async fn ask_for_reset(db: &Db, caller: Caller, email: &str) -> std::result::Result<(), AppError> {
    let email = parse_reset(email)?;
    db.write(caller, async |op| admit(op, &email).await).await?
}

/// Counts the try and leaves the job. A refusal is a value here, so that the count and its audit row are committed.
async fn admit(op: &mut Op, email: &str) -> Result<std::result::Result<(), AppError>> {
    let Some((limit, excess)) = count(op, email).await? else {
        op.enqueue(NewJob::new(SEND_RESET, json!({ "email": email })).max_attempts(5)).await?;
        return Ok(Ok(()));
    };
    if excess.is_first {
        journal::record_quietly(op, "account.resets_limited", None, json!({ "limit": limit })).await?;
    }
    Ok(Err(AppError::TooMany { retry_after: excess.retry_after }))
}

/// Counts the try against each limit; names the first that it is past.
async fn count(op: &mut Op, email: &str) -> Result<Option<(&'static str, Excess)>> {
    // Without addresses this would shut everybody out together.
    if op.address.is_some()
        && let Some(excess) = limits::count_from_networks(op, "reset", FROM_NETWORK).await?
    {
        return Ok(Some(("network", excess)));
    }
    Ok(limits::count(op, &format!("reset of {email}"), TO_ADDRESS).await?.map(|excess| ("address", excess)))
}

/// Sends a link to an address if it is that of an account which may sign in: to set a new password, or, to somebody who has set
/// none yet, the invitation again. The link before is worth nothing from then on.
pub async fn send_reset(op: &mut Op, email: &str, desk_url: &str) -> Result<()> {
    let Some(id) = store::credentials(op.conn(), email).await?.map(|found| found.id) else { return Ok(()) };
    let is_disabled = store::lock(op.conn(), id).await?.unwrap_or(true);
    op.after_waiting();
    if is_disabled {
        return Ok(());
    }
    if store::password_hash(op.conn(), id).await?.is_none() {
        // Whom the provider lets in it must be able to shut out: a password of their own would outlast that. An administrator may
        // still invite them.
        if !store::provider::is_bound(op.conn(), id).await? {
            super::invite(op, id, desk_url).await?;
        }
        return Ok(());
    }
    let link = passwords::new_link(op, id, desk_url, RESET_LIFE).await?;
    mail::send(op, &letters::password_reset(id, &link)).await?;
    Ok(())
}
