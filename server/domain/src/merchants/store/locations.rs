//! The SQL of `locations`.

use crate::Result;
use chrono::NaiveDate;
use model::{
    LocationId, MerchantId, Timestamp, Version,
    merchants::{Location, NewLocation, OpenHours},
    offers::Places,
};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

/// A row of `locations`, as it stands.
struct Row {
    id: Uuid,
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
            updated_at: row.updated_at,
            archived_at: row.archived_at,
        }
    }
}

/// The merchant's locations where an offer with these places applies, in order of their making.
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
                  hours as "hours: Json<Vec<OpenHours>>", time_zone, closed_from, closed_until, updated_at, archived_at
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
