//! Whether the process lives, and whether it can do its work.

use std::time::Duration;

use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::MIGRATIONS;
use http::StatusCode;
use sqlx::PgPool;

/// How long the data base may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// `GET /healthz`: the process lives.
pub async fn healthz() -> &'static str {
    "The process lives.\n"
}

/// `GET /readyz`: the data base answers and every step of the schema this program knows is done.
pub async fn readyz(State(pool): State<PgPool>) -> (StatusCode, &'static str) {
    match tokio::time::timeout(PATIENCE, newest_step(&pool)).await {
        Ok(Ok(newest)) if newest >= MIGRATIONS.iter().map(|step| step.version).max() => (StatusCode::OK, "Ready.\n"),
        Ok(Ok(_)) => (StatusCode::SERVICE_UNAVAILABLE, "The data base is not up to date.\n"),
        Ok(Err(_)) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "The data base does not answer.\n"),
    }
}

/// Since when Postgres cannot bring its log to the backups; none when it can, or need not.
pub async fn log_stuck_since(pool: &PgPool) -> sqlx::Result<Option<DateTime<Utc>>> {
    let stuck = sqlx::query_scalar(
        "select coalesce(last_archived_time, last_failed_time) from pg_stat_archiver
         where last_failed_time > coalesce(last_archived_time, '-infinity')",
    );
    Ok(stuck.fetch_optional(pool).await?.flatten())
}

/// The newest step of the schema that was done. Not checked at build time, since sqlx makes this table itself.
async fn newest_step(pool: &PgPool) -> sqlx::Result<Option<i64>> {
    let newest = sqlx::query_scalar("select max(version) from _sqlx_migrations where success");
    newest.fetch_one(pool).await
}
