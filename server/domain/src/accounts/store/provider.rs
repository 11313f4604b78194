//! The SQL of sign-in through a provider.

use crate::Result;
use model::{AccountId, Timestamp};
use sqlx::PgConnection;
use uuid::Uuid;

pub(in crate::accounts) async fn keep(
    conn: &mut PgConnection,
    state_hash: &[u8],
    sealed: &[u8],
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    sqlx::query!("delete from provider_sign_ins where expires_at <= $1", now).execute(&mut *conn).await?;
    sqlx::query!(
        "insert into provider_sign_ins (state_hash, sealed, created_at, expires_at) values ($1, $2, $3, $4)",
        state_hash,
        sealed,
        now,
        expires_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives a sign-in out that was kept, once.
pub(in crate::accounts) async fn take(conn: &mut PgConnection, state_hash: &[u8], now: Timestamp) -> Result<Option<Vec<u8>>> {
    let sealed = sqlx::query_scalar!(
        "delete from provider_sign_ins where state_hash = $1 and expires_at > $2 returning sealed",
        state_hash,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(sealed)
}

/// Whose identity it is.
pub(in crate::accounts) async fn account_of(conn: &mut PgConnection, issuer: &str, subject: &str) -> Result<Option<AccountId>> {
    let id: Option<Uuid> =
        sqlx::query_scalar!("select account_id from provider_identities where issuer = $1 and subject = $2", issuer, subject)
            .fetch_optional(conn)
            .await?;
    Ok(id.map(AccountId))
}

/// Binds an identity to a locked account, which must have none of this issuer yet; false when it has.
pub(in crate::accounts) async fn bind(
    conn: &mut PgConnection,
    id: AccountId,
    issuer: &str,
    subject: &str,
    now: Timestamp,
) -> Result<bool> {
    let bound = sqlx::query!(
        "insert into provider_identities (issuer, subject, account_id, created_at)
         select $1, $2, $3, $4 where not exists (select from provider_identities where account_id = $3 and issuer = $1)
         on conflict do nothing",
        issuer,
        subject,
        id.0,
        now
    )
    .execute(conn)
    .await?;
    Ok(bound.rows_affected() == 1)
}

/// Notes a sign-in and answers the epoch of its session.
pub(in crate::accounts) async fn note_sign_in(conn: &mut PgConnection, id: AccountId, now: Timestamp) -> Result<i64> {
    let epoch = sqlx::query_scalar!("update accounts set last_sign_in_at = $2 where id = $1 returning session_epoch", id.0, now)
        .fetch_one(conn)
        .await?;
    Ok(epoch)
}

/// Whether an account is tied to an identity.
pub(in crate::accounts) async fn is_bound(conn: &mut PgConnection, id: AccountId) -> Result<bool> {
    let bound = sqlx::query_scalar!(r#"select exists (select from provider_identities where account_id = $1) as "bound!""#, id.0);
    Ok(bound.fetch_one(conn).await?)
}

/// Unties an account from its identities; false when it had none.
pub(in crate::accounts) async fn unbind(conn: &mut PgConnection, id: AccountId) -> Result<bool> {
    let unbound = sqlx::query!("delete from provider_identities where account_id = $1", id.0).execute(conn).await?;
    Ok(unbound.rows_affected() > 0)
}
