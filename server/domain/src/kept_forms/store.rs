//! The SQL of `kept_forms`.

use crate::Result;
use model::{AccountId, KeptFormId, Timestamp};
use serde_json::Value;
use sqlx::PgConnection;

pub(super) async fn insert(
    conn: &mut PgConnection,
    id: KeptFormId,
    owner: AccountId,
    form: &Value,
    error: &Value,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into kept_forms (id, owner, form, error, created_at) values ($1, $2, $3, $4, $5)",
        id.0,
        owner.0,
        form,
        error,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn take(conn: &mut PgConnection, id: KeptFormId, owner: AccountId) -> Result<Option<(Value, Value)>> {
    let row = sqlx::query!("delete from kept_forms where id = $1 and owner = $2 returning form, error", id.0, owner.0)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| (row.form, row.error)))
}

pub(super) async fn purge(conn: &mut PgConnection, before: Timestamp) -> Result<u64> {
    let purged = sqlx::query!("delete from kept_forms where created_at < $1", before).execute(conn).await?;
    Ok(purged.rows_affected())
}
