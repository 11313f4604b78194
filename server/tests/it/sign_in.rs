//! Signing in over HTTP: the session's id, and what a browser is told when it tried too often.

use crate::support::{Answer, Ask, Browser, Site};
use domain::{Actor, Caller, Db, accounts};
use http::StatusCode;
use model::accounts::AccountForm;
use sqlx::PgPool;

const SIGN_IN: &str = "/desk/api/api/accounts/sign_in";
const ASK_FOR_RESET: &str = "/desk/api/api/accounts/ask_for_reset";
const SIGN_OUT_EVERYWHERE: &str = "/desk/api/api/accounts/sign_out_everywhere";
const COOKIE: &str = "tessera-desk";
const PASSWORD: &str = "correct horse battery";

async fn ada(pool: &PgPool) -> accounts::SignedIn {
    let form = AccountForm { name: "Ada".into(), email: "ada@example.com".into(), roles: vec!["editor".into()] };
    let db = Db::new(pool.clone());
    let added = accounts::add_with_password(&db, Caller::local(Actor::CommandLine), &form, PASSWORD).await;
    accounts::SignedIn { account: added.expect("an account"), epoch: 0, by_provider: false }
}

async fn sign_in(browser: &mut Browser, email: &str, password: &str) -> Answer {
    let form = [("email", email), ("password", password), ("next", "")];
    browser.send(Ask::form(SIGN_IN, &form).header("accept", "application/json")).await
}

/// Whether a browser with this cookie alone is let in.
async fn opens(site: &Site, cookie: &str) -> bool {
    let mut browser = site.browser();
    browser.cookies.insert(COOKIE.to_owned(), cookie.to_owned());
    let answer = browser.send(Ask::get("/desk/offers").header("accept", "text/html")).await;
    match answer.status {
        StatusCode::OK => true,
        StatusCode::FOUND if answer.header("location").starts_with("/desk/sign-in") => false,
        other => panic!("{other}: {}", answer.text()),
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_sign_in_begins_a_session_under_a_new_id_and_the_old_one_dies(pool: PgPool) {
    ada(&pool).await;
    let site = Site::start(pool, &[]).await;
    let mut browser = site.browser();
    let wrong = sign_in(&mut browser, "ada@example.com", "wrong horse battery").await;
    assert_eq!((wrong.status, browser.cookies.len()), (StatusCode::CONFLICT, 0), "a refusal begins no session");

    sign_in(&mut browser, "ada@example.com", PASSWORD).await;
    let first = browser.cookies.get(COOKIE).expect("a session").clone();
    assert!(opens(&site, &first).await);
    sign_in(&mut browser, "ada@example.com", PASSWORD).await;
    let second = browser.cookies.get(COOKIE).expect("a session").clone();
    assert_ne!(first, second);
    assert_eq!([opens(&site, &first).await, opens(&site, &second).await], [false, true]);
}

#[sqlx::test(migrations = "../migrations")]
async fn an_id_that_somebody_else_chose_is_not_taken_over(pool: PgPool) {
    ada(&pool).await;
    let site = Site::start(pool, &[]).await;
    let mut browser = site.browser();
    let planted = "AAAAAAAAAAAAAAAAAAAAAQ";
    browser.cookies.insert(COOKIE.to_owned(), planted.to_owned());
    sign_in(&mut browser, "ada@example.com", PASSWORD).await;
    assert_ne!(browser.cookies[COOKIE], planted);
    assert_eq!([opens(&site, planted).await, opens(&site, &browser.cookies[COOKIE]).await], [false, true]);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_session_whose_row_is_written_after_the_end_of_all_opens_nothing(pool: PgPool) {
    let before = ada(&pool).await;
    let site = Site::start(pool.clone(), &[]).await;
    let (mut late, mut other) = (site.browser(), site.browser());
    sign_in(&mut late, "ada@example.com", PASSWORD).await;
    sign_in(&mut other, "ada@example.com", PASSWORD).await;
    // As if this session's row had not been there yet to be ended.
    let put_aside = "create table late as select * from staff_sessions order by created_at limit 1";
    sqlx::query(put_aside).execute(&pool).await.expect(put_aside);
    other.send(Ask::form(SIGN_OUT_EVERYWHERE, &[]).header("accept", "application/json")).await;
    let written = sqlx::query("insert into staff_sessions select * from late").execute(&pool).await.expect("the row");
    assert_eq!(written.rows_affected(), 1);
    assert!(!opens(&site, &late.cookies[COOKIE]).await);
    assert_eq!(accounts::actor(&Db::new(pool), before).await, Ok(Actor::Nobody));

    sign_in(&mut late, "ada@example.com", PASSWORD).await;
    assert!(opens(&site, &late.cookies[COOKIE]).await);
}

#[sqlx::test(migrations = "../migrations")]
async fn who_tried_too_often_is_told_when_to_come_back(pool: PgPool) {
    ada(&pool).await;
    let site = Site::start(pool, &[]).await;
    let mut browser = site.browser();
    for _ in 0..10 {
        assert_eq!(sign_in(&mut browser, "ada@example.com", "wrong horse battery").await.status, StatusCode::CONFLICT);
    }
    let limited = sign_in(&mut browser, "ada@example.com", PASSWORD).await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
    let seconds: u32 = limited.header("retry-after").parse().expect("seconds");
    assert!((800..=900).contains(&seconds), "{seconds}");

    let form = [("email", "ada@example.com"), ("password", PASSWORD), ("next", "")];
    let page = browser.send(Ask::form(SIGN_IN, &form).header("accept", "text/html")).await;
    assert!(page.header("location").contains("error=wait-"), "without scripts the page tells it: {}", page.header("location"));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_text_that_postgres_cannot_hold_is_answered_in_a_sentence(pool: PgPool) {
    ada(&pool).await;
    let site = Site::start(pool, &[]).await;
    let mut browser = site.browser();
    let answer = sign_in(&mut browser, "ada\0@example.com", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());

    sign_in(&mut browser, "ada@example.com", PASSWORD).await;
    let code = server_fn::axum::server_fn_paths().map(|(path, _)| path).find(|path| path.ends_with("/places/find_postal_code"));
    let ask = Ask::form(code.expect("the door"), &[("country", "US"), ("code", "10\0")]);
    let mut answers = vec![browser.send(ask.header("accept", "application/json")).await];
    for page in ["/desk/offers?q=a%00b", "/desk/merchants?q=a%00b"] {
        answers.push(browser.send(Ask::get(page).header("accept", "text/html")).await);
    }
    for answer in answers {
        assert!(!answer.status.is_server_error(), "{}: {}", answer.status, answer.text());
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn whose_role_demands_a_second_factor_reaches_no_page_but_the_one_where_it_is_set_up(pool: PgPool) {
    ada(&pool).await;
    let site = Site::start(pool.clone(), &[]).await;
    let mut browser = site.browser();
    sign_in(&mut browser, "ada@example.com", PASSWORD).await;
    let demand = "insert into role_settings (role, demands_second_factor) values ('editor', true)";
    sqlx::query(demand).execute(&pool).await.expect(demand);
    for page in ["/desk", "/desk/offers", "/desk/account"] {
        let answer = browser.send(Ask::get(page).header("accept", "text/html")).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::FOUND, "/desk/second-factor"), "{page}");
    }
    let nowhere = browser.send(Ask::get("/desk/nowhere-else?x=y").header("accept", "text/html")).await;
    assert!(matches!(nowhere.status, StatusCode::FOUND | StatusCode::NOT_FOUND), "{}", nowhere.status);
    let upload = Ask::upload("/desk/pictures/offer/00000000-0000-7000-8000-000000000000", &[("upload_alt", "A cup")], None);
    let upload = browser.send(upload.header("accept", "text/html")).await;
    assert_eq!((upload.status, upload.header("location")), (StatusCode::SEE_OTHER, "/desk/second-factor"));
    let setup = browser.send(Ask::get("/desk/second-factor").header("accept", "text/html")).await;
    assert!(setup.status == StatusCode::OK && setup.text().contains("Your role demands a second factor"), "{}", setup.text());
    let begin = "/desk/api/api/second_factor/begin_second_factor";
    let begun = browser.send(Ask::form(begin, &[]).header("accept", "text/html")).await;
    assert_eq!((begun.status, begun.header("location")), (StatusCode::FOUND, "/desk/second-factor"));
    let setup = browser.send(Ask::get("/desk/second-factor").header("accept", "text/html")).await;
    assert!(setup.text().contains("<svg"), "the key as a picture");
}

#[sqlx::test(migrations = "../migrations")]
async fn where_the_provider_alone_is_asked_a_right_password_opens_nothing(pool: PgPool) {
    ada(&pool).await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
    let issuer = format!("http://{free}");
    let provider = ["--oidc-issuer", &issuer, "--oidc-client-id", "tessera", "--oidc-name", "Example"];
    let only = Site::start(pool.clone(), &[&provider[..], &["--oidc-only"]].concat()).await;
    let mut browser = only.browser();
    let answer = sign_in(&mut browser, "ada@example.com", PASSWORD).await;
    assert!(answer.status == StatusCode::CONFLICT && browser.cookies.is_empty(), "{}", answer.text());
    let reset =
        browser.send(Ask::form(ASK_FOR_RESET, &[("email", "ada@example.com")]).header("accept", "application/json")).await;
    assert_eq!(reset.status, StatusCode::CONFLICT, "{}", reset.text());
    let page = browser.send(Ask::get("/desk/sign-in").header("accept", "text/html")).await.text();
    assert!(page.contains("Sign in with Example") && !page.contains("type=\"password\""), "{page}");

    // Nobody answers for the provider: that is said, and where passwords are on they work.
    let site = Site::start(pool, &provider).await;
    let mut browser = site.browser();
    let sent = browser.get("/desk/oidc/start?next=/desk/offers").await;
    assert_eq!(sent.header("location"), "/desk/sign-in?next=/desk/offers&error=provider-down");
    let page = browser.send(Ask::get(sent.header("location")).header("accept", "text/html")).await.text();
    assert!(page.contains("does not answer") && page.contains("type=\"password\""), "{page}");
    assert_eq!(sign_in(&mut browser, "ada@example.com", PASSWORD).await.status, StatusCode::OK);
    let stale = browser.get("/desk/oidc/back?code=x&state=y").await;
    assert_eq!(stale.header("location"), "/desk/sign-in?next=/desk&error=provider-stale");
}
