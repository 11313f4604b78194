//! The demo in a data base.

mod at_once;

use super::{stories::STORIES, *};
use crate::{accounts, offers};
use kit::password;
use model::{
    access::Role,
    merchants::MerchantStatus,
    offers::{OfferKind, PlaceScope, Places, PublicationState, RedemptionMethod, RevisionState},
};
use sqlx::PgPool;
use std::collections::BTreeSet;

const SMALL: Scale = Scale { merchants: 20, offers: 40, seed: 1 };
const PASSWORD: &str = "four random words";

async fn words(pool: &PgPool, sql: &'static str) -> BTreeSet<String> {
    sqlx::query_scalar::<_, String>(sql).fetch_all(pool).await.unwrap().into_iter().collect()
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

/// Every word of a closed list.
fn all<T: std::fmt::Display>(words: impl IntoIterator<Item = T>) -> BTreeSet<String> {
    words.into_iter().map(|word| word.to_string()).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_small_demo_has_something_of_everything(pool: PgPool) {
    let db = Db::new(pool.clone());
    let mut last = Progress { done: 0, total: 0 };
    let loaded = load(&db, SMALL, PASSWORD, |progress| {
        assert!(progress.done > last.done && progress.done <= progress.total);
        last = progress;
    })
    .await
    .unwrap();
    assert_eq!(loaded, Loaded { merchants: 20, locations: 100, offers: 40 });
    assert_eq!(last.done, last.total);

    assert_eq!(words(&pool, "select kind from offers").await, all(OfferKind::ALL));
    assert_eq!(words(&pool, "select place_scope from offers").await, all(PlaceScope::ALL));
    assert_eq!(words(&pool, "select redemption from offers").await, all(RedemptionMethod::ALL));
    assert_eq!(words(&pool, "select status from merchants").await, all(MerchantStatus::ALL));
    assert_eq!(words(&pool, "select state from offer_revisions").await, all(RevisionState::ALL));
    assert_eq!(words(&pool, "select offer_standing(id, archived_at, now()) from offers").await, all(PublicationState::ALL));
    assert!(count(&pool, "select count(*) from offers where revision_state is null").await > 0, "a draft alone");
    let ahead =
        "select count(*) from offers where revision_draft_version < version and offer_standing(id, archived_at, now()) = 'live'";
    assert!(count(&pool, ahead).await > 0, "live with a newer draft");
    let unsettled = "select count(*) from publications where state <> publication_standing(state, during, now())";
    assert_eq!(count(&pool, unsettled).await, 0);
    let hidden =
        "select count(*) from listings l join merchants m on m.id = l.merchant_id where m.status in ('prospect', 'closed')";
    assert_eq!(count(&pool, hidden).await, 0);
    assert_eq!(count(&pool, "select count(*) from postal_codes").await, 41_904);
    assert_eq!(count(&pool, "select count(*) from categories").await, 90);
    crate::journal::tests::all_readable(&pool).await;
    let behind = db.write(Caller::local(Actor::Server), async |op| offers::follow_locations(op).await).await.unwrap();
    assert_eq!(behind, 0, "no job has to make up for the demo");
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_happened_stands_in_the_journal_in_its_order(pool: PgPool) {
    load(&Db::new(pool.clone()), SMALL, PASSWORD, |_| {}).await.unwrap();
    // What every installation begins with came before, by the clock.
    let order = "select count(*) from (select at < lag(at) over (order by id) as back from audit_log
        where action <> 'categories.loaded') l where back";
    assert_eq!(count(&pool, order).await, 0);
    assert_eq!(count(&pool, "select count(*) from audit_log where at > now()").await, 0);
    let audited = "select count(*) from audit_log where action <> 'categories.loaded'";
    assert_eq!(count(&pool, audited).await, count(&pool, "select count(*) from outbox").await);
    let hands = "select distinct l.action || ' ' || coalesce(r.role, l.who) from audit_log l left join account_roles r on r.account_id = l.actor";
    let hands = words(&pool, hands).await;
    for deed in [
        "merchant.added editor",
        "merchant.suspended editor",
        "merchant.closed editor",
        "location.added editor",
        "offer.added editor",
        "offer.sent_for_review editor",
        "offer.approved reviewer",
        "offer.changes_asked reviewer",
        "offer.published campaign_manager",
        "offer.scheduled campaign_manager",
        "offer.ended server",
        "categories.loaded command_line",
        "account.added command_line",
    ] {
        assert!(hands.contains(deed), "{deed}: {hands:?}");
    }
    assert!(!hands.iter().any(|deed| deed.ends_with("analyst") || deed.ends_with("support")));
}

#[sqlx::test(migrations = "../../migrations")]
async fn only_an_empty_data_base_is_filled_and_the_password_fits(pool: PgPool) {
    let db = Db::new(pool.clone());
    let refused = load(&db, SMALL, "short", |_| {}).await.unwrap_err();
    assert!(refused.to_string().contains("at least 12 characters"), "{refused}");
    assert_eq!(count(&pool, "select count(*) from accounts").await, 0);

    let tiny = Scale { merchants: 1, offers: 1, seed: 2 };
    load(&db, tiny, PASSWORD, |_| {}).await.unwrap();
    for (role, email) in PEOPLE {
        let hash = "select password_hash from accounts a join account_profiles p on p.account_id = a.id join account_roles r using (account_id) where email = $1 and role = $2";
        let hash: String = sqlx::query_scalar(hash).bind(email).bind(role.word()).fetch_one(&pool).await.unwrap();
        assert!(password::verify(PASSWORD, Some(&hash)).await, "{email}");
    }

    let refused = load(&db, tiny, PASSWORD, |_| {}).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "The data base already holds accounts, brands, merchants and offers; \
         the demo is loaded into an empty one only."
    );
    assert_eq!(count(&pool, "select count(*) from accounts").await, 6);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_fails_leaves_nothing_behind(pool: PgPool) {
    let db = Db::new(pool.clone());
    sqlx::query("alter table offers add constraint planted check (headline = '')").execute(&pool).await.unwrap();
    load(&db, SMALL, PASSWORD, |_| {}).await.unwrap_err();
    assert_eq!(count(&pool, "select count(*) from accounts").await + count(&pool, "select count(*) from merchants").await, 0);
    let actor =
        accounts::actor(&db, accounts::SignedIn { account: model::AccountId(uuid::Uuid::nil()), epoch: 0, by_provider: false })
            .await
            .unwrap();
    assert_eq!(actor, Actor::Nobody, "the data base answers as before");

    // Nor do its dead rows stand in the way of the next try.
    let size =
        "select sum(pg_relation_size(oid))::int8 from pg_class where relname in ('postal_codes', 'merchants', 'locations')";
    let left = count(&pool, size).await;
    sqlx::query("alter table offers drop constraint planted").execute(&pool).await.unwrap();
    load(&db, SMALL, PASSWORD, |_| {}).await.unwrap();
    assert!(count(&pool, size).await <= left, "the room is used again");
}

#[test]
fn every_offer_of_a_large_demo_is_a_form_that_is_taken() {
    let now: model::Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let mut dice = Dice(3);
    let shops = shops::shops(&mut dice, 1_000, chrono::NaiveDate::from_ymd_opt(2026, 3, 1).unwrap());
    let deals = deals::deals(&mut dice, &shops, 4_000, now);
    let some_id = || uuid::Uuid::from_u128(1).to_string();
    let mut stories = BTreeSet::new();
    for deal in &deals {
        let mut form = deal.form.clone();
        form.merchant = some_id();
        form.locations = deal.sites.iter().map(|_| some_id()).collect();
        form.categories = deal.categories.iter().map(|_| some_id()).collect();
        let content = form.parse().unwrap_or_else(|errors| panic!("{errors}: {form:?}"));
        assert!(deal.story.is_empty() || content.ready_for_review().is_ok(), "{form:?}");
        let sites = &shops[deal.shop].sites;
        let applies = match &content.places {
            Places::All => !sites.is_empty(),
            Places::Some { locations } => !locations.is_empty(),
            Places::Rule { regions, cities, postal_prefixes } => sites.iter().any(|site| {
                let (region, city, code) = (&site.form.region, &site.form.city, &site.form.postal_code);
                regions.contains(region) || cities.contains(city) || postal_prefixes.iter().any(|prefix| code.starts_with(prefix))
            }),
            Places::Online { .. } => true,
        };
        assert!(applies, "it applies nowhere: {deal:?}");
        assert!(stories::suits(deal.story, shops[deal.shop].status));
        let is_scheduled = deal.story.contains(&stories::Step::Schedule);
        let ends = content.validity.until.map(|until| until.date());
        assert!(!is_scheduled || ends.is_none_or(|end| end > deal.starts), "ends before it starts: {deal:?}");
        assert!(ends.is_none_or(|end| end > now.date_naive()), "has ended: {deal:?}");
        stories.insert(format!("{:?}", deal.story));
    }
    assert_eq!(stories.len(), STORIES.len());
    let share = |is: &dyn Fn(&deals::Deal) -> bool| deals.iter().filter(|deal| is(deal)).count() * 100 / deals.len();
    assert!((5..25).contains(&share(&|deal| deal.form.place_scope == "online")));
    assert!((5..20).contains(&share(&|deal| deal.form.place_scope == "rule")));
    for (what, filled) in [
        ("weekdays", share(&|deal| !deal.form.weekdays.is_empty())),
        ("hours", share(&|deal| !deal.form.hours_from.is_empty())),
        ("black-out days", share(&|deal| !deal.form.blackout.is_empty())),
        ("a limit a member", share(&|deal| !deal.form.limit_member_ever.is_empty())),
        ("a limit in all", share(&|deal| !deal.form.limit_total.is_empty())),
        ("a budget", share(&|deal| !deal.form.budget.is_empty())),
        ("shared funding", share(&|deal| deal.form.funding == "shared")),
    ] {
        assert!((5..50).contains(&filled), "{what}: {filled} %");
    }
    let begun = deals.iter().filter(|deal| deal.added > now - chrono::TimeDelta::days(7)).count();
    assert!(begun > 400, "there is something new: {begun}");
}

#[test]
fn the_same_seed_gives_the_same_demo() {
    let (today, now) = (chrono::NaiveDate::from_ymd_opt(2026, 3, 1).unwrap(), "2026-03-01T12:00:00Z".parse().unwrap());
    let demo = |seed| {
        let mut dice = Dice(seed);
        let shops = shops::shops(&mut dice, 30, today);
        let deals = deals::deals(&mut dice, &shops, 60, now);
        format!("{shops:?} {deals:?}")
    };
    assert_eq!(demo(1), demo(1));
    assert_ne!(demo(1), demo(2));
    assert_eq!(Role::ALL.len(), PEOPLE.len());
}
