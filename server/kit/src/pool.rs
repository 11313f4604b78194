//! The pool of connections to Postgres.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::secret::Masked;

/// A connection that rested longer is tried before it is handed out; in a busy pool that costs nothing.
const TRUSTED_REST: Duration = Duration::from_secs(1);

/// How to reach Postgres and how much to ask of it.
#[derive(Debug, Clone)]
pub struct PoolSettings {
    pub url: Masked,
    /// What `pg_stat_activity` shows.
    pub application: &'static str,
    /// The most connections this process holds.
    pub connections: u32,
    /// How long a request waits for a connection before it is refused.
    pub patience: Duration,
    /// Postgres ends a statement that takes longer.
    pub statement_timeout: Duration,
}

/// Why there is no pool.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    #[error("The data base URL {url} cannot be read: {reason}.")]
    Url { url: Masked, reason: sqlx::Error },
    #[error("The data base at {url} cannot be reached: {reason}.")]
    Unreachable { url: Masked, reason: sqlx::Error },
}

impl PoolSettings {
    /// Makes the pool and proves with one connection that Postgres answers.
    pub async fn connect(&self) -> Result<PgPool, PoolError> {
        let pool = self.options().connect_lazy_with(self.connect_options()?);
        let reached = async { pool.acquire().await?.ping().await };
        reached.await.map_err(|reason| PoolError::Unreachable { url: self.url.clone(), reason })?;
        Ok(pool)
    }

    /// A connection beside the pool whose statements may take as long as they need, for changes to the schema.
    pub async fn connect_for_maintenance(&self) -> Result<PgConnection, PoolError> {
        let options = self.connect_options()?.options([("statement_timeout", "0")]);
        options.connect().await.map_err(|reason| PoolError::Unreachable { url: self.url.clone(), reason })
    }

    fn connect_options(&self) -> Result<PgConnectOptions, PoolError> {
        let options =
            PgConnectOptions::from_str(self.url.reveal()).map_err(|reason| PoolError::Url { url: self.url.clone(), reason })?;
        Ok(options.application_name(self.application).options([
            ("statement_timeout", self.statement_timeout.as_millis().to_string()),
            // A transaction that its program forgot would hold locks and keep vacuum from its work.
            ("idle_in_transaction_session_timeout", "60000".to_owned()),
            ("search_path", "public".to_owned()),
            ("timezone", "UTC".to_owned()),
            // It compiles for 50 ms what then runs for a few: statements are short here, and their estimates are high.
            ("jit", "off".to_owned()),
        ]))
    }

    fn options(&self) -> PgPoolOptions {
        PgPoolOptions::new()
            .max_connections(self.connections)
            .acquire_timeout(self.patience)
            .max_lifetime(Duration::from_secs(30 * 60))
            // A ping before every statement costs a fifth of the throughput.
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    // An error closes the connection and the pool tries the next one.
                    Ok(meta.idle_for < TRUSTED_REST || connection.ping().await.is_ok())
                })
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: impl Into<String>) -> PoolSettings {
        PoolSettings {
            url: Masked::new(url),
            application: "kit",
            connections: 2,
            patience: Duration::from_millis(1500),
            statement_timeout: Duration::from_millis(700),
        }
    }

    #[sqlx::test(migrations = false)]
    async fn statements_are_bounded_and_a_broken_connection_is_replaced(given: PgPool) {
        let pool = settings(given.connect_options().to_url_lossy()).connect().await.expect("connect");
        let slow = sqlx::query("select pg_sleep(5)").execute(&pool).await.expect_err("too slow").to_string();
        assert!(slow.contains("statement timeout"), "{slow}");
        let (zone, name): (String, String) =
            sqlx::query_as("select current_setting('timezone'), current_setting('application_name')")
                .fetch_one(&pool)
                .await
                .expect("a row");
        assert_eq!((zone.as_str(), name.as_str()), ("UTC", "kit"));

        let ended = "select count(pg_terminate_backend(pid)) from pg_stat_activity
                     where application_name = 'kit' and datname = current_database()";
        let (count,): (i64,) = sqlx::query_as(ended).fetch_one(&given).await.expect("end the sessions");
        assert!(count >= 1);
        tokio::time::sleep(TRUSTED_REST).await;
        let one: (i32,) = sqlx::query_as("select 1").fetch_one(&pool).await.expect("a new connection");
        assert_eq!(one.0, 1);
    }

    #[sqlx::test(migrations = false)]
    async fn a_pool_that_is_used_up_refuses_in_time(given: PgPool) {
        let pool = settings(given.connect_options().to_url_lossy()).connect().await.expect("connect");
        let _held = [pool.acquire().await.expect("one"), pool.acquire().await.expect("two")];
        let refused = pool.acquire().await.expect_err("there is no third");
        assert!(matches!(refused, sqlx::Error::PoolTimedOut), "{refused}");
    }

    #[tokio::test]
    async fn what_cannot_be_reached_is_named_without_its_password() {
        let refused = settings("postgres://u:hidden@127.0.0.1:1/x").connect().await.expect_err("nobody listens").to_string();
        assert!(refused.starts_with("The data base at postgres://u:***@127.0.0.1:1/x cannot be reached"), "{refused}");
        let refused = settings("no url").connect().await.expect_err("no URL").to_string();
        assert!(refused.contains("cannot be read") && !refused.contains("no url"), "{refused}");
    }
}
