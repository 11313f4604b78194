//! Reading offers for cards.

use super::{
    super::words,
    matches::{Filter, Match, push_filter, push_live},
};
use crate::{Error, Result};
use chrono::{NaiveDate, NaiveDateTime};
use model::{
    MerchantId, PublicationId, Timestamp,
    catalogue::OfferCard,
    pictures::{Focus, NoHash, ShownPicture},
    slug,
};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder, Row, postgres::PgRow};
use uuid::Uuid;

/// A listing as a list reads it.
#[derive(Debug)]
pub(in crate::catalogue) struct Card {
    pub publication: PublicationId,
    pub shown_from: Timestamp,
    pub priority: i16,
    short_id: String,
    headline: String,
    value: String,
    kind: String,
    icon: String,
    hue: i16,
    online: bool,
    valid_until: Option<NaiveDateTime>,
    offered_until: Option<Timestamp>,
    merchant: String,
    picture: Option<ShownPicture>,
    /// To its nearest place, where the list was asked for by distance.
    pub distance_km: Option<f64>,
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
            offered_until: row.try_get("offered_until")?,
            merchant: row.try_get("merchant")?,
            picture: picture(row)?,
            distance_km: None,
        })
    }
}

/// The picture in a row's columns, if there is one.
fn picture(row: &PgRow) -> sqlx::Result<Option<ShownPicture>> {
    let Some(hash) = row.try_get::<Option<String>, _>("picture")? else { return Ok(None) };
    let undecodable = |error: NoHash| sqlx::Error::Decode(error.into());
    let thousandths = |name: &str| Ok::<_, sqlx::Error>(row.try_get::<Option<i16>, _>(name)?.map(|n| n as u16));
    let middle = Focus::default();
    Ok(Some(ShownPicture {
        hash: hash.parse().map_err(undecodable)?,
        width: row.try_get::<i32, _>("picture_width")? as u32,
        height: row.try_get::<i32, _>("picture_height")? as u32,
        widths: row.try_get::<Vec<i32>, _>("picture_widths")?.into_iter().map(|width| width as u32).collect(),
        transparent: row.try_get("picture_transparent")?,
        focus: Focus { x: thousandths("picture_x")?.unwrap_or(middle.x), y: thousandths("picture_y")?.unwrap_or(middle.y) },
        alt: row.try_get::<Option<String>, _>("picture_alt")?.unwrap_or_default(),
        logo: row.try_get("picture_is_logo")?,
    }))
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
            distance_km: self.distance_km,
            online: self.online,
            until: words::last_day(self.valid_until, self.offered_until, today),
            picture: self.picture,
        })
    }
}

const COLUMNS: &str = "select l.publication_id, l.shown_from, l.priority, l.short_id, l.headline, l.value, l.kind, l.icon, l.hue,
    l.online, l.valid_until, nullif(l.shown_until, 'infinity') as offered_until, m.name as merchant,
    p.hash as picture, p.width as picture_width, p.height as picture_height, p.widths as picture_widths,
    p.transparent as picture_transparent, coalesce(l.picture_x, m.picture_x) as picture_x,
    coalesce(l.picture_y, m.picture_y) as picture_y, coalesce(l.picture_alt, m.picture_alt, b.logo_alt) as picture_alt,
    l.picture is null and m.picture is null as picture_is_logo from ";
const JOINS: &str = " l join merchants m on m.id = l.merchant_id left join brands b on b.id = m.brand_id
    left join pictures p on p.hash = coalesce(l.picture, m.picture, b.logo) where ";
const NEWEST_FIRST: &str = " order by l.shown_from desc, l.priority desc, l.publication_id desc limit ";

/// Every listing, with what its card shows.
fn listings() -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(COLUMNS);
    sql.push("listings").push(JOINS);
    sql
}

/// The newest offers that match, after a given one.
pub(in crate::catalogue) async fn newest(
    conn: &mut PgConnection,
    filter: &Filter,
    now: Timestamp,
    after: Option<&Match>,
    limit: i64,
) -> Result<Vec<Card>> {
    let mut sql = listings();
    push_live(&mut sql, now);
    push_filter(&mut sql, filter);
    push_after(&mut sql, after);
    sql.push(NEWEST_FIRST).push(limit);
    // Planned for the words at hand: a plan for any words would suit none. Without any it is planned once a connection, for which
    // the limit stands in the text.
    Ok(sql.build_query_as().persistent(filter.is_empty()).fetch_all(conn).await?)
}

/// As [`newest`], of no more than the next `most` offers, whether they match or not.
pub(in crate::catalogue) async fn newest_among(
    conn: &mut PgConnection,
    most: i64,
    filter: &Filter,
    now: Timestamp,
    after: Option<&Match>,
    limit: i64,
) -> Result<Vec<Card>> {
    let mut sql = QueryBuilder::new(COLUMNS);
    sql.push("(select * from listings l where l.shown_from <= ").push_bind(now);
    push_after(&mut sql, after);
    sql.push(NEWEST_FIRST).push(most).push(")").push(JOINS);
    push_live(&mut sql, now);
    push_filter(&mut sql, filter);
    sql.push(NEWEST_FIRST).push(limit);
    Ok(sql.build_query_as().persistent(false).fetch_all(conn).await?)
}

fn push_after(sql: &mut QueryBuilder<Postgres>, after: Option<&Match>) {
    if let Some(after) = after {
        sql.push(" and (l.shown_from, l.priority, l.publication_id) < (").push_bind(after.shown_from);
        sql.push(", ").push_bind(after.priority).push(", ").push_bind(after.publication.0).push(")");
    }
}

/// The live offers that end first, before `before`.
pub(in crate::catalogue) async fn ending(
    conn: &mut PgConnection,
    now: Timestamp,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<Card>> {
    let mut sql = listings();
    push_live(&mut sql, now);
    sql.push(" and l.shown_until < ").push_bind(before);
    sql.push(" order by l.shown_until, l.publication_id limit ").push(limit);
    Ok(sql.build_query_as().fetch_all(conn).await?)
}

/// The live offers of a merchant, newest first.
pub(in crate::catalogue) async fn of_merchant(
    conn: &mut PgConnection,
    merchant: MerchantId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Card>> {
    let mut sql = listings();
    push_live(&mut sql, now);
    sql.push(" and l.merchant_id = ").push_bind(merchant.0);
    sql.push(NEWEST_FIRST).push_bind(limit);
    Ok(sql.build_query_as().fetch_all(conn).await?)
}

/// The cards of live offers, in the order of their ids here.
pub(in crate::catalogue) async fn of(
    conn: &mut PgConnection,
    publications: &[PublicationId],
    now: Timestamp,
) -> Result<Vec<Card>> {
    if publications.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = publications.iter().map(|id| id.0).collect();
    let mut sql = listings();
    push_live(&mut sql, now);
    sql.push(" and l.publication_id = any(").push_bind(ids).push(")");
    let mut cards: Vec<Card> = sql.build_query_as().fetch_all(conn).await?;
    cards.sort_by_key(|card| publications.iter().position(|id| *id == card.publication));
    Ok(cards)
}
