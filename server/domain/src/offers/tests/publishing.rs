//! Publications: live, later, paused, ended; and what members see meanwhile.

use super::*;

const LATER: &str = "2098-01-01T00:00";

fn later() -> PublishForm {
    PublishForm { from: LATER.into(), ..Default::default() }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_live_offer_stays_live_while_its_next_draft_is_written_and_reviewed(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, first) = world.approved().await;
    world.publish(id, first).await.unwrap();
    world.retitle(EDITOR, id, "30% off").await;
    let second = world.send(id).await.unwrap();
    let offer = world.get(id).await;
    assert_eq!(offer.publication, PublicationState::Live);
    assert_eq!(world.shown().await, ["20% off any large pizza"]);
    world.approve(REVIEWER, second).await.unwrap();
    assert_eq!(world.shown().await, ["20% off any large pizza"], "approval alone shows nothing");
    world.publish(id, second).await.unwrap();
    assert_eq!(world.shown().await, ["30% off"]);
    let publications: Vec<_> = world.get(id).await.publications.iter().map(|p| (p.revision_number, p.state)).collect();
    assert_eq!(publications, [(2, PublicationState::Live), (1, PublicationState::Ended)]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_desk_shows_what_members_will_see(pool: PgPool) {
    let world = World::new(pool).await;
    let terms = "- **One** per table\n- <script>alert(1)</script>";
    let form = OfferForm { valid_until: "2098-05-01T00:00".into(), terms: terms.into(), ..world.form() };
    let id = world.add(&form).await.unwrap();
    let revision = world.send(id).await.unwrap();
    world.approve(REVIEWER, revision).await.unwrap();
    let before = world.get(id).await.preview;
    world.publish(id, revision).await.unwrap();
    let read = async |op: &mut Op| crate::catalogue::offer_page(op, &before.card.address, "", "https://example.com").await;
    let page = world.db.read(staff(ADMIN), read).await.unwrap();
    assert_eq!(before.card, page.card);
    let texts: Vec<_> = before.texts.iter().map(|(heading, html)| (heading.as_str(), html)).collect();
    assert_eq!(texts, [("How to redeem", &page.how_to_redeem), ("Terms", &page.terms)]);
    assert!(page.terms.contains("<strong>One</strong>") && !page.terms.contains("script"), "{}", page.terms);
}

#[sqlx::test(migrations = "../../migrations")]
async fn publishing_twice_publishes_once(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, revision) = world.approved().await;
    let (a, b) = tokio::join!(world.publish(id, revision), world.publish(id, revision));
    assert_eq!((a, b), (Ok(()), Ok(())));
    world.publish(id, revision).await.unwrap();
    assert_eq!(world.get(id).await.publications.len(), 1);
    let published = world.actions(id).await.iter().filter(|a| *a == "offer.published").count();
    assert_eq!(published, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn another_offers_revision_is_not_found(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, _) = world.approved().await;
    let (_, other) = world.approved().await;
    assert_eq!(world.publish(id, other).await, Err(AppError::NotFound));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_pause_hides_and_a_resumption_shows_the_same_revision_again(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, revision) = world.approved().await;
    let paused = async || world.db.write(staff(CAMPAIGNS), async |op| pause(op, id).await).await;
    let resumed = async || world.db.write(staff(CAMPAIGNS), async |op| resume(op, id).await).await;
    assert_eq!(paused().await, Err(refused(OfferRefusal::NotLive)));
    world.publish(id, revision).await.unwrap();
    assert_eq!(resumed().await, Err(refused(OfferRefusal::NotPaused)));
    paused().await.unwrap();
    assert_eq!((world.get(id).await.publication, world.shown().await.len()), (PublicationState::Paused, 0));
    resumed().await.unwrap();
    assert_eq!((world.get(id).await.publication, world.shown().await.len()), (PublicationState::Live, 1));
    let told = ["offer.refused", "offer.published", "offer.refused", "offer.paused", "offer.resumed"];
    assert_eq!(world.actions(id).await[3..], told);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_end_is_an_end_and_only_then_an_offer_is_archived(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, revision) = world.approved().await;
    world.publish(id, revision).await.unwrap();
    let archived = async || world.db.write(staff(EDITOR), async |op| archive(op, id).await).await;
    assert_eq!(archived().await, Err(refused(OfferRefusal::StillPublished)));
    world.end(id, world.standing(id, PublicationState::Live).await).await.unwrap();
    assert_eq!((world.get(id).await.publication, world.shown().await.len()), (PublicationState::Ended, 0));
    archived().await.unwrap();
    let offer = world.get(id).await;
    assert_eq!(offer.publication, PublicationState::Archived);
    assert_eq!(world.save(EDITOR, id, offer.version, &offer.draft).await, Err(refused(OfferRefusal::Archived)));
    assert_eq!(world.publish(id, revision).await, Err(refused(OfferRefusal::Archived)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_schedule_shows_nothing_before_its_time_and_can_be_cancelled(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, revision) = world.approved().await;
    world.publish_in(id, revision, later()).await.unwrap();
    assert_eq!((world.get(id).await.publication, world.shown().await.len()), (PublicationState::Scheduled, 0));
    world.end(id, world.standing(id, PublicationState::Scheduled).await).await.unwrap();
    assert_eq!(world.get(id).await.publication, PublicationState::Unpublished);
    world.publish(id, revision).await.unwrap();
    assert_eq!(world.shown().await.len(), 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_scheduled_revision_takes_over_from_the_live_one(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, first) = world.approved().await;
    world.publish(id, first).await.unwrap();
    world.retitle(EDITOR, id, "30% off").await;
    let second = world.send(id).await.unwrap();
    world.approve(REVIEWER, second).await.unwrap();
    world.publish_in(id, second, later()).await.unwrap();
    let offer = world.get(id).await;
    assert_eq!(offer.publication, PublicationState::Live, "live until the other takes over");
    assert!(offer.publications[0].from.is_some());
    assert_eq!(offer.publications[0].from, offer.publications[1].until);
    assert_eq!(world.shown().await, ["20% off any large pizza"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_time_alone_did_is_told_to_the_journal_once(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, revision) = world.approved().await;
    world.publish_in(id, revision, later()).await.unwrap();
    // As if the start, and then the end, had come.
    let times =
        ["tstzrange(now() - interval '1 hour', null)", "tstzrange(now() - interval '2 hours', now() - interval '1 hour')"];
    for (during, action, standing) in
        [(times[0], "offer.published", PublicationState::Live), (times[1], "offer.ended", PublicationState::Ended)]
    {
        sqlx::query(sqlx::AssertSqlSafe(format!("update publications set during = {during}")))
            .execute(&world.pool)
            .await
            .unwrap();
        assert_eq!(world.get(id).await.publication, standing, "time alone decides, without the job");
        let settle = async || world.db.write(Caller::local(Actor::Server), async |op| settle_due(op).await).await.unwrap();
        let (a, b) = tokio::join!(settle(), settle());
        assert_eq!(a + b, 1);
        assert_eq!(world.actions(id).await.last().map(String::as_str), Some(action));
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_merchant_must_be_active_and_the_offer_not_over(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, revision) = world.approved().await;
    sqlx::query("update merchants set status = 'suspended'").execute(&world.pool).await.unwrap();
    assert_eq!(world.publish(id, revision).await, Err(refused(OfferRefusal::MerchantNotActive)));
    sqlx::query("update merchants set status = 'active'").execute(&world.pool).await.unwrap();

    let over = OfferForm { valid_until: "2026-01-02T00:00".into(), ..world.form() };
    let id = world.add(&over).await.unwrap();
    let revision = world.send(id).await.unwrap();
    world.approve(REVIEWER, revision).await.unwrap();
    assert_eq!(world.publish(id, revision).await, Err(refused(OfferRefusal::Expired)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_offer_is_shown_until_its_last_place_has_closed_the_day(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.add(&OfferForm { valid_until: "2098-07-01T00:00".into(), ..world.form() }).await.unwrap();
    let revision = world.send(id).await.unwrap();
    world.approve(REVIEWER, revision).await.unwrap();
    world.publish(id, revision).await.unwrap();
    let until: model::Timestamp = sqlx::query_scalar("select shown_until from listings").fetch_one(&world.pool).await.unwrap();
    assert_eq!(until.to_rfc3339(), "2098-07-01T07:00:00+00:00", "midnight in Los Angeles, three hours after New York");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_window_that_ends_before_it_starts_is_refused(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, revision) = world.approved().await;
    let past = PublishForm { until: "2020-01-01T00:00".into(), ..Default::default() };
    assert_eq!(world.publish_in(id, revision, past).await, Err(refused(OfferRefusal::EmptyWindow)));
    let turned = PublishForm { from: LATER.into(), until: "2097-01-01T00:00".into(), ..Default::default() };
    assert!(world.publish_in(id, revision, turned).await.unwrap_err().field_errors().at("until").is_some());
    let nowhere = PublishForm { zone: "Mars/Base".into(), ..Default::default() };
    assert!(world.publish_in(id, revision, nowhere).await.unwrap_err().field_errors().at("zone").is_some());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_location_abroad_takes_no_part(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, revision) = world.approved().await;
    let moved = async |place: usize| {
        sqlx::query("update locations set country = 'CA' where id = $1")
            .bind(world.places[place].0)
            .execute(&world.pool)
            .await
            .unwrap()
    };
    moved(0).await;
    world.publish(id, revision).await.unwrap();
    let places: Vec<Uuid> = sqlx::query_scalar("select location_id from listing_places").fetch_all(&world.pool).await.unwrap();
    assert_eq!(places, [world.places[1].0], "dollars of the United States are not those of Canada");
    world.end(id, world.standing(id, PublicationState::Live).await).await.unwrap();
    moved(1).await;
    assert!(world.publish(id, revision).await.unwrap_err().field_errors().at("place_scope").unwrap().contains("USD"));
}
