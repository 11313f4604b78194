//! Drafts: what is refused, and two people at once.

use super::*;
use model::offers::RevisionState;

#[sqlx::test(migrations = "../../migrations")]
async fn a_draft_comes_back_as_it_was_typed(pool: PgPool) {
    let world = World::new(pool).await;
    let form = OfferForm {
        kind: "buy_get".into(),
        percent: "50".into(),
        buy: "2".into(),
        get: "1".into(),
        place_scope: "some".into(),
        locations: vec![world.places[1].to_string()],
        zone: "America/Chicago".into(),
        valid_until: "2099-05-01T18:30".into(),
        weekdays: vec!["mon".into(), "tue".into()],
        hours_from: "11:00".into(),
        hours_until: "01:00".into(),
        blackout: "2026-12-24..2026-12-26\n2026-12-31".into(),
        redemption: "shared_code".into(),
        shared_code: "PIZZA".into(),
        tags: "late, vegan".into(),
        funding: "shared".into(),
        funding_share: "40".into(),
        budget: "5000".into(),
        largest_discount: "12.50".into(),
        minimum_age: "18".into(),
        combinable: "on".into(),
        limit_member_day: "1".into(),
        limit_total: "1000".into(),
        contract_from: "2026-01-01".into(),
        contract_until: "2026-12-31".into(),
        owner: Uuid::from_u128(EDITOR).to_string(),
        priority: "7".into(),
        ..world.form()
    };
    let id = world.add(&form).await.unwrap();
    let offer = world.get(id).await;
    assert_eq!(offer.draft.parse().unwrap(), form.parse().unwrap());
    assert_eq!((offer.version, offer.value.as_str()), (Version(1), "Buy 2, get 1 at 50% off"));
    assert_eq!(world.actions(id).await, ["offer.added"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_needs_the_data_base_is_refused_at_its_field(pool: PgPool) {
    let world = World::new(pool).await;
    let cases: [(&str, OfferForm); 7] = [
        ("locations", OfferForm { place_scope: "some".into(), locations: vec![world.foreign.to_string()], ..world.form() }),
        ("zone", OfferForm { zone: "America/Springfield".into(), ..world.form() }),
        ("categories", OfferForm { categories: vec![Uuid::from_u128(9).to_string()], ..world.form() }),
        ("currency", OfferForm { currency: "EUR".into(), ..world.form() }),
        ("owner", OfferForm { owner: Uuid::from_u128(9).to_string(), ..world.form() }),
        ("client", OfferForm { client: Uuid::from_u128(9).to_string(), ..world.form() }),
        ("merchant", OfferForm { merchant: Uuid::from_u128(9).to_string(), ..world.form() }),
    ];
    for (field, form) in cases {
        let errors = world.add(&form).await.expect_err(field).field_errors();
        assert!(errors.at(field).is_some(), "{field}: {errors:?}");
    }
    let count: i64 = sqlx::query_scalar("select count(*) from offers").fetch_one(&world.pool).await.unwrap();
    assert_eq!(count, 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_country_without_a_known_currency_is_refused_by_name(pool: PgPool) {
    let world = World::new(pool).await;
    sqlx::query("update locations set country = 'AQ' where id = $1").bind(world.places[1].0).execute(&world.pool).await.unwrap();
    let errors = world.add(&world.form()).await.unwrap_err().field_errors();
    assert!(errors.at("currency").unwrap().contains("AQ"), "{errors:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_second_of_two_editors_sees_both_versions_and_chooses(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.add(&world.form()).await.unwrap();
    let seen = Version(1);
    let first = OfferForm { headline: "25% off".into(), summary: "A quarter off.".into(), ..world.form() };
    world.save(EDITOR, id, seen, &first).await.unwrap();
    let second = OfferForm { headline: "30% off".into(), terms: "Two per table.".into(), ..world.form() };
    let AppError::Conflict(conflict) = world.save(SECOND_EDITOR, id, seen, &second).await.unwrap_err() else {
        panic!("no conflict")
    };
    assert_eq!((conflict.current, conflict.by.as_str()), (Version(2), "Edith"));
    let told: Vec<_> =
        conflict.fields.iter().map(|f| (f.name.as_str(), f.mine.as_str(), f.theirs.as_str(), f.suggested())).collect();
    assert_eq!(
        told,
        [
            ("headline", "30% off", "25% off", ""),
            ("summary", "A fifth off every large pizza.", "A quarter off.", "theirs"),
            ("terms", "Two per table.", "One per table.", "mine"),
        ]
    );
    assert_eq!(world.get(id).await.draft.headline, "25% off", "nothing was overwritten");

    let keep = [("headline", "mine"), ("summary", "theirs"), ("terms", "mine")];
    let choices =
        Choices { asked: "headline,summary,terms".into(), keep: keep.map(|(f, side)| (f.to_owned(), side.to_owned())).into() };
    let mut half = choices.clone();
    half.keep.remove("headline");
    let undecided = world.db.write(staff(SECOND_EDITOR), async |op| save(op, id, conflict.current, &second, &half).await).await;
    let AppError::Conflict(again) = undecided.unwrap_err() else { panic!("a field without a choice is asked again") };
    let suggested: Vec<_> = again.fields.iter().map(|f| (f.name.as_str(), f.suggested())).collect();
    assert_eq!((again.by.as_str(), suggested), ("Edith", vec![("headline", ""), ("summary", "theirs"), ("terms", "mine")]));

    world.db.write(staff(SECOND_EDITOR), async |op| save(op, id, conflict.current, &second, &choices).await).await.unwrap();
    let merged = world.get(id).await;
    assert_eq!((merged.version, merged.draft.headline.as_str()), (Version(3), "30% off"));
    assert_eq!((merged.draft.summary.as_str(), merged.draft.terms.as_str()), ("A quarter off.", "Two per table."));
}

#[sqlx::test(migrations = "../../migrations")]
async fn of_two_saves_at_the_same_moment_one_wins_and_one_is_told(pool: PgPool) {
    let world = World::new(pool).await;
    for round in 0..8 {
        let id = world.add(&world.form()).await.unwrap();
        let mine = OfferForm { headline: format!("Mine {round}"), ..world.form() };
        let theirs = OfferForm { headline: format!("Theirs {round}"), ..world.form() };
        let (a, b) = tokio::join!(world.save(EDITOR, id, Version(1), &mine), world.save(SECOND_EDITOR, id, Version(1), &theirs));
        let (won, lost) = if a.is_ok() { (a, b) } else { (b, a) };
        assert_eq!(won, Ok(Version(2)));
        assert!(matches!(lost, Err(AppError::Conflict(_))), "{lost:?}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn saving_what_stands_already_changes_nothing(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.add(&world.form()).await.unwrap();
    let offer = world.get(id).await;
    assert_eq!(world.save(EDITOR, id, offer.version, &offer.draft).await, Ok(Version(1)));
    assert_eq!(world.actions(id).await, ["offer.added"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_same_change_made_twice_is_no_conflict(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.add(&world.form()).await.unwrap();
    let change = OfferForm { headline: "25% off".into(), ..world.form() };
    assert_eq!(world.save(EDITOR, id, Version(1), &change).await, Ok(Version(2)));
    assert_eq!(world.save(EDITOR, id, Version(1), &change).await, Ok(Version(2)));
    assert_eq!(world.actions(id).await, ["offer.added", "offer.draft_saved"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_save_answers_with_what_stands(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.add(&world.form()).await.unwrap();
    let typed = OfferForm { percent: "25.50".into(), tags: "late,vegan".into(), ..world.form() };
    let save = async |seen| world.db.write(staff(EDITOR), async |op| save(op, id, seen, &typed, &Choices::default()).await).await;
    let saved = save(Version(1)).await.unwrap();
    let stands = world.get(id).await;
    assert_eq!((saved.version, &saved.form), (stands.version, &stands.draft));
    assert_eq!((saved.form.percent.as_str(), saved.form.tags.as_str()), ("25.5", "late, vegan"));
    assert_eq!(save(saved.version).await.unwrap(), saved, "nothing changed");
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_wrong_is_said_before_a_conflict_is_to_be_settled(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.add(&world.form()).await.unwrap();
    world.save(EDITOR, id, Version(1), &OfferForm { headline: "25% off".into(), ..world.form() }).await.unwrap();
    let wrong = OfferForm { percent: "120".into(), ..world.form() };
    let errors = world.save(SECOND_EDITOR, id, Version(1), &wrong).await.unwrap_err().field_errors();
    assert!(errors.at("percent").is_some(), "{errors:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_was_made_from_no_version_is_asked_without_a_suggestion(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.add(&world.form()).await.unwrap();
    world.retitle(EDITOR, id, "25% off").await;
    let cleared = OfferForm { summary: String::new(), ..world.form() };
    let AppError::Conflict(conflict) = world.save(SECOND_EDITOR, id, Version::NEVER, &cleared).await.unwrap_err() else {
        panic!("it is asked")
    };
    let suggested: Vec<_> = conflict.fields.iter().map(|field| (field.name.as_str(), field.suggested())).collect();
    assert_eq!(suggested, [("headline", ""), ("summary", "")]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_offer_stays_with_its_merchant(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.add(&world.form()).await.unwrap();
    let moved = OfferForm { merchant: Uuid::from_u128(200).to_string(), ..world.form() };
    let errors = world.save(EDITOR, id, Version(1), &moved).await.unwrap_err().field_errors();
    assert!(errors.at("merchant").is_some());
}

#[sqlx::test(migrations = "../../migrations")]
async fn only_those_who_write_save_and_only_those_who_review_decide(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.add(&world.form()).await.unwrap();
    assert_eq!(world.save(REVIEWER, id, Version(1), &world.form()).await, Err(AppError::Forbidden));
    assert_eq!(world.save(CAMPAIGNS, id, Version(1), &world.form()).await, Err(AppError::Forbidden));
    let revision = world.send(id).await.unwrap();
    assert_eq!(world.approve(EDITOR, revision).await, Err(AppError::Forbidden));
    assert_eq!(world.approve(CAMPAIGNS, revision).await, Err(AppError::Forbidden));
    assert_eq!(world.get(id).await.revisions[0].state, RevisionState::InReview);
}
