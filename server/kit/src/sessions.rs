//! Sessions in Postgres for tower-sessions. The table, whose name is given, looks like this:
//!
//! ```sql
//! create table .. (id bytea primary key, owner uuid, data jsonb not null,
//!                  created_at timestamptz not null, expires_at timestamptz not null,
//!                  seen_at timestamptz not null, address text, agent text)
//! ```
//!
//! `id` is the SHA-256 of the id in the cookie, so that a reader of the table cannot use a session. `owner` is the data's
//! key "owner", so that all sessions of one account can be ended. The server alone decides when a session ends: after
//! some idle time, and in any case some time after it was made; one without an owner, which holds the beginning of a sign-in,
//! after a quarter of an hour. The record's own expiry only dates the cookie. `seen_at`, `address` and `agent` tell a person
//! which of their sessions is which.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, types::Json};
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result, SessionStore};
use uuid::Uuid;

use crate::{clock, secret};

/// The key in a session's data that names whose it is, as a UUID in text.
pub const OWNER: &str = "owner";

/// How exact it is kept when a session was last used: a busy one is not written on every request.
const COARSENESS: Duration = Duration::from_secs(180);
/// A session that is nobody's yet ends after this time, used or not.
const NOBODYS: Duration = Duration::from_secs(15 * 60);
/// Letters of a browser's name for itself that are kept.
const AGENT: usize = 400;

/// Who uses a session in one request.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    pub address: Option<IpAddr>,
    /// What the browser calls itself, in its `User-Agent`.
    pub agent: Option<String>,
}

/// The sessions of one table.
#[derive(Clone)]
pub struct PgSessionStore {
    pool: PgPool,
    sql: Arc<Statements>,
    idle: Duration,
    absolute: Duration,
    visit: Visit,
}

/// The statements with the table's name filled in.
struct Statements {
    create: String,
    save: String,
    load: String,
    touch: String,
    delete: String,
    purge: String,
}

impl std::fmt::Debug for PgSessionStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PgSessionStore").field("idle", &self.idle).finish_non_exhaustive()
    }
}

impl PgSessionStore {
    /// Sessions in `table` end `idle` after they were last used and `absolute` after they were made.
    pub fn new(pool: PgPool, table: &'static str, idle: Duration, absolute: Duration) -> PgSessionStore {
        let sql = Statements {
            create: format!(
                "insert into {table} (id, owner, data, created_at, expires_at, seen_at, address, agent)
                 values ($1, $2, $3, $4, $5, $4, $6, $7) on conflict (id) do nothing"
            ),
            save: format!("update {table} set owner = $2, data = $3 where id = $1 and expires_at > $4"),
            load: format!("select owner, data, created_at, seen_at from {table} where id = $1 and expires_at > $2"),
            touch: format!(
                "update {table} set expires_at = $2, seen_at = $3, address = coalesce($4, address), agent = coalesce($5, agent)
                 where id = $1"
            ),
            delete: format!("delete from {table} where id = $1"),
            purge: format!("delete from {table} where expires_at <= $1"),
        };
        PgSessionStore { pool, sql: Arc::new(sql), idle, absolute, visit: Visit::default() }
    }

    /// The same sessions, as this visitor uses them.
    pub fn visited_by(&self, visit: Visit) -> PgSessionStore {
        PgSessionStore { visit, ..self.clone() }
    }

    /// Removes what has ended by itself; returns how many.
    pub async fn purge_expired(&self) -> sqlx::Result<u64> {
        let statement = sqlx::query(AssertSqlSafe(self.sql.purge.clone()));
        Ok(statement.bind(clock::now()).execute(&self.pool).await?.rows_affected())
    }

    fn expiry(&self, owner: Option<Uuid>, created_at: DateTime<Utc>, used_at: DateTime<Utc>) -> DateTime<Utc> {
        match owner {
            Some(_) => (used_at + self.idle).min(created_at + self.absolute),
            None => created_at + NOBODYS.min(self.absolute),
        }
    }

    fn address(&self) -> Option<String> {
        self.visit.address.map(|address| address.to_canonical().to_string())
    }

    fn agent(&self) -> Option<String> {
        self.visit.agent.as_ref().map(|agent| agent.chars().filter(|c| *c != '\0').take(AGENT).collect())
    }
}

#[async_trait]
impl SessionStore for PgSessionStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let now = clock::now();
        loop {
            let made = sqlx::query(AssertSqlSafe(self.sql.create.clone()))
                .bind(stored_id(&record.id))
                .bind(owner(record))
                .bind(Json(&record.data))
                .bind(now)
                .bind(self.expiry(owner(record), now, now))
                .bind(self.address())
                .bind(self.agent())
                .execute(&self.pool)
                .await
                .map_err(failed)?;
            if made.rows_affected() == 1 {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    /// Only a session that is still there is changed, so that one that was ended cannot come back.
    async fn save(&self, record: &Record) -> Result<()> {
        sqlx::query(AssertSqlSafe(self.sql.save.clone()))
            .bind(stored_id(&record.id))
            .bind(owner(record))
            .bind(Json(&record.data))
            .bind(clock::now())
            .execute(&self.pool)
            .await
            .map_err(failed)?;
        Ok(())
    }

    /// Using a session puts its idle end off.
    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = clock::now();
        let found: Option<(Option<Uuid>, Json<HashMap<String, Value>>, DateTime<Utc>, DateTime<Utc>)> =
            sqlx::query_as(AssertSqlSafe(self.sql.load.clone()))
                .bind(stored_id(id))
                .bind(now)
                .fetch_optional(&self.pool)
                .await
                .map_err(failed)?;
        let Some((owner, Json(data), created_at, seen_at)) = found else { return Ok(None) };
        let expiry = self.expiry(owner, created_at, now);
        if now > seen_at + COARSENESS {
            sqlx::query(AssertSqlSafe(self.sql.touch.clone()))
                .bind(stored_id(id))
                .bind(expiry)
                .bind(now)
                .bind(self.address())
                .bind(self.agent())
                .execute(&self.pool)
                .await
                .map_err(failed)?;
        }
        let expiry_date = OffsetDateTime::from_unix_timestamp(expiry.timestamp()).map_err(failed)?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let statement = sqlx::query(AssertSqlSafe(self.sql.delete.clone()));
        statement.bind(stored_id(id)).execute(&self.pool).await.map_err(failed)?;
        Ok(())
    }
}

fn owner(record: &Record) -> Option<Uuid> {
    record.data.get(OWNER)?.as_str()?.parse().ok()
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

/// What the table knows of a session's id.
pub fn stored_id(id: &Id) -> Vec<u8> {
    secret::sha256(id.0.to_le_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    async fn store(pool: &PgPool) -> PgSessionStore {
        let table = "create table s (id bytea primary key, owner uuid, data jsonb not null,
                                     created_at timestamptz not null, expires_at timestamptz not null,
                                     seen_at timestamptz not null, address text, agent text)";
        sqlx::query(table).execute(pool).await.expect("make the table");
        PgSessionStore::new(pool.clone(), "s", 12 * HOUR, 7 * 24 * HOUR)
    }

    fn record(owner: Option<Uuid>) -> Record {
        let data = owner.map(|owner| (OWNER.to_owned(), Value::from(owner.to_string())));
        Record { id: Id::default(), data: data.into_iter().collect(), expiry_date: OffsetDateTime::UNIX_EPOCH }
    }

    async fn run(pool: &PgPool, sql: &'static str) {
        sqlx::query(sql).execute(pool).await.expect(sql);
    }

    #[sqlx::test(migrations = false)]
    async fn a_session_is_kept_under_the_hash_of_its_id(pool: PgPool) {
        let store = store(&pool).await;
        let owner = Uuid::from_u128(7);
        let mut kept = record(Some(owner));
        store.create(&mut kept).await.expect("create");
        kept.data.insert("theme".into(), "dark".into());
        store.save(&kept).await.expect("save");
        let found = store.load(&kept.id).await.expect("load").expect("it is there");
        assert_eq!((found.id, found.data), (kept.id, kept.data.clone()));

        let (id, stored): (Vec<u8>, Option<Uuid>) =
            sqlx::query_as("select id, owner from s").fetch_one(&pool).await.expect("a row");
        assert_eq!(id, stored_id(&kept.id));
        assert!(!id.windows(8).any(|part| kept.id.0.to_le_bytes().windows(8).any(|raw| raw == part)));
        assert_eq!(stored, Some(owner));
    }

    #[sqlx::test(migrations = false)]
    async fn an_id_that_is_taken_is_changed_for_another(pool: PgPool) {
        let store = store(&pool).await;
        let mut first = record(None);
        store.create(&mut first).await.expect("create");
        let mut second = record(Some(Uuid::from_u128(1)));
        second.id = first.id;
        store.create(&mut second).await.expect("create");
        assert_ne!(first.id, second.id);
        let untouched = store.load(&first.id).await.expect("load").expect("it is there");
        assert!(untouched.data.is_empty());
    }

    #[sqlx::test(migrations = false)]
    async fn a_session_that_was_ended_cannot_come_back(pool: PgPool) {
        let store = store(&pool).await;
        let mut ended = record(None);
        store.create(&mut ended).await.expect("create");
        store.delete(&ended.id).await.expect("delete");
        store.save(&ended).await.expect("save");
        assert!(store.load(&ended.id).await.expect("load").is_none());
    }

    #[sqlx::test(migrations = false)]
    async fn an_idle_session_ends_and_a_used_one_goes_on_until_its_last_day(pool: PgPool) {
        let store = store(&pool).await;
        let mut used = record(Some(Uuid::from_u128(7)));
        store.create(&mut used).await.expect("create");
        run(&pool, "update s set seen_at = now() - interval '1 hour'").await;

        run(&pool, "update s set created_at = now() - interval '1 day', expires_at = now() + interval '1 minute'").await;
        store.load(&used.id).await.expect("load").expect("it goes on");
        let left = "select extract(epoch from expires_at - now())::int from s";
        let (seconds,): (i32,) = sqlx::query_as(left).fetch_one(&pool).await.expect("a row");
        assert!((12 * 3600 - 60..=12 * 3600).contains(&seconds), "{seconds}");

        run(&pool, "update s set created_at = now() - interval '6 days 23 hours', seen_at = now() - interval '1 hour'").await;
        store.load(&used.id).await.expect("load").expect("it goes on");
        let (seconds,): (i32,) = sqlx::query_as(left).fetch_one(&pool).await.expect("a row");
        assert!((3600 - 60..=3600).contains(&seconds), "{seconds}");

        run(&pool, "update s set expires_at = now() - interval '1 second'").await;
        assert!(store.load(&used.id).await.expect("load").is_none());
        store.save(&used).await.expect("save");
        assert!(store.load(&used.id).await.expect("load").is_none());
        assert_eq!(store.purge_expired().await.expect("purge"), 1);
    }

    #[sqlx::test(migrations = false)]
    async fn a_session_that_is_nobodys_ends_soon_however_often_it_is_used(pool: PgPool) {
        let store = store(&pool).await;
        let mut begun = record(None);
        store.create(&mut begun).await.expect("create");
        run(&pool, "update s set created_at = now() - interval '10 minutes', seen_at = now() - interval '10 minutes'").await;
        store.load(&begun.id).await.expect("load").expect("it goes on");
        let left = "select extract(epoch from expires_at - now())::int from s";
        let (seconds,): (i32,) = sqlx::query_as(left).fetch_one(&pool).await.expect("a row");
        assert!((290..=300).contains(&seconds), "{seconds}");
    }

    #[sqlx::test(migrations = false)]
    async fn a_session_tells_who_used_it_last_and_is_written_no_more_than_every_few_minutes(pool: PgPool) {
        let store = store(&pool).await;
        let visit = |address: &str, agent: &str| Visit { address: address.parse().ok(), agent: Some(agent.to_owned()) };
        let told = async || -> (Option<String>, Option<String>, bool) {
            let row = "select address, agent, seen_at > now() - interval '1 minute' from s";
            sqlx::query_as(row).fetch_one(&pool).await.expect("a row")
        };
        let of = |address: &str, agent: &str| (Some(address.to_owned()), Some(agent.to_owned()), true);
        let mut kept = record(Some(Uuid::from_u128(7)));
        store.visited_by(visit("::ffff:192.0.2.1", "One\0")).create(&mut kept).await.expect("create");
        assert_eq!(told().await, of("192.0.2.1", "One"));
        let later = store.visited_by(visit("2001:db8::1", "Two"));
        later.load(&kept.id).await.expect("load").expect("it is there");
        assert_eq!(told().await, of("192.0.2.1", "One"), "seen a moment ago");
        run(&pool, "update s set seen_at = now() - interval '4 minutes'").await;
        later.load(&kept.id).await.expect("load").expect("it is there");
        assert_eq!(told().await, of("2001:db8::1", "Two"));
    }
}
