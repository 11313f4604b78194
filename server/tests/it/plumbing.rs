//! What holds for every door: health, headers, ids, bounds, and who is believed about where a request comes from.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::Request;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use axum::{Extension, Router};
use http::{Method, StatusCode};
use kit::queue::Queue;
use kit::shutdown::Shutdown;
use sqlx::PgPool;
use tokio::net::TcpListener;
use tower_sessions::Session;

use crate::support::{Ask, Browser, Site};

#[sqlx::test(migrations = "../migrations")]
async fn the_process_lives_and_is_ready(pool: PgPool) {
    let site = Site::start(pool, &[]).await;
    for door in ["/healthz", "/readyz"] {
        let answer = site.get(door).await;
        assert_eq!(answer.status, StatusCode::OK, "{door}: {}", answer.text());
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn it_is_not_ready_without_its_newest_step_or_without_the_data_base(pool: PgPool) {
    let site = Site::start(pool.clone(), &[]).await;
    let newest = "delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)";
    sqlx::query(newest).execute(&pool).await.expect("forget a step");
    let answer = site.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.text(), "The data base is not up to date.\n");

    pool.close().await;
    let answer = site.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.text(), "The data base does not answer.\n");
    assert_eq!(site.get("/healthz").await.status, StatusCode::OK);
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_not_there_is_a_page_for_people_and_a_sentence_for_programs(pool: PgPool) {
    let site = Site::start(pool, &[]).await;
    for path in ["/nothing", "/desk/nothing"] {
        let page = site.send(Ask::get(path).header("accept", "text/html,*/*")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.text().starts_with("<!DOCTYPE html>"), "{path}");
        assert!(page.header("content-security-policy").contains("'nonce-"), "{path}");
    }
    for ask in [Ask::get("/nothing"), Ask::get("/pkg/nothing.js"), Ask::form("/api/nothing", &[])] {
        let answer = site.send(ask.clone()).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{ask:?}");
        assert_eq!(answer.text(), "There is nothing at this address.\n");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn nobody_puts_words_into_the_desks_mouth_by_a_link(pool: PgPool) {
    let site = Site::start(pool, &[]).await;
    let refusal = "eyJCYWRSZXF1ZXN0IjoiQ2FsbCB0aGlzIG51bWJlciJ9"; // {"BadRequest":"Call this number"}
    for name in ["__err", "%5F%5Ferr"] {
        let planted = format!("/desk/sign-in?__path=/desk/api/api/accounts/sign_in&{name}={refusal}");
        for site_of_link in [None, Some("cross-site"), Some("none")] {
            let ask = Ask::get(&planted).header("accept", "text/html");
            let answer = site.send(site_of_link.into_iter().fold(ask, |ask, from| ask.header("sec-fetch-site", from))).await;
            assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/desk/sign-in"), "{site_of_link:?}");
        }
    }
    let own = format!("/desk/sign-in?__path=/desk/api/api/accounts/sign_in&__err={refusal}");
    let page = site.send(Ask::get(&own).header("accept", "text/html").header("sec-fetch-site", "same-origin")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Call this number"), "what the desk itself refused is shown");
}

#[sqlx::test(migrations = "../migrations")]
async fn every_answer_carries_the_policy(pool: PgPool) {
    let site = Site::start(pool, &[]).await;
    for path in ["/", "/desk", "/healthz", "/nothing"] {
        let answer = site.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}: this is plain HTTP");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"), "{path}: {policy}");
    }
    assert!(site.get("/healthz").await.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(site.get("/desk").await.header("cache-control"), "no-store");
}

#[sqlx::test(migrations = "../migrations")]
async fn the_scripts_of_a_page_carry_its_nonce_which_is_new_each_time(pool: PgPool) {
    let site = Site::start(pool, &[]).await;
    let mut seen = Vec::new();
    for path in ["/", "/", "/desk"] {
        let page = site.send(Ask::get(path).header("accept", "text/html")).await;
        let policy = page.header("content-security-policy").to_owned();
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned();
        let text = page.text();
        let scripts = text.matches("<script").count();
        assert!(scripts > 0, "{path}");
        assert_eq!(text.matches(&format!("nonce=\"{nonce}\"")).count(), scripts, "{path}: {text}");
        assert!(!text.contains(" style="), "{path}: the policy forbids style attributes");
        seen.push(nonce);
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 3);
}

#[sqlx::test(migrations = "../migrations")]
async fn each_portal_loads_its_own_bundle(pool: PgPool) {
    let site = Site::start(pool, &[]).await;
    let (member, desk) = (site.get("/").await.text(), site.get("/desk").await.text());
    assert!(member.contains("/member.wasm") && !member.contains("/desk.wasm"));
    assert!(desk.contains("/desk.wasm") && !desk.contains("/member.wasm"));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_request_keeps_a_well_formed_id_and_gets_one_otherwise(pool: PgPool) {
    let site = Site::start(pool, &[]).await;
    let kept = site.send(Ask::get("/healthz").header("x-request-id", "edge-1234.abc")).await;
    assert_eq!(kept.header("x-request-id"), "edge-1234.abc");
    let replaced = site.send(Ask::get("/healthz").header("x-request-id", "<script>alert(1)</script>")).await;
    let (one, two) = (replaced.header("x-request-id").to_owned(), site.get("/healthz").await);
    assert_eq!(one.len(), 32);
    assert_ne!(one, two.header("x-request-id"));
}

#[sqlx::test(migrations = "../migrations")]
async fn another_site_cannot_change_anything(pool: PgPool) {
    let site = Site::start(pool, &[]).await;
    let here = format!("http://{}", site.address);
    for (headers, is_refused) in [
        (vec![("sec-fetch-site", "cross-site")], true),
        (vec![("sec-fetch-site", "same-site")], true),
        (vec![("sec-fetch-site", "cross-site"), ("origin", here.as_str())], true),
        (vec![("origin", "https://evil.example")], true),
        (vec![("origin", "null")], true),
        (vec![("sec-fetch-site", "same-origin")], false),
        (vec![("origin", here.as_str())], false),
        (vec![], false),
    ] {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            for path in ["/desk/api/nothing", "/api/nothing", "/"] {
                let ask = headers.iter().fold(Ask::new(method.clone(), path), |ask, (name, value)| ask.header(name, value));
                let answer = site.send(ask).await;
                assert_eq!(answer.status == StatusCode::FORBIDDEN, is_refused, "{method} {path} {headers:?}: {}", answer.status);
                if is_refused {
                    assert_eq!(answer.text(), "This request came from another site and was refused.\n");
                }
            }
        }
    }
    let read = site.send(Ask::get("/").header("sec-fetch-site", "cross-site")).await;
    assert_eq!(read.status, StatusCode::OK, "a link on another site still leads here");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_request_that_is_too_large_is_refused(pool: PgPool) {
    let site = Site::with(pool, &["--body-limit", "2000"], |router| router).await;
    let announced = site.send(Ask::form("/api/nothing", &[("a", &"x".repeat(3000))])).await;
    assert_eq!(announced.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(announced.text(), "The request is larger than the 2000 bytes allowed.\n");
    let small = site.send(Ask::form("/api/nothing", &[("a", &"x".repeat(1000))])).await;
    assert_eq!(small.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrations = "../migrations")]
async fn what_a_server_function_cannot_read_is_no_fault_of_ours(pool: PgPool) {
    let site = Site::start(pool, &[]).await;
    let door = "/desk/api/api/accounts/sign_in";
    let json = |body: &str| Ask::new(Method::POST, door).header("content-type", "application/json").body(body);
    for ask in [Ask::form(door, &[("nothing", "1")]), json("{}"), json("")] {
        let answer = site.send(ask.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{ask:?}");
        assert!(answer.text().starts_with("{\"BadRequest\":"), "{}", answer.text());
    }
    // Without scripts the page says it.
    let page =
        Ask::form(door, &[("nothing", "1")]).header("accept", "text/html").header("referer", "http://localhost/desk/sign-in");
    assert_eq!(site.send(page).await.status, StatusCode::FOUND);
}

#[sqlx::test(migrations = "../migrations")]
async fn only_a_trusted_proxy_is_believed_about_the_scheme(pool: PgPool) {
    let forwarded = Ask::get("/").header("x-forwarded-for", "198.51.100.4").header("x-forwarded-proto", "https");
    let open = Site::start(pool.clone(), &[]).await;
    assert_eq!(open.send(forwarded.clone()).await.header("strict-transport-security"), "");
    let behind = Site::start(pool, &["--trusted-proxies", "127.0.0.0/8"]).await;
    assert!(behind.send(forwarded).await.header("strict-transport-security").starts_with("max-age="));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_forwarded_host_does_not_open_the_desk_whoever_passes_it_on(pool: PgPool) {
    let asks = |host: &str, forwarded: &str| Ask::get("/desk").header("host", host).header("x-forwarded-host", forwarded);
    let open = Site::start(pool.clone(), &["--desk-host", "desk.example"]).await;
    let behind = Site::start(pool, &["--desk-host", "desk.example", "--trusted-proxies", "127.0.0.0/8"]).await;
    for site in [open, behind] {
        for forwarded in ["desk.example", "offers.example, desk.example", "desk.example, offers.example"] {
            let answer = site.send(asks("offers.example", forwarded)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{forwarded}");
        }
        assert_ne!(site.send(asks("desk.example", "offers.example")).await.status, StatusCode::NOT_FOUND);
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn the_desk_answers_at_its_own_host_alone(pool: PgPool) {
    let site = Site::start(pool, &["--desk-host", "desk.example"]).await;
    let at = |path: &str, host: &str| Ask::get(path).header("host", host);
    assert_ne!(site.send(at("/desk", "desk.example")).await.status, StatusCode::NOT_FOUND);
    assert_ne!(site.send(at("/desk", "Desk.Example:3000")).await.status, StatusCode::NOT_FOUND);
    for path in ["/desk", "/desk/audit", "/desk/api/search_audit"] {
        let answer = site.send(at(path, "offers.example")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.text(), "There is nothing at this address.\n");
    }
    assert_eq!(site.send(at("/", "offers.example")).await.status, StatusCode::OK);
    assert_eq!(site.send(at("/readyz", "10.0.0.9:3000")).await.status, StatusCode::OK);
}

#[sqlx::test(migrations = "../migrations")]
async fn an_answer_that_takes_too_long_is_given_up(pool: PgPool) {
    let lock = "begin; lock table _sqlx_migrations";
    let mut held = pool.acquire().await.expect("connect");
    sqlx::raw_sql(lock).execute(&mut *held).await.expect("lock");
    let site = Site::start(pool, &["--request-timeout", "1"]).await;
    let answer = site.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.text(), "The answer took too long; please try again.\n");
}

#[sqlx::test(migrations = "../migrations")]
async fn pages_are_answered_while_another_site_starts_in_the_process(pool: PgPool) {
    let site = Site::start(pool, &["--request-timeout", "3"]).await;
    let stop = Arc::new(AtomicBool::new(false));
    let lists = std::thread::spawn({
        let stop = stop.clone();
        move || {
            while !stop.load(Ordering::Relaxed) {
                tessera::router::pages();
            }
        }
    });
    for _ in 0..20 {
        assert_eq!(site.get("/offers").await.status, StatusCode::OK);
    }
    stop.store(true, Ordering::Relaxed);
    lists.join().expect("the lists");
}

/// Doors that keep something in the session, in front of the site and inside of nothing but the session's layer.
fn doors_with_sessions(pool: &PgPool, flags: &[&str]) -> Router {
    let keep = |session: Session| async move {
        session.insert("seen", true).await.expect("keep");
    };
    let tell = |session: Option<Extension<Session>>, _: Request| async move {
        match session {
            Some(Extension(session)) => format!("{:?}", session.get::<bool>("seen").await.expect("read")).into_response(),
            None => "no session".into_response(),
        }
    };
    Router::new()
        .route("/desk/keep", post(keep))
        .route("/desk/tell", get(tell))
        .route("/tell", get(tell))
        .layer(tessera::session::layer(&crate::support::settings(flags), pool.clone()))
}

#[sqlx::test(migrations = "../migrations")]
async fn the_desk_alone_has_a_session_and_a_cookie_only_once_something_is_kept(pool: PgPool) {
    let doors = doors_with_sessions(&pool, &[]);
    let site = Site::with(pool.clone(), &[], |_| doors).await;
    let mut browser = site.browser();
    assert_eq!(browser.get("/tell").await.text(), "no session");
    assert_eq!(browser.get("/desk/tell").await.text(), "None");
    assert!(browser.cookies.is_empty(), "nothing is kept yet");

    let kept = browser.send(Ask::form("/desk/keep", &[])).await;
    let cookie = kept.header("set-cookie");
    assert!(cookie.starts_with("tessera-desk=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert!(cookie.contains("Path=/") && cookie.contains("Max-Age=604800") && !cookie.contains("Secure"), "{cookie}");
    assert_eq!(browser.get("/desk/tell").await.text(), "Some(true)");
    assert_eq!(browser.get("/tell").await.text(), "no session");

    sqlx::query("delete from staff_sessions").execute(&pool).await.expect("end all sessions");
    assert_eq!(browser.get("/desk/tell").await.text(), "None");
}

#[sqlx::test(migrations = "../migrations")]
async fn over_https_the_cookie_belongs_to_this_host_alone(pool: PgPool) {
    let doors = doors_with_sessions(&pool, &["--public-url", "https://offers.example"]);
    let site = Site::with(pool, &[], |_| doors).await;
    let kept = site.send(Ask::form("/desk/keep", &[])).await;
    let cookie = kept.header("set-cookie");
    assert!(cookie.starts_with("__Host-tessera-desk=") && cookie.contains("Secure") && cookie.contains("Path=/"), "{cookie}");
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[sqlx::test(migrations = "../migrations")]
async fn metrics_name_routes_and_never_paths(pool: PgPool) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let metrics = Browser::at(listener.local_addr().expect("an address"));
    tessera::metrics::serve(listener, pool.clone(), Queue::new(pool.clone()), Shutdown::new()).expect("metrics");
    let site = Site::start(pool, &[]).await;
    site.get("/healthz?token=secret").await;
    site.get("/made-up-by-somebody").await;
    site.send(Ask::new(Method::from_bytes(b"MADEUP").expect("a method"), "/healthz")).await;
    let text = metrics.clone().get("/metrics").await.text();
    assert!(text.contains(r#"http_requests_total{route="/healthz",method="GET",status="200"}"#), "{text}");
    assert!(text.contains(r#"http_requests_total{route="unmatched",method="GET",status="404"}"#), "{text}");
    assert!(text.contains(r#"route="/healthz",method="other",status="405""#), "{text}");
    assert!(text.contains(r#"http_request_duration_seconds_bucket{route="/healthz",method="GET",status="200",le="+Inf"}"#));
    for gauge in ["db_up 1", "db_pool_max_connections ", r#"queue_jobs{state="ready"} 0"#] {
        assert!(text.contains(gauge), "{gauge}: {text}");
    }
    assert!(!text.contains("made-up") && !text.contains("secret") && !text.contains("MADEUP"), "{text}");
}
