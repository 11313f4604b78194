//! The SQL of second factors, and of the roles that demand them.

use super::{parse_roles, words};
use crate::Result;
use model::{AccountId, Timestamp, access::Role, sign_in::SecondFactor};
use sqlx::PgConnection;

/// How an account's second factor stands.
pub(in crate::accounts) async fn standing(conn: &mut PgConnection, id: AccountId) -> Result<SecondFactor> {
    let row = sqlx::query!(
        r#"select (select confirmed_at from second_factors where account_id = $1) as on_since,
               (select count(*) from recovery_codes where account_id = $1 and used_at is null) as "codes_left!",
               exists (select from account_roles r join role_settings s on s.role = r.role
                       where r.account_id = $1 and s.demands_second_factor) as "demanded!""#,
        id.0
    )
    .fetch_one(conn)
    .await?;
    let codes_left = u32::try_from(row.codes_left).unwrap_or(u32::MAX);
    Ok(SecondFactor { on_since: row.on_since, codes_left, demanded: row.demanded })
}

/// A factor's sealed secret, with the last time step that was accepted.
pub(in crate::accounts) struct Factor {
    pub secret: Vec<u8>,
    pub last_step: i64,
    pub confirmed_at: Option<Timestamp>,
}

/// Locks an account's factor until the end of the transaction.
pub(in crate::accounts) async fn lock(conn: &mut PgConnection, id: AccountId) -> Result<Option<Factor>> {
    let factor = sqlx::query_as!(
        Factor,
        "select secret, last_step, confirmed_at from second_factors where account_id = $1 for update",
        id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(factor)
}

/// A secret that is being set up and is not confirmed yet.
pub(in crate::accounts) async fn pending(conn: &mut PgConnection, id: AccountId) -> Result<Option<Vec<u8>>> {
    let secret = sqlx::query_scalar!("select secret from second_factors where account_id = $1 and confirmed_at is null", id.0)
        .fetch_optional(conn)
        .await?;
    Ok(secret)
}

/// Begins a set-up, in the place of one that was not confirmed; false when a factor is on already.
pub(in crate::accounts) async fn begin(conn: &mut PgConnection, id: AccountId, secret: &[u8], now: Timestamp) -> Result<bool> {
    let begun = sqlx::query!(
        "insert into second_factors as f (account_id, secret, created_at) values ($1, $2, $3)
         on conflict (account_id) do update set secret = excluded.secret, created_at = excluded.created_at, last_step = 0
             where f.confirmed_at is null",
        id.0,
        secret,
        now
    )
    .execute(conn)
    .await?;
    Ok(begun.rows_affected() == 1)
}

pub(in crate::accounts) async fn confirm(conn: &mut PgConnection, id: AccountId, step: i64, now: Timestamp) -> Result<()> {
    sqlx::query!("update second_factors set confirmed_at = $3, last_step = $2 where account_id = $1", id.0, step, now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes the time step of an accepted code; false when that or a later one was accepted before.
pub(in crate::accounts) async fn advance(conn: &mut PgConnection, id: AccountId, step: i64) -> Result<bool> {
    let advanced = sqlx::query!(
        "update second_factors set last_step = $2 where account_id = $1 and confirmed_at is not null and last_step < $2",
        id.0,
        step
    )
    .execute(conn)
    .await?;
    Ok(advanced.rows_affected() == 1)
}

/// Takes a factor and its recovery codes away; false when none was on. A set-up that was begun goes as well.
pub(in crate::accounts) async fn remove(conn: &mut PgConnection, id: AccountId) -> Result<bool> {
    sqlx::query!("delete from recovery_codes where account_id = $1", id.0).execute(&mut *conn).await?;
    let removed = sqlx::query_scalar!(
        r#"delete from second_factors where account_id = $1 returning confirmed_at is not null as "was_on!""#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(removed.unwrap_or_default())
}

/// Puts new recovery codes in the place of all others, and keeps them, sealed, for the page that shows them.
pub(in crate::accounts) async fn replace_codes(
    conn: &mut PgConnection,
    id: AccountId,
    hashes: &[Vec<u8>],
    to_show: &[u8],
    now: Timestamp,
) -> Result<()> {
    sqlx::query!("delete from recovery_codes where account_id = $1", id.0).execute(&mut *conn).await?;
    sqlx::query!(
        "insert into recovery_codes (account_id, code_hash, created_at) select $1, unnest($2::bytea[]), $3",
        id.0,
        hashes,
        now
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("update second_factors set codes_to_show = $2 where account_id = $1", id.0, to_show).execute(conn).await?;
    Ok(())
}

/// Gives the sealed codes out, once.
pub(in crate::accounts) async fn take_codes(conn: &mut PgConnection, id: AccountId) -> Result<Option<Vec<u8>>> {
    // What `returning` tells of a row is what it is now; the row as it was is locked first.
    let codes = sqlx::query_scalar!(
        r#"with shown as (
               select account_id, codes_to_show from second_factors
               where account_id = $1 and codes_to_show is not null for update)
           update second_factors f set codes_to_show = null from shown where f.account_id = shown.account_id
           returning shown.codes_to_show as "codes!""#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(codes)
}

/// Uses a recovery code up; false when it was used already or is none.
pub(in crate::accounts) async fn spend_code(
    conn: &mut PgConnection,
    id: AccountId,
    code_hash: &[u8],
    now: Timestamp,
) -> Result<bool> {
    let spent = sqlx::query!(
        "update recovery_codes set used_at = $3 where account_id = $1 and code_hash = $2 and used_at is null",
        id.0,
        code_hash,
        now
    )
    .execute(conn)
    .await?;
    Ok(spent.rows_affected() == 1)
}

pub(in crate::accounts) async fn demanding_roles(conn: &mut PgConnection) -> Result<Vec<Role>> {
    let roles = sqlx::query_scalar!("select role from role_settings where demands_second_factor").fetch_all(conn).await?;
    parse_roles(&roles)
}

pub(in crate::accounts) async fn demand_of(conn: &mut PgConnection, roles: &[Role]) -> Result<()> {
    sqlx::query!(
        "insert into role_settings (role, demands_second_factor) select role, role = any($2) from unnest($1::text[]) as role
         on conflict (role) do update set demands_second_factor = excluded.demands_second_factor",
        &words(&Role::ALL),
        &words(roles)
    )
    .execute(conn)
    .await?;
    Ok(())
}
