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
    for (sort, standing) in [("", ""), ("headline", ""), ("", "unpublished"), ("headline", "unpublished")] {
        let mut query = OfferQuery { sort: sort.into(), publication: standing.into(), ..Default::default() };
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
        assert_eq!((there.len(), each.len(), pages), (123, 123, 3), "sorted by {sort:?}, {standing:?}");
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

#[sqlx::test(migrations = "../../migrations")]
async fn the_list_by_standing_finds_each_offer_where_it_stands_now(pool: PgPool) {
    let world = World::new(pool).await;
    let later = PublishForm { from: "2098-01-01T00:00".into(), ..Default::default() };
    let draft = world.add(&world.form()).await.unwrap();
    let mut published = Vec::new();
    for form in [later, PublishForm::default(), PublishForm::default(), PublishForm::default(), PublishForm::default()] {
        let (id, revision) = world.approved().await;
        world.publish_in(id, revision, form).await.unwrap();
        published.push(id);
    }
    let [scheduled, live, paused, ended, archived] = published[..] else { unreachable!() };
    world.db.write(staff(CAMPAIGNS), async |op| pause(op, paused).await).await.unwrap();
    for id in [ended, archived] {
        world.end(id, world.standing(id, PublicationState::Live).await).await.unwrap();
    }
    world.db.write(staff(EDITOR), async |op| archive(op, archived).await).await.unwrap();
    let found = async |standing: PublicationState| {
        let query = OfferQuery { publication: standing.word().into(), ..Default::default() };
        let found = page(&world, &query).await.items;
        assert!(found.iter().all(|o| o.publication == standing), "{standing}: {found:?}");
        found.into_iter().map(|o| o.id).collect::<Vec<_>>()
    };
    for (standing, id) in [
        (PublicationState::Unpublished, draft),
        (PublicationState::Scheduled, scheduled),
        (PublicationState::Live, live),
        (PublicationState::Paused, paused),
        (PublicationState::Ended, ended),
        (PublicationState::Archived, archived),
    ] {
        assert_eq!(found(standing).await, [id], "{standing}");
    }
    // As if the start had come, and no job had looked yet.
    let started = "update publications set during = tstzrange(now() - interval '1 hour', null) where offer_id = $1";
    sqlx::query(started).bind(scheduled.0).execute(&world.pool).await.unwrap();
    assert_eq!(found(PublicationState::Scheduled).await, []);
    let mut both = found(PublicationState::Live).await;
    both.sort();
    assert_eq!(both, [scheduled, live], "time alone decides");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_name_that_many_merchants_have_finds_the_offers_of_all_of_them(pool: PgPool) {
    let world = World::new(pool).await;
    sqlx::query(
        "insert into merchants (id, short_id, name, status, created_at, updated_at)
         select lpad(n::text, 32, '0')::uuid, 'm' || n, 'Corner Bakery ' || n, 'active', now(), now()
         from generate_series(10001, 11500) n order by n",
    )
    .execute(&world.pool)
    .await
    .unwrap();
    let merchant: Uuid = "00000000-0000-0000-0000-000000011500".parse().unwrap();
    let offer = world.add(&OfferForm { merchant: merchant.to_string(), ..world.form() }).await.unwrap();
    let found = async |q: &str| {
        let query = OfferQuery { q: q.into(), ..Default::default() };
        page(&world, &query).await.items.into_iter().map(|o| o.id).collect::<Vec<_>>()
    };
    assert_eq!(found("bakery").await, [offer]);
    assert_eq!(found("bakery 11500").await, [offer]);
    assert_eq!(found("bakery 11499").await, []);
}

#[sqlx::test(migrations = "../../migrations")]
async fn one_or_two_letters_find_beginnings_of_words_and_parts_of_words_without_spaces(pool: PgPool) {
    let world = World::new(pool).await;
    let add = async |headline: &str| world.add(&OfferForm { headline: headline.into(), ..world.form() }).await.unwrap();
    let (plain, foreign) = (add("Ten percent off every Éclair").await, add("全品半額").await);
    let found = async |q: &str| {
        let query = OfferQuery { q: q.into(), ..Default::default() };
        page(&world, &query).await.items.into_iter().map(|o| o.id).collect::<Vec<_>>()
    };
    assert_eq!(found("ec").await, [plain]);
    assert_eq!(found("t").await, [plain]);
    assert_eq!(found("cl").await, [], "inside of a word");
    assert_eq!(found("半額").await, [foreign]);
    assert_eq!(found("品").await, [foreign]);
    assert_eq!(found("%").await, []);
    assert_eq!(found("_").await, []);
}
