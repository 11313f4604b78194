//! The SQL of the lists: filters, order, and one page from a place on.

use super::{locations::Row as LocationRow, merchants::status};
use crate::{
    Result,
    merchants::{
        cursor::{Paging, Place, escaped},
        list::{By, Filter},
    },
};
use model::{
    MerchantId, Page, Timestamp,
    merchants::{Location, MerchantRow},
};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

/// Merchants on a page.
const MERCHANTS: usize = 50;
/// Locations on a page; they stand beside something else.
const LOCATIONS: usize = 20;

#[derive(FromRow)]
struct Listed {
    id: Uuid,
    name: String,
    key: String,
    brand: Option<String>,
    status: String,
    categories: Option<String>,
    locations: i64,
    offers: i64,
    updated_at: Timestamp,
}

/// One page of merchants. The rows are found first; what is joined and counted is so for these alone.
pub(crate) async fn merchants(conn: &mut PgConnection, filter: &Filter) -> Result<Page<MerchantRow>> {
    let descending = filter.order.descending != filter.paging.backwards();
    let column = match filter.order.by {
        By::Name => "m.plain_name",
        By::Update => "m.updated_at",
    };
    let direction = if descending { "desc" } else { "asc" };

    let mut sql = QueryBuilder::new(
        "with found as materialized (
             select m.id, m.name, m.plain_name as key, m.brand_id, m.status, m.updated_at
             from merchants m where m.archived_at is null",
    );
    conditions(&mut sql, filter);
    if let Some(place) = filter.paging.place() {
        sql.push(format!(" and ({column}, m.id) {} (", if descending { "<" } else { ">" }));
        match filter.order.by {
            By::Name => sql.push_bind(place.key.clone()),
            By::Update => sql.push_bind(place.time()?),
        };
        sql.push(", ").push_bind(place.id).push(")");
    }
    sql.push(format!(" order by {column} {direction}, m.id {direction} limit {}", MERCHANTS + 1));
    sql.push(
        ") select m.id, m.name, m.key, m.status, m.updated_at, b.name as brand,
             (select string_agg(c.name, ', ' order by c.position, c.name)
              from merchant_categories mc join categories c on c.id = mc.category_id where mc.merchant_id = m.id) as categories,
             (select count(*) from locations l where l.merchant_id = m.id and l.archived_at is null) as locations,
             (select count(*) from offers o where o.merchant_id = m.id and o.archived_at is null) as offers
         from found m left join brands b on b.id = m.brand_id",
    );
    // The outer query reads few rows: what is fast for the inner one does not matter here.
    let column = if filter.order.by == By::Name { "m.key" } else { "m.updated_at" };
    sql.push(format!(" order by {column} {direction}, m.id {direction}"));

    let rows: Vec<Listed> = sql.build_query_as().fetch_all(conn).await?;
    let place = |row: &Listed| match filter.order.by {
        By::Name => Place { key: row.key.clone(), id: row.id },
        By::Update => Place { key: row.updated_at.to_rfc3339(), id: row.id },
    };
    filter.paging.page(rows, MERCHANTS, place, |row| {
        Ok(MerchantRow {
            id: row.id.into(),
            name: row.name,
            brand: row.brand,
            status: status(&row.status)?,
            category: row.categories,
            locations: row.locations,
            offers: row.offers,
            updated_at: row.updated_at,
        })
    })
}

fn conditions(sql: &mut QueryBuilder<Postgres>, filter: &Filter) {
    if let Some(text) = &filter.text {
        // Fewer than three letters have no trigram of their own, but the beginning of a word has.
        let (letters, text) = (text.chars().count(), escaped(text));
        match letters {
            1 | 2 => {
                sql.push(" and (m.plain_name like plain(").push_bind(format!("{text}%"));
                sql.push(") or m.plain_name like plain(").push_bind(format!("% {text}%")).push("))");
            }
            _ => {
                sql.push(" and m.plain_name like plain(").push_bind(format!("%{text}%")).push(")");
            }
        }
    }
    if let Some(status) = filter.status {
        sql.push(" and m.status = ").push_bind(status.word());
    }
    if let Some(categories) = &filter.categories {
        sql.push(" and exists (select from merchant_categories mc where mc.merchant_id = m.id and mc.category_id = any(")
            .push_bind(categories.clone())
            .push("))");
    }
}

/// One page of a merchant's locations, by city; equal cities in order of their making.
pub(crate) async fn locations(
    conn: &mut PgConnection,
    merchant: MerchantId,
    text: Option<&str>,
    archived: bool,
    paging: &Paging,
) -> Result<Page<Location>> {
    let (sign, direction) = if paging.backwards() { ("<", "desc") } else { (">", "asc") };
    let mut sql = QueryBuilder::new(
        "select l.id, l.merchant_id, l.version, l.name, l.street, l.city, l.region, l.postal_code, l.country, l.latitude,
             l.longitude, l.phone, l.hours, l.time_zone, l.closed_from, l.closed_until, l.updated_at, l.archived_at,
             plain(l.city) as key, (
                 select jsonb_agg(jsonb_build_object('source', x.source, 'value', x.value) order by x.source, x.value)
                 from external_ids x where x.kind = 'location' and x.entity_id = l.id) as external_ids
         from locations l where l.merchant_id = ",
    );
    sql.push_bind(merchant.0).push(if archived { " and l.archived_at is not null" } else { " and l.archived_at is null" });
    if let Some(text) = text {
        sql.push(" and plain(concat_ws(' ', l.name, l.street, l.city, l.region, l.postal_code)) like plain(")
            .push_bind(format!("%{}%", escaped(text)))
            .push(")");
    }
    if let Some(place) = paging.place() {
        sql.push(format!(" and (plain(l.city), l.id) {sign} ("))
            .push_bind(place.key.clone())
            .push(", ")
            .push_bind(place.id)
            .push(")");
    }
    sql.push(format!(" order by plain(l.city) {direction}, l.id {direction} limit {}", LOCATIONS + 1));

    #[derive(FromRow)]
    struct Listed {
        key: String,
        #[sqlx(flatten)]
        row: LocationRow,
    }
    let rows: Vec<Listed> = sql.build_query_as().fetch_all(conn).await?;
    let place = |listed: &Listed| Place { key: listed.key.clone(), id: listed.row.id };
    paging.page(rows, LOCATIONS, place, |listed| Ok(listed.row.into()))
}
