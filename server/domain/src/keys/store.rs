//! The SQL of `secret_keys`.

use crate::Result;
use model::Timestamp;
use sqlx::PgConnection;

pub(super) async fn fingerprint(conn: &mut PgConnection) -> Result<Option<Vec<u8>>> {
    Ok(sqlx::query_scalar!("select fingerprint from secret_keys").fetch_optional(conn).await?)
}

/// Keeps the fingerprint unless there is one.
pub(super) async fn choose(conn: &mut PgConnection, fingerprint: &[u8], now: Timestamp) -> Result<()> {
    sqlx::query!("insert into secret_keys (fingerprint, created_at) values ($1, $2) on conflict do nothing", fingerprint, now)
        .execute(conn)
        .await?;
    Ok(())
}
