//! The member site over HTTP, as a browser without scripts and as a search engine meet it.

use crate::support::{Ask, Site};
use domain::catalogue::{self, NewListing};
use domain::{Actor, Caller, Db};
use http::StatusCode;
use model::offers::{Conditions, Contract, Funding, Limits, OfferContent, OfferValue, Places, Redemption, Texts, Validity};
use model::time::{Weekdays, ZoneMode};
use model::{Currency, MerchantId, OfferId, PublicationId, RevisionId};
use sqlx::PgPool;
use uuid::Uuid;

pub const SHORT_ID: &str = "0123456789";
pub const MERCHANT: &str = "abcdefghjk";

/// A live offer, as publishing leaves it in the data base.
pub async fn publish(pool: &PgPool, headline: &str, terms: &str) -> PublicationId {
    let [merchant, offer, revision, publication] = [1, 2, 3, 4].map(Uuid::from_u128);
    let content = OfferContent {
        merchant: MerchantId(merchant),
        client: None,
        texts: Texts { headline: headline.to_owned(), terms: terms.to_owned(), ..Texts::default() },
        currency: Currency::USD,
        value: OfferValue::PercentOff { basis_points: 2000 },
        conditions: Conditions::default(),
        places: Places::Online { url: "https://shop.example.com".into(), regions: Vec::new() },
        categories: Vec::new(),
        tags: Vec::new(),
        validity: Validity {
            zone: ZoneMode::EachLocation,
            from: None,
            until: None,
            days: Weekdays::ALL,
            hours: None,
            blackout: Vec::new(),
        },
        redemption: Redemption::SharedCode { code: "HUSH-77".into() },
        limits: Limits::default(),
        contract: Contract { funding: Funding::Merchant, from: None, until: None, owner: None, priority: 0 },
        picture: None,
    };
    let snapshot = serde_json::to_string(&content).expect("a snapshot");
    for (statement, id, text) in [
        ("insert into merchants (id, short_id, name, status, created_at, updated_at) values ($1, $2, 'Café', 'active', now(), now())", merchant, MERCHANT),
        (
            "insert into offers (id, short_id, merchant_id, created_at, updated_at, headline, currency, kind, place_scope, online_url,
                 redemption, shared_code, funding)
             values ($1, $2, '00000000-0000-0000-0000-000000000001', now(), now(), 'the draft', 'USD', 'percent_off', 'online',
                 'https://shop.example.com', 'shared_code', 'HUSH-77', 'merchant')",
            offer,
            SHORT_ID,
        ),
        (
            "insert into offer_revisions (id, offer_id, number, draft_version, state, snapshot, content_hash, sent_at)
             values ($1, '00000000-0000-0000-0000-000000000002', 1, 1, 'approved', $2::json, sha256('x'), now())",
            revision,
            &snapshot,
        ),
        ("insert into offer_approvals (revision_id, content_hash, at) select $1, sha256('x'), now() where $2 <> ''", revision, "-"),
        (
            "insert into publications (id, offer_id, revision_id, content_hash, state, during, published_at)
             select $1, '00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000003', sha256('x'), 'live',
                 tstzrange(now(), null), now() where $2 <> ''",
            publication,
            "-",
        ),
    ] {
        sqlx::query(statement).bind(id).bind(text).execute(pool).await.expect(statement);
    }
    let listing = NewListing {
        publication: PublicationId(publication),
        offer: OfferId(offer),
        revision: RevisionId(revision),
        short_id: SHORT_ID.to_owned(),
        content,
        shown_from: kit::clock::now() - chrono::TimeDelta::hours(1),
        shown_until: None,
        locations: Vec::new(),
    };
    let list = async |op: &mut domain::Op| catalogue::list(op, listing.clone()).await;
    Db::new(pool.clone()).write(Caller::local(Actor::Server), list).await.expect("a listing");
    PublicationId(publication)
}

fn page(path: &str) -> Ask {
    Ask::get(path).header("accept", "text/html")
}

#[sqlx::test(migrations = "../migrations")]
async fn pages_are_whole_without_scripts(pool: PgPool) {
    publish(&pool, "Two for one", "One *per* table.<script>alert(1)</script>").await;
    let site = Site::start(pool, &["--public-url", "https://offers.example"]).await;
    for (path, title) in [
        ("/".to_owned(), "<title>Tessera</title>"),
        ("/offers?q=two".to_owned(), "<title>“two” – Tessera</title>"),
        (format!("/merchants/café-{MERCHANT}"), "<title>Café – Tessera</title>"),
        (format!("/merchants/caf%C3%A9-{MERCHANT}"), "<title>Café – Tessera</title>"),
    ] {
        let path = path.replace('é', "%c3%a9");
        let answer = site.send(page(&path)).await;
        let text = answer.text();
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(text.contains(title), "{path}: {text}");
        assert!(text.contains("Two for one") && text.contains("20% off"), "{path}: {text}");
    }
    let answer = site.send(page(&format!("/offers/two-for-one-{SHORT_ID}"))).await;
    let text = answer.text();
    assert_eq!(answer.status, StatusCode::OK);
    assert!(text.contains(r#"<p dir="auto">One <em>per</em> table.</p>"#), "{text}");
    assert!(!text.contains("alert(1)") && !text.contains("HUSH-77") && !text.contains("the draft"), "{text}");
    let canonical = format!(r#"href="https://offers.example/offers/two-for-one-{SHORT_ID}""#);
    assert!(text.contains(&canonical) && text.contains(r#"rel="canonical""#), "{text}");
    let policy = answer.header("content-security-policy").to_owned();
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce");
    assert!(text.contains(&format!(r#"<script type="application/ld+json" nonce="{nonce}">{{"@context""#)), "{text}");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_wrong_slug_leads_to_the_canonical_address_for_good(pool: PgPool) {
    publish(&pool, "寿司 two for one", "").await;
    let site = Site::start(pool, &[]).await;
    for (path, canonical) in [
        (format!("/offers/wrong-{SHORT_ID}?near=10001"), format!("/offers/%E5%AF%BF%E5%8F%B8-two-for-one-{SHORT_ID}?near=10001")),
        (format!("/offers/{SHORT_ID}"), format!("/offers/%E5%AF%BF%E5%8F%B8-two-for-one-{SHORT_ID}")),
        (format!("/merchants/{MERCHANT}"), format!("/merchants/caf%C3%A9-{MERCHANT}")),
    ] {
        let answer = site.send(page(&path)).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::MOVED_PERMANENTLY, canonical.as_str()), "{path}");
        let there = site.send(page(&canonical)).await;
        assert_eq!(there.status, StatusCode::OK, "{canonical} does not lead on");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_not_there_is_a_page_with_a_search(pool: PgPool) {
    let publication = publish(&pool, "Two for one", "").await;
    let site = Site::start(pool.clone(), &[]).await;
    let unlist = async |op: &mut domain::Op| catalogue::unlist(op, publication).await;
    Db::new(pool).write(Caller::local(Actor::Server), unlist).await.expect("unlist");
    for path in
        [&format!("/offers/two-for-one-{SHORT_ID}"), "/offers/none", "/merchants/none-0123456789", "/nowhere", "/offers/a/b"]
    {
        let answer = site.send(page(path)).await;
        let text = answer.text();
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(text.contains(r#"action="/offers""#) && text.contains(r#"type="search""#), "{path}: {text}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn whatever_stands_in_the_address_is_answered(pool: PgPool) {
    publish(&pool, "Two for one", "").await;
    let site = Site::start(pool, &[]).await;
    let long = "x".repeat(6_000);
    for value in [
        "%00",
        "%FF%FE",
        "%27%3B--",
        "%F0%9F%8D%95",
        "%22%3E%3C%2Ftitle%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "%E2%80%AE",
        "%",
        &long,
    ] {
        for path in [
            format!("/offers?q={value}"),
            format!("/offers?category={value}"),
            format!("/offers?near={value}"),
            format!("/offers?after={value}"),
            format!("/offers/{value}"),
            format!("/offers/{value}-{SHORT_ID}?near={value}"),
            format!("/merchants/{value}"),
            format!("/sitemap/{value}"),
            format!("/{value}"),
        ] {
            let answer = site.send(page(&path)).await;
            assert!(!answer.status.is_server_error(), "{path}: {}", answer.status);
            assert!(!answer.text().contains("<script>alert(1)"), "{path}");
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn search_engines_are_told_what_is_live_and_what_is_not_for_them(pool: PgPool) {
    publish(&pool, "Two for one", "").await;
    let site = Site::start(pool, &["--public-url", "https://offers.example"]).await;
    let robots = site.get("/robots.txt").await.text();
    assert!(robots.contains("Disallow: /desk\n") && robots.contains("Sitemap: https://offers.example/sitemap.xml"), "{robots}");
    let map = site.get("/sitemap.xml").await;
    assert_eq!(map.header("content-type"), "application/xml; charset=utf-8");
    let text = map.text();
    for address in [format!("/offers/two-for-one-{SHORT_ID}"), format!("/merchants/caf%C3%A9-{MERCHANT}"), "/".to_owned()] {
        assert!(text.contains(&format!("<loc>https://offers.example{address}</loc>")), "{address}: {text}");
    }
    let results = site.send(page("/offers?q=two")).await.text();
    assert!(results.contains(r#"content="noindex, follow""#), "results of a search have no end");
}
