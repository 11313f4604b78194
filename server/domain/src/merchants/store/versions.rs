//! The SQL of `merchant_revisions` and `location_revisions`.

use crate::Result;
use model::{AccountId, LocationId, MerchantId, Timestamp, Version};
use serde_json::Value;
use sqlx::PgConnection;

/// A kept version with who saved it.
pub(crate) struct Kept {
    pub version: Version,
    pub snapshot: Value,
    pub by: String,
    pub at: Timestamp,
}

/// A row as the selects below give it.
struct Row {
    version: i64,
    snapshot: Value,
    name: Option<String>,
    at: Timestamp,
}

impl From<Row> for Kept {
    fn from(row: Row) -> Self {
        // What the program writes itself, such as the demo data, has no account.
        let by = row.name.unwrap_or_else(|| "The server".to_owned());
        Self { version: Version(row.version), snapshot: row.snapshot, by, at: row.at }
    }
}

pub(crate) async fn insert_merchant(
    conn: &mut PgConnection,
    id: MerchantId,
    version: Version,
    (snapshot, picture): (&Value, Option<&str>),
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into merchant_revisions (merchant_id, version, snapshot, account_id, at, picture) values ($1, $2, $3, $4, $5, $6)",
        id.0,
        version.0,
        snapshot,
        by.map(|by| by.0),
        now,
        picture
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn insert_location(
    conn: &mut PgConnection,
    id: LocationId,
    version: Version,
    snapshot: &Value,
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into location_revisions (location_id, version, snapshot, account_id, at) values ($1, $2, $3, $4, $5)",
        id.0,
        version.0,
        snapshot,
        by.map(|by| by.0),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The newest versions of a merchant, newest first.
pub(crate) async fn of_merchant(conn: &mut PgConnection, id: MerchantId, limit: i64) -> Result<Vec<Kept>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select r.version, r.snapshot, p.name as "name?", r.at
           from merchant_revisions r left join account_profiles p on p.account_id = r.account_id
           where r.merchant_id = $1 order by r.version desc limit $2"#,
        id.0,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The newest versions of a location, newest first.
pub(crate) async fn of_location(conn: &mut PgConnection, id: LocationId, limit: i64) -> Result<Vec<Kept>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select r.version, r.snapshot, p.name as "name?", r.at
           from location_revisions r left join account_profiles p on p.account_id = r.account_id
           where r.location_id = $1 order by r.version desc limit $2"#,
        id.0,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(crate) async fn merchant_at(conn: &mut PgConnection, id: MerchantId, version: Version) -> Result<Option<Kept>> {
    let row = sqlx::query_as!(
        Row,
        r#"select r.version, r.snapshot, p.name as "name?", r.at
           from merchant_revisions r left join account_profiles p on p.account_id = r.account_id
           where r.merchant_id = $1 and r.version = $2"#,
        id.0,
        version.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Into::into))
}

pub(crate) async fn location_at(conn: &mut PgConnection, id: LocationId, version: Version) -> Result<Option<Kept>> {
    let row = sqlx::query_as!(
        Row,
        r#"select r.version, r.snapshot, p.name as "name?", r.at
           from location_revisions r left join account_profiles p on p.account_id = r.account_id
           where r.location_id = $1 and r.version = $2"#,
        id.0,
        version.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Into::into))
}
