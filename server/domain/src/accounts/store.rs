//! The SQL of accounts.

use crate::Result;
use model::{AccountId, access::Role};
use sqlx::{PgConnection, PgPool};

/// The roles of an account that may sign in; `None` when it is disabled or gone.
pub(super) async fn roles_of_enabled(pool: &PgPool, id: AccountId) -> Result<Option<Vec<Role>>> {
    let words = sqlx::query_scalar!(
        r#"select array(select role from account_roles where account_id = a.id order by role) as "roles!: Vec<String>"
           from accounts a where a.id = $1 and a.disabled_at is null"#,
        id.0
    )
    .fetch_optional(pool)
    .await?;
    Ok(words.map(|words| words.iter().filter_map(|word| word.parse().ok()).collect()))
}

/// Name and e-mail address of an account.
pub(super) async fn profile(conn: &mut PgConnection, id: AccountId) -> Result<Option<(String, String)>> {
    let row = sqlx::query!("select name, email from account_profiles where account_id = $1", id.0).fetch_optional(conn).await?;
    Ok(row.map(|row| (row.name, row.email)))
}
