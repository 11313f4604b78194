//! Reading offers for cards: which are live, which match, in what order.

use super::super::search::{Filter, Near, Point, Word, kilometres};
use crate::{Error, Result, catalogue::words};
use chrono::{NaiveDate, NaiveDateTime};
use model::{MerchantId, PublicationId, Timestamp, catalogue::OfferCard, slug};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder, Row, postgres::PgRow};
use uuid::Uuid;

/// A listing as a list reads it.
#[derive(Debug)]
pub(in crate::catalogue) struct Card {
    pub publication: PublicationId,
    pub shown_from: Timestamp,
    pub priority: i16,
    pub short_id: String,
    pub headline: String,
    pub value: String,
    pub kind: String,
    pub icon: String,
    pub hue: i16,
    pub online: bool,
    pub valid_until: Option<NaiveDateTime>,
    pub merchant: String,
    /// To its nearest place, where the list was asked for by distance.
    pub chord: Option<f64>,
}

impl FromRow<'_, PgRow> for Card {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            publication: PublicationId(row.try_get("publication_id")?),
            shown_from: row.try_get("shown_from")?,
            priority: row.try_get("priority")?,
            short_id: row.try_get("short_id")?,
            headline: row.try_get("headline")?,
            value: row.try_get("value")?,
            kind: row.try_get("kind")?,
            icon: row.try_get("icon")?,
            hue: row.try_get("hue")?,
            online: row.try_get("online")?,
            valid_until: row.try_get("valid_until")?,
            merchant: row.try_get("merchant")?,
            chord: None,
        })
    }
}

impl Card {
    pub(in crate::catalogue) fn shown(self, today: NaiveDate) -> Result<OfferCard> {
        Ok(OfferCard {
            address: slug::address(&self.headline, &self.short_id),
            kind: self.kind.parse().map_err(|()| Error::fault(format!("a listing of the kind {}", self.kind)))?,
            headline: self.headline,
            value: self.value,
            merchant: self.merchant,
            icon: self.icon,
            hue: self.hue.rem_euclid(12) as u8,
            distance_km: self.chord.map(kilometres),
            online: self.online,
            until: self.valid_until.map(|until| words::last_moment(until, today)),
        })
    }
}

const COLUMNS: &str = "select l.publication_id, l.shown_from, l.priority, l.short_id, l.headline, l.value, l.kind, l.icon, l.hue,
    l.online, l.valid_until, m.name as merchant
    from listings l join merchants m on m.id = l.merchant_id where ";

/// What members may see now: the one place that says so for lists.
fn push_live(sql: &mut QueryBuilder<Postgres>, now: Timestamp) {
    sql.push("l.client_id is null and m.status = 'active' and m.archived_at is null and l.shown_from <= ").push_bind(now);
    sql.push(" and l.shown_until > ").push_bind(now);
}

fn push_filter(sql: &mut QueryBuilder<Postgres>, filter: &Filter) {
    if let Some(category) = filter.category {
        sql.push(" and l.category_ids @> array[").push_bind(category.0).push("]");
    }
    for word in &filter.words {
        push_word(sql, word);
    }
}

/// The word stands in the offer's texts (in any English form, or at the beginning of a word) or begins a word of the merchant's
/// name. Each side has an index, and the second is a list of ids, so that Postgres can join the two.
fn push_word(sql: &mut QueryBuilder<Postgres>, word: &Word) {
    let text = &word.text;
    let longer = text.chars().count() > 2 && !text.chars().all(|c| c.is_ascii_digit());
    sql.push(" and (l.search @@ (to_tsquery('simple', ")
        .push_bind(if longer { format!("{text}:*") } else { text.clone() })
        .push(")");
    if !word.stop {
        sql.push(" || to_tsquery('english', ").push_bind(text.clone()).push(")");
    }
    // Scripts that write words without spaces have no beginnings to look for.
    let spaced = text.chars().all(|c| (c as u32) < 0x2E80);
    let pattern = if spaced { format!("\\m{text}") } else { text.clone() };
    sql.push(") or l.merchant_id = any(array(select id from merchants where plain(name) ~ ")
        .push_bind(pattern)
        .push(" and archived_at is null)))");
}

/// The words of a text as they are searched for; `text` holds no control characters.
pub(in crate::catalogue) async fn words(conn: &mut PgConnection, text: &str) -> Result<Vec<Word>> {
    let words = sqlx::query_as!(
        Word,
        r#"select word as "text!", to_tsvector('english', word) = '' as "stop!"
           from regexp_split_to_table(plain($1), '[^[:alnum:]]+') with ordinality as split (word, place)
           where word <> '' order by place limit 50"#,
        text
    )
    .fetch_all(conn)
    .await?;
    Ok(words)
}

type NewestKey = (Timestamp, i16, PublicationId);

pub(in crate::catalogue) async fn newest(
    conn: &mut PgConnection,
    filter: &Filter,
    now: Timestamp,
    after: Option<NewestKey>,
    limit: i64,
) -> Result<Vec<Card>> {
    let mut sql = QueryBuilder::new(COLUMNS);
    push_live(&mut sql, now);
    push_filter(&mut sql, filter);
    if let Some((shown_from, priority, publication)) = after {
        sql.push(" and (l.shown_from, l.priority, l.publication_id) < (").push_bind(shown_from);
        sql.push(", ").push_bind(priority).push(", ").push_bind(publication.0).push(")");
    }
    sql.push(" order by l.shown_from desc, l.priority desc, l.publication_id desc limit ").push_bind(limit);
    // Planned for the words at hand: a plan for any words would suit none.
    Ok(sql.build_query_as().persistent(false).fetch_all(conn).await?)
}

/// The live offers that end first, before `before`.
pub(in crate::catalogue) async fn ending(
    conn: &mut PgConnection,
    now: Timestamp,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<Card>> {
    let mut sql = QueryBuilder::new(COLUMNS);
    push_live(&mut sql, now);
    sql.push(" and l.shown_until < ").push_bind(before);
    sql.push(" order by l.shown_until, l.publication_id limit ").push_bind(limit);
    Ok(sql.build_query_as().fetch_all(conn).await?)
}

/// The live offers of a merchant, newest first.
pub(in crate::catalogue) async fn of_merchant(
    conn: &mut PgConnection,
    merchant: MerchantId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Card>> {
    let mut sql = QueryBuilder::new(COLUMNS);
    push_live(&mut sql, now);
    sql.push(" and l.merchant_id = ").push_bind(merchant.0);
    sql.push(" order by l.shown_from desc, l.priority desc, l.publication_id desc limit ").push_bind(limit);
    Ok(sql.build_query_as().fetch_all(conn).await?)
}

/// The nearest places of matching offers; an offer stands there once for each of its places.
pub(in crate::catalogue) async fn nearest_places(
    conn: &mut PgConnection,
    filter: &Filter,
    now: Timestamp,
    point: Point,
    limit: i64,
) -> Result<Vec<Near>> {
    let mut sql = QueryBuilder::new("select p.publication_id, l.priority, p.point <-> ");
    push_point(&mut sql, point);
    sql.push(
        " as chord from listing_places p join listings l on l.publication_id = p.publication_id
        join merchants m on m.id = l.merchant_id join locations o on o.id = p.location_id
        where p.point is not null and o.archived_at is null and ",
    );
    push_live(&mut sql, now);
    push_filter(&mut sql, filter);
    sql.push(" order by p.point <-> ");
    push_point(&mut sql, point);
    sql.push(" limit ").push_bind(limit);
    let rows: Vec<(Uuid, i16, f64)> = sql.build_query_as().persistent(false).fetch_all(conn).await?;
    Ok(rows
        .into_iter()
        .map(|(publication, priority, chord)| Near { publication: PublicationId(publication), priority, chord })
        .collect())
}

fn push_point(sql: &mut QueryBuilder<Postgres>, point: Point) {
    sql.push("sphere_point(").push_bind(point.latitude).push(", ").push_bind(point.longitude).push(")");
}

/// The cards of offers found by distance, in their order.
pub(in crate::catalogue) async fn near(conn: &mut PgConnection, offers: &[Near], now: Timestamp) -> Result<Vec<Card>> {
    let mut sql = QueryBuilder::new(COLUMNS);
    push_live(&mut sql, now);
    let ids: Vec<Uuid> = offers.iter().map(|offer| offer.publication.0).collect();
    sql.push(" and l.publication_id = any(").push_bind(ids).push(")");
    let mut cards: Vec<Card> = sql.build_query_as().fetch_all(conn).await?;
    let place = |card: &Card| offers.iter().position(|offer| offer.publication == card.publication);
    for card in &mut cards {
        card.chord = place(card).map(|i| offers[i].chord);
    }
    cards.sort_by_key(|card| place(card));
    Ok(cards)
}
