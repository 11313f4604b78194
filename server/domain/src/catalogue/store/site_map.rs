//! Reading the addresses that search engines are told.

use crate::Result;
use model::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

/// An address of the site for search engines.
pub(in crate::catalogue) struct SitePage {
    pub name: String,
    pub short_id: String,
    pub changed: Timestamp,
}

/// The first id of each stretch of `size` live offers, by id.
pub(in crate::catalogue) async fn offer_stretches(conn: &mut PgConnection, size: i64, now: Timestamp) -> Result<Vec<Uuid>> {
    let ids = sqlx::query_scalar!(
        r#"select id as "id!" from (
               select l.publication_id as id, row_number() over (order by l.publication_id) - 1 as place
               from listings l join merchants m on m.id = l.merchant_id
               where l.client_id is null and m.status = 'active' and m.archived_at is null
                 and l.shown_from <= $2 and l.shown_until > $2) as numbered
           where place % $1 = 0 order by id"#,
        size,
        now
    )
    .fetch_all(conn)
    .await?;
    Ok(ids)
}

/// Live offers from an id on.
pub(in crate::catalogue) async fn offer_addresses(
    conn: &mut PgConnection,
    from: Uuid,
    size: i64,
    now: Timestamp,
) -> Result<Vec<SitePage>> {
    let rows = sqlx::query_as!(
        SitePage,
        "select l.headline as name, l.short_id, l.shown_from as changed
         from listings l join merchants m on m.id = l.merchant_id
         where l.client_id is null and m.status = 'active' and m.archived_at is null
           and l.shown_from <= $3 and l.shown_until > $3 and l.publication_id >= $1
         order by l.publication_id limit $2",
        from,
        size,
        now
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// The first id of each stretch of `size` merchants with a live offer, by id.
pub(in crate::catalogue) async fn merchant_stretches(conn: &mut PgConnection, size: i64, now: Timestamp) -> Result<Vec<Uuid>> {
    let ids = sqlx::query_scalar!(
        r#"select id as "id!" from (
               select m.id, row_number() over (order by m.id) - 1 as place from merchants m
               where m.status = 'active' and m.archived_at is null and exists (
                   select from listings l where l.merchant_id = m.id and l.client_id is null
                     and l.shown_from <= $2 and l.shown_until > $2)) as numbered
           where place % $1 = 0 order by id"#,
        size,
        now
    )
    .fetch_all(conn)
    .await?;
    Ok(ids)
}

/// Merchants with a live offer, from an id on.
pub(in crate::catalogue) async fn merchant_addresses(
    conn: &mut PgConnection,
    from: Uuid,
    size: i64,
    now: Timestamp,
) -> Result<Vec<SitePage>> {
    let rows = sqlx::query_as!(
        SitePage,
        "select m.name, m.short_id, m.updated_at as changed from merchants m
         where m.status = 'active' and m.archived_at is null and m.id >= $1 and exists (
             select from listings l where l.merchant_id = m.id and l.client_id is null
               and l.shown_from <= $3 and l.shown_until > $3)
         order by m.id limit $2",
        from,
        size,
        now
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}
