//! What strangers type: it is answered sanely, never with a fault.

use super::world::*;
use model::catalogue::OfferSearch;
use sqlx::PgPool;

#[sqlx::test(migrations = "../../migrations")]
async fn hostile_searches_are_answered_sanely(pool: PgPool) {
    let world = World::new(pool);
    let merchant = world.merchant("Robert'); drop table merchants;--").await;
    world.publish(live(content(merchant, "100% off \\m(.*)+ & | ! :* <-> ''"))).await;
    let hostile = [
        "x".repeat(10_000),
        "pizza ".repeat(40),
        "'; drop table listings; --".into(),
        "' or 1=1 --".into(),
        "a & b | !c <-> (d:*)".into(),
        "\"unclosed phrase".into(),
        ":* & !".into(),
        "((((((".into(),
        "\\m\\y[[:alpha:]](?=x)*+{1,9999}".into(),
        "%_%".into(),
        "\0\u{1}\u{7f}".into(),
        "piz\0za".into(),
        "🍕🍕🍕".into(),
        "٣ ½ Ⅷ ⑴ ﬃ ǆ ℻".into(),
        "\u{202e}olleh\u{202c}".into(),
        "${jndi:ldap://x} {{7*7}} <script>alert(1)</script>".into(),
        "\u{e000}\u{10ffff}".into(),
    ];
    for text in &hostile {
        for search in [
            OfferSearch { q: text.clone(), ..OfferSearch::default() },
            OfferSearch { category: text.clone(), ..OfferSearch::default() },
            OfferSearch { near: text.clone(), ..OfferSearch::default() },
            OfferSearch { after: text.clone(), ..OfferSearch::default() },
            OfferSearch { q: text.clone(), category: text.clone(), near: text.clone(), after: text.clone() },
        ] {
            let results = world.search(search.clone()).await;
            let unread = [(&search.category, &results.search.category), (&search.near, &results.search.near)];
            for (asked, understood) in unread {
                assert!(understood.is_empty(), "{asked:?} was taken for {understood:?}");
            }
            if !search.after.is_empty() && results.search.q.is_empty() {
                assert!(!results.notices.is_empty(), "{text:?}");
            }
        }
        let offer = world.offer(text).await;
        assert_eq!(offer.err(), Some(model::AppError::NotFound), "{text:?}");
    }
    assert_eq!(world.find("robert").await.len(), 1, "the table still stands");
    assert_eq!(world.find("100 off").await.len(), 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_cannot_be_understood_is_said_and_the_rest_is_used(pool: PgPool) {
    let world = World::new(pool);
    let merchant = world.merchant("Corner Shop").await;
    world.publish(live(content(merchant, "Pizza"))).await;
    world.publish(live(content(merchant, "Shoes"))).await;
    let pizza = OfferSearch { q: "pizza".into(), ..OfferSearch::default() };
    for (search, notice) in [
        (OfferSearch { category: "none".into(), ..pizza.clone() }, "There is no such category."),
        (OfferSearch { near: "00000".into(), ..pizza.clone() }, "This ZIP code is not known."),
        (OfferSearch { near: "Springfield".into(), ..pizza.clone() }, "This ZIP code is not known."),
        (OfferSearch { after: "forged".into(), ..pizza.clone() }, "That page of the results is not there any more."),
    ] {
        let results = world.search(search).await;
        assert_eq!(headlines(&results.cards), ["Pizza"], "{notice}");
        assert_eq!(results.notices.len(), 1);
        assert!(results.notices[0].starts_with(notice), "{:?}", results.notices);
    }
    let long = world.search(OfferSearch { q: "pizza ".repeat(100), ..OfferSearch::default() }).await;
    assert!(long.notices[0].starts_with("Search for at most 200 characters."));
    assert_eq!((long.cards.len(), long.search.q.as_str()), (2, ""));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_cursor_of_another_order_is_no_cursor(pool: PgPool) {
    let world = World::new(pool);
    world.zip("10001", 40.75, -73.99).await;
    let merchant = world.merchant("Corner Shop").await;
    let here = world.location(merchant, Some((40.75, -73.99))).await;
    for n in 0..30 {
        world.publish(Published { locations: vec![here.clone()], ..live(content(merchant, &n.to_string())) }).await;
    }
    let newest = world.search(OfferSearch::default()).await.next.unwrap().0;
    let results = world.search(OfferSearch { near: "10001".into(), after: newest, ..OfferSearch::default() }).await;
    assert_eq!((results.cards.len(), results.notices.len()), (24, 1));
}
