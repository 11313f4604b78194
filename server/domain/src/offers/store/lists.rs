//! The list of offers, with its filters.

use crate::{Error, Result, offers::row::ValueColumns};
use model::{
    Cursor, FieldErrors, Page, Timestamp,
    offers::{OfferQuery, OfferRow},
};
use sqlx::{PgConnection, Postgres, QueryBuilder, Row, postgres::PgRow};
use uuid::Uuid;

const PAGE: usize = 50;
/// More merchants than these have so many offers that the list finds a page of them soon.
const MANY_MERCHANTS: i64 = 1_000;

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

/// Where an offer stands by the stored states of its publications; two indexes begin with it.
const SETTLED: &str = "(case when o.archived_at is null then o.settled else 'archived' end)";

/// One page of the list. The rows are found first; what is joined and worked out is so for these alone.
pub(in crate::offers) async fn list(conn: &mut PgConnection, filter: &Filter<'_>) -> Result<Page<OfferRow>> {
    let query = filter.query;
    let text = match some(&query.q) {
        Some(text) => Some(Text::of(conn, text).await?),
        None => None,
    };
    let order = if query.sort == "headline" { Order::Headline } else { Order::Updated };
    let backwards = !query.before.is_empty();
    let cursor = if backwards { &query.before } else { &query.after };
    // Headlines rise, updates fall; a page before turns that round.
    let rising = (order == Order::Headline) != backwards;
    let column = match order {
        Order::Headline => "o.plain_headline",
        Order::Updated => "o.updated_at",
    };
    let direction = if rising { "asc" } else { "desc" };
    let ordered = format!(" order by {column} {direction}, o.id {direction} limit {}", PAGE + 1);

    let mut sql = QueryBuilder::new(
        "select o.id, o.headline, o.merchant_id, m.name as merchant_name, o.kind, o.currency, o.value_basis_points, o.value_minor,
                o.value_buy, o.value_get, o.value_hundredths, o.value_text, o.revision_state, o.valid_until, o.updated_at,
                o.version is distinct from o.revision_draft_version as draft_ahead, o.plain_headline as sort_key, ",
    );
    push_standing(&mut sql, filter.now);
    sql.push(" as standing from (");
    for (place, part) in parts(query).into_iter().enumerate() {
        sql.push(if place == 0 { "(select o.id from offers o where " } else { ") union all (select o.id from offers o where " });
        part.push(&mut sql, filter.now);
        conditions(&mut sql, filter, text.as_ref());
        if !cursor.is_empty() {
            after(&mut sql, order, backwards, cursor)?;
        }
        sql.push(&ordered);
    }
    sql.push(")) as found join offers o on o.id = found.id join merchants m on m.id = o.merchant_id").push(&ordered);

    // A plan that is kept would have to suit every word of a filter.
    let mut rows = sql.build().persistent(is_whole(query)).fetch_all(conn).await?;
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

/// Some of the offers, each found by an index of its own.
enum Part<'a> {
    /// All that are not archived.
    Kept,
    /// Those that stand so by what is stored, which is what the time says as well.
    Settled(&'a str),
    /// The few whose stored states lag behind the time, and that stand so by the time.
    Due(&'a str),
}

/// The parts that no offer is in twice.
fn parts(query: &OfferQuery) -> Vec<Part<'_>> {
    match some(&query.publication) {
        Some(standing) => vec![Part::Settled(standing), Part::Due(standing)],
        None => vec![Part::Kept],
    }
}

impl Part<'_> {
    fn push(&self, sql: &mut QueryBuilder<Postgres>, now: Timestamp) {
        match self {
            Self::Kept => {
                sql.push("o.archived_at is null");
            }
            Self::Settled(standing) => {
                sql.push(SETTLED).push(" = ").push_bind((*standing).to_owned()).push(" and o.id <> all(");
                push_due(sql, now);
                sql.push(")");
            }
            Self::Due(standing) => {
                sql.push("o.id = any(");
                push_due(sql, now);
                sql.push(") and offer_standing(o.id, o.archived_at, ")
                    .push_bind(now)
                    .push(") = ")
                    .push_bind((*standing).to_owned());
            }
        }
    }
}

/// Where an offer stands now. To work it out costs as much as the rest of a row, so it is for those that are due alone.
fn push_standing(sql: &mut QueryBuilder<Postgres>, now: Timestamp) {
    sql.push("case when o.id = any(");
    push_due(sql, now);
    sql.push(") then offer_standing(o.id, o.archived_at, ").push_bind(now).push(") else ").push(SETTLED).push(" end");
}

/// The offers with a publication whose stored state lags behind the time.
fn push_due(sql: &mut QueryBuilder<Postgres>, now: Timestamp) {
    sql.push("array(select offer_id from publications where state = 'scheduled' and lower(during) <= ").push_bind(now);
    sql.push(" union select offer_id from publications where state in ('scheduled', 'live', 'paused') and upper(during) <= ")
        .push_bind(now)
        .push(")");
}

/// The text that is looked for in headlines and in merchants' names.
struct Text {
    part: TextPart,
    /// The merchants with such a name; none if they are many.
    merchants: Option<Vec<Uuid>>,
}

/// How a text is looked for, so that an index can find it.
enum TextPart {
    /// Anywhere; it has three letters or more.
    Anywhere(String),
    /// One or two letters have no trigram of their own, but the beginning of a word has.
    Begins(String),
    /// One or two letters of a script that writes words without spaces.
    Short(String),
}

impl TextPart {
    fn of(text: &str) -> Self {
        let escaped = || text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        match text.chars().count() {
            1 | 2 if text.chars().any(|c| c as u32 >= 0x2E80) => Self::Short(text.to_owned()),
            1 | 2 => Self::Begins(escaped()),
            _ => Self::Anywhere(escaped()),
        }
    }

    fn push(&self, sql: &mut QueryBuilder<Postgres>, column: &str) {
        match self {
            Self::Anywhere(text) => {
                sql.push(format!("{column} like plain(")).push_bind(format!("%{text}%")).push(")");
            }
            Self::Begins(text) => {
                sql.push(format!("({column} like plain(")).push_bind(format!("{text}%"));
                sql.push(format!(") or {column} like plain(")).push_bind(format!("% {text}%")).push("))");
            }
            Self::Short(text) => {
                sql.push(format!("short_parts({column}) @> array[plain(")).push_bind(text.clone()).push(")]");
            }
        }
    }
}

impl Text {
    async fn of(conn: &mut PgConnection, text: &str) -> Result<Self> {
        let part = TextPart::of(text);
        let mut named = QueryBuilder::new("select id from merchants where ");
        part.push(&mut named, "plain_name");
        named.push(format!(" limit {}", MANY_MERCHANTS + 1));
        let ids: Vec<Uuid> = named.build_query_scalar().persistent(false).fetch_all(conn).await?;
        Ok(Self { part, merchants: (ids.len() as i64 <= MANY_MERCHANTS).then_some(ids) })
    }

    fn push(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push(" and (");
        self.part.push(sql, "o.plain_headline");
        match &self.merchants {
            Some(ids) if ids.is_empty() => {}
            Some(ids) => {
                sql.push(" or o.merchant_id = any(").push_bind(ids.clone()).push(")");
            }
            None => {
                sql.push(" or o.merchant_id in (select id from merchants where ");
                self.part.push(sql, "plain_name");
                sql.push(")");
            }
        }
        sql.push(")");
    }
}

fn conditions(sql: &mut QueryBuilder<Postgres>, filter: &Filter<'_>, text: Option<&Text>) {
    let query = filter.query;
    if let Some(text) = text {
        text.push(sql);
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
}

/// Whether the list leaves nothing out.
fn is_whole(query: &OfferQuery) -> bool {
    let OfferQuery { q, merchant, kind, category, publication, revision, sort: _, after: _, before: _ } = query;
    [q, merchant, kind, category, publication, revision].into_iter().all(|text| some(text).is_none())
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
            sql.push(format!(" and (o.plain_headline, o.id) {sign} (")).push_bind(key.to_owned());
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
