//! The SQL of `locations`.

use crate::Result;
use chrono::NaiveDate;
use model::{
    LocationId, MerchantId, Timestamp, Version,
    merchants::{ExternalId, Location, NewLocation, OpenHours},
    offers::Places,
};
use sqlx::{FromRow, PgConnection, types::Json};
use uuid::Uuid;

/// A row of `locations` with its external ids.
#[derive(FromRow)]
pub(crate) struct Row {
    pub id: Uuid,
    merchant_id: Uuid,
    version: i64,
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
    updated_at: Timestamp,
    archived_at: Option<Timestamp>,
    external_ids: Option<Json<Vec<ExternalId>>>,
}

impl From<Row> for Location {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            merchant: row.merchant_id.into(),
            version: Version(row.version),
            place: NewLocation {
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
            },
            external_ids: row.external_ids.map(|ids| ids.0).unwrap_or_default(),
            updated_at: row.updated_at,
            archived_at: row.archived_at,
        }
    }
}

/// The merchant's locations where an offer with these places applies, in order of their making, without external ids.
pub(crate) async fn where_offer_applies(conn: &mut PgConnection, merchant: MerchantId, places: &Places) -> Result<Vec<Location>> {
    let none: &[String] = &[];
    let (all, some, regions, cities, prefixes) = match places {
        Places::All => (true, Vec::new(), none, none, none),
        Places::Some { locations } => (false, plain(locations), none, none, none),
        Places::Rule { regions, cities, postal_prefixes } => {
            (false, Vec::new(), regions.as_slice(), cities.as_slice(), postal_prefixes.as_slice())
        }
        Places::Online { .. } => return Ok(Vec::new()),
    };
    let rows = sqlx::query_as!(
        Row,
        r#"select id, merchant_id, version, name, street, city, region, postal_code, country, latitude, longitude, phone,
                  hours as "hours: Json<Vec<OpenHours>>", time_zone, closed_from, closed_until, updated_at, archived_at,
                  null as "external_ids: Json<Vec<ExternalId>>"
           from locations
           where merchant_id = $1 and archived_at is null
             and ($2 or id = any($3)
                  or plain(region) = any(select plain(word) from unnest($4::text[]) as word)
                  or plain(city) = any(select plain(word) from unnest($5::text[]) as word)
                  or exists (select from unnest($6::text[]) as word where lower(postal_code) ^@ lower(word)))
           order by id"#,
        merchant.0,
        all,
        &some,
        regions,
        cities,
        prefixes,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Those of the ids that are archived locations of the merchant, in order of their making, without external ids.
pub(crate) async fn archived_among(conn: &mut PgConnection, merchant: MerchantId, ids: &[LocationId]) -> Result<Vec<Location>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id, merchant_id, version, name, street, city, region, postal_code, country, latitude, longitude, phone,
                  hours as "hours: Json<Vec<OpenHours>>", time_zone, closed_from, closed_until, updated_at, archived_at,
                  null as "external_ids: Json<Vec<ExternalId>>"
           from locations where merchant_id = $1 and archived_at is not null and id = any($2) order by id"#,
        merchant.0,
        &plain(ids)
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Those of the ids that are no locations of the merchant.
pub(crate) async fn foreign(conn: &mut PgConnection, merchant: MerchantId, ids: &[LocationId]) -> Result<Vec<LocationId>> {
    let foreign = sqlx::query_scalar!(
        r#"select wanted.id as "id!" from unnest($2::uuid[]) as wanted (id)
           where not exists (select from locations l where l.id = wanted.id and l.merchant_id = $1)"#,
        merchant.0,
        &plain(ids)
    )
    .fetch_all(conn)
    .await?;
    Ok(foreign.into_iter().map(Into::into).collect())
}

fn plain(ids: &[LocationId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.0).collect()
}

/// Holds the row until the operation ends; whether it is archived. `None` when the merchant has no such location.
pub(crate) async fn lock(conn: &mut PgConnection, merchant: MerchantId, id: LocationId) -> Result<Option<bool>> {
    let archived = sqlx::query_scalar!(
        r#"select archived_at is not null as "archived!" from locations where id = $1 and merchant_id = $2 for no key update"#,
        id.0,
        merchant.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(archived)
}

/// The merchant's location, archived or not.
pub(crate) async fn read(conn: &mut PgConnection, merchant: MerchantId, id: LocationId) -> Result<Option<Location>> {
    let row = sqlx::query_as!(
        Row,
        r#"select l.id, l.merchant_id, l.version, l.name, l.street, l.city, l.region, l.postal_code, l.country, l.latitude,
                  l.longitude, l.phone, l.hours as "hours: Json<Vec<OpenHours>>", l.time_zone, l.closed_from, l.closed_until,
                  l.updated_at, l.archived_at,
                  (select jsonb_agg(jsonb_build_object('source', x.source, 'value', x.value) order by x.source, x.value)
                   from external_ids x where x.kind = 'location' and x.entity_id = l.id)
                      as "external_ids: Json<Vec<ExternalId>>"
           from locations l where l.id = $1 and l.merchant_id = $2"#,
        id.0,
        merchant.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Into::into))
}

pub(crate) async fn insert(
    conn: &mut PgConnection,
    id: LocationId,
    merchant: MerchantId,
    place: &NewLocation,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into locations (id, merchant_id, name, street, city, region, postal_code, country, latitude, longitude, phone,
                                hours, time_zone, closed_from, closed_until, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16)",
        id.0,
        merchant.0,
        place.name,
        place.street,
        place.city,
        place.region,
        place.postal_code,
        place.country,
        place.point.map(|(latitude, _)| latitude),
        place.point.map(|(_, longitude)| longitude),
        place.phone,
        serde_json::to_value(&place.hours)?,
        place.time_zone,
        place.closed.map(|(from, _)| from),
        place.closed.and_then(|(_, until)| until),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes the record's columns and counts its version up.
pub(crate) async fn update(conn: &mut PgConnection, id: LocationId, place: &NewLocation, now: Timestamp) -> Result<Version> {
    let version = sqlx::query_scalar!(
        "update locations set version = version + 1, name = $2, street = $3, city = $4, region = $5, postal_code = $6,
             country = $7, latitude = $8, longitude = $9, phone = $10, hours = $11, time_zone = $12, closed_from = $13,
             closed_until = $14, updated_at = $15
         where id = $1 returning version",
        id.0,
        place.name,
        place.street,
        place.city,
        place.region,
        place.postal_code,
        place.country,
        place.point.map(|(latitude, _)| latitude),
        place.point.map(|(_, longitude)| longitude),
        place.phone,
        serde_json::to_value(&place.hours)?,
        place.time_zone,
        place.closed.map(|(from, _)| from),
        place.closed.and_then(|(_, until)| until),
        now
    )
    .fetch_one(conn)
    .await?;
    Ok(Version(version))
}

/// Archives the location, or takes it back, and counts its version up; the row must be held.
pub(crate) async fn set_archived(conn: &mut PgConnection, id: LocationId, archived: bool, now: Timestamp) -> Result<Version> {
    let version = sqlx::query_scalar!(
        "update locations set version = version + 1, archived_at = case when $2 then $3::timestamptz end, updated_at = $3
         where id = $1 returning version",
        id.0,
        archived,
        now
    )
    .fetch_one(conn)
    .await?;
    Ok(Version(version))
}
