//! The SQL of the networks that accounts sign in from.

use crate::Result;
use model::{AccountId, Timestamp};
use sqlx::PgConnection;

/// Whether an account signed in from a network since a moment.
pub(in crate::accounts) async fn is_known(
    conn: &mut PgConnection,
    id: AccountId,
    network: &[u8],
    since: Timestamp,
) -> Result<bool> {
    let known = sqlx::query_scalar!(
        r#"select exists (
               select from known_networks where account_id = $1 and network = $2 and last_at > $3) as "known!""#,
        id.0,
        network,
        since
    )
    .fetch_one(conn)
    .await?;
    Ok(known)
}

/// Notes that an account signed in from a network, and forgets those of before a moment.
pub(in crate::accounts) async fn note(
    conn: &mut PgConnection,
    id: AccountId,
    network: &[u8],
    now: Timestamp,
    forget: Timestamp,
) -> Result<()> {
    sqlx::query!("delete from known_networks where account_id = $1 and last_at <= $2", id.0, forget).execute(&mut *conn).await?;
    sqlx::query!(
        "insert into known_networks (account_id, network, last_at) values ($1, $2, $3)
         on conflict (account_id, network) do update set last_at = excluded.last_at",
        id.0,
        network,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}
