//! The journal: what happened, for people (the audit log) and for programs (the outbox).
//!
//! Owns `audit_log`, `outbox` and `outbox_readers`. A use case calls [`record`] in the transaction of its change, so that a
//! change, its event and its audit row stand or fall together.

mod store;
#[cfg(test)]
pub(crate) mod tests;

use crate::{Op, Result};
use chrono::{Days, NaiveDate};
use model::{
    AccountId, AlarmId, BrandId, CategoryId, Cursor, FieldErrors, LocationId, MailId, MerchantId, OfferId, Page, Timestamp,
    access::Permission,
    audit::{AuditQuery, AuditRow},
    form::Reader,
    jobs::JobId,
};
use sqlx::PgConnection;
pub(crate) use store::bulk::Bulk;
use uuid::Uuid;

/// What something happened to.
#[derive(Clone, Copy, Debug)]
pub enum Subject {
    Account(AccountId),
    Alarm(AlarmId),
    Brand(BrandId),
    Category(CategoryId),
    Job(JobId),
    Mail(MailId),
    Merchant(MerchantId),
    Location(LocationId),
    Offer(OfferId),
}

impl Subject {
    fn parts(self) -> (&'static str, Uuid) {
        match self {
            Self::Account(id) => ("account", id.0),
            Self::Alarm(id) => ("alarm", id.0),
            Self::Brand(id) => ("brand", id.0),
            Self::Category(id) => ("category", id.0),
            Self::Job(id) => ("job", id.as_uuid()),
            Self::Mail(id) => ("mail", id.0),
            Self::Merchant(id) => ("merchant", id.0),
            Self::Location(id) => ("location", id.0),
            Self::Offer(id) => ("offer", id.0),
        }
    }
}

/// A row for the audit log.
#[derive(Clone, Debug)]
pub struct Entry {
    pub(crate) at: Timestamp,
    pub(crate) actor: Option<AccountId>,
    pub(crate) who: &'static str,
    pub(crate) action: &'static str,
    pub(crate) subject: Option<Subject>,
    pub(crate) detail: serde_json::Value,
    pub(crate) request_id: Option<String>,
}

/// Records a change: an audit row and an event of the same name.
///
/// `detail` must hold no personal data and no secret: both tables are kept for good.
pub async fn record(op: &mut Op, action: &'static str, subject: Subject, detail: serde_json::Value) -> Result<()> {
    let entry = op.entry(action, Some(subject), detail);
    let (_, subject_id) = subject.parts();
    store::insert_event(op.conn(), entry.at, action, subject_id, &entry.detail).await?;
    keep(op.conn(), entry).await
}

/// Records something that is no change of data, such as a sign-in: an audit row alone.
pub async fn record_quietly(
    op: &mut Op,
    action: &'static str,
    subject: Option<Subject>,
    detail: serde_json::Value,
) -> Result<()> {
    let entry = op.entry(action, subject, detail);
    keep(op.conn(), entry).await
}

pub(crate) async fn keep(conn: &mut PgConnection, entry: Entry) -> Result<()> {
    store::insert_audit(conn, &entry).await
}

/// Searches the audit log, newest first.
pub async fn search(op: &mut Op, query: &AuditQuery) -> Result<Page<AuditRow>> {
    const PAGE: i64 = 50;
    op.demand(Permission::ReadAudit)?;
    let filter = parse(query)?;
    let mut rows = store::search(op.conn(), &filter, PAGE + 1).await?;
    let more = rows.len() as i64 > PAGE;
    rows.truncate(PAGE as usize);
    let next = rows.last().filter(|_| more).map(|row| Cursor(format!("{}~{}", row.at.to_rfc3339(), row.id)));
    Ok(Page { items: rows, next, previous: None })
}

/// A checked [`AuditQuery`].
struct Filter {
    action: Option<String>,
    actor: Option<String>,
    subject: Option<Uuid>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    /// The row that a page goes on after: older ones follow, and of equally old ones those that were written earlier.
    before: Option<(Timestamp, i64)>,
}

fn parse(query: &AuditQuery) -> Result<Filter> {
    let mut form = Reader::default();
    let some = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    let from = form.date("from", "The first day", &query.from).flatten();
    let until = form.date("until", "The last day", &query.until).flatten();
    let subject = match some(&query.subject).map(|id| id.parse::<Uuid>()) {
        Some(Err(_)) => form.refuse("subject", "The record's id must be an id such as stands in its page's address."),
        Some(Ok(id)) => Some(id),
        None => None,
    };
    if !form.errors.is_empty() {
        return Err(form.errors.into());
    }
    let midnight = |day: NaiveDate| day.and_hms_opt(0, 0, 0).map(|t| t.and_utc());
    Ok(Filter {
        action: some(&query.action),
        actor: some(&query.actor).map(|email| email.to_lowercase()),
        subject,
        from: from.and_then(midnight),
        until: until.and_then(|day| day.checked_add_days(Days::new(1))).and_then(midnight),
        before: match query.after.trim() {
            "" => None,
            after => Some(
                place(after)
                    .ok_or_else(|| FieldErrors::of("after", "This page of the list is not there; start from the first."))?,
            ),
        },
    })
}

/// Reads a cursor of the audit log.
fn place(cursor: &str) -> Option<(Timestamp, i64)> {
    let (at, id) = cursor.split_once('~')?;
    Some((at.parse().ok()?, id.parse().ok()?))
}

/// An event as its readers get it.
#[derive(Clone, Debug)]
pub struct Event {
    pub topic: String,
    pub subject: Uuid,
    pub body: serde_json::Value,
    place: store::Place,
}

/// The next events for a reader, of all topics, oldest first. They come again until the reader is moved behind them by
/// [`move_on`], in the same operation: what it does with them happens together with that, or not at all. Readers of one name
/// wait for each other.
///
/// Only rows of transactions that ended before every running one began are passed, so that a late commit is never skipped.
/// A reader that was restored into another cluster is given what it had not read, and then everything once more.
pub async fn read_on(op: &mut Op, reader: &str, limit: i64) -> Result<Vec<Event>> {
    let place = store::place_of(op.conn(), reader).await?;
    let events = store::events_after(op.conn(), &place, limit).await?;
    if events.is_empty() && store::begin_again(op.conn(), reader).await? {
        return store::events_after(op.conn(), &store::Place::first(), limit).await;
    }
    Ok(events)
}

/// Moves a reader behind an event that [`read_on`] gave it.
pub async fn move_on(op: &mut Op, reader: &str, passed: &Event) -> Result<()> {
    store::move_to(op.conn(), reader, &passed.place).await
}

/// Puts a reader behind everything that was recorded so far, this operation's own rows too: what it would do about them is
/// done. Only for an operation that nobody else records beside.
pub async fn pass_over(op: &mut Op, reader: &str) -> Result<()> {
    store::place_of(op.conn(), reader).await?;
    store::move_to_end(op.conn(), reader).await
}

/// Makes the partitions of the coming months. Run at start and once a day.
pub async fn prepare_months(op: &mut Op) -> Result<()> {
    store::ensure_partitions(op.conn()).await
}
