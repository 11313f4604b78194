//! Several publications of one offer: what starts next, what is cut for it, and what is given back when it is cancelled.

use super::*;
use model::{Timestamp, offers::Publication};

const SPRING: &str = "2098-03-01T00:00";
const SUMMER: &str = "2098-06-01T00:00";
const NEXT_YEAR: &str = "2099-01-01T00:00";

fn from(start: &str) -> PublishForm {
    PublishForm { from: start.into(), ..Default::default() }
}

fn until(end: &str) -> PublishForm {
    PublishForm { until: end.into(), ..Default::default() }
}

fn at(wall: &str) -> Option<Timestamp> {
    Some(format!("{wall}:00Z").parse().unwrap())
}

impl World {
    /// The next revision of an offer, approved.
    async fn approved_next(&self, id: OfferId, headline: &str) -> RevisionId {
        self.retitle(EDITOR, id, headline).await;
        let revision = self.send(id).await.unwrap();
        self.approve(REVIEWER, revision).await.unwrap();
        revision
    }

    /// An offer whose first revision is live, and whose second is approved.
    async fn live_with_a_next(&self, live: PublishForm) -> (OfferId, RevisionId) {
        let (id, first) = self.approved().await;
        self.publish_in(id, first, live).await.unwrap();
        (id, self.approved_next(id, "30% off").await)
    }

    async fn pause(&self, id: OfferId) -> Answer<()> {
        self.db.write(staff(CAMPAIGNS), async |op| pause(op, id).await).await
    }

    async fn resume(&self, id: OfferId) -> Answer<()> {
        self.db.write(staff(CAMPAIGNS), async |op| resume(op, id).await).await
    }

    /// Number, standing and end of each publication, newest first.
    async fn ends(&self, id: OfferId) -> Vec<(i32, PublicationState, Option<Timestamp>)> {
        self.get(id).await.publications.into_iter().map(|p: Publication| (p.revision_number, p.state, p.until)).collect()
    }

    /// Until which day members see a publication; nothing when it is not listed.
    async fn listed_until(&self, publication: PublicationId) -> Option<String> {
        sqlx::query_scalar(
            "select case when shown_until = 'infinity' then 'ever' else to_char(shown_until at time zone 'UTC', 'YYYY-MM-DD') end
             from listings where publication_id = $1",
        )
        .bind(publication.0)
        .fetch_optional(&self.pool)
        .await
        .unwrap()
    }

    async fn events(&self, id: OfferId) -> Vec<String> {
        sqlx::query_scalar("select topic from outbox where subject_id = $1 order by id")
            .bind(id.0)
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_cancelled_schedule_gives_the_live_one_its_planned_end_back(pool: PgPool) {
    let world = World::new(pool).await;
    for (planned, listed) in [("", "ever"), (NEXT_YEAR, "2099-01-01")] {
        let (id, second) = world.live_with_a_next(until(planned)).await;
        let live = world.standing(id, PublicationState::Live).await;
        assert_eq!(world.listed_until(live).await.as_deref(), Some(listed));
        world.publish_in(id, second, from(SPRING)).await.unwrap();
        assert_eq!(world.listed_until(live).await.as_deref(), Some("2098-03-01"));

        let scheduled = world.standing(id, PublicationState::Scheduled).await;
        world.end(id, scheduled).await.unwrap();
        let planned = if planned.is_empty() { None } else { at(planned) };
        let ends = world.ends(id).await;
        assert_eq!(ends, [(2, PublicationState::Unpublished, None), (1, PublicationState::Live, planned)]);
        assert_eq!((world.listed_until(live).await.as_deref(), world.listed_until(scheduled).await), (Some(listed), None));
        let told = ["offer.end_moved", "offer.scheduled", "offer.schedule_cancelled", "offer.end_moved"];
        assert!(world.actions(id).await.ends_with(&told.map(str::to_owned)));
        assert_eq!(world.actions(id).await, world.events(id).await, "each change has its event");
        assert_eq!(world.end(id, scheduled).await, Err(refused(OfferRefusal::Over)));
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn ending_the_live_one_leaves_the_scheduled_one(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, second) = world.live_with_a_next(PublishForm::default()).await;
    world.publish_in(id, second, from(SPRING)).await.unwrap();
    world.end(id, world.standing(id, PublicationState::Live).await).await.unwrap();
    let offer = world.get(id).await;
    assert_eq!((offer.publication, offer.publications[0].from), (PublicationState::Scheduled, at(SPRING)));
    assert_eq!((offer.publications[1].state, world.shown().await.len()), (PublicationState::Ended, 0));
}

#[sqlx::test(migrations = "../../migrations")]
async fn only_a_publication_of_the_offer_is_ended_and_only_by_those_who_publish(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, _) = world.live_with_a_next(PublishForm::default()).await;
    let (other, _) = world.live_with_a_next(PublishForm::default()).await;
    let live = world.standing(id, PublicationState::Live).await;
    assert_eq!(world.end(other, live).await, Err(AppError::NotFound));
    assert_eq!(world.end(id, PublicationId(Uuid::from_u128(9))).await, Err(AppError::NotFound));
    let by_an_editor = world.db.write(staff(EDITOR), async |op| end(op, id, live).await).await;
    assert_eq!((by_an_editor, world.get(id).await.publication), (Err(AppError::Forbidden), PublicationState::Live));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_resumption_lasts_until_the_planned_end_or_the_next_start(pool: PgPool) {
    let world = World::new(pool).await;
    for (planned, ends) in [("", at(SPRING)), (NEXT_YEAR, at(SPRING)), ("2098-02-01T00:00", at("2098-02-01T00:00"))] {
        let (id, second) = world.live_with_a_next(until(planned)).await;
        world.publish_in(id, second, from(SPRING)).await.unwrap();
        world.pause(id).await.unwrap();
        world.resume(id).await.unwrap();
        assert_eq!(world.ends(id).await[0], (1, PublicationState::Live, ends), "planned until {planned:?}");
        world.end(id, world.standing(id, PublicationState::Scheduled).await).await.unwrap();
        let planned = if planned.is_empty() { None } else { at(planned) };
        assert_eq!(world.ends(id).await[0], (1, PublicationState::Live, planned), "the plan outlives pause and schedule");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_schedule_leaves_a_paused_one_paused_until_its_start(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, second) = world.live_with_a_next(PublishForm::default()).await;
    world.pause(id).await.unwrap();
    world.publish_in(id, second, from(SPRING)).await.unwrap();
    let ends = world.ends(id).await;
    assert_eq!(ends, [(2, PublicationState::Scheduled, None), (1, PublicationState::Paused, at(SPRING))]);
    assert_eq!(world.get(id).await.publication, PublicationState::Paused);
    let told = ["offer.paused", "offer.end_moved", "offer.scheduled"];
    assert!(world.actions(id).await.ends_with(&told.map(str::to_owned)));

    // Cancelled, the paused one has its time back, and stays hidden.
    world.end(id, world.standing(id, PublicationState::Scheduled).await).await.unwrap();
    assert_eq!(world.ends(id).await[1], (1, PublicationState::Paused, None));
    assert!(world.shown().await.is_empty());
    world.publish_in(id, second, from(SPRING)).await.unwrap();
    world.resume(id).await.unwrap();
    assert_eq!((world.ends(id).await[0].2, world.shown().await.len()), (at(SPRING), 1));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_paused_one_ends_by_time_alone_when_the_next_one_starts(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, second) = world.live_with_a_next(PublishForm::default()).await;
    world.pause(id).await.unwrap();
    world.publish_in(id, second, from(SPRING)).await.unwrap();
    // As if the start had come an hour ago.
    for shift in [
        "update publications set during = tstzrange(now() - interval '3 hours', now() - interval '1 hour'),
             paused_at = now() - interval '2 hours' where state = 'paused'",
        "update publications set during = tstzrange(now() - interval '1 hour', null) where state = 'scheduled'",
    ] {
        sqlx::query(shift).execute(&world.pool).await.unwrap();
    }
    let states = async || world.ends(id).await.into_iter().map(|(_, state, _)| state).collect::<Vec<_>>();
    assert_eq!(states().await, [PublicationState::Live, PublicationState::Ended], "time alone decides, without the job");
    assert_eq!(world.resume(id).await, Err(refused(OfferRefusal::NotPaused)));
    let settle = async || world.db.write(Caller::local(Actor::Server), async |op| settle_due(op).await).await.unwrap();
    assert_eq!((settle().await, settle().await), (2, 0));
    assert_eq!(states().await, [PublicationState::Live, PublicationState::Ended]);
    let until_the_pause: bool = sqlx::query_scalar("select upper(during) = paused_at from publications where state = 'ended'")
        .fetch_one(&world.pool)
        .await
        .unwrap();
    assert!(until_the_pause, "what stays on record is when it was shown");
}

#[sqlx::test(migrations = "../../migrations")]
async fn ending_a_paused_one_keeps_on_record_when_it_was_shown(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, _) = world.live_with_a_next(PublishForm::default()).await;
    world.pause(id).await.unwrap();
    world.end(id, world.standing(id, PublicationState::Paused).await).await.unwrap();
    let until_the_pause: bool =
        sqlx::query_scalar("select upper(during) = paused_at from publications").fetch_one(&world.pool).await.unwrap();
    assert!(until_the_pause);
    assert_eq!(world.get(id).await.publication, PublicationState::Ended);
    assert_eq!(world.actions(id).await.last().map(String::as_str), Some("offer.ended"));
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_scheduled_can_be_published_now(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, second) = world.live_with_a_next(PublishForm::default()).await;
    world.publish_in(id, second, from(SPRING)).await.unwrap();
    world.publish(id, second).await.unwrap();
    let states: Vec<_> = world.ends(id).await.into_iter().map(|(number, state, _)| (number, state)).collect();
    assert_eq!(
        states,
        [(2, PublicationState::Live), (2, PublicationState::Unpublished), (1, PublicationState::Ended)],
        "its schedule is replaced"
    );
    assert_eq!(world.shown().await, ["30% off"]);
    let told = ["offer.schedule_cancelled", "offer.ended", "offer.published"];
    assert!(world.actions(id).await.ends_with(&told.map(str::to_owned)));
    assert_eq!(world.actions(id).await, world.events(id).await);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_schedule_moves_and_the_live_one_with_it(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, second) = world.live_with_a_next(PublishForm::default()).await;
    for start in [SPRING, SUMMER, SUMMER, SPRING] {
        world.publish_in(id, second, from(start)).await.unwrap();
        let live = world.standing(id, PublicationState::Live).await;
        assert_eq!(world.listed_until(live).await.as_deref(), Some(&start[..10]));
        let standing: Vec<_> = world.get(id).await.publications.into_iter().filter(Publication::stands).collect();
        assert_eq!((standing.len(), standing[0].from, standing[1].until), (2, at(start), at(start)));
    }
    assert_eq!(world.get(id).await.publications.len(), 4, "the same schedule twice is one");
}

#[sqlx::test(migrations = "../../migrations")]
async fn another_revision_that_is_scheduled_bars_the_way_and_says_when_it_starts(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, second) = world.live_with_a_next(PublishForm::default()).await;
    world.publish_in(id, second, from(SPRING)).await.unwrap();
    let third = world.approved_next(id, "40% off").await;
    let before = world.ends(id).await;
    let barred = refused(OfferRefusal::Overlaps { scheduled: at(SPRING).unwrap() });
    assert_eq!(world.publish(id, third).await, Err(barred.clone()));
    assert_eq!(world.publish_in(id, third, until(SUMMER)).await, Err(barred.clone()));
    assert!(barred.to_string().contains("2098-03-01"), "{barred}");
    assert_eq!(world.ends(id).await, before);

    // Until then there is room.
    world.publish_in(id, third, until(SPRING)).await.unwrap();
    assert_eq!(world.shown().await, ["40% off"]);
    assert_eq!(world.standing(id, PublicationState::Scheduled).await, world.get(id).await.publications[1].id);
}

#[sqlx::test(migrations = "../../migrations")]
async fn of_several_schedules_each_lasts_until_the_next(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, second) = world.live_with_a_next(PublishForm::default()).await;
    world.publish_in(id, second, from(SPRING)).await.unwrap();
    let spring = world.standing(id, PublicationState::Scheduled).await;
    let third = world.approved_next(id, "40% off").await;
    world.publish_in(id, third, from(SUMMER)).await.unwrap();
    let ends = async || world.ends(id).await.into_iter().map(|(_, _, until)| until).collect::<Vec<_>>();
    assert_eq!(ends().await, [None, at(SUMMER), at(SPRING)]);
    world.end(id, spring).await.unwrap();
    assert_eq!(ends().await, [None, None, at(SUMMER)], "the live one now lasts until the third");
    let live = world.standing(id, PublicationState::Live).await;
    assert_eq!(world.listed_until(live).await.as_deref(), Some("2098-06-01"));
}
