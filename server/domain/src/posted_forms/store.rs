//! The SQL of `posted_forms`.

use crate::Result;
use model::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

/// Whether this form is new. Waits while another transaction holds the same one.
pub(super) async fn claim(conn: &mut PgConnection, digest: &[u8], now: Timestamp) -> Result<bool> {
    let claimed = sqlx::query!(
        "insert into posted_forms (digest, created_at) values ($1, $2) on conflict (digest) do nothing",
        digest,
        now
    )
    .execute(conn)
    .await?;
    Ok(claimed.rows_affected() == 1)
}

pub(super) async fn record(conn: &mut PgConnection, digest: &[u8]) -> Result<Option<Uuid>> {
    Ok(sqlx::query_scalar!("select record from posted_forms where digest = $1", digest).fetch_one(conn).await?)
}

pub(super) async fn set_record(conn: &mut PgConnection, digest: &[u8], record: Uuid) -> Result<()> {
    sqlx::query!("update posted_forms set record = $2 where digest = $1", digest, record).execute(conn).await?;
    Ok(())
}

pub(super) async fn purge(conn: &mut PgConnection, before: Timestamp) -> Result<u64> {
    let purged = sqlx::query!("delete from posted_forms where created_at < $1", before).execute(conn).await?;
    Ok(purged.rows_affected())
}
