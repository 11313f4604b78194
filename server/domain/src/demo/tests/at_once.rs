//! What is loaded at once against what the use cases write.

use super::*;
use crate::Error;
use model::conflict::Choices;
use model::offers::{OfferForm, OfferQuery, PublishForm};
use sqlx::{PgConnection, Row};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Everything about each record: the rows of a table that belong to it, in an order that does not depend on ids.
const RECORDS: &[&str] = &[
    "select m.id, to_jsonb(m) - 'short_id' from merchants m order by created_at, name",
    "select merchant_id, to_jsonb(c) from merchant_categories c order by category_id",
    "select merchant_id, to_jsonb(l) from locations l order by l.id",
    "select merchant_id, to_jsonb(r) from merchant_revisions r order by version",
    "select l.merchant_id, to_jsonb(r) from location_revisions r join locations l on l.id = r.location_id order by l.id, r.version",
    "select entity_id, to_jsonb(x) from external_ids x where kind = 'merchant'",
    "select l.merchant_id, to_jsonb(x) from external_ids x join locations l on l.id = x.entity_id order by l.id",
    "select o.id, to_jsonb(o) - 'short_id' from offers o order by created_at, headline",
    "select offer_id, to_jsonb(x) from offer_locations x order by location_id",
    "select offer_id, to_jsonb(x) from offer_categories x order by category_id",
    "select offer_id, to_jsonb(x) from offer_changes x order by version",
    "select offer_id, to_jsonb(x) - 'content_hash' from offer_revisions x order by number",
    "select r.offer_id, to_jsonb(x) - 'content_hash' from offer_approvals x join offer_revisions r on r.id = x.revision_id order by number",
    "select offer_id, to_jsonb(x) - 'content_hash' from publications x order by published_at",
    "select offer_id, to_jsonb(x) - 'short_id' from listings x order by shown_from",
    "select l.offer_id, to_jsonb(x) from listing_places x join listings l using (publication_id) order by l.shown_from, location_id",
    "select subject_id, to_jsonb(x) - 'id' #- '{detail,hash}' from audit_log x
     where subject_kind in ('merchant', 'location', 'offer') order by x.id",
    "select subject_id, to_jsonb(x) - 'id' - 'transaction' #- '{body,hash}' from outbox x order by x.id",
    "select l.merchant_id, to_jsonb(x) - 'id' - 'transaction' from outbox x join locations l on l.id = x.subject_id order by l.id, x.id",
];

/// What stands in the data base, record by record, with ids named by the order in which they come.
async fn records(conn: &mut PgConnection) -> Vec<String> {
    let mut order = Vec::new();
    let mut records: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    for sql in RECORDS {
        for row in sqlx::query(*sql).fetch_all(&mut *conn).await.unwrap() {
            let (id, rows): (Uuid, serde_json::Value) = (row.get(0), row.get(1));
            if sql.contains("from merchants m") || sql.contains("from offers o") {
                order.push(id);
            }
            records.entry(id).or_default().push(rows.to_string());
        }
    }
    let known: Vec<Uuid> = sqlx::query_scalar("select id from categories").fetch_all(conn).await.unwrap();
    order.iter().map(|id| named(&records[id].join("\n"), &known)).collect()
}

/// The text with each id but the known ones replaced by a number.
fn named(text: &str, known: &[Uuid]) -> String {
    let (mut named, mut met, mut rest) = (String::new(), Vec::new(), text);
    while let Some(c) = rest.chars().next() {
        match rest.get(..36).and_then(|id| Uuid::try_parse(id).ok()) {
            Some(id) if !known.contains(&id) => {
                let place = met.iter().position(|other| *other == id).unwrap_or(met.len());
                if place == met.len() {
                    met.push(id);
                }
                named.push_str(&format!("<{place}>"));
                rest = &rest[36..];
            }
            _ => {
                named.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    named
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_loaded_at_once_is_what_the_use_cases_write(pool: PgPool) {
    let db = Db::new(pool.clone());
    let caller = || Caller::local(Actor::CommandLine);
    db.write(caller(), async |op| reference::load_missing(op).await).await.unwrap();
    let now = kit::clock::now();
    // Each way begins with nothing and leaves nothing behind.
    let told = async |at_once: bool| {
        let mut told = Vec::new();
        let gone = db
            .write(caller(), async |op| {
                op.now = now;
                let mut dice = Dice(5);
                let shops = shops::shops(&mut dice, 30, now.date_naive());
                let beginning = Beginning::make(op, PASSWORD).await?;
                if at_once {
                    bulk::load(op, beginning, bulk::Asked { shops, offers: 300, seed: 9 }, |_| {}).await?;
                } else {
                    let deals = deals::deals(&mut Dice(9), &shops, 300, now);
                    History::new(op, &beginning, &shops, &deals).happen(|_| {}).await?;
                }
                told = records(op.conn()).await;
                Err::<(), _>(Error::fault("to be rolled back"))
            })
            .await;
        assert!(gone.is_err());
        told
    };
    let (by_use_cases, at_once) = (told(false).await, told(true).await);
    assert_eq!(by_use_cases.len(), 330);
    assert_eq!(at_once.len(), 330);
    for (one, other) in by_use_cases.iter().zip(&at_once) {
        for (one, other) in one.lines().zip(other.lines()) {
            assert_eq!(one, other);
        }
        assert_eq!(one, other);
    }
}

/// Indexes, constraints and triggers.
async fn guards(pool: &PgPool) -> BTreeSet<String> {
    words(
        pool,
        "select pg_get_indexdef(indexrelid) from pg_index join pg_class c on c.oid = indexrelid where c.relnamespace = 'public'::regnamespace
         union all select conrelid::regclass::text || conname || pg_get_constraintdef(oid) || convalidated::text from pg_constraint
         where connamespace = 'public'::regnamespace
         union all select tgrelid::regclass::text || tgname || tgenabled::text from pg_trigger where not tgisinternal",
    )
    .await
}

const LARGE: Scale = Scale { merchants: 120, offers: 500, seed: 1 };

#[sqlx::test(migrations = "../../migrations")]
async fn a_large_demo_is_whole_and_its_offers_go_on_living(pool: PgPool) {
    let db = Db::new(pool.clone());
    let before = guards(&pool).await;
    let mut last = Progress { done: 0, total: 0 };
    let loaded = load_after(&db, LARGE, 60, PASSWORD, |progress| {
        assert!(progress.done >= last.done && progress.done <= progress.total, "{progress:?} after {last:?}");
        last = progress;
    })
    .await
    .unwrap();
    assert_eq!(loaded, Loaded { merchants: 120, locations: 600, offers: 500 });
    assert_eq!(last.done, last.total);
    assert_eq!(count(&pool, "select count(*) from offers").await, 500);
    assert_eq!(count(&pool, "select count(*) from locations").await, 600);
    assert_eq!(guards(&pool).await, before, "every guard stands again");

    for (wrong, none) in [
        ("a hash", "select count(*) from offer_revisions where sha256(convert_to(snapshot::text, 'UTF8')) <> content_hash"),
        ("a told hash", "select count(*) from outbox x where x.body ? 'hash' and not exists (
             select from offer_revisions r where r.offer_id = x.subject_id and encode(r.content_hash, 'hex') = x.body->>'hash')"),
        ("a settled standing", "select count(*) from offers where settled <> settled_standing(id)"),
        ("a stored state", "select count(*) from publications where state <> publication_standing(state, during, now())"),
        ("words to find it by", "select count(*) from listings l join offer_revisions r on r.id = l.revision_id where l.search <> (
             select to_tsvector('simple', plain(w)) || to_tsvector('english', plain(w)) from (select concat_ws(e'\n',
                 r.snapshot->'texts'->>'headline', r.snapshot->'texts'->>'summary', l.value,
                 (select string_agg(tag, e'\n') from json_array_elements_text(r.snapshot->'tags') tag),
                 (select string_agg(c.name, e'\n' order by c.position, c.name, c.id) from categories c where c.id = any(l.category_ids))) w) t)"),
        ("a live offer without a listing", "select count(*) from publications p where state = 'live' and not exists (
             select from listings l where l.publication_id = p.id)"),
    ] {
        assert_eq!(count(&pool, none).await, 0, "{wrong}");
    }
    crate::journal::tests::all_readable(&pool).await;
    let behind = db.write(Caller::local(Actor::Server), async |op| offers::follow_locations(op).await).await.unwrap();
    assert_eq!(behind, 0, "no job has to make up for the demo");

    // One of those that were loaded at once: edited, sent, approved, published, ended.
    let actor = async |role: Role| {
        let email = PEOPLE.iter().find(|(of, _)| *of == role).unwrap().1;
        let id: Uuid = sqlx::query_scalar("select account_id from account_profiles where email = $1")
            .bind(email)
            .fetch_one(&pool)
            .await
            .unwrap();
        Caller::local(Actor::Staff { id: id.into(), roles: vec![role] })
    };
    let late = "select o.id from offers o join merchants m on m.id = o.merchant_id
         where settled = 'live' and m.status = 'active' and (select count(*) from publications p where p.offer_id = o.id) = 1
         order by o.id desc limit 1";
    let id: Uuid = sqlx::query_scalar(late).fetch_one(&pool).await.unwrap();
    let id = model::OfferId(id);
    let (editor, reviewer, manager) =
        (actor(Role::Editor).await, actor(Role::Reviewer).await, actor(Role::CampaignManager).await);
    let offer = db.read(editor.clone(), async |op| offers::get(op, id).await).await.unwrap();
    let form = OfferForm { headline: "A headline of its own".to_owned(), ..offer.draft.clone() };
    let revision = db
        .write(editor.clone(), async |op| {
            let saved = offers::save(op, id, offer.version, &form, &Choices::default()).await?;
            offers::send_for_review(op, id, saved.version).await
        })
        .await
        .unwrap();
    db.write(reviewer, async |op| offers::approve(op, revision).await).await.unwrap();
    db.write(manager.clone(), async |op| offers::publish(op, id, revision, &PublishForm::default()).await).await.unwrap();
    let offer = db.read(editor.clone(), async |op| offers::get(op, id).await).await.unwrap();
    assert_eq!(offer.publication, PublicationState::Live);
    let found = OfferQuery { q: "headline of its own".to_owned(), ..OfferQuery::default() };
    assert_eq!(db.read(editor, async |op| offers::list(op, &found).await).await.unwrap().items.len(), 1);
    let live = offer.publications.iter().find(|publication| publication.stands()).unwrap().id;
    db.write(manager, async |op| offers::end(op, id, live).await).await.unwrap();
    assert_eq!(count(&pool, "select count(*) from listings where headline = 'A headline of its own'").await, 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_large_demo_that_fails_leaves_nothing_behind_and_every_guard_in_its_place(pool: PgPool) {
    let db = Db::new(pool.clone());
    let before = guards(&pool).await;
    // Only what is loaded at once trips over it.
    sqlx::query("alter table offers add constraint planted check (headline not like '%a%')").execute(&pool).await.unwrap();
    load_after(&db, LARGE, 0, PASSWORD, |_| {}).await.unwrap_err();
    sqlx::query("alter table offers drop constraint planted").execute(&pool).await.unwrap();
    assert_eq!(guards(&pool).await, before);
    assert_eq!(count(&pool, "select count(*) from accounts").await + count(&pool, "select count(*) from merchants").await, 0);
    load_after(&db, LARGE, 0, PASSWORD, |_| {}).await.unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn many_offers_of_few_merchants_are_refused(pool: PgPool) {
    let few = Scale { merchants: 99, offers: 5_001, seed: 1 };
    let refused = load(&Db::new(pool), few, PASSWORD, |_| {}).await.unwrap_err();
    assert!(refused.to_string().contains("at least 100 merchants"), "{refused}");
}
