//! The list of offers: filters, and paging that shows each row once.

use super::*;
use model::offers::OfferQuery;

async fn page(world: &World, query: &OfferQuery) -> model::Page<model::offers::OfferRow> {
    world.db.read(staff(ADMIN), async |op| list(op, query).await).await.unwrap()
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_offer_stands_on_one_page_there_and_back(pool: PgPool) {
    let world = World::new(pool).await;
    for n in 0..123 {
        // Many equal headlines, so that the id has to decide.
        world.add(&OfferForm { headline: format!("Offer {}", n % 3), ..world.form() }).await.unwrap();
    }
    for sort in ["", "headline"] {
        let mut query = OfferQuery { sort: sort.into(), ..Default::default() };
        let (mut there, mut pages) = (Vec::new(), 0);
        loop {
            let shown = page(&world, &query).await;
            there.extend(shown.items.iter().map(|o| o.id));
            pages += 1;
            match shown.next {
                Some(next) => query.after = next.0,
                None => break,
            }
        }
        let mut each = there.clone();
        each.sort();
        each.dedup();
        assert_eq!((there.len(), each.len(), pages), (123, 123, 3), "sorted by {sort:?}");
        let last = page(&world, &query).await;
        let back = page(&world, &OfferQuery { before: last.previous.unwrap().0, after: String::new(), ..query }).await;
        assert_eq!(back.items.iter().map(|o| o.id).collect::<Vec<_>>(), there[50..100]);
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn filters_find_what_they_say(pool: PgPool) {
    let world = World::new(pool).await;
    let (live, revision) = world.approved().await;
    world.publish(live, revision).await.unwrap();
    let draft = world
        .add(&OfferForm {
            headline: "Crème brûlée free".into(),
            kind: "free_item".into(),
            item: "dessert".into(),
            ..world.form()
        })
        .await
        .unwrap();
    let found = async |query: OfferQuery| page(&world, &query).await.items.into_iter().map(|o| o.id).collect::<Vec<_>>();
    assert_eq!(found(OfferQuery { q: "creme BRULEE".into(), ..Default::default() }).await, [draft]);
    assert_eq!(found(OfferQuery { q: "joe's".into(), ..Default::default() }).await, [draft, live], "the merchant's name counts");
    assert_eq!(found(OfferQuery { q: "100%".into(), ..Default::default() }).await, []);
    assert_eq!(found(OfferQuery { kind: "free_item".into(), ..Default::default() }).await, [draft]);
    assert_eq!(found(OfferQuery { publication: "live".into(), ..Default::default() }).await, [live]);
    assert_eq!(found(OfferQuery { publication: "unpublished".into(), ..Default::default() }).await, [draft]);
    assert_eq!(found(OfferQuery { revision: "approved".into(), ..Default::default() }).await, [live]);
    assert_eq!(found(OfferQuery { category: "food".into(), ..Default::default() }).await.len(), 2);
    assert_eq!(found(OfferQuery { merchant: Uuid::from_u128(200).to_string(), ..Default::default() }).await, []);
    let odd =
        world.db.read(staff(ADMIN), async |op| list(op, &OfferQuery { after: "x~y".into(), ..Default::default() }).await).await;
    assert!(matches!(odd, Err(AppError::Invalid(_))), "{odd:?}");
}
