//! Guessing passwords at the real server, as somebody with a hundred addresses would: what gets through, whether answers tell which
//! accounts there are, what it costs the server, and whether staff still come in.
//!
//! It takes minutes, so it is run by name: `cargo test -p tessera --test it attack -- --ignored --nocapture`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use domain::{Actor, Caller, Db, accounts};
use http::StatusCode;
use model::accounts::AccountForm;
use sqlx::{ConnectOptions as _, PgPool};

use crate::program::Server;
use crate::support::{Ask, Browser};

const SIGN_IN: &str = "/desk/api/api/accounts/sign_in";
const PASSWORD: &str = "correct horse battery";
const ADDRESSES: usize = 100;
const GUESSES: usize = 10_000;
/// Accounts that there are; as many names that nobody has are tried.
const ACCOUNTS: usize = 20;
/// The address that staff sign in from.
const OFFICE: &str = "192.0.2.250";

/// One guess: whether the account exists, how it was answered, and after how long.
struct Guess {
    exists: bool,
    status: StatusCode,
    seconds: f64,
}

async fn sign_in(browser: &Browser, from: &str, email: &str, password: &str) -> (StatusCode, f64) {
    let form = [("email", email), ("password", password), ("next", "")];
    let ask = Ask::form(SIGN_IN, &form).header("accept", "application/json").header("x-forwarded-for", from);
    let begun = Instant::now();
    let answer = browser.try_send(ask).await;
    (answer.map_or(StatusCode::SERVICE_UNAVAILABLE, |answer| answer.status), begun.elapsed().as_secs_f64())
}

/// The name of a guess: every second one exists, and half of those are one and the same, as somebody who is after an administrator
/// would guess.
fn name(guess: usize) -> (String, bool) {
    match guess % 4 {
        0 => ("staff0@example.com".to_owned(), true),
        2 => (format!("staff{}@example.com", guess / 4 % ACCOUNTS), true),
        _ => (format!("nobody{}@example.com", guess / 2 % ACCOUNTS), false),
    }
}

fn percentile(sorted: &[f64], part: f64) -> f64 {
    sorted.get(((sorted.len().saturating_sub(1)) as f64 * part) as usize).copied().unwrap_or_default()
}

/// The most memory that a process has held, in MiB.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}

#[sqlx::test(migrations = "../migrations")]
#[ignore = "takes minutes and measures"]
async fn ten_thousand_guesses_from_a_hundred_addresses_open_nothing_and_keep_nobody_out(pool: PgPool) {
    let db = Db::new(pool.clone());
    for n in 0..ACCOUNTS {
        let form = AccountForm { name: format!("S{n}"), email: format!("staff{n}@example.com"), roles: vec!["editor".into()] };
        accounts::add_with_password(&db, Caller::local(Actor::CommandLine), &form, PASSWORD).await.expect("an account");
    }
    let url = pool.connect_options().to_url_lossy().to_string();
    let server = Server::start(&["--database-url", &url, "--trusted-proxies", "127.0.0.1", "--log-level", "error"]).await;
    let browser = server.browser.clone();
    let before = peak(server.id());
    assert_eq!(sign_in(&browser, OFFICE, "staff0@example.com", PASSWORD).await.0, StatusCode::OK);

    let (next, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let begun = Instant::now();
    let attackers: Vec<_> = (0..ADDRESSES)
        .map(|n| {
            let (browser, next) = (browser.clone(), next.clone());
            tokio::spawn(async move {
                let (from, mut guesses) = (format!("203.0.113.{n}"), Vec::new());
                loop {
                    let guess = next.fetch_add(1, Ordering::Relaxed);
                    if guess >= GUESSES {
                        return guesses;
                    }
                    let (email, exists) = name(guess);
                    let (status, seconds) = sign_in(&browser, &from, &email, "wrong horse battery").await;
                    guesses.push(Guess { exists, status, seconds });
                }
            })
        })
        .collect();
    let staff = {
        let (browser, done) = (browser.clone(), done.clone());
        tokio::spawn(async move {
            let mut came = Vec::new();
            while !done.load(Ordering::Relaxed) {
                came.push(sign_in(&browser, OFFICE, "staff0@example.com", PASSWORD).await);
                tokio::time::sleep(Duration::from_secs(20)).await;
            }
            came
        })
    };
    let mut guesses = Vec::new();
    for attacker in attackers {
        guesses.extend(attacker.await.expect("an attacker"));
    }
    let minutes = begun.elapsed().as_secs_f64() / 60.0;
    done.store(true, Ordering::Relaxed);
    let came = staff.await.expect("staff");

    let mut by_status = BTreeMap::<u16, usize>::new();
    for guess in &guesses {
        *by_status.entry(guess.status.as_u16()).or_default() += 1;
    }
    let checked = by_status.get(&409).copied().unwrap_or_default();
    println!("{} guesses in {minutes:.1} minutes, by status: {by_status:?}", guesses.len());
    println!("checked: {checked} ({:.0} a minute); refused unchecked: {}", checked as f64 / minutes, guesses.len() - checked);
    let mut medians = Vec::new();
    for status in [StatusCode::CONFLICT, StatusCode::TOO_MANY_REQUESTS] {
        for exists in [true, false] {
            let times = guesses.iter().filter(|guess| guess.exists == exists && guess.status == status);
            let mut times: Vec<f64> = times.map(|guess| guess.seconds * 1000.0).collect();
            times.sort_by(f64::total_cmp);
            let (median, late) = (percentile(&times, 0.5), percentile(&times, 0.95));
            println!("{status}, the account exists: {exists}: {} times, median {median:.1} ms, p95 {late:.1} ms", times.len());
            medians.push(median);
        }
    }
    // One at a time and by turns, without the crowd: what is left is what the server itself does differently.
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for n in 0..60 {
        let from = format!("198.51.100.{n}");
        known.push(sign_in(&browser, &from, &format!("staff{}@example.com", 1 + n % 19), "wrong horse battery").await.1 * 1000.0);
        unknown.push(sign_in(&browser, &from, &format!("other{n}@example.com"), "wrong horse battery").await.1 * 1000.0);
    }
    known.sort_by(f64::total_cmp);
    unknown.sort_by(f64::total_cmp);
    for (name, times) in [("known", &known), ("unknown", &unknown)] {
        println!("alone, {name}: median {:.1} ms, p95 {:.1} ms", percentile(times, 0.5), percentile(times, 0.95));
    }
    let mut waits: Vec<f64> = came.iter().map(|(_, seconds)| seconds * 1000.0).collect();
    waits.sort_by(f64::total_cmp);
    let let_in = came.iter().filter(|(status, _)| *status == StatusCode::OK).count();
    println!(
        "staff: {let_in} of {} came in; median {:.0} ms, p95 {:.0} ms",
        came.len(),
        percentile(&waits, 0.5),
        percentile(&waits, 0.95)
    );
    println!("peak memory: {} MiB, {before} MiB before", peak(server.id()));

    assert!(guesses.iter().all(|guess| guess.status != StatusCode::OK), "a guess opened something");
    assert!(checked <= ADDRESSES * 60, "each address has its limit");
    assert_eq!(let_in, came.len(), "staff were kept out: {came:?}");
    assert!(peak(server.id()) < before + 256, "it takes memory without bound");
}
