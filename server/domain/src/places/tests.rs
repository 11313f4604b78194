//! Postal codes against real Postgres.

use super::*;
use crate::{Actor, Caller, Db};
use sqlx::PgPool;

fn code(code: &str, city: &str) -> PostalCode {
    PostalCode {
        country: "US".into(),
        code: code.into(),
        city: city.into(),
        region: "NY".into(),
        latitude: 40.75,
        longitude: -73.99,
        time_zone: "America/New_York".into(),
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_postal_code_is_found_as_people_write_it(pool: PgPool) {
    let db = Db::new(pool);
    db.write(Caller::local(Actor::CommandLine), async |op| {
        load(op, &[code("10001", "New York"), code("10002", "New York")]).await?;
        load(op, &[code("10001", "Manhattan")]).await
    })
    .await
    .unwrap();
    let ask = async |country: &'static str, code: &'static str| {
        db.read(Caller::local(Actor::Nobody), async |op| find(op, country, code).await).await.unwrap().map(|c| c.city)
    };
    assert_eq!(ask("us", " 10001-1234").await.as_deref(), Some("Manhattan"), "loaded again, the later one stands");
    assert_eq!(ask("US", "10002").await.as_deref(), Some("New York"));
    assert_eq!(ask("US", "99999").await, None);
    assert_eq!(ask("CA", "10001").await, None);
}

#[sqlx::test(migrations = "../../migrations")]
async fn nobody_from_outside_loads_the_table(pool: PgPool) {
    let db = Db::new(pool);
    let refused = db.write(Caller::local(Actor::Nobody), async |op| load(op, &[code("10001", "New York")]).await).await;
    assert_eq!(refused, Err(model::AppError::Unauthenticated));
}

#[test]
fn zones_are_those_of_the_time_zone_data_base() {
    assert!(zone_exists("America/New_York") && zone_exists("UTC"));
    assert!(!zone_exists("America/Nowhere") && !zone_exists("") && !zone_exists("EST5"));
    for zone in model::time::COMMON_ZONES {
        assert!(zone_exists(zone), "{zone}");
    }
}
