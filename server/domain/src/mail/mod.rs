//! Mail: what the server writes to people, and what became of it.
//!
//! Owns `mails`. [`send`] writes the row and its job in the transaction of the change that it tells of; the job gives it to a mail
//! server outside of any transaction ([`deliver`]). Without a mail server mails are held, and administrators read them at the desk.

mod deliver;
pub mod letters;
mod store;
#[cfg(test)]
mod tests;

pub use deliver::{Try, deliver, deliver_now};
pub use letters::{NewMail, Recipient};

use crate::{
    Actor, Op, Result,
    journal::{self, Subject},
};
use chrono::TimeDelta;
use kit::queue::NewJob;
use model::{
    AccountId, AppError, Cursor, FieldErrors, MailId, Page,
    access::{Permission, allowed},
    mail::{Mail, MailQuery, MailRecord, MailRefusal},
};
use serde_json::json;

/// The task that delivers one mail; its payload is `{"mail": id}`.
pub const SEND_MAIL: &str = "send_mail";
/// How often the queue tries it: each wait is e times the one before, some three and a half hours in all.
const MOST_TRIES: u16 = 10;
/// A mail that still waits after this has no job that would try it again.
const STRANDED: TimeDelta = TimeDelta::days(1);
/// How long mails are kept to be looked at: they hold names and addresses.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Writes a mail and has it sent once the operation has committed; when that fails, there is no mail.
pub async fn send(op: &mut Op, mail: &NewMail) -> Result<MailId> {
    let (id, now) = (op.new_id(), op.now);
    store::insert(op.conn(), id, mail, now).await?;
    enqueue(op, id).await?;
    journal::record(op, "mail.queued", Subject::Mail(id), json!({ "kind": mail.kind })).await?;
    Ok(id)
}

/// The key has a mail that is tried again take the place of its job that failed for good.
async fn enqueue(op: &mut Op, id: MailId) -> Result<()> {
    op.enqueue(NewJob::new(SEND_MAIL, json!({ "mail": id })).key(format!("mail.{id}")).max_attempts(MOST_TRIES)).await
}

/// Mails, newest first, a page at a time.
pub async fn list(op: &mut Op, query: &MailQuery) -> Result<Page<Mail>> {
    const PAGE: usize = 50;
    op.demand(Permission::Operate)?;
    let state = match query.state.trim() {
        "" => None,
        word => Some(word.parse().map_err(|_| FieldErrors::of("state", "Choose waiting, sent, failed or held."))?),
    };
    let before = match query.after.trim() {
        "" => None,
        id => {
            Some(id.parse().map_err(|_| FieldErrors::of("after", "This page of the list is not there; start from the first."))?)
        }
    };
    let mut items = store::list(op.conn(), state, before, PAGE as i64 + 1).await?;
    let more = items.len() > PAGE;
    items.truncate(PAGE);
    let next = items.last().filter(|_| more).map(|last| Cursor(last.id.to_string()));
    Ok(Page { items, next, previous: None })
}

/// One mail, as it is or would be sent. Its secret link is shown to those who could make one anyway, and that is noted.
pub async fn read(op: &mut Op, id: MailId, desk_url: &str) -> Result<MailRecord> {
    op.about(Subject::Mail(id));
    op.demand(Permission::Operate)?;
    let now = op.now;
    let row = store::read(op.conn(), id).await?.ok_or(AppError::NotFound)?;
    let secret = row.live_secret(now).filter(|_| may_see_links(op)).map(str::to_owned);
    if secret.is_some() {
        journal::record_quietly(op, "mail.link_shown", Some(Subject::Mail(id)), json!({})).await?;
    }
    Ok(row.record(desk_url, secret.as_deref()))
}

fn may_see_links(op: &Op) -> bool {
    match &op.actor {
        Actor::Staff { roles, .. } => allowed(roles, Permission::ManageAccounts),
        Actor::Server | Actor::CommandLine => true,
        Actor::Nobody => false,
    }
}

/// Has a mail that failed or is held tried again.
pub async fn retry(op: &mut Op, id: MailId) -> Result<()> {
    op.about(Subject::Mail(id));
    op.demand(Permission::Operate)?;
    let row = store::lock(op.conn(), id).await?.ok_or(AppError::NotFound)?;
    op.after_waiting();
    let now = op.now;
    let state = row.state.retried().ok_or(MailRefusal::NotRetriable)?;
    if row.lacks_secret(now) {
        return Err(MailRefusal::LinkGone.into());
    }
    store::settle(op.conn(), id, state, None, now).await?;
    enqueue(op, id).await?;
    journal::record(op, "mail.retried", Subject::Mail(id), json!({ "before": row.state })).await
}

/// Forgets the secret links in mails to an account, because they are worth nothing any more. A mail that waits with one is not
/// sent.
pub async fn forget_links(op: &mut Op, account: AccountId) -> Result<()> {
    store::forget_links(op.conn(), account).await
}

/// Forgets links that have expired, gives up mails that nothing will send, and removes old ones. Run once an hour.
pub async fn tidy(op: &mut Op) -> Result<()> {
    let now = op.now;
    store::forget_expired_links(op.conn(), now).await?;
    for (id, state) in store::stranded(op.conn(), now - STRANDED).await? {
        let Some(failed) = state.failed() else { continue };
        store::settle(op.conn(), id, failed, Some("It could not be sent within a day."), now).await?;
        journal::record(op, "mail.failed", Subject::Mail(id), json!({ "reason": "stranded" })).await?;
    }
    store::purge(op.conn(), now - KEPT).await?;
    Ok(())
}
