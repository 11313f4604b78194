//! The SQL of `postal_codes`.

use crate::Result;
use model::places::PostalCode;
use sqlx::PgConnection;

pub(super) async fn find(conn: &mut PgConnection, country: &str, code: &str) -> Result<Option<PostalCode>> {
    // A text would be compared as text, which the index of a `char` column does not help.
    let found = sqlx::query_as!(
        PostalCode,
        "select country, code, city, region, latitude, longitude, time_zone from postal_codes
         where country = cast($1 as bpchar) and code = $2",
        country,
        code
    )
    .fetch_optional(conn)
    .await?;
    Ok(found)
}

pub(super) async fn is_empty(conn: &mut PgConnection) -> Result<bool> {
    let empty = sqlx::query_scalar!(r#"select not exists (select from postal_codes) as "empty!""#).fetch_one(conn).await?;
    Ok(empty)
}

pub(super) async fn upsert(conn: &mut PgConnection, codes: &[PostalCode]) -> Result<()> {
    let text = |column: fn(&PostalCode) -> &String| codes.iter().map(|c| column(c).clone()).collect::<Vec<_>>();
    let number = |column: fn(&PostalCode) -> f64| codes.iter().map(column).collect::<Vec<_>>();
    sqlx::query!(
        "insert into postal_codes (country, code, city, region, latitude, longitude, time_zone)
         select distinct on (country, code) country, code, city, region, latitude, longitude, time_zone
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::float8[], $7::text[])
            as new (country, code, city, region, latitude, longitude, time_zone)
         on conflict (country, code) do update set city = excluded.city, region = excluded.region,
            latitude = excluded.latitude, longitude = excluded.longitude, time_zone = excluded.time_zone",
        &text(|c| &c.country),
        &text(|c| &c.code),
        &text(|c| &c.city),
        &text(|c| &c.region),
        &number(|c| c.latitude),
        &number(|c| c.longitude),
        &text(|c| &c.time_zone),
    )
    .execute(conn)
    .await?;
    Ok(())
}
