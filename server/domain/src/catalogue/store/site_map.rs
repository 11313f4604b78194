//! Reading the addresses that search engines are told.

use crate::Result;
use model::Timestamp;
use sqlx::PgConnection;

/// An address of the site for search engines.
pub(in crate::catalogue) struct SitePage {
    pub name: String,
    pub short_id: String,
    pub changed: Timestamp,
}

/// About how many listings and merchants there are, as Postgres last counted them.
pub(in crate::catalogue) async fn estimates(conn: &mut PgConnection) -> Result<(i64, i64)> {
    let rows = sqlx::query!(
        r#"select greatest(l.reltuples, 0)::bigint as "listings!", greatest(m.reltuples, 0)::bigint as "merchants!"
           from pg_class l, pg_class m where l.oid = 'listings'::regclass and m.oid = 'merchants'::regclass"#
    )
    .fetch_one(conn)
    .await?;
    Ok((rows.listings, rows.merchants))
}

/// Live offers whose short id begins so.
pub(in crate::catalogue) async fn offer_addresses(
    conn: &mut PgConnection,
    beginning: &str,
    most: i64,
    now: Timestamp,
) -> Result<Vec<SitePage>> {
    let rows = sqlx::query_as!(
        SitePage,
        "select l.headline as name, l.short_id, l.shown_from as changed
         from listings l join merchants m on m.id = l.merchant_id
         where l.short_id between $1 and $2 and l.client_id is null and m.status = 'active' and m.archived_at is null
           and l.shown_from <= $4 and l.shown_until > $4
         order by l.short_id limit $3",
        beginning,
        last_of(beginning),
        most,
        now
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Merchants with a live offer whose short id begins so.
pub(in crate::catalogue) async fn merchant_addresses(
    conn: &mut PgConnection,
    beginning: &str,
    most: i64,
    now: Timestamp,
) -> Result<Vec<SitePage>> {
    let rows = sqlx::query_as!(
        SitePage,
        "select m.name, m.short_id, m.updated_at as changed from merchants m
         where m.short_id between $1 and $2 and m.status = 'active' and m.archived_at is null and exists (
             select from listings l where l.merchant_id = m.id and l.client_id is null
               and l.shown_from <= $4 and l.shown_until > $4)
         order by m.short_id limit $3",
        beginning,
        last_of(beginning),
        most,
        now
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// The last short id that begins so, in every collation: letters come after digits.
fn last_of(beginning: &str) -> String {
    format!("{beginning}zzzzzzzzzz")
}
