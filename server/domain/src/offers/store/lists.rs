//! The list of offers, with its filters.

use crate::{Error, Result, offers::row::ValueColumns};
use model::{
    Cursor, FieldErrors, Page, Timestamp,
    offers::{OfferQuery, OfferRow},
};
use sqlx::{PgConnection, Postgres, QueryBuilder, Row, postgres::PgRow};
use uuid::Uuid;

const PAGE: usize = 50;

/// The list's query with its words resolved.
pub(in crate::offers) struct Filter<'a> {
    pub query: &'a OfferQuery,
    pub merchant: Option<Uuid>,
    /// A category with its descendants.
    pub categories: Option<Vec<Uuid>>,
    pub now: Timestamp,
}

/// What the list is sorted by; the id decides between equals.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    Updated,
    Headline,
}

/// One page of the list.
pub(in crate::offers) async fn list(conn: &mut PgConnection, filter: &Filter<'_>) -> Result<Page<OfferRow>> {
    let query = filter.query;
    let order = if query.sort == "headline" { Order::Headline } else { Order::Updated };
    let backwards = !query.before.is_empty();
    let cursor = if backwards { &query.before } else { &query.after };

    let mut sql = QueryBuilder::new(
        "select o.id, o.headline, o.merchant_id, m.name as merchant_name, o.kind, o.currency, o.value_basis_points, o.value_minor,
                o.value_buy, o.value_get, o.value_hundredths, o.value_text, o.revision_state, o.valid_until, o.updated_at,
                o.version is distinct from o.revision_draft_version as draft_ahead, plain(o.headline) as sort_key,
                offer_standing(o.id, o.archived_at, ",
    );
    sql.push_bind(filter.now).push(") as standing from offers o join merchants m on m.id = o.merchant_id where true");
    conditions(&mut sql, filter);
    if !cursor.is_empty() {
        after(&mut sql, order, backwards, cursor)?;
    }
    // Headlines rise, updates fall; a page before turns that round.
    let rising = (order == Order::Headline) != backwards;
    let column = match order {
        Order::Headline => "plain(o.headline)",
        Order::Updated => "o.updated_at",
    };
    let direction = if rising { "asc" } else { "desc" };
    sql.push(format!(" order by {column} {direction}, o.id {direction} limit {}", PAGE + 1));

    let mut rows = sql.build().fetch_all(conn).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    if backwards {
        rows.reverse();
    }
    let cursor_of = |row: Option<&PgRow>| row.map(|row| position(row, order)).transpose();
    let (has_previous, has_next) = if backwards { (more, true) } else { (!cursor.is_empty(), more) };
    Ok(Page {
        next: if has_next { cursor_of(rows.last())? } else { None },
        previous: if has_previous { cursor_of(rows.first())? } else { None },
        items: rows.iter().map(item).collect::<Result<_>>()?,
    })
}

fn conditions(sql: &mut QueryBuilder<Postgres>, filter: &Filter<'_>) {
    let query = filter.query;
    if let Some(text) = some(&query.q) {
        let pattern = format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        sql.push(" and (plain(o.headline) like plain(").push_bind(pattern.clone());
        sql.push(") or o.merchant_id = any(array(select id from merchants where plain(name) like plain(").push_bind(pattern);
        sql.push(") limit 1000)))");
    }
    if let Some(merchant) = filter.merchant {
        sql.push(" and o.merchant_id = ").push_bind(merchant);
    }
    if let Some(kind) = some(&query.kind) {
        sql.push(" and o.kind = ").push_bind(kind.to_owned());
    }
    if let Some(categories) = &filter.categories {
        sql.push(" and exists (select 1 from offer_categories c where c.offer_id = o.id and c.category_id = any(")
            .push_bind(categories.clone())
            .push("))");
    }
    if let Some(revision) = some(&query.revision) {
        sql.push(" and o.revision_state = ").push_bind(revision.to_owned());
    }
    match some(&query.publication) {
        Some(standing) => {
            sql.push(" and offer_standing(o.id, o.archived_at, ")
                .push_bind(filter.now)
                .push(") = ")
                .push_bind(standing.to_owned());
        }
        None => {
            sql.push(" and o.archived_at is null");
        }
    }
}

fn some(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// Continues after (or before) the row that a cursor names.
fn after(sql: &mut QueryBuilder<Postgres>, order: Order, backwards: bool, cursor: &str) -> Result<()> {
    let broken = || Error::from(FieldErrors::of("after", "This page of the list is not there; start from the first."));
    let (key, id) = cursor.rsplit_once('~').ok_or_else(broken)?;
    let id: Uuid = id.parse().map_err(|_| broken())?;
    let sign = if (order == Order::Headline) != backwards { ">" } else { "<" };
    match order {
        Order::Headline => {
            sql.push(format!(" and (plain(o.headline), o.id) {sign} (")).push_bind(key.to_owned());
        }
        Order::Updated => {
            let at: Timestamp = key.parse().map_err(|_| broken())?;
            sql.push(format!(" and (o.updated_at, o.id) {sign} (")).push_bind(at);
        }
    }
    sql.push(", ").push_bind(id).push(")");
    Ok(())
}

fn position(row: &PgRow, order: Order) -> Result<Cursor> {
    let id: Uuid = row.try_get("id")?;
    let key = match order {
        Order::Headline => row.try_get::<String, _>("sort_key")?,
        Order::Updated => row.try_get::<Timestamp, _>("updated_at")?.to_rfc3339(),
    };
    Ok(Cursor(format!("{key}~{id}")))
}

fn item(row: &PgRow) -> Result<OfferRow> {
    let word = |name: &str| row.try_get::<String, _>(name);
    let unknown = |()| Error::fault("an offer's column holds an unknown word");
    Ok(OfferRow {
        id: row.try_get::<Uuid, _>("id")?.into(),
        headline: word("headline")?,
        merchant: row.try_get::<Uuid, _>("merchant_id")?.into(),
        merchant_name: word("merchant_name")?,
        kind: word("kind")?.parse().map_err(unknown)?,
        value: ValueColumns {
            kind: &word("kind")?,
            currency: &word("currency")?,
            basis_points: row.try_get("value_basis_points")?,
            minor: row.try_get("value_minor")?,
            buy: row.try_get("value_buy")?,
            get: row.try_get("value_get")?,
            hundredths: row.try_get("value_hundredths")?,
            text: row.try_get("value_text")?,
        }
        .value()?
        .shown(),
        publication: word("standing")?.parse().map_err(unknown)?,
        revision: row.try_get::<Option<String>, _>("revision_state")?.map(|state| state.parse().map_err(unknown)).transpose()?,
        draft_ahead: row.try_get("draft_ahead")?,
        valid_until: row.try_get("valid_until")?,
        updated_at: row.try_get("updated_at")?,
    })
}
