//! Only what is live is found, on every page.

use super::world::*;
use crate::{
    Actor, Caller,
    catalogue::{self, SiteMap},
};
use model::{AppError, catalogue::OfferSearch, offers::OfferContent, slug};
use sqlx::PgPool;

#[sqlx::test(migrations = "../../migrations")]
async fn only_what_is_live_is_found(pool: PgPool) {
    let world = World::new(pool);
    let merchant = world.merchant("Corner Shop").await;
    let other = world.merchant("Suspended Shop").await;
    let client = world.client().await;
    let here = vec![world.location(merchant, Some((40.75, -73.99))).await];
    world.zip("10001", 40.75, -73.99).await;
    let at = |headline: &str| {
        let mut published = live(content(merchant, headline));
        published.locations = here.clone();
        published
    };
    let (_, shown) = world.publish(at("Live")).await;
    let mut hidden = Vec::new();
    hidden.push(world.publish(Published { from: now() + hours(1), ..at("Not yet") }).await.1);
    hidden.push(world.publish(Published { from: now() - hours(2), until: Some(now() - hours(1)), ..at("Over") }).await.1);
    let exclusive = OfferContent { client: Some(client), ..content(merchant, "Exclusive") };
    hidden.push(world.publish(Published { content: exclusive, ..at("") }).await.1);
    let (paused, short_id) = world.publish(at("Paused")).await;
    hidden.push(short_id);
    let elsewhere = Published { content: content(other, "Of a suspended merchant"), ..at("") };
    hidden.push(world.publish(elsewhere).await.1);
    world.run("update merchants set status = 'suspended' where name = 'Suspended Shop'").await;
    let unlist = async |op: &mut crate::Op| catalogue::unlist(op, paused).await;
    world.db.write(Caller::local(Actor::Server), unlist).await.unwrap();

    let all = world.search(OfferSearch::default()).await;
    assert_eq!(headlines(&all.cards), ["Live"]);
    let near = world.search(OfferSearch { near: "10001".into(), ..OfferSearch::default() }).await;
    assert_eq!(headlines(&near.cards), ["Live"]);
    let home = world.read(async |op| catalogue::home(op).await).await.unwrap();
    assert_eq!(headlines(&home.newest), ["Live"]);
    assert_eq!(home.ending_soon, []);
    assert_eq!(world.offer(&shown).await.unwrap().card.headline, "Live");
    for short_id in hidden {
        assert_eq!(world.offer(&short_id).await.err(), Some(AppError::NotFound), "{short_id}");
    }
    let map = world.read(async |op| catalogue::site_map(op).await).await.unwrap();
    let SiteMap::Whole(pages) = map else { panic!("two pages fit into one file: {map:?}") };
    let offer = format!("/offers/live-{shown}");
    assert_eq!(pages.len(), 2, "{pages:?}");
    assert_eq!(pages[0].path, offer);
    assert!(pages[1].path.starts_with("/merchants/corner-shop-"), "{pages:?}");
    let file = async |name: String| world.read(async |op| catalogue::site_map_file(op, &name).await).await;
    let mut found = Vec::new();
    for letter in slug::SHORT_ID_ALPHABET {
        let offers = file(format!("offers-{}", *letter as char)).await.unwrap();
        assert!(offers.is_empty() || shown.as_bytes()[0] == *letter);
        found.extend(offers.into_iter().map(|page| page.path));
        found.extend(file(format!("merchants-{}", *letter as char)).await.unwrap().into_iter().map(|page| page.path));
    }
    assert_eq!(found.len(), 2, "each stands in one file: {found:?}");
    assert_eq!(file("offers".into()).await.unwrap()[0].path, offer);
    assert_eq!(file("offers-!".into()).await, Err(AppError::NotFound));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_merchants_page_shows_its_live_offers_while_it_is_active(pool: PgPool) {
    let world = World::new(pool);
    let merchant = world.merchant("Corner Shop").await;
    world.publish(live(content(merchant, "Live"))).await;
    world.publish(Published { from: now() + hours(1), ..live(content(merchant, "Not yet")) }).await;
    let address: (String,) = sqlx::query_as("select short_id from merchants").fetch_one(world.db.pool()).await.unwrap();
    let page = async || world.read(async |op| catalogue::merchant_page(op, &address.0, "", "https://example.com").await).await;
    let shown = page().await.unwrap();
    assert_eq!(shown.address, format!("corner-shop-{}", address.0));
    assert_eq!(headlines(&shown.offers), ["Live"]);
    for status in ["update merchants set status = 'suspended'", "update merchants set status = 'prospect'"] {
        world.run(status).await;
        assert_eq!(page().await.err(), Some(AppError::NotFound), "{status}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn listing_again_replaces_what_stands_and_an_empty_stretch_lists_nothing(pool: PgPool) {
    let world = World::new(pool);
    let merchant = world.merchant("Corner Shop").await;
    let here = world.location(merchant, Some((40.75, -73.99))).await;
    let mut listing = world.publication(live(content(merchant, "First"))).await;
    listing.locations = vec![here.clone()];
    world.list(listing.clone()).await;
    listing.content.texts.headline = "Second".into();
    listing.locations = vec![here, world.location(merchant, None).await];
    world.list(listing.clone()).await;
    assert_eq!(headlines(&world.search(OfferSearch::default()).await.cards), ["Second"]);
    let page = world.offer(&listing.short_id).await.unwrap();
    assert_eq!(page.places.count, 2, "a place without a point counts too");
    assert_eq!(page.card.headline, "First", "the page shows the revision, whose text never changes");
    listing.shown_until = Some(listing.shown_from);
    world.list(listing).await;
    assert!(world.search(OfferSearch::default()).await.cards.is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_over_does_not_gather(pool: PgPool) {
    let world = World::new(pool);
    let merchant = world.merchant("Corner Shop").await;
    for n in 0..3 {
        world
            .publish(Published {
                from: now() - hours(2),
                until: Some(now() - hours(1)),
                ..live(content(merchant, &n.to_string()))
            })
            .await;
    }
    world.publish(live(content(merchant, "Live"))).await;
    let rows: (i64,) = sqlx::query_as("select count(*) from listings").fetch_one(world.db.pool()).await.unwrap();
    assert_eq!(rows.0, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_start_page_tells_what_ends_first(pool: PgPool) {
    let world = World::new(pool);
    let merchant = world.merchant("Corner Shop").await;
    for (headline, until) in [("Later", Some(48)), ("Sooner", Some(24)), ("Open", None), ("Next year", Some(365 * 24))] {
        world.publish(Published { until: until.map(|n| now() + hours(n)), ..live(content(merchant, headline)) }).await;
    }
    let home = world.read(async |op| catalogue::home(op).await).await.unwrap();
    assert_eq!(headlines(&home.ending_soon), ["Sooner", "Later"]);
    assert!(home.ending_soon.iter().all(|card| card.until.is_some()), "each says until when");
    assert_eq!(home.newest.len(), 4);
}
