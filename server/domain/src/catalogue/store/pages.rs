//! Reading what the page of one offer or one merchant shows: the revision's snapshot, the merchant, the places.

use super::super::results::Point;
use crate::Result;
use chrono::NaiveDate;
use chrono_tz::Tz;
use model::{
    CategoryId, MerchantId, PublicationId, Timestamp,
    merchants::{NewLocation, OpenHours},
    offers::OfferContent,
};
use sqlx::{PgConnection, types::Json};

/// A live listing with its revision's content.
pub(in crate::catalogue) struct Listed {
    pub publication: PublicationId,
    pub short_id: String,
    pub icon: String,
    pub hue: i16,
    /// When it ends on the site, if anything ends it.
    pub shown_until: Option<Timestamp>,
    pub content: OfferContent,
    pub merchant: MerchantId,
    pub merchant_name: String,
    pub merchant_short_id: String,
    pub merchant_website: Option<String>,
}

/// The offer of this short id, if members may see it now.
pub(in crate::catalogue) async fn listed(conn: &mut PgConnection, short_id: &str, now: Timestamp) -> Result<Option<Listed>> {
    let row = sqlx::query!(
        r#"select l.publication_id, l.short_id, l.icon, l.hue, nullif(l.shown_until, 'infinity') as shown_until,
               r.snapshot as "snapshot: Json<OfferContent>",
               m.id as merchant_id, m.name as merchant_name, m.short_id as merchant_short_id, m.website
           from listings l join merchants m on m.id = l.merchant_id join offer_revisions r on r.id = l.revision_id
           where l.short_id = $1 and l.client_id is null and m.status = 'active' and m.archived_at is null
             and l.shown_from <= $2 and l.shown_until > $2
           order by l.shown_from desc limit 1"#,
        short_id,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Listed {
        publication: PublicationId(row.publication_id),
        short_id: row.short_id,
        icon: row.icon,
        hue: row.hue,
        shown_until: row.shown_until,
        content: row.snapshot.0,
        merchant: MerchantId(row.merchant_id),
        merchant_name: row.merchant_name,
        merchant_short_id: row.merchant_short_id,
        merchant_website: row.website,
    }))
}

/// The categories that a merchant is filed under.
pub(in crate::catalogue) async fn merchant_categories(conn: &mut PgConnection, merchant: MerchantId) -> Result<Vec<CategoryId>> {
    let ids = sqlx::query_scalar!("select category_id from merchant_categories where merchant_id = $1", merchant.0)
        .fetch_all(conn)
        .await?;
    Ok(ids.into_iter().map(Into::into).collect())
}

/// Which places a page shows: all of a merchant, or those of one of its offers.
#[derive(Clone, Copy, Debug)]
pub(in crate::catalogue) struct PlacesOf {
    pub merchant: MerchantId,
    pub publication: Option<PublicationId>,
}

/// How many places there are, and the time zones they lie in.
pub(in crate::catalogue) struct PlaceSummary {
    pub count: i64,
    pub zones: Vec<Tz>,
}

pub(in crate::catalogue) async fn place_summary(conn: &mut PgConnection, of: PlacesOf) -> Result<PlaceSummary> {
    let row = sqlx::query!(
        r#"select count(*) as "count!", coalesce(array_agg(distinct time_zone), '{}') as "zones!: Vec<String>"
           from locations o
           where o.merchant_id = $1 and o.archived_at is null
             and ($2::uuid is null or exists (
                 select from listing_places p where p.publication_id = $2 and p.location_id = o.id))"#,
        of.merchant.0,
        of.publication.map(|id| id.0)
    )
    .fetch_one(conn)
    .await?;
    Ok(PlaceSummary { count: row.count, zones: row.zones.iter().filter_map(|zone| zone.parse().ok()).collect() })
}

/// A place, and how far it is from where the member said they are.
pub(in crate::catalogue) struct FoundPlace {
    pub place: NewLocation,
    pub chord: Option<f64>,
}

struct PlaceRow {
    name: Option<String>,
    street: String,
    city: String,
    region: String,
    postal_code: String,
    country: String,
    latitude: Option<f64>,
    longitude: Option<f64>,
    phone: Option<String>,
    hours: Json<Vec<OpenHours>>,
    time_zone: String,
    closed_from: Option<NaiveDate>,
    closed_until: Option<NaiveDate>,
    chord: Option<f64>,
}

/// The first places: nearest first from a point, else by state and city.
pub(in crate::catalogue) async fn places(
    conn: &mut PgConnection,
    of: PlacesOf,
    from: Option<Point>,
    limit: i64,
) -> Result<Vec<FoundPlace>> {
    let rows = sqlx::query_as!(
        PlaceRow,
        r#"select name, street, city, region, postal_code, country, latitude, longitude, phone,
               hours as "hours: Json<Vec<OpenHours>>", time_zone, closed_from, closed_until,
               point <-> sphere_point($3, $4) as chord
           from locations o
           where o.merchant_id = $1 and o.archived_at is null
             and ($2::uuid is null or exists (
                 select from listing_places p where p.publication_id = $2 and p.location_id = o.id))
           order by chord nulls last, region, city, street, id limit $5"#,
        of.merchant.0,
        of.publication.map(|id| id.0),
        from.map(|point| point.latitude),
        from.map(|point| point.longitude),
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

impl From<PlaceRow> for FoundPlace {
    fn from(row: PlaceRow) -> Self {
        let place = NewLocation {
            name: row.name,
            street: row.street,
            city: row.city,
            region: row.region,
            postal_code: row.postal_code,
            country: row.country,
            point: row.latitude.zip(row.longitude),
            phone: row.phone,
            hours: row.hours.0,
            time_zone: row.time_zone,
            closed: row.closed_from.map(|from| (from, row.closed_until)),
        };
        Self { place, chord: row.chord }
    }
}
