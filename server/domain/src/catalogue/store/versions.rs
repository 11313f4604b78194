//! Reading `catalogue_versions`, which the data base itself keeps, and the times of listings.

use crate::Result;
use model::Timestamp;
use sqlx::PgConnection;

pub(in crate::catalogue) async fn version(conn: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select sum(version)::bigint as "version!" from catalogue_versions"#).fetch_one(conn).await?)
}

/// The first moment after `at` at which a listing begins or ends.
pub(in crate::catalogue) async fn next_listing_time(conn: &mut PgConnection, at: Timestamp) -> Result<Option<Timestamp>> {
    let next = sqlx::query_scalar!(
        "select least((select min(shown_from) from listings where shown_from > $1),
             (select min(shown_until) from listings where shown_until > $1 and shown_until < 'infinity'))",
        at
    )
    .fetch_one(conn)
    .await?;
    Ok(next)
}
