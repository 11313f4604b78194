//! Sessions in Postgres for tower-sessions. The table, whose name is given, looks like this:
//!
//! ```sql
//! create table .. (id bytea primary key, owner uuid, data jsonb not null,
//!                  created_at timestamptz not null, expires_at timestamptz not null)
//! ```
//!
//! `id` is the SHA-256 of the id in the cookie, so that a reader of the table cannot use a session. `owner` is the data's
//! key "owner", so that all sessions of one account can be ended. The server alone decides when a session ends: after
//! some idle time, and in any case some time after it was made. The record's own expiry only dates the cookie.

use std::collections::HashMap;
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

/// How exact the idle time is kept: a busy session is not written on every request.
const COARSENESS: Duration = Duration::from_secs(60);

/// The sessions of one table.
#[derive(Clone)]
pub struct PgSessionStore {
    pool: PgPool,
    sql: Arc<Statements>,
    idle: Duration,
    absolute: Duration,
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
                "insert into {table} (id, owner, data, created_at, expires_at) values ($1, $2, $3, $4, $5)
                 on conflict (id) do nothing"
            ),
            save: format!("update {table} set owner = $2, data = $3 where id = $1 and expires_at > $4"),
            load: format!("select data, created_at, expires_at from {table} where id = $1 and expires_at > $2"),
            touch: format!("update {table} set expires_at = $2 where id = $1"),
            delete: format!("delete from {table} where id = $1"),
            purge: format!("delete from {table} where expires_at <= $1"),
        };
        PgSessionStore { pool, sql: Arc::new(sql), idle, absolute }
    }

    /// Removes what has ended by itself; returns how many.
    pub async fn purge_expired(&self) -> sqlx::Result<u64> {
        let statement = sqlx::query(AssertSqlSafe(self.sql.purge.clone()));
        Ok(statement.bind(clock::now()).execute(&self.pool).await?.rows_affected())
    }

    fn expiry(&self, created_at: DateTime<Utc>, used_at: DateTime<Utc>) -> DateTime<Utc> {
        (used_at + self.idle).min(created_at + self.absolute)
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
                .bind(self.expiry(now, now))
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
        let found: Option<(Json<HashMap<String, Value>>, DateTime<Utc>, DateTime<Utc>)> =
            sqlx::query_as(AssertSqlSafe(self.sql.load.clone()))
                .bind(stored_id(id))
                .bind(now)
                .fetch_optional(&self.pool)
                .await
                .map_err(failed)?;
        let Some((Json(data), created_at, expires_at)) = found else { return Ok(None) };
        let expiry = self.expiry(created_at, now);
        if expiry > expires_at + COARSENESS {
            sqlx::query(AssertSqlSafe(self.sql.touch.clone()))
                .bind(stored_id(id))
                .bind(expiry)
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
fn stored_id(id: &Id) -> Vec<u8> {
    secret::sha256(id.0.to_le_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    async fn store(pool: &PgPool) -> PgSessionStore {
        let table = "create table s (id bytea primary key, owner uuid, data jsonb not null,
                                     created_at timestamptz not null, expires_at timestamptz not null)";
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
        let mut used = record(None);
        store.create(&mut used).await.expect("create");

        run(&pool, "update s set created_at = now() - interval '1 day', expires_at = now() + interval '1 minute'").await;
        store.load(&used.id).await.expect("load").expect("it goes on");
        let left = "select extract(epoch from expires_at - now())::int from s";
        let (seconds,): (i32,) = sqlx::query_as(left).fetch_one(&pool).await.expect("a row");
        assert!((12 * 3600 - 60..=12 * 3600).contains(&seconds), "{seconds}");

        run(&pool, "update s set created_at = now() - interval '6 days 23 hours', expires_at = now() + interval '1 minute'")
            .await;
        store.load(&used.id).await.expect("load").expect("it goes on");
        let (seconds,): (i32,) = sqlx::query_as(left).fetch_one(&pool).await.expect("a row");
        assert!((3600 - 60..=3600).contains(&seconds), "{seconds}");

        run(&pool, "update s set expires_at = now() - interval '1 second'").await;
        assert!(store.load(&used.id).await.expect("load").is_none());
        store.save(&used).await.expect("save");
        assert!(store.load(&used.id).await.expect("load").is_none());
        assert_eq!(store.purge_expired().await.expect("purge"), 1);
    }
}
