//! An operation: who asks, when, and the transaction or connection it runs in.

use crate::{Error, Result, journal};
use kit::{
    queue::{NewJob, Queue},
    seal::Key,
};
use model::{
    AccountId, AppError, Refusal, Timestamp,
    access::{Permission, Role, allowed},
    slug::{SHORT_ID_ALPHABET, SHORT_ID_LENGTH},
};
use serde_json::json;
use sqlx::{PgConnection, PgPool, Postgres, Transaction, pool::PoolConnection};
use std::net::IpAddr;
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    Staff {
        id: AccountId,
        roles: Vec<Role>,
    },
    /// Somebody who is not signed in.
    Nobody,
    /// The server's own jobs.
    Server,
    /// Whoever may run the program with the data base's settings.
    CommandLine,
}

impl Actor {
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Staff { id, .. } => Some(*id),
            Self::Nobody | Self::Server | Self::CommandLine => None,
        }
    }

    /// The word in the audit log.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Staff { .. } => "staff",
            Self::Nobody => "nobody",
            Self::Server => "server",
            Self::CommandLine => "command_line",
        }
    }
}

/// Who asks, and where from.
#[derive(Clone, Debug)]
pub struct Caller {
    pub actor: Actor,
    /// The request's id in logs and in the audit log.
    pub request_id: Option<String>,
    /// The address limits are counted by.
    pub address: Option<IpAddr>,
}

impl Caller {
    /// The program itself, started by `actor`.
    pub fn local(actor: Actor) -> Self {
        Self { actor, request_id: None, address: None }
    }
}

/// The data base, and the only way to an [`Op`].
#[derive(Clone, Debug)]
pub struct Db {
    pool: PgPool,
    queue: Queue,
    key: Option<Key>,
}

/// One operation. Use cases take it as their first argument and start with [`Op::demand`], those that change one record with
/// [`Op::about`] before it.
pub struct Op {
    pub actor: Actor,
    pub now: Timestamp,
    pub request_id: Option<String>,
    pub address: Option<IpAddr>,
    connection: Connection,
    queue: Queue,
    key: Option<Key>,
    notes: Vec<journal::Entry>,
    /// What it is to change.
    subject: Option<journal::Subject>,
    /// Its time was set and does not follow the clock.
    in_hindsight: bool,
}

enum Connection {
    Reading(PoolConnection<Postgres>),
    Writing(Transaction<'static, Postgres>),
}

impl Db {
    pub fn new(pool: PgPool) -> Self {
        let queue = Queue::new(pool.clone());
        Self { pool, queue, key: None }
    }

    /// The same data base with the key for its secrets.
    pub fn with_key(self, key: Key) -> Self {
        Self { key: Some(key), ..self }
    }

    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Runs a use case that changes nothing, on a connection without a transaction.
    pub async fn read<T>(
        &self,
        caller: Caller,
        work: impl AsyncFnOnce(&mut Op) -> Result<T>,
    ) -> std::result::Result<T, AppError> {
        let mut op = match self.pool.acquire().await {
            Ok(connection) => Op::new(caller, self, Connection::Reading(connection)),
            Err(error) => return Err(Error::from(error).answer()),
        };
        let outcome = work(&mut op).await;
        self.finish(op, outcome).await
    }

    /// Runs a use case in a transaction: commits when it succeeds; when it fails, rolls back and then writes what the
    /// operation noted on the way, in a transaction of its own.
    pub async fn write<T>(
        &self,
        caller: Caller,
        work: impl AsyncFnOnce(&mut Op) -> Result<T>,
    ) -> std::result::Result<T, AppError> {
        let mut op = match self.pool.begin().await {
            Ok(transaction) => Op::new(caller, self, Connection::Writing(transaction)),
            Err(error) => return Err(Error::from(error).answer()),
        };
        let outcome = work(&mut op).await;
        self.finish(op, outcome).await
    }

    async fn finish<T>(&self, mut op: Op, outcome: Result<T>) -> std::result::Result<T, AppError> {
        if let Err(Error::App(error)) = &outcome {
            op.note_refusal(error);
        }
        let Op { connection, notes, .. } = op;
        let outcome = match (outcome, connection) {
            (Ok(value), Connection::Writing(transaction)) => transaction.commit().await.map(|()| value).map_err(Error::from),
            (Ok(value), Connection::Reading(_)) => Ok(value),
            (Err(error), Connection::Writing(transaction)) => {
                // A connection that is gone has rolled back already; the first error is the one to tell.
                let _ = transaction.rollback().await;
                Err(error)
            }
            (Err(error), Connection::Reading(_)) => Err(error),
        };
        if outcome.is_err()
            && !notes.is_empty()
            && let Err(error) = self.write_notes(notes).await
        {
            tracing::error!(%error, "the audit log did not take what was noted");
        }
        outcome.map_err(Error::answer)
    }

    async fn write_notes(&self, notes: Vec<journal::Entry>) -> Result<()> {
        let mut transaction = self.pool.begin().await?;
        for note in notes {
            journal::keep(&mut transaction, note).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

impl Op {
    fn new(caller: Caller, db: &Db, connection: Connection) -> Self {
        let Caller { actor, request_id, address } = caller;
        Self {
            actor,
            now: kit::clock::now(),
            request_id,
            address,
            connection,
            queue: db.queue.clone(),
            key: db.key.clone(),
            notes: Vec::new(),
            subject: None,
            in_hindsight: false,
        }
    }

    /// The connection, inside the operation's transaction if it has one.
    pub fn conn(&mut self) -> &mut PgConnection {
        match &mut self.connection {
            Connection::Reading(connection) => connection,
            Connection::Writing(transaction) => transaction,
        }
    }

    /// Adds a background job, which runs once the operation has committed and not at all when it fails. Mail and calls to other
    /// servers belong into jobs, never into an operation. A fault in an operation that only reads: nothing would hold the job back.
    pub async fn enqueue(&mut self, job: NewJob) -> Result<()> {
        if matches!(self.connection, Connection::Reading(_)) {
            return Err(Error::fault("a job was added by an operation that only reads"));
        }
        let (queue, connection) = self.queue();
        queue.add_job(connection, job).await?;
        Ok(())
    }

    /// The queue, and the connection to reach it by within the operation.
    pub(crate) fn queue(&mut self) -> (&Queue, &mut PgConnection) {
        let connection = match &mut self.connection {
            Connection::Reading(connection) => &mut **connection,
            Connection::Writing(transaction) => &mut **transaction,
        };
        (&self.queue, connection)
    }

    /// The key that secrets are sealed under.
    pub fn key(&self) -> Result<&Key> {
        self.key.as_ref().ok_or_else(|| Error::fault("an operation without the key for secrets wanted to read one"))
    }

    /// Says what the operation is to change: a refusal's row in the audit log names it.
    pub fn about(&mut self, subject: journal::Subject) {
        self.subject = Some(subject);
    }

    /// Refuses the operation unless the actor holds the permission; a refusal is noted in the audit log.
    pub fn demand(&mut self, permission: Permission) -> Result<()> {
        match &self.actor {
            Actor::Server | Actor::CommandLine => Ok(()),
            Actor::Nobody => Err(AppError::Unauthenticated.into()),
            Actor::Staff { roles, .. } if allowed(roles, permission) => Ok(()),
            Actor::Staff { .. } => {
                self.note("access.refused", self.subject, json!({ "permission": format!("{permission:?}") }));
                Err(AppError::Forbidden.into())
            }
        }
    }

    /// Sets the operation's time to this moment. Call it once a row is held that others may have changed while this
    /// operation waited for it: what they wrote must not lie in its future.
    pub fn after_waiting(&mut self) {
        if !self.in_hindsight {
            self.now = self.now.max(kit::clock::now());
        }
    }

    /// Sets the operation's time, which from then on no longer follows the clock: for a history that is told in hindsight.
    pub(crate) fn set_time(&mut self, at: Timestamp) {
        self.now = at;
        self.in_hindsight = true;
    }

    /// The account that asks; the program itself has none.
    pub fn account(&self) -> Option<AccountId> {
        self.actor.account()
    }

    /// Notes something for the audit log that must be kept even though the operation fails.
    pub fn note(&mut self, action: &'static str, subject: Option<journal::Subject>, detail: serde_json::Value) {
        let entry = self.entry(action, subject, detail);
        self.notes.push(entry);
    }

    /// Notes why a member of staff was refused, unless the use case has noted more about it. What is refused to strangers
    /// leaves no row by itself: they must not be able to grow the log for ever.
    fn note_refusal(&mut self, error: &AppError) {
        if self.account().is_none() || !self.notes.is_empty() {
            return;
        }
        let (action, detail) = match error {
            AppError::Forbidden => ("access.refused", json!({})),
            AppError::Refused(Refusal::Account(why)) => ("account.refused", json!({ "refusal": why })),
            AppError::Refused(Refusal::Job(why)) => ("job.refused", json!({ "refusal": why })),
            AppError::Refused(Refusal::Mail(why)) => ("mail.refused", json!({ "refusal": why })),
            AppError::Refused(Refusal::Merchant(why)) => ("merchant.refused", json!({ "refusal": why })),
            AppError::Refused(Refusal::Offer(why)) => ("offer.refused", json!({ "refusal": why })),
            _ => return,
        };
        self.note(action, self.subject, detail);
    }

    pub(crate) fn entry(
        &self,
        action: &'static str,
        subject: Option<journal::Subject>,
        detail: serde_json::Value,
    ) -> journal::Entry {
        journal::Entry {
            at: self.now,
            actor: self.account(),
            who: self.actor.word(),
            action,
            subject,
            detail,
            request_id: self.request_id.clone(),
        }
    }

    /// A new id, in order of time.
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        T::from(Uuid::now_v7())
    }

    /// A new short id for a public address. Unique by its length; the column's constraint holds it.
    pub fn new_short_id(&self) -> String {
        short_id()
    }
}

pub(crate) fn short_id() -> String {
    let letter = |_| SHORT_ID_ALPHABET[rand::random_range(0..SHORT_ID_ALPHABET.len())] as char;
    (0..SHORT_ID_LENGTH).map(letter).collect()
}
