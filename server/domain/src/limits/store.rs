//! The SQL of `attempts`.

use crate::Result;
use model::Timestamp;
use sqlx::PgConnection;

/// Counts a try in the window that is open, or in a new one; returns when the window began and the tries in it.
pub(super) async fn count(
    conn: &mut PgConnection,
    key: &[u8],
    now: Timestamp,
    ended_before: Timestamp,
) -> Result<(Timestamp, i64)> {
    // A million stands for any larger number, so that nobody can count past the end of an integer.
    let row = sqlx::query!(
        "insert into attempts as a (key, window_start, count) values ($1, $2, 1)
         on conflict (key) do update set
             window_start = case when a.window_start > $3 then a.window_start else excluded.window_start end,
             count = case when a.window_start > $3 then least(a.count, 1000000) + 1 else 1 end
         returning window_start, count",
        key,
        now,
        ended_before
    )
    .fetch_one(conn)
    .await?;
    Ok((row.window_start, row.count.into()))
}

pub(super) async fn clear(conn: &mut PgConnection, key: &[u8]) -> Result<()> {
    sqlx::query!("delete from attempts where key = $1", key).execute(conn).await?;
    Ok(())
}

pub(super) async fn purge(conn: &mut PgConnection, before: Timestamp) -> Result<u64> {
    // A row that somebody counts in at this moment is left to them.
    let purged = sqlx::query!(
        "delete from attempts where key in
             (select key from attempts where window_start < $1 order by key for update skip locked)",
        before
    )
    .execute(conn)
    .await?;
    Ok(purged.rows_affected())
}
