//! Text and categories: what finds what.

use super::{
    super::store::{
        cards::{self, Card},
        matches::{self, Filter, Match},
    },
    world::*,
};
use model::{
    catalogue::OfferSearch,
    offers::{OfferContent, OfferValue, Texts},
};
use sqlx::PgPool;
use std::collections::HashSet;

#[sqlx::test(migrations = "../../migrations")]
async fn text_finds_words_in_any_form_accents_values_and_merchants(pool: PgPool) {
    let world = World::new(pool);
    let cafe = world.merchant("Café Zürich").await;
    let burgers = world.merchant("Burger Palace").await;
    let sushi = world.merchant("回転寿司").await;
    world.publish(live(content(cafe, "Crème brûlée after lunch"))).await;
    world.publish(live(content(burgers, "Two running shoes"))).await;
    let lamps = world.merchant("Smith-ZQ & Sons (Xavier's)").await;
    world.publish(live(content(lamps, "Lamp"))).await;
    let dinner = OfferContent {
        texts: Texts { headline: "Dinner".into(), summary: "The steak of the house".into(), ..Texts::default() },
        value: OfferValue::FreeItem { item: "espresso".into() },
        tags: vec!["romantic".into()],
        ..content(sushi, "")
    };
    world.publish(live(dinner)).await;
    for (q, found) in [
        ("creme BRULEE", "Crème brûlée after lunch"),
        ("crème", "Crème brûlée after lunch"),
        ("brul", "Crème brûlée after lunch"),
        ("cafe", "Crème brûlée after lunch"),
        ("ZURICH lunches", "Crème brûlée after lunch"),
        ("run shoe", "Two running shoes"),
        ("burger", "Two running shoes"),
        ("the burgers shoes", "Two running shoes"),
        ("steaks", "Dinner"),
        ("free espresso", "Dinner"),
        ("romantic", "Dinner"),
        ("寿司", "Dinner"),
        ("回転", "Dinner"),
        ("司", "Dinner"),
        ("zq", "Lamp"),
        ("z zq", "Lamp"),
        ("X", "Lamp"),
    ] {
        let expected = if q == "the burgers shoes" { Vec::new() } else { vec![found.to_owned()] };
        assert_eq!(world.find(q).await, expected, "{q}");
    }
    assert_eq!(world.find("20%").await.len(), 3, "the value is searched too");
    assert_eq!(world.find("the").await, ["Dinner"], "a word that says nothing is searched for when it stands alone");
    for none in ["urger", "er", "回司", "pizza", "cafe burger", "20 espresso"] {
        assert_eq!(world.find(none).await, Vec::<String>::new(), "{none}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_category_includes_its_children_and_gives_its_icon_and_its_colour(pool: PgPool) {
    let world = World::new(pool);
    let merchant = world.merchant("Corner Shop").await;
    world.category("shops", None).await;
    let food = world.category("food", None).await;
    let pizza = world.category("pizza", Some(food)).await;
    let deep = world.category("calzone", Some(pizza)).await;
    for (headline, category) in [("Food", food), ("Pizza", pizza), ("Calzone", deep)] {
        world.publish(live(OfferContent { categories: vec![category], ..content(merchant, headline) })).await;
    }
    world.publish(live(content(merchant, "Anything"))).await;
    let search = async |category: &str| world.search(OfferSearch { category: category.into(), ..OfferSearch::default() }).await;
    for (category, found) in [
        ("food", vec!["Calzone", "Pizza", "Food"]),
        ("pizza", vec!["Calzone", "Pizza"]),
        ("calzone", vec!["Calzone"]),
        ("shops", vec![]),
    ] {
        let results = search(category).await;
        assert_eq!(headlines(&results.cards), found, "{category}");
        assert_eq!(results.category.map(|c| c.slug).as_deref(), Some(category));
        assert!(results.notices.is_empty());
    }
    let card = search("calzone").await.cards.remove(0);
    assert_eq!((card.icon.as_str(), card.hue), ("icon-of-calzone", 1), "the colour is that of the second category at the top");
    assert_eq!(world.find("pizza").await, ["Calzone", "Pizza"], "the names of the categories are searched too");
}

#[sqlx::test(migrations = "../../migrations")]
async fn pages_go_on_where_the_last_one_ended_without_a_repeat(pool: PgPool) {
    let world = World::new(pool);
    let merchant = world.merchant("Corner Shop").await;
    let together = now() - hours(3);
    for n in 0..60 {
        // Most started at one instant, as a schedule would do; some have a priority.
        let from = if n % 10 == 0 { together + hours(1) } else { together };
        let mut offer = content(merchant, &format!("Offer {n}"));
        offer.contract.priority = if n % 7 == 0 { 50 } else { 0 };
        world.publish(Published { from, ..live(offer) }).await;
    }
    let mut search = OfferSearch::default();
    let mut seen = Vec::new();
    for page in 0.. {
        let results = world.search(search.clone()).await;
        assert!(page < 3, "the list ends");
        seen.extend(headlines(&results.cards));
        // What is published meanwhile stands before the pages that were read.
        world.publish(live(content(merchant, &format!("Meanwhile {page}")))).await;
        match results.next {
            Some(next) => search.after = next.0,
            None => break,
        }
    }
    assert_eq!(seen.len(), 60);
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 60);
    assert_eq!(seen[0], "Offer 0", "the newest with the highest priority");
    assert_eq!(seen[6], "Offer 56", "then, of one instant, the higher priority and the later one");
}

#[sqlx::test(migrations = "../../migrations")]
async fn those_next_in_order_are_found_as_if_all_were_looked_at(pool: PgPool) {
    let world = World::new(pool.clone());
    let merchant = world.merchant("Corner Shop").await;
    for n in 0..30 {
        let headline = if n % 3 == 0 { format!("Pizza {n}") } else { format!("Offer {n}") };
        world.publish(Published { from: now() - hours(50 - n), ..live(content(merchant, &headline)) }).await;
    }
    world.publish(Published { from: now() + hours(1), ..live(content(merchant, "Pizza tomorrow")) }).await;
    let mut conn = pool.acquire().await.unwrap();
    let mut words = matches::words(&mut conn, "pizza").await.unwrap();
    matches::find_merchants(&mut conn, &mut words).await.unwrap();
    let filter = Filter { words, category: None };
    let all = cards::newest(&mut conn, &filter, now(), None, 25).await.unwrap();
    let headlines =
        |cards: Vec<Card>| -> Vec<String> { cards.into_iter().map(|c| c.shown(now().date_naive()).unwrap().headline).collect() };
    let after = Match { publication: all[1].publication, shown_from: all[1].shown_from, priority: all[1].priority };
    let mut among = async |most, after| headlines(cards::newest_among(&mut conn, most, &filter, now(), after, 25).await.unwrap());
    assert_eq!(among(30, None).await, headlines(all));
    // Two others stand before the newest that matches, and two between each.
    assert_eq!(among(6, None).await, ["Pizza 27", "Pizza 24"]);
    assert_eq!(among(7, Some(&after)).await, ["Pizza 21", "Pizza 18"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_common_words_match_is_guessed_before_it_is_looked_for(pool: PgPool) {
    let world = World::new(pool.clone());
    let merchant = world.merchant("Corner Shop").await;
    for n in 0..200 {
        let headline = if n % 2 == 0 { "Pizza for all" } else { "Shoes" };
        world.publish(live(content(merchant, headline))).await;
    }
    world.run("analyze listings").await;
    world.run("analyze merchants").await;
    let mut conn = pool.acquire().await.unwrap();
    let mut guess = async |text: &str| {
        let words = matches::words(&mut conn, text).await.unwrap();
        matches::guess(&mut conn, &Filter { words, category: None }, now()).await.unwrap()
    };
    let (pizza, both, neither) = (guess("pizza").await, guess("pizza shoes").await, guess("xylophone").await);
    assert!((50..=200).contains(&pizza), "{pizza} of 100");
    assert!(both < pizza && neither < 10, "{both} and {neither}");
}
