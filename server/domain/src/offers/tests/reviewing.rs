//! Review: who may approve what, and what an approval binds to.

use super::*;
use model::offers::RevisionState;

#[sqlx::test(migrations = "../../migrations")]
async fn nobody_approves_what_they_changed(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.db.write(staff(ADMIN), async |op| add(op, &world.form()).await).await.unwrap();
    let revision = world.send(id).await.unwrap();
    assert_eq!(world.approve(ADMIN, revision).await, Err(refused(OfferRefusal::OwnWork)));
    assert!(world.actions(id).await.contains(&"offer.own_approval_refused".to_owned()), "the try is in the audit log");
    world.approve(REVIEWER, revision).await.unwrap();

    // The approval starts a new count: somebody else's change does not bar the administrator.
    world.retitle(EDITOR, id, "22% off").await;
    let second = world.send(id).await.unwrap();
    world.approve(ADMIN, second).await.unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_change_made_while_the_review_waits_bars_its_author(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.add(&world.form()).await.unwrap();
    let revision = world.send(id).await.unwrap();
    world.retitle(ADMIN, id, "22% off").await;
    assert_eq!(world.approve(ADMIN, revision).await, Err(refused(OfferRefusal::OwnWork)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_edit_after_approval_needs_an_approval_of_its_own(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, first) = world.approved().await;
    world.retitle(EDITOR, id, "90% off").await;
    let offer = world.get(id).await;
    assert!(offer.draft_ahead);
    assert_eq!(offer.approved().map(|r| r.id), Some(first), "the approval stays with what was approved");

    world.publish(id, first).await.unwrap();
    assert_eq!(world.shown().await, ["20% off any large pizza"], "members see the approved text, not the edit");

    let second = world.send(id).await.unwrap();
    assert_eq!(world.publish(id, second).await, Err(refused(OfferRefusal::NotApproved)));
    world.approve(REVIEWER, second).await.unwrap();
    assert_eq!(world.publish(id, first).await, Err(refused(OfferRefusal::Superseded)));
    world.publish(id, second).await.unwrap();
    assert_eq!(world.shown().await, ["90% off"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn sending_saves_what_was_typed_or_does_neither(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.add(&world.form()).await.unwrap();
    let send = async |form: OfferForm, choices: Choices| {
        let seen = world.get(id).await.version;
        world.db.write(staff(EDITOR), async |op| save_and_send(op, id, seen, &form, &choices).await).await
    };
    let lacking = OfferForm { headline: "25% off".into(), terms: String::new(), ..world.form() };
    assert!(send(lacking, Choices::default()).await.unwrap_err().field_errors().at("terms").is_some());
    let offer = world.get(id).await;
    assert_eq!((offer.version, offer.draft.headline.as_str()), (Version(1), "20% off any large pizza"));

    let whole = OfferForm { headline: "25% off".into(), ..world.form() };
    let chosen = Choices { asked: "headline".into(), keep: [("headline".to_owned(), "mine".to_owned())].into() };
    assert_eq!(send(whole.clone(), chosen).await.map(|saved| saved.version), Ok(Version(2)));
    assert!(world.get(id).await.revisions.is_empty(), "what comes of choices is to be looked at first");

    assert_eq!(send(whole.clone(), Choices::default()).await.map(|saved| saved.version), Ok(Version(2)));
    let offer = world.get(id).await;
    assert_eq!((offer.revisions.len(), offer.draft_ahead), (1, false));
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_one_has_just_sent_is_not_sent_twice(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.add(&world.form()).await.unwrap();
    let whole = OfferForm { headline: "25% off".into(), ..world.form() };
    let send = async |by: u128| {
        let sent = async |op: &mut Op| save_and_send(op, id, Version(1), &whole, &Choices::default()).await;
        world.db.write(staff(by), sent).await.map(|saved| saved.version)
    };
    assert_eq!(send(EDITOR).await, Ok(Version(2)));
    assert_eq!(send(EDITOR).await, Ok(Version(2)), "pressed twice");
    assert_eq!(send(SECOND_EDITOR).await, Err(refused(OfferRefusal::NothingNew)));
    let told = world.actions(id).await;
    assert_eq!(told, ["offer.added", "offer.draft_saved", "offer.sent_for_review", "offer.refused"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn changes_are_asked_with_a_reason_and_the_next_revision_follows(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.add(&world.form()).await.unwrap();
    let first = world.send(id).await.unwrap();
    let ask = async |reason: &str| world.db.write(staff(REVIEWER), async |op| ask_for_changes(op, first, reason).await).await;
    assert!(ask(" ").await.unwrap_err().field_errors().at("reason").is_some());
    ask("Say which pizzas.").await.unwrap();
    assert_eq!(ask("Once more.").await, Err(refused(OfferRefusal::NotInReview)));
    assert_eq!(world.approve(REVIEWER, first).await, Err(refused(OfferRefusal::NotInReview)));
    assert_eq!(world.send(id).await, Err(refused(OfferRefusal::NothingNew)));
    world.retitle(EDITOR, id, "20% off large pizzas").await;
    let second = world.send(id).await.unwrap();
    let offer = world.get(id).await;
    let states: Vec<_> = offer.revisions.iter().map(|r| (r.number, r.state)).collect();
    assert_eq!(states, [(2, RevisionState::InReview), (1, RevisionState::Superseded)]);
    assert_eq!(offer.revisions[1].note.as_deref(), Some("Say which pizzas."));
    world.approve(REVIEWER, second).await.unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn sending_again_supersedes_what_waits(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.add(&world.form()).await.unwrap();
    let first = world.send(id).await.unwrap();
    world.retitle(EDITOR, id, "21% off").await;
    world.send(id).await.unwrap();
    assert_eq!(world.approve(REVIEWER, first).await, Err(refused(OfferRefusal::Superseded)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_stale_page_cannot_send_what_it_does_not_show(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.add(&world.form()).await.unwrap();
    world.retitle(SECOND_EDITOR, id, "99% off").await;
    let sent = world.db.write(staff(EDITOR), async |op| send_for_review(op, id, Version(1)).await).await;
    assert!(matches!(sent, Err(AppError::Conflict(_))), "{sent:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_thin_draft_is_not_reviewed(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.add(&OfferForm { terms: String::new(), ..world.form() }).await.unwrap();
    assert!(world.send(id).await.unwrap_err().field_errors().at("terms").is_some());
    let nowhere = OfferForm { place_scope: "rule".into(), rule_regions: "ZZ".into(), ..world.form() };
    let id = world.add(&nowhere).await.unwrap();
    assert!(world.send(id).await.unwrap_err().field_errors().at("place_scope").is_some());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_snapshot_never_changes_and_only_approved_hashes_are_published(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, revision) = world.approved().await;
    world.retitle(EDITOR, id, "99% off").await;
    let unapproved = world.send(id).await.unwrap();
    let statements = [
        ("update offer_revisions set snapshot = '{}' where id = $1", revision),
        ("delete from offer_revisions where id = $1", revision),
        ("update offer_approvals set at = now() where revision_id = $1", revision),
        ("insert into publications (id, offer_id, revision_id, content_hash, state, during, published_at)
          select gen_random_uuid(), offer_id, id, content_hash, 'live', tstzrange(now(), null), now() from offer_revisions where id = $1", unapproved),
        ("insert into publications (id, offer_id, revision_id, content_hash, state, during, published_at)
          select gen_random_uuid(), offer_id, id, sha256('other'), 'live', tstzrange(now(), null), now() from offer_revisions where id = $1", revision),
    ];
    for (statement, id) in statements {
        assert!(sqlx::query(statement).bind(id.0).execute(&world.pool).await.is_err(), "{statement}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_snapshot_that_is_not_what_its_hash_says_is_not_published(pool: PgPool) {
    let world = World::new(pool).await;
    let (id, revision) = world.approved().await;
    // Past the guard, as only somebody with the data base's owner rights could.
    sqlx::raw_sql("alter table offer_revisions disable trigger immutable_snapshot; update offer_revisions set snapshot = replace(snapshot::text, '2000', '9000')::json")
        .execute(&world.pool)
        .await
        .unwrap();
    assert_eq!(world.publish(id, revision).await, Err(AppError::Internal));
    assert!(world.shown().await.is_empty());
}
