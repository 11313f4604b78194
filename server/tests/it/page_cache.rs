//! Kept pages of the member site over HTTP: never stale, never somebody else's.

use std::io::Read as _;

use crate::member::{MERCHANT, SHORT_ID, publish};
use crate::support::{Answer, Ask, Site};
use chrono::TimeDelta;
use domain::{Actor, Caller, Db, catalogue};
use flate2::read::GzDecoder;
use http::{Method, StatusCode};
use sqlx::PgPool;
use tessera::page_cache::KEPT;

fn page(path: &str) -> Ask {
    Ask::get(path).header("accept", "text/html")
}

/// Whether the answer was kept rather than made for this request.
fn was_kept(answer: &Answer) -> bool {
    match answer.header("x-page-cache") {
        "kept" => true,
        "made" => false,
        other => panic!("the pages are not kept at all: {other:?}"),
    }
}

fn nonce(answer: &Answer) -> String {
    let policy = answer.header("content-security-policy");
    policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned()
}

/// The page without what is another in each answer.
fn plain(answer: &Answer) -> String {
    answer.text().replace(&nonce(answer), "")
}

/// Asks until the page is kept: at the end of a minute it may take a second time.
async fn keep(site: &Site, path: &str) -> Answer {
    for _ in 0..5 {
        let answer = site.send(page(path)).await;
        if was_kept(&answer) {
            return answer;
        }
    }
    panic!("{path} is not kept");
}

async fn run(pool: &PgPool, statement: &'static str) {
    sqlx::query(statement).execute(pool).await.expect(statement);
}

async fn change(pool: &PgPool, work: impl AsyncFnOnce(&mut domain::Op) -> domain::Result<()>) {
    Db::new(pool.clone()).write(Caller::local(Actor::Server), work).await.expect("a change");
}

#[sqlx::test(migrations = "../migrations")]
async fn every_public_page_is_kept_and_the_same_as_it_was_made(pool: PgPool) {
    publish(&pool, "Two for one", "One per table.").await;
    let site = Site::start(pool, &[]).await;
    let addresses = [
        "/".to_owned(),
        "/offers".to_owned(),
        format!("/offers/two-for-one-{SHORT_ID}"),
        format!("/merchants/caf%C3%A9-{MERCHANT}"),
    ];
    assert_eq!(addresses.len(), KEPT.len());
    for path in addresses {
        let made = site.send(page(&path)).await;
        assert_eq!(made.status, StatusCode::OK, "{path}");
        let (kept, again) = (keep(&site, &path).await, keep(&site, &path).await);
        assert_eq!(plain(&kept), plain(&made), "{path}");
        let nonces = [&made, &kept, &again].map(nonce);
        assert!(nonces[0] != nonces[1] && nonces[1] != nonces[2], "{path}: {nonces:?}");
        for (answer, nonce) in [&made, &kept, &again].into_iter().zip(&nonces) {
            let (text, given) = (answer.text(), format!("nonce=\"{nonce}\""));
            assert!(text.contains(&given) && text.matches("nonce=\"").count() == text.matches(&given).count(), "{path}: {text}");
        }
        for name in ["content-type", "cache-control", "referrer-policy", "x-content-type-options"] {
            assert_eq!(made.header(name), kept.header(name), "{path}");
        }
        assert_ne!(made.header("x-request-id"), kept.header("x-request-id"));
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_change_is_seen_at_the_next_request(pool: PgPool) {
    let publication = publish(&pool, "Two for one", "").await;
    let site = Site::start(pool.clone(), &[]).await;
    let (list, offer) = ("/offers", format!("/offers/two-for-one-{SHORT_ID}"));
    // The text that is to be on the page, whether it is the list's or the offer's, after each change.
    let seen = async |path: &str, text: &str| {
        let answer = site.send(page(path)).await;
        assert!(!was_kept(&answer) && answer.text().contains(text), "{path} does not show {text:?}: {}", answer.text());
        keep(&site, path).await;
    };
    keep(&site, list).await;
    keep(&site, &offer).await;

    run(&pool, "update merchants set name = 'Renamed'").await;
    seen(list, "Renamed").await;
    seen(&offer, "Renamed").await;

    run(
        &pool,
        "insert into locations (id, merchant_id, street, city, region, postal_code, country, time_zone, created_at, updated_at)
         select id, id, '7 New Street', 'Springfield', 'NY', '10001', 'US', 'America/New_York', now(), now() from merchants",
    )
    .await;
    let merchant = format!("/merchants/renamed-{MERCHANT}");
    seen(&merchant, "7 New Street").await;
    run(&pool, "update locations set phone = '+1 212 555 0100'").await;
    seen(&merchant, "+1 212 555 0100").await;
    run(&pool, "update locations set closed_from = current_date - 2").await;
    seen(&merchant, "Closed until further notice").await;
    run(
        &pool,
        "insert into categories (id, slug, name, icon, position) values (gen_random_uuid(), 'new', 'A new category', 'tag', 99)",
    )
    .await;
    seen(list, "A new category").await;

    // Paused, listed again, and ended.
    change(&pool, async |op| catalogue::unlist(op, publication).await).await;
    seen(list, "No offers were found").await;
    assert_eq!(site.send(page(&offer)).await.status, StatusCode::NOT_FOUND);
    publish_again(&pool).await;
    seen(list, "Two for one").await;
    assert_eq!(site.send(page(&offer)).await.status, StatusCode::OK, "it was not there a moment ago");
    change(&pool, async |op| {
        let now = op.now;
        catalogue::cut(op, publication, now).await
    })
    .await;
    seen(list, "No offers were found").await;

    publish_again(&pool).await;
    seen(list, "Two for one").await;
    run(&pool, "update merchants set status = 'suspended'").await;
    seen(list, "No offers were found").await;
}

/// Lists the publication that was taken out of the catalogue.
async fn publish_again(pool: &PgPool) {
    run(pool, "delete from listings").await;
    run(pool, "insert into listings (publication_id, offer_id, merchant_id, revision_id, short_id, headline, value, kind, icon, hue, online,
             priority, category_ids, shown_from, shown_until, search)
         select p.id, o.id, o.merchant_id, p.revision_id, o.short_id, 'Two for one', '20% off', 'percent_off', 'tag', 0, true, 0, '{}',
             now() - interval '1 hour', 'infinity', ''
         from publications p join offers o on o.id = p.offer_id").await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_transaction_that_ends_late_is_seen_once_it_has_ended(pool: PgPool) {
    publish(&pool, "Two for one", "").await;
    let site = Site::start(pool.clone(), &[]).await;
    let mut late = pool.begin().await.expect("a transaction");
    sqlx::query("update merchants set name = 'Late'").execute(&mut *late).await.expect("a change");
    run(&pool, "update categories set name = name").await;
    let before = keep(&site, "/offers").await;
    assert!(before.text().contains("Café"));
    late.commit().await.expect("a commit");
    let after = site.send(page("/offers")).await;
    assert!(!was_kept(&after) && after.text().contains("Late"));
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_scheduled_starts_and_ends_on_time(pool: PgPool) {
    publish(&pool, "Two for one", "").await;
    let site = Site::start(pool.clone(), &[]).await;
    let begun = kit::clock::now();
    let (start, end) = (begun + TimeDelta::milliseconds(1500), begun + TimeDelta::milliseconds(3000));
    let schedule = sqlx::query("update listings set shown_from = $1, shown_until = $2").bind(start).bind(end);
    schedule.execute(&pool).await.expect("a schedule");
    // What was seen, with the moments before and after: what lies across a start or an end may be either.
    let mut seen = Vec::new();
    while kit::clock::now() < end + TimeDelta::milliseconds(200) {
        let before = kit::clock::now();
        let answer = site.send(page("/offers")).await;
        seen.push((before, kit::clock::now(), answer.text().contains("Two for one")));
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    for (before, after, shown) in &seen {
        let is_live = |moment| start <= moment && moment < end;
        assert!(*shown == is_live(*before) || *shown == is_live(*after), "at {before} it is {shown}: {start} to {end}");
    }
    assert!(!seen.first().expect("a look").2 && seen.iter().any(|look| look.2) && !seen.last().expect("a look").2);
}

#[sqlx::test(migrations = "../migrations")]
async fn pages_of_other_addresses_hosts_and_people_are_never_shared(pool: PgPool) {
    publish(&pool, "Two for one", "").await;
    let site = Site::start(pool, &[]).await;
    keep(&site, "/offers").await;
    for (path, text) in [
        ("/offers?q=two", "“two”"),
        ("/offers?q=three", "“three”"),
        ("/offers?%71=four", "“four”"),
        ("/offers?q=five&q=six", "“"),
        ("/offers?near=99999", "This ZIP code is not known"),
        ("/offers?category=none", "There is no such category"),
        ("/offers?after=none", "not there any more"),
    ] {
        let first = site.send(page(path)).await;
        assert!(!was_kept(&first) && first.text().contains(text), "{path}: {}", first.text());
        assert!(keep(&site, path).await.text().contains(text), "{path}");
    }
    assert!(was_kept(&site.send(page("/offers?utm_source=mail")).await), "what follows people is no part of a page");
    let other_host = site.send(page("/offers").header("host", "other.example")).await;
    assert!(!was_kept(&other_host));
    for (name, value) in [("cookie", "zip=10001"), ("cookie", "tessera-desk=x"), ("authorization", "Bearer x")] {
        let own = site.send(page("/offers").header(name, value)).await;
        assert_eq!((own.status, own.header("x-page-cache")), (StatusCode::OK, ""), "{name} gets a page of its own");
    }
    assert_eq!(site.send(page("/desk/sign-in")).await.header("x-page-cache"), "");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_kept_page_answers_heads_and_conditions_in_full(pool: PgPool) {
    publish(&pool, "Two for one", "").await;
    let site = Site::start(pool, &[]).await;
    let kept = keep(&site, "/offers").await;
    let head = site.send(Ask::new(Method::HEAD, "/offers").header("accept", "text/html")).await;
    assert!(was_kept(&head) && head.status == StatusCode::OK && head.body.is_empty());
    assert_eq!(head.header("content-length"), kept.header("content-length"));
    // A browser that was told `304` would show the old text under the new policy, and run none of its scripts.
    assert_eq!((kept.header("etag"), kept.header("last-modified")), ("", ""));
    let conditions = [("if-none-match", "*"), ("if-modified-since", "Fri, 31 Dec 2100 00:00:00 GMT")];
    for (name, value) in conditions {
        let answer = site.send(page("/offers").header(name, value)).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, kept.body.len()), "{name}");
    }
    let posted = site.send(Ask::form("/offers", &[])).await;
    assert_eq!(posted.header("x-page-cache"), "");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_kept_page_is_compressed_for_who_takes_it(pool: PgPool) {
    publish(&pool, "Two for one", "").await;
    let site = Site::start(pool, &[]).await;
    // Asked for by its head alone, a page is not there to be kept.
    let head = site.send(Ask::new(Method::HEAD, "/offers").header("accept", "text/html")).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    let whole = keep(&site, "/offers").await;
    assert!(whole.text().contains("Two for one"));

    let compressed = site.send(page("/offers").header("accept-encoding", "br;q=0, gzip")).await;
    assert!(was_kept(&compressed));
    assert_eq!((compressed.header("content-encoding"), compressed.header("vary")), ("gzip", whole.header("vary")));
    assert!(compressed.body.len() < whole.body.len() / 2, "{} of {}", compressed.body.len(), whole.body.len());
    let mut text = String::new();
    GzDecoder::new(&compressed.body[..]).read_to_string(&mut text).expect("gzip");
    assert_eq!(text.replace(&nonce(&compressed), ""), plain(&whole));
}

#[sqlx::test(migrations = "../migrations")]
async fn many_who_ask_at_once_get_it_from_one_rendering(pool: PgPool) {
    publish(&pool, "Two for one", "").await;
    let site = std::sync::Arc::new(Site::start(pool, &[]).await);
    keep(&site, "/").await;
    let ask = |site: std::sync::Arc<Site>| tokio::spawn(async move { site.send(page("/offers")).await });
    let asked: Vec<_> = (0..12).map(|_| ask(site.clone())).collect();
    let mut made = 0;
    for answer in asked {
        made += usize::from(!was_kept(&answer.await.expect("an answer")));
    }
    // Twice where the minute ends meanwhile.
    assert!((1..=2).contains(&made), "{made}");
}

#[sqlx::test(migrations = "../migrations")]
async fn without_room_nothing_is_kept(pool: PgPool) {
    publish(&pool, "Two for one", "").await;
    let site = Site::start(pool, &["--page-cache", "0"]).await;
    for _ in 0..2 {
        let answer = site.send(page("/offers")).await;
        assert_eq!((answer.status, answer.header("x-page-cache")), (StatusCode::OK, ""));
    }
}
