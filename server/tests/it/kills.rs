//! Saves that were acknowledged survive kill -9 of the server and of Postgres at any moment.
//!
//! The test run does a few rounds; `TESSERA_TEST_KILLS` and `TESSERA_TEST_SAVES` ask for more.

use crate::program::{Folder, Server, output_with_input, postmaster};
use crate::support::{Answer, Ask, Browser};
use http::StatusCode;
use kit::cluster::Cluster;
use sqlx::{Connection as _, PgConnection};
use std::collections::BTreeSet;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const WRITERS: usize = 4;
const PASSWORD: &str = "four random kill words";

fn wanted(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

/// A number that is different each time; only the moments of the kills hang on it.
fn chance(below: u64) -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    std::collections::hash_map::RandomState::new().build_hasher().finish() % below
}

/// Posts to a server function of the desk; `None` when nobody answers.
async fn call(browser: &Browser, function: &str, fields: &[(&str, &str)]) -> Option<Answer> {
    let path =
        server_fn::axum::server_fn_paths().map(|(path, _)| path).find(|path| path.ends_with(function)).expect("a function");
    let ask = Ask::form(path, fields).header("accept", "application/json");
    tokio::time::timeout(Duration::from_secs(20), browser.try_send(ask)).await.ok().flatten()
}

/// What the server says in JSON when it let the call through.
fn said(answer: Option<Answer>) -> Option<serde_json::Value> {
    let answer = answer.filter(|answer| answer.status == StatusCode::OK)?;
    serde_json::from_slice(&answer.body).ok()
}

/// What all writers share with the one who kills.
struct Shared {
    /// A browser that is signed in, at the address where the server answers now.
    browser: Mutex<Browser>,
    acknowledged: AtomicUsize,
    done: AtomicBool,
}

/// Saves an offer's draft again and again, and says which saves were acknowledged.
async fn write(shared: Arc<Shared>, offer: String, form: Vec<(String, String)>) -> Vec<u64> {
    let (mut acknowledged, mut version, mut next) = (Vec::new(), 1_i64, 1_u64);
    while !shared.done.load(Ordering::Relaxed) {
        let browser = shared.browser.lock().expect("lock").clone();
        let (headline, seen) = (format!("Save {next}"), version.to_string());
        let mut fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.extend([("id", offer.as_str()), ("seen", &seen), ("form[headline]", &headline)]);
        match said(call(&browser, "offers/save_offer", &fields).await) {
            Some(saved) => {
                version = saved["version"].as_i64().expect("a version");
                acknowledged.push(next);
                shared.acknowledged.fetch_add(1, Ordering::Relaxed);
                next += 1;
            }
            // No answer: it was saved, or it was not. What stands now must be one of the two.
            None => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                let Some(loaded) = said(call(&browser, "offers/load_offer", &[("id", &offer)]).await) else { continue };
                let stands = loaded["draft"]["headline"].as_str().expect("a headline").to_owned();
                let last = acknowledged.last().map_or("Start".to_owned(), |n| format!("Save {n}"));
                assert!(stands == headline || stands == last, "{stands:?} stands, {last:?} was acknowledged last");
                version = loaded["version"].as_i64().expect("a version");
                if stands == headline {
                    next += 1;
                }
            }
        }
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_save_is_lost_to_kills() {
    let (kills, saves) = (wanted("TESSERA_TEST_KILLS", 3), wanted("TESSERA_TEST_SAVES", 60));
    let folder = Folder::new();
    let data = folder.path().join("data");
    let args = ["--data-dir", data.to_str().expect("a path in UTF-8")];
    let added = output_with_input(
        &["account", "add", "--role", "editor", "--name", "Writer", "--password-stdin", "writer@example.com", args[0], args[1]],
        PASSWORD,
    );
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));

    let mut server = Server::start(&args).await;
    let sign_in = [("email", "writer@example.com"), ("password", PASSWORD), ("next", "")];
    let path =
        server_fn::axum::server_fn_paths().map(|(path, _)| path).find(|path| path.ends_with("/sign_in")).expect("a function");
    let answer = server.browser.send(Ask::form(path, &sign_in).header("accept", "application/json")).await;
    assert!(answer.status.is_success() || answer.status.is_redirection(), "{answer:?}");
    let merchant = [("form[name]", "Merchant"), ("form[status]", "active")];
    let merchant = said(call(&server.browser, "merchants/add_merchant", &merchant).await).expect("a merchant");
    let form: Vec<(String, String)> = [
        ("merchant", merchant.as_str().expect("an id")),
        ("kind", "percent_off"),
        ("percent", "20"),
        ("currency", "USD"),
        ("place_scope", "all"),
        ("redemption", "token"),
        ("funding", "merchant"),
    ]
    .map(|(name, value)| (format!("form[{name}]"), value.to_owned()))
    .into();

    let shared = Arc::new(Shared {
        browser: Mutex::new(server.browser.clone()),
        acknowledged: AtomicUsize::new(0),
        done: AtomicBool::new(false),
    });
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        let mut fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.push(("form[headline]", "Start"));
        let offer = said(call(&server.browser, "offers/add_offer", &fields).await).expect("an offer");
        let offer = offer.as_str().expect("an id").to_owned();
        writers.push((offer.clone(), tokio::spawn(write(shared.clone(), offer, form.clone()))));
    }

    let (mut of_server, mut of_postgres) = (0, 0);
    while of_server + of_postgres < kills || shared.acknowledged.load(Ordering::Relaxed) < saves {
        tokio::time::sleep(Duration::from_millis(50 + chance(600))).await;
        assert!(writers.iter().all(|(_, writer)| !writer.is_finished()), "a writer saw something that must not be");
        if of_server + of_postgres >= kills {
            continue;
        }
        if chance(2) == 0 {
            server.signal("-KILL");
            assert_eq!(server.wait(), None);
            let cookies = server.browser.cookies.clone();
            server = Server::start(&args).await;
            server.browser.cookies = cookies;
            *shared.browser.lock().expect("lock") = server.browser.clone();
            of_server += 1;
        } else if let Some(postgres) = postmaster(&data) {
            let killed = Command::new("kill").args(["-KILL", &postgres]).status().expect("kill");
            if killed.success() {
                of_postgres += 1;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            server.until_ready().await;
        }
    }
    shared.done.store(true, Ordering::Relaxed);

    server.until_ready().await;
    let cluster = Cluster::open(&data).expect("adopt");
    let mut connection = PgConnection::connect(&cluster.url("tessera").expect("a url")).await.expect("connect");
    let mut total = 0;
    for (offer, writer) in writers {
        let acknowledged = writer.await.expect("a writer");
        total += acknowledged.len();
        let id: uuid::Uuid = offer.parse().expect("an id");
        let kept: Vec<String> = sqlx::query_scalar(
            "select changes->'headline'->>1 from offer_changes where offer_id = $1 and version > 1 order by version",
        )
        .bind(id)
        .fetch_all(&mut connection)
        .await
        .expect("changes");
        let each: BTreeSet<&String> = kept.iter().collect();
        assert_eq!(each.len(), kept.len(), "no save stands twice");
        let lost: Vec<_> = acknowledged.iter().filter(|n| !each.contains(&format!("Save {n}"))).collect();
        assert!(lost.is_empty(), "acknowledged saves that are gone: {lost:?}");
        let (version, journal): (i64, i64) = sqlx::query_as(
            "select version, (select count(*) from audit_log where subject_id = o.id) from offers o where id = $1",
        )
        .bind(id)
        .fetch_one(&mut connection)
        .await
        .expect("the offer");
        assert_eq!(
            (version, journal),
            (kept.len() as i64 + 1, kept.len() as i64 + 1),
            "each save has its version and its audit row"
        );
    }
    println!("{total} acknowledged saves, {of_server} kills of the server, {of_postgres} of Postgres: none lost");
    connection.close().await.expect("close");
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
}
