//! Near a ZIP code: order, distances, pages.

use super::world::*;
use model::{
    MerchantId,
    catalogue::{OfferCard, OfferSearch},
    merchants::Location,
    offers::{OfferContent, Places},
};
use sqlx::PgPool;
use std::collections::HashSet;

fn near(zip: &str) -> OfferSearch {
    OfferSearch { near: zip.into(), ..OfferSearch::default() }
}

/// Places in a row to the north of 40.75, -73.99, so many degrees from one to the next.
async fn northwards(world: &World, merchant: MerchantId, places: u32, degrees: f64) -> Vec<Location> {
    let mut row = Vec::new();
    for n in 0..places {
        row.push(world.location(merchant, Some((40.75 + f64::from(n) * degrees, -73.99))).await);
    }
    row
}

/// The cards of all pages, of which there are four at most.
async fn all_pages(world: &World, mut search: OfferSearch) -> Vec<OfferCard> {
    let mut cards = Vec::new();
    for _ in 0..4 {
        let results = world.search(search.clone()).await;
        cards.extend(results.cards);
        match results.next {
            Some(next) => search.after = next.0,
            None => return cards,
        }
    }
    panic!("the list does not end");
}

#[sqlx::test(migrations = "../../migrations")]
async fn near_sorts_by_the_nearest_place_and_leaves_online_offers_out(pool: PgPool) {
    let world = World::new(pool);
    // New York; Newark is 14 km away, Philadelphia 130 km.
    world.zip("10001", 40.7506, -73.9972).await;
    let merchant = world.merchant("Corner Shop").await;
    let newark = world.location(merchant, Some((40.7357, -74.1724))).await;
    let midtown = world.location(merchant, Some((40.7549, -73.9840))).await;
    let philadelphia = world.location(merchant, Some((39.9526, -75.1652))).await;
    let unknown = world.location(merchant, None).await;
    let at = |headline: &str, locations: Vec<_>| Published { locations, ..live(content(merchant, headline)) };
    world.publish(at("Newark", vec![newark.clone()])).await;
    world.publish(at("Everywhere", vec![philadelphia.clone(), newark, midtown, unknown.clone()])).await;
    world.publish(at("Philadelphia", vec![philadelphia])).await;
    world.publish(at("Nobody knows where", vec![unknown])).await;
    let places = Places::Online { url: "https://shop.example.com".into(), regions: Vec::new() };
    world.publish(live(OfferContent { places, ..content(merchant, "Online") })).await;

    let results = world.search(near("10001")).await;
    assert_eq!(headlines(&results.cards), ["Everywhere", "Newark"], "each once, within fifty miles, nearest first");
    assert_eq!(results.near.as_deref(), Some("City 10001, NY"));
    assert!(results.notices.is_empty());
    let distances: Vec<f64> = results.cards.iter().map(|card| card.distance_km.unwrap()).collect();
    assert!((distances[0] - 1.2).abs() < 0.1 && (distances[1] - 14.8).abs() < 0.3, "{distances:?}");
    assert_eq!(world.search(near(" 10001-1234 ")).await.cards.len(), 2);

    let filtered = world.search(OfferSearch { q: "newark".into(), ..near("10001") }).await;
    assert_eq!(headlines(&filtered.cards), ["Newark"]);
    world.run("update locations set archived_at = now() where latitude > 40.75").await;
    let by_newark = world.search(near("10001")).await.cards;
    assert_eq!(by_newark.len(), 2);
    assert_eq!(by_newark[0].distance_km, by_newark[1].distance_km, "Everywhere is as near as its place in Newark now");
    world.run("update locations set latitude = 40.76, longitude = -73.99 where latitude < 40").await;
    let moved = headlines(&world.search(near("10001")).await.cards);
    assert_eq!(moved[2..], ["Newark"], "what was in Philadelphia is nearer now, with no listing made anew: {moved:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn where_nothing_is_near_the_nearest_are_shown_and_that_is_said(pool: PgPool) {
    let world = World::new(pool);
    world.zip("99762", 64.5, -165.4).await;
    let merchant = world.merchant("Corner Shop").await;
    for n in 0..30 {
        let place = world.location(merchant, Some((61.2 + f64::from(n) * 0.01, -149.9))).await;
        world.publish(Published { locations: vec![place], ..live(content(merchant, &format!("Anchorage {n}"))) }).await;
    }
    let first = world.search(near("99762")).await;
    assert_eq!(first.cards.len(), 24);
    assert!(first.notices[0].starts_with("Nothing was found within 50 miles"), "{:?}", first.notices);
    let second = world.search(OfferSearch { after: first.next.unwrap().0, ..near("99762") }).await;
    assert_eq!((second.cards.len(), second.next, second.notices.len()), (6, None, 0));
}

#[sqlx::test(migrations = "../../migrations")]
async fn pages_by_distance_repeat_nothing_and_miss_nothing(pool: PgPool) {
    let world = World::new(pool);
    world.zip("10001", 40.75, -73.99).await;
    let merchant = world.merchant("Chain").await;
    let other = world.merchant("Mall").await;
    // Twelve places each, so that one offer fills the first rows by itself; and forty offers at one point.
    let chain = northwards(&world, merchant, 12, 0.002).await;
    let mall = world.location(other, Some((40.80, -73.95))).await;
    for n in 0..30 {
        let mut offer = content(merchant, &format!("Chain {n}"));
        offer.contract.priority = n % 3;
        world.publish(Published { locations: chain.clone(), ..live(offer) }).await;
    }
    for n in 0..40 {
        world.publish(Published { locations: vec![mall.clone()], ..live(content(other, &format!("Mall {n}"))) }).await;
    }
    let cards = all_pages(&world, near("10001")).await;
    assert!(cards.is_sorted_by_key(|card| card.distance_km.unwrap()), "nearest first");
    let seen = headlines(&cards);
    assert_eq!(seen.len(), 70);
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 70);
    assert!(seen[..30].iter().all(|headline| headline.starts_with("Chain")));
    assert!(seen[0] == "Chain 2", "of one distance, the higher priority and the earlier one: {}", seen[0]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_stands_behind_many_nearer_places_is_found_up_to_fifty_miles(pool: PgPool) {
    let world = World::new(pool);
    world.zip("10001", 40.75, -73.99).await;
    let merchant = world.merchant("Chain").await;
    let other = world.merchant("Mall").await;
    let chain = northwards(&world, merchant, 25, 0.001).await;
    for n in 0..30 {
        world.publish(Published { locations: chain.clone(), ..live(content(merchant, &format!("Chain {n}"))) }).await;
    }
    // 33 and 166 km to the north.
    for (name, latitude) in [("Mall", 41.05), ("Far", 42.25)] {
        let place = world.location(other, Some((latitude, -73.99))).await;
        for n in 0..10 {
            world.publish(Published { locations: vec![place.clone()], ..live(content(other, &format!("{name} {n}"))) }).await;
        }
    }
    for q in ["", "20"] {
        let search = OfferSearch { q: q.into(), ..near("10001") };
        let first = world.search(search.clone()).await;
        let second = world.search(OfferSearch { after: first.next.unwrap().0, ..search }).await;
        let seen = [headlines(&first.cards), headlines(&second.cards)].concat();
        assert_eq!(seen.iter().filter(|headline| headline.starts_with("Chain")).count(), 30, "{q}: {seen:?}");
        assert_eq!(seen[30..].len(), 10, "{q}: {seen:?}");
        assert!(seen[30..].iter().all(|headline| headline.starts_with("Mall")), "{q}: {seen:?}");
        assert_eq!(second.next, None);
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_matches_only_far_away_is_found_behind_many_nearer_places(pool: PgPool) {
    let world = World::new(pool);
    world.zip("10001", 40.75, -73.99).await;
    let merchant = world.merchant("Chain").await;
    // Thirty offers at each of twenty places: the first step of 512 ends far beyond fifty miles.
    let chain = northwards(&world, merchant, 20, 0.1).await;
    for n in 0..30 {
        world.publish(Published { locations: chain.clone(), ..live(content(merchant, &format!("Chain {n}"))) }).await;
    }
    let lighthouse = world.location(merchant, Some((44.0, -68.9))).await;
    world.publish(Published { locations: vec![lighthouse], ..live(content(merchant, "Lighthouse")) }).await;
    let results = world.search(OfferSearch { q: "lighthouse".into(), ..near("10001") }).await;
    assert_eq!(headlines(&results.cards), ["Lighthouse"]);
    assert!(results.notices[0].starts_with("Nothing was found within 50 miles"), "{:?}", results.notices);
}

#[sqlx::test(migrations = "../../migrations")]
async fn offers_at_one_point_are_in_order_where_a_step_ends_among_them(pool: PgPool) {
    let world = World::new(pool);
    world.zip("10001", 40.75, -73.99).await;
    let merchant = world.merchant("Chain").await;
    let other = world.merchant("Mall").await;
    let chain = northwards(&world, merchant, 47, 0.001).await;
    // Ten offers at forty-seven places are 470; the first step of 512 ends among the sixty at one point.
    for n in 0..10 {
        world.publish(Published { locations: chain.clone(), ..live(content(merchant, &format!("Chain {n}"))) }).await;
    }
    let mall = world.location(other, Some((41.05, -73.99))).await;
    for n in 0..60 {
        let mut offer = content(other, &format!("Mall {n}"));
        offer.contract.priority = n % 3;
        world.publish(Published { locations: vec![mall.clone()], ..live(offer) }).await;
    }
    let in_chain = (0..10).map(|n| format!("Chain {n}"));
    let in_mall = [2, 1, 0].into_iter().flat_map(|priority| (0..20).map(move |n| format!("Mall {}", 3 * n + priority)));
    let all: Vec<String> = in_chain.chain(in_mall.clone()).collect();
    for (q, expected) in [("", all), ("mall", in_mall.collect())] {
        let seen = headlines(&all_pages(&world, OfferSearch { q: q.into(), ..near("10001") }).await);
        assert_eq!(seen, expected, "{q}");
    }
}
