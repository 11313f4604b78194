//! Listings follow their merchant's places.

use super::*;
use crate::journal::{self, Subject, tests::all_readable};

async fn follow(world: &World) -> usize {
    world.db.write(Caller::local(Actor::Server), async |op| follow_locations(op).await).await.unwrap()
}

/// Tells what happened to some location of the merchant, and waits until readers can be given it.
async fn tell(world: &World, merchant: MerchantId, action: &'static str) {
    let (location, detail) = (Subject::Location(LocationId(Uuid::from_u128(199))), serde_json::json!({ "merchant": merchant }));
    world.db.write(staff(EDITOR), async |op| journal::record(op, action, location, detail).await).await.unwrap();
    all_readable(&world.pool).await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_location_that_opens_later_takes_part(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, revision) = world.approved().await;
    world.publish(id, revision).await.unwrap();
    let places =
        async || -> i64 { sqlx::query_scalar("select count(*) from listing_places").fetch_one(&world.pool).await.unwrap() };
    let follow = async || follow(&world).await;
    all_readable(&world.pool).await;
    assert!(follow().await > 0, "it passes what is none of its business");
    assert_eq!((follow().await, places().await), (0, 2));
    let new = LocationId(Uuid::from_u128(199));
    sqlx::query("insert into locations (id, merchant_id, street, city, region, postal_code, country, latitude, longitude, time_zone, created_at, updated_at)
                 select $1, merchant_id, street, city, region, postal_code, country, 41, -74, time_zone, now(), now() from locations where id = $2")
        .bind(new.0)
        .bind(world.places[0].0)
        .execute(&world.pool)
        .await
        .unwrap();
    let told = async |action: &'static str| tell(&world, world.merchant, action).await;
    told("location.added").await;
    assert_eq!((follow().await, places().await), (1, 3));
    assert_eq!(follow().await, 0, "an event is read once");
    sqlx::query("update locations set archived_at = now()").execute(&world.pool).await.unwrap();
    told("location.archived").await;
    assert_eq!((follow().await, places().await, world.shown().await.len()), (1, 0, 0), "without a place nothing is shown");
    sqlx::query("update locations set archived_at = null").execute(&world.pool).await.unwrap();
    told("location.restored").await;
    follow().await;
    assert_eq!((places().await, world.shown().await.len()), (3, 1));
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_others_record_does_not_hold_a_location_up(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, revision) = world.approved().await;
    world.publish(id, revision).await.unwrap();
    sqlx::query(
        "insert into outbox (at, topic, subject_id, body)
         select now(), 'offer.draft_saved', gen_random_uuid(), '{}' from generate_series(1, 600)",
    )
    .execute(&world.pool)
    .await
    .unwrap();
    sqlx::query("update locations set archived_at = now() where id = $1")
        .bind(world.places[0].0)
        .execute(&world.pool)
        .await
        .unwrap();
    tell(&world, world.merchant, "location.archived").await;
    // As the job does.
    while follow(&world).await > 0 {}
    let places: Vec<Uuid> = sqlx::query_scalar("select location_id from listing_places").fetch_all(&world.pool).await.unwrap();
    assert_eq!(places, [world.places[1].0]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn one_operation_holds_few_offers_unless_they_are_one_merchants(pool: PgPool) {
    let world = World::new(pool).await;
    let other = MerchantId(Uuid::from_u128(200));
    for merchant in [world.merchant, other] {
        for _ in 0..26 {
            let id = world.add(&OfferForm { merchant: merchant.to_string(), ..world.form() }).await.unwrap();
            let revision = world.send(id).await.unwrap();
            world.approve(REVIEWER, revision).await.unwrap();
            world.publish(id, revision).await.unwrap();
        }
    }
    all_readable(&world.pool).await;
    while follow(&world).await > 0 {}
    for merchant in [world.merchant, world.merchant, other, world.merchant] {
        tell(&world, merchant, "location.saved").await;
    }
    let passed = [follow(&world).await, follow(&world).await, follow(&world).await, follow(&world).await];
    assert_eq!(passed, [2, 1, 1, 0], "a merchant's offers together, and those of two merchants not");
}
