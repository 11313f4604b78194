//! The SQL of accounts, their roles and their passwords.

pub(super) mod factors;
pub(super) mod networks;
pub(super) mod provider;
pub(super) mod sessions;

use crate::{Error, Result, error::violates};
use model::{
    AccountId, Timestamp,
    access::Role,
    accounts::{Account, AccountRefusal, NewAccount},
};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// How an account stands in a session's epoch.
pub(super) struct Standing {
    pub roles: Vec<Role>,
    /// A role demands a second factor, and there is none.
    pub owes_factor: bool,
}

/// `None` when the epoch is over, or the account is disabled or gone.
pub(super) async fn standing(pool: &PgPool, id: AccountId, epoch: i64) -> Result<Option<Standing>> {
    let row = sqlx::query!(
        r#"select array(select role from account_roles where account_id = a.id and client_id is null) as "roles!: Vec<String>",
               (exists (select from account_roles r join role_settings s on s.role = r.role
                        where r.account_id = a.id and s.demands_second_factor)
                and not exists (select from second_factors f where f.account_id = a.id and f.confirmed_at is not null))
                   as "owes_factor!"
           from accounts a where a.id = $1 and a.session_epoch = $2 and a.disabled_at is null"#,
        id.0,
        epoch
    )
    .fetch_optional(pool)
    .await?;
    row.map(|row| Ok(Standing { roles: parse_roles(&row.roles)?, owes_factor: row.owes_factor })).transpose()
}

/// Name and e-mail address of an account.
pub(super) async fn profile(conn: &mut PgConnection, id: AccountId) -> Result<Option<(String, String)>> {
    let row = sqlx::query!("select name, email from account_profiles where account_id = $1", id.0).fetch_optional(conn).await?;
    Ok(row.map(|row| (row.name, row.email)))
}

/// What an account signs in with.
pub(super) struct Credentials {
    pub id: AccountId,
    /// None while there is none, or while the account is disabled.
    pub password_hash: Option<String>,
}

pub(super) async fn credentials(conn: &mut PgConnection, email: &str) -> Result<Option<Credentials>> {
    let row = sqlx::query!(
        "select a.id, case when a.disabled_at is null then a.password_hash end as password_hash
         from account_profiles p join accounts a on a.id = p.account_id where p.email = $1",
        email
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Credentials { id: row.id.into(), password_hash: row.password_hash }))
}

struct AccountRow {
    id: Uuid,
    name: String,
    email: String,
    roles: Vec<String>,
    created_at: Timestamp,
    disabled_at: Option<Timestamp>,
    has_password: bool,
    has_second_factor: bool,
    last_sign_in_at: Option<Timestamp>,
}

impl TryFrom<AccountRow> for Account {
    type Error = Error;

    fn try_from(row: AccountRow) -> Result<Self> {
        let AccountRow { id, name, email, roles, created_at, disabled_at, has_password, has_second_factor, last_sign_in_at } =
            row;
        let (id, roles) = (id.into(), parse_roles(&roles)?);
        Ok(Self { id, name, email, roles, created_at, disabled_at, has_password, has_second_factor, last_sign_in_at })
    }
}

/// Accounts by name, those after one of them or the first.
pub(super) async fn list(conn: &mut PgConnection, after: Option<AccountId>, limit: i64) -> Result<Vec<Account>> {
    let rows = sqlx::query_as!(
        AccountRow,
        r#"select a.id, p.name, p.email, a.created_at, a.disabled_at, a.last_sign_in_at,
               a.password_hash is not null as "has_password!",
               exists (select from second_factors f where f.account_id = a.id and f.confirmed_at is not null)
                   as "has_second_factor!",
               array(select role from account_roles where account_id = a.id and client_id is null) as "roles!: Vec<String>"
           from account_profiles p join accounts a on a.id = p.account_id
           where (p.name, p.account_id) > (
               coalesce((select name from account_profiles where account_id = $1), ''),
               coalesce($1, '00000000-0000-0000-0000-000000000000'::uuid))
           order by p.name, p.account_id limit $2"#,
        after.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Account::try_from).collect()
}

pub(super) async fn read(conn: &mut PgConnection, id: AccountId) -> Result<Option<Account>> {
    let row = sqlx::query_as!(
        AccountRow,
        r#"select a.id, p.name, p.email, a.created_at, a.disabled_at, a.last_sign_in_at,
               a.password_hash is not null as "has_password!",
               exists (select from second_factors f where f.account_id = a.id and f.confirmed_at is not null)
                   as "has_second_factor!",
               array(select role from account_roles where account_id = a.id and client_id is null) as "roles!: Vec<String>"
           from account_profiles p join accounts a on a.id = p.account_id where a.id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(Account::try_from).transpose()
}

/// Enabled accounts by name.
pub(super) async fn names(conn: &mut PgConnection) -> Result<Vec<(AccountId, String)>> {
    let rows = sqlx::query!(
        "select p.account_id, p.name from account_profiles p join accounts a on a.id = p.account_id
         where a.disabled_at is null order by p.name, p.account_id"
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.account_id.into(), row.name)).collect())
}

pub(super) async fn exists(conn: &mut PgConnection, id: AccountId) -> Result<bool> {
    let exists =
        sqlx::query_scalar!(r#"select exists (select from accounts where id = $1) as "exists!""#, id.0).fetch_one(conn).await?;
    Ok(exists)
}

/// Locks an account until the end of the transaction and says whether it is disabled; `None` when there is none.
pub(super) async fn lock(conn: &mut PgConnection, id: AccountId) -> Result<Option<bool>> {
    let disabled =
        sqlx::query_scalar!(r#"select disabled_at is not null as "disabled!" from accounts where id = $1 for update"#, id.0)
            .fetch_optional(conn)
            .await?;
    Ok(disabled)
}

pub(super) async fn insert(
    conn: &mut PgConnection,
    id: AccountId,
    account: &NewAccount,
    password_hash: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!("insert into accounts (id, password_hash, created_at) values ($1, $2, $3)", id.0, password_hash, now)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("insert into account_profiles (account_id, name, email) values ($1, $2, $3)", id.0, account.name, account.email)
        .execute(conn)
        .await
        .map_err(|error| match violates(&error, "account_profiles_email_key") {
            true => AccountRefusal::AddressTaken.into(),
            false => Error::from(error),
        })?;
    Ok(())
}

pub(super) async fn roles(conn: &mut PgConnection, id: AccountId) -> Result<Vec<Role>> {
    let words = sqlx::query_scalar!("select role from account_roles where account_id = $1 and client_id is null", id.0)
        .fetch_all(conn)
        .await?;
    parse_roles(&words)
}

/// Adds the roles that an account does not hold yet.
pub(super) async fn add_roles(conn: &mut PgConnection, id: AccountId, roles: &[Role]) -> Result<()> {
    sqlx::query!(
        "insert into account_roles (account_id, role) select $1, unnest($2::text[])
         on conflict (account_id, role, client_id) do nothing",
        id.0,
        &words(roles)
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn remove_roles_but(conn: &mut PgConnection, id: AccountId, kept: &[Role]) -> Result<()> {
    sqlx::query!("delete from account_roles where account_id = $1 and client_id is null and role <> all($2)", id.0, &words(kept))
        .execute(conn)
        .await?;
    Ok(())
}

/// The administrators who can sign in. Until the transaction ends, nobody else who asks can make them fewer.
pub(super) async fn lock_administrators(conn: &mut PgConnection) -> Result<Vec<AccountId>> {
    // Everybody who takes an administrator away locks all of these rows first, in one order. The list is read by a
    // statement of its own, which sees what those before it in the queue have committed.
    sqlx::query!(
        "select account_id from account_roles where role = 'admin' and client_id is null order by account_id for update"
    )
    .fetch_all(&mut *conn)
    .await?;
    let able = sqlx::query_scalar!(
        "select a.id from account_roles r join accounts a on a.id = r.account_id
         where r.role = 'admin' and r.client_id is null and a.disabled_at is null
             and (a.password_hash is not null or exists (select from provider_identities where account_id = a.id))"
    )
    .fetch_all(conn)
    .await?;
    Ok(able.into_iter().map(AccountId).collect())
}

pub(super) async fn set_disabled(conn: &mut PgConnection, id: AccountId, at: Option<Timestamp>) -> Result<()> {
    sqlx::query!("update accounts set disabled_at = $2, version = version + 1 where id = $1", id.0, at).execute(conn).await?;
    Ok(())
}

/// What follows from a right password.
pub(super) struct Noted {
    /// The epoch of the session.
    pub epoch: i64,
    pub has_second_factor: bool,
}

/// Notes a sign-in, which a second factor has yet to finish where there is one; `None` when the account was disabled or its
/// password changed since the hash was read.
pub(super) async fn note_sign_in(
    conn: &mut PgConnection,
    id: AccountId,
    verified: &str,
    renewed: Option<&str>,
    now: Timestamp,
) -> Result<Option<Noted>> {
    let noted = sqlx::query_as!(
        Noted,
        r#"with factor as (select exists (
               select from second_factors where account_id = $1 and confirmed_at is not null) as has_second_factor)
           update accounts set password_hash = coalesce($3, password_hash),
               last_sign_in_at = case when has_second_factor then last_sign_in_at else $4 end
           from factor where id = $1 and disabled_at is null and password_hash = $2
           returning session_epoch as epoch, has_second_factor as "has_second_factor!""#,
        id.0,
        verified,
        renewed,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(noted)
}

/// Notes that a sign-in is finished; false when the account's sessions were ended since it began, or it was disabled.
pub(super) async fn note_finished(conn: &mut PgConnection, id: AccountId, epoch: i64, now: Timestamp) -> Result<bool> {
    let noted = sqlx::query!(
        "update accounts set last_sign_in_at = $3 where id = $1 and session_epoch = $2 and disabled_at is null",
        id.0,
        epoch,
        now
    )
    .execute(conn)
    .await?;
    Ok(noted.rows_affected() == 1)
}

/// What a link that can be used stands for.
pub(super) struct Link {
    pub account_id: Uuid,
    pub name: String,
    pub email: String,
    pub expires_at: Timestamp,
}

pub(super) async fn insert_link(
    conn: &mut PgConnection,
    token_hash: &[u8],
    account: AccountId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into password_links (token_hash, account_id, created_at, expires_at) values ($1, $2, $3, $4)",
        token_hash,
        account.0,
        now,
        expires_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes every link of an account.
pub(super) async fn remove_links(conn: &mut PgConnection, account: AccountId) -> Result<()> {
    sqlx::query!("delete from password_links where account_id = $1", account.0).execute(conn).await?;
    Ok(())
}

pub(super) async fn read_link(conn: &mut PgConnection, token_hash: &[u8], now: Timestamp) -> Result<Option<Link>> {
    let link = sqlx::query_as!(
        Link,
        "select l.account_id, p.name, p.email, l.expires_at
         from password_links l join accounts a on a.id = l.account_id join account_profiles p on p.account_id = l.account_id
         where l.token_hash = $1 and l.used_at is null and l.expires_at > $2 and a.disabled_at is null",
        token_hash,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(link)
}

/// Uses a link up; false when it was used already, has expired, or is no link.
pub(super) async fn spend_link(conn: &mut PgConnection, token_hash: &[u8], now: Timestamp) -> Result<bool> {
    let spent = sqlx::query!(
        "update password_links set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2",
        token_hash,
        now
    )
    .execute(conn)
    .await?;
    Ok(spent.rows_affected() == 1)
}

pub(super) async fn password_hash(conn: &mut PgConnection, id: AccountId) -> Result<Option<String>> {
    let hash = sqlx::query_scalar!("select password_hash from accounts where id = $1 and disabled_at is null", id.0)
        .fetch_optional(conn)
        .await?;
    Ok(hash.flatten())
}

pub(super) async fn set_password(conn: &mut PgConnection, id: AccountId, hash: &str) -> Result<()> {
    sqlx::query!("update accounts set password_hash = $2, version = version + 1 where id = $1", id.0, hash).execute(conn).await?;
    Ok(())
}

/// Puts a new password in the place of the one that was checked; false when that is no longer in force.
pub(super) async fn replace_password(conn: &mut PgConnection, id: AccountId, checked: &str, hash: &str) -> Result<bool> {
    let replaced = sqlx::query!(
        "update accounts set password_hash = $3, version = version + 1
         where id = $1 and password_hash = $2 and disabled_at is null",
        id.0,
        checked,
        hash
    )
    .execute(conn)
    .await?;
    Ok(replaced.rows_affected() == 1)
}

/// In how many browsers an account is signed in.
pub(super) async fn open_sessions(conn: &mut PgConnection, id: AccountId, now: Timestamp) -> Result<u32> {
    let open =
        sqlx::query_scalar!(r#"select count(*) as "open!" from staff_sessions where owner = $1 and expires_at > $2"#, id.0, now)
            .fetch_one(conn)
            .await?;
    Ok(u32::try_from(open).unwrap_or(u32::MAX))
}

/// What follows when an account's sessions are ended.
pub(super) struct Ended {
    pub sessions: u64,
    /// The epoch of the sessions that begin from now on.
    pub epoch: i64,
}

/// Ends every session of an account. One that begins at this moment may have its row written later; its epoch is over.
pub(super) async fn end_sessions(conn: &mut PgConnection, id: AccountId) -> Result<Ended> {
    let epoch =
        sqlx::query_scalar!("update accounts set session_epoch = session_epoch + 1 where id = $1 returning session_epoch", id.0)
            .fetch_one(&mut *conn)
            .await?;
    let ended = sqlx::query!("delete from staff_sessions where owner = $1", id.0).execute(conn).await?;
    Ok(Ended { sessions: ended.rows_affected(), epoch })
}

pub(super) fn words(roles: &[Role]) -> Vec<String> {
    roles.iter().map(|role| role.word().to_owned()).collect()
}

/// Roles from their words, in one order.
pub(super) fn parse_roles(words: &[String]) -> Result<Vec<Role>> {
    let roles: std::result::Result<Vec<Role>, _> = words.iter().map(|word| word.parse()).collect();
    let mut roles = roles.map_err(|_| Error::fault("an account holds a role that is none"))?;
    roles.sort();
    Ok(roles)
}
