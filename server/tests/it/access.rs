//! Every door of the server, tried by everybody: nobody, and a person of each role.
//!
//! The doors are listed from the inventory of server functions, the route table, the plain routes and the files; the
//! expectations stand here, written out. A door without a row fails the test, and so does a row without a door.

use crate::support::{Answer, Ask, Browser, Site};
use http::{Method, StatusCode};
use model::{AccountId, access::Role};
use sqlx::PgPool;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Who is let in.
#[derive(Clone, Copy, Debug)]
enum Allowed {
    /// Also somebody who is not signed in.
    Everybody,
    Staff(&'static [Role]),
}

use Allowed::{Everybody, Staff};
use Role::{Admin, Analyst, CampaignManager, Editor, Reviewer, Support};

const ANY_ROLE: Allowed = Staff(&[Admin, Analyst, CampaignManager, Editor, Reviewer, Support]);
const WRITERS: Allowed = Staff(&[Admin, Editor]);
const REVIEWERS: Allowed = Staff(&[Admin, Reviewer]);
const PUBLISHERS: Allowed = Staff(&[Admin, CampaignManager]);
const AUDITORS: Allowed = Staff(&[Admin, Analyst]);
const ADMINS: Allowed = Staff(&[Admin]);

/// An id that nothing has: a door that lets one in answers "not found", and changes nothing.
const NONE: &str = "00000000-0000-7000-8000-000000000000";

/// The end of a server function's path, who may, and arguments that can be read.
type Function = (&'static str, Allowed, &'static [(&'static str, &'static str)]);

const FUNCTIONS: &[Function] = &[
    ("accounts/who_is_signed_in", ANY_ROLE, &[]),
    ("accounts/sign_in", Everybody, &[("email", "nobody@example.com"), ("password", "wrong"), ("next", "")]),
    ("accounts/sign_out", Everybody, &[]),
    ("accounts/sign_out_everywhere", ANY_ROLE, &[]),
    ("accounts/demand", PUBLISHERS, &[("permission", "publish_offers")]),
    ("accounts/list_accounts", ADMINS, &[("query[after]", "")]),
    ("accounts/read_account", ADMINS, &[("id", NONE)]),
    ("accounts/add_account", ADMINS, &[("form[name]", "")]),
    ("accounts/change_roles", ADMINS, &[("id", NONE), ("form[roles][]", "editor")]),
    ("accounts/disable_account", ADMINS, &[("id", NONE)]),
    ("accounts/enable_account", ADMINS, &[("id", NONE)]),
    ("accounts/make_password_link", ADMINS, &[("id", NONE)]),
    ("accounts/invite_again", ADMINS, &[("id", NONE)]),
    ("accounts/ask_for_reset", Everybody, &[("email", "nobody@example.com")]),
    ("accounts/open_password_link", Everybody, &[("token", "none")]),
    ("accounts/set_password", Everybody, &[("token", "none"), ("password", "x"), ("again", "x")]),
    ("accounts/change_own_password", ANY_ROLE, &[("current", "x"), ("password", "x"), ("again", "x")]),
    ("second_factor/load_sign_in_ways", Everybody, &[]),
    ("second_factor/enter_code", Everybody, &[("code", "123456"), ("next", "")]),
    ("second_factor/load_setup", ANY_ROLE, &[]),
    ("second_factor/begin_second_factor", ANY_ROLE, &[]),
    ("second_factor/confirm_second_factor", ANY_ROLE, &[("code", "123456")]),
    ("second_factor/take_recovery_codes", ANY_ROLE, &[]),
    ("second_factor/make_recovery_codes", ANY_ROLE, &[("own_password", "x")]),
    ("second_factor/turn_off_second_factor", ANY_ROLE, &[("own_password", "x")]),
    ("second_factor/remove_second_factor", ADMINS, &[("id", NONE)]),
    ("second_factor/demanding_roles", ADMINS, &[]),
    ("second_factor/demand_second_factor", ADMINS, &[("form[roles][]", "")]),
    ("sessions/load_own_account", ANY_ROLE, &[]),
    ("sessions/end_own_session", ANY_ROLE, &[("session", NONE)]),
    ("sessions/end_other_sessions", ANY_ROLE, &[]),
    ("sessions/end_session", ADMINS, &[("id", NONE), ("session", NONE)]),
    ("sessions/end_sessions", ADMINS, &[("id", NONE)]),
    ("audit/search_audit", AUDITORS, &[("query[action]", "")]),
    ("mail/list_mails", ADMINS, &[("query[state]", "")]),
    ("mail/read_mail", ADMINS, &[("id", NONE)]),
    ("mail/retry_mail", ADMINS, &[("id", NONE)]),
    ("jobs/look_at_jobs", ADMINS, &[("query[task]", "")]),
    ("jobs/list_jobs", ADMINS, &[("query[state]", "")]),
    ("jobs/load_job", ADMINS, &[("id", "0")]),
    ("jobs/retry_job", ADMINS, &[("id", "0")]),
    ("jobs/cancel_job", ADMINS, &[("id", "0")]),
    ("jobs/send_test_alarm", ADMINS, &[]),
    ("kept/take_kept_form", ANY_ROLE, &[("id", NONE)]),
    ("catalogue/start_page", Everybody, &[]),
    ("catalogue/find_offers", Everybody, &[("search[q]", "")]),
    ("catalogue/offer_at", Everybody, &[("address", "none"), ("near", "")]),
    ("catalogue/merchant_at", Everybody, &[("address", "none"), ("near", "")]),
    ("categories/list_categories", Everybody, &[]),
    ("places/find_postal_code", Everybody, &[("country", "US"), ("code", "10001")]),
    ("merchants/list_merchants", ANY_ROLE, &[("query[q]", "")]),
    ("merchants/load_merchant", ANY_ROLE, &[("id", NONE)]),
    ("merchants/merchant_history", ANY_ROLE, &[("id", NONE)]),
    ("merchants/list_locations", ANY_ROLE, &[("merchant", NONE), ("query[after]", "")]),
    ("merchants/load_location", ANY_ROLE, &[("merchant", NONE), ("id", NONE)]),
    ("merchants/location_history", ANY_ROLE, &[("merchant", NONE), ("id", NONE)]),
    ("merchants/add_merchant", WRITERS, &[("form[name]", "")]),
    ("merchants/save_merchant", WRITERS, &[("id", NONE), ("seen", "1"), ("form[name]", "")]),
    ("merchants/close_merchant", WRITERS, &[("id", NONE)]),
    ("merchants/add_location", WRITERS, &[("merchant", NONE), ("form[city]", "")]),
    ("merchants/save_location", WRITERS, &[("merchant", NONE), ("id", NONE), ("seen", "1"), ("form[city]", "")]),
    ("merchants/archive_location", WRITERS, &[("merchant", NONE), ("id", NONE)]),
    ("merchants/restore_location", WRITERS, &[("merchant", NONE), ("id", NONE)]),
    ("offers/list_offers", ANY_ROLE, &[("query[q]", "")]),
    ("offers/load_offer", ANY_ROLE, &[("id", NONE)]),
    ("offers/load_revision", ANY_ROLE, &[("id", NONE)]),
    ("offers/load_form_options", ANY_ROLE, &[("merchant", NONE)]),
    ("offers/add_offer", WRITERS, &[("form[headline]", "")]),
    ("offers/save_offer", WRITERS, &[("id", NONE), ("seen", "1"), ("form[headline]", "")]),
    ("offers/archive_offer", WRITERS, &[("id", NONE)]),
    ("offers/approve_revision", REVIEWERS, &[("id", NONE)]),
    ("offers/ask_for_changes", REVIEWERS, &[("id", NONE), ("reason", "Say more.")]),
    ("offers/publish_offer", PUBLISHERS, &[("id", NONE), ("revision", NONE)]),
    ("offers/pause_offer", PUBLISHERS, &[("id", NONE)]),
    ("offers/resume_offer", PUBLISHERS, &[("id", NONE)]),
    ("offers/end_offer", PUBLISHERS, &[("id", NONE), ("publication", NONE)]),
];

/// Pages by their route, as the router writes it.
const PAGES: &[(&str, Allowed)] = &[
    ("/", Everybody),
    ("/offers", Everybody),
    ("/offers/{address}", Everybody),
    ("/merchants/{address}", Everybody),
    ("/desk/sign-in", Everybody),
    ("/desk/sign-in/code", Everybody),
    ("/desk/second-factor", ANY_ROLE),
    ("/desk/forgot", Everybody),
    ("/desk/password/{token}", Everybody),
    ("/desk", ANY_ROLE),
    ("/desk/account", ANY_ROLE),
    ("/desk/accounts", ADMINS),
    ("/desk/accounts/new", ADMINS),
    ("/desk/accounts/{account}", ADMINS),
    ("/desk/audit", AUDITORS),
    ("/desk/jobs", ADMINS),
    ("/desk/jobs/queue", ADMINS),
    ("/desk/jobs/{job}", ADMINS),
    ("/desk/kit", ANY_ROLE),
    ("/desk/mail", ADMINS),
    ("/desk/mail/{mail}", ADMINS),
    ("/desk/merchants", ANY_ROLE),
    ("/desk/merchants/new", WRITERS),
    ("/desk/merchants/{merchant}", ANY_ROLE),
    ("/desk/merchants/{merchant}/locations/new", WRITERS),
    ("/desk/merchants/{merchant}/locations/{location}", ANY_ROLE),
    ("/desk/offers", ANY_ROLE),
    ("/desk/offers/new", WRITERS),
    ("/desk/offers/{offer}", ANY_ROLE),
    ("/desk/offers/{offer}/revisions/{revision}", ANY_ROLE),
];

/// Routes that are neither: all are for everybody.
const PLAIN: &[&str] = &[
    "/healthz",
    "/readyz",
    "/robots.txt",
    "/sitemap.xml",
    "/sitemap/{part}",
    "/pictures/{hash}/{file}",
    "/desk/oidc/start",
    "/desk/oidc/back",
];

/// Routes that take a form with a file.
const FORMS: &[(&str, Allowed)] = &[("/desk/pictures/{of}/{id}", WRITERS), ("/desk/pictures/{of}/{id}/remove", WRITERS)];

/// One member of staff of each role, with a session each time one is wanted.
struct People {
    pool: PgPool,
    accounts: BTreeMap<Role, AccountId>,
}

impl People {
    async fn of_each_role(pool: &PgPool) -> Self {
        let mut accounts = BTreeMap::new();
        for (n, role) in Role::ALL.into_iter().enumerate() {
            let id = Uuid::from_u128(n as u128 + 1);
            for (sql, text) in [
                ("insert into accounts (id, created_at) select $1, now() where $2 <> ''", role.word()),
                ("insert into account_profiles (account_id, name, email) values ($1, $2, $2 || '@example.com')", role.word()),
                ("insert into account_roles (account_id, role) values ($1, $2)", role.word()),
            ] {
                sqlx::query(sql).bind(id).bind(text).execute(pool).await.expect(sql);
            }
            accounts.insert(role, AccountId(id));
        }
        Self { pool: pool.clone(), accounts }
    }

    /// A browser in which this person is signed in, or nobody.
    async fn browser(&self, site: &Site, role: Option<Role>) -> Browser {
        let Some(role) = role else { return site.browser() };
        let id = self.accounts[&role];
        // One of the doors ends all sessions of who knocks.
        let epoch = "select session_epoch from accounts where id = $1";
        let epoch: i64 = sqlx::query_scalar(epoch).bind(id.0).fetch_one(&self.pool).await.expect(epoch);
        site.signed_in(&self.pool, id.0, epoch).await
    }
}

/// Everybody who tries a door.
fn everybody() -> impl Iterator<Item = Option<Role>> {
    std::iter::once(None).chain(Role::ALL.into_iter().map(Some))
}

/// What a door must do with somebody: let them in, send them to sign in, or refuse them.
fn expected(allowed: Allowed, who: Option<Role>) -> &'static str {
    match (allowed, who) {
        (Everybody, _) => "in",
        (Staff(_), None) => "sign in",
        (Staff(roles), Some(role)) if roles.contains(&role) => "in",
        (Staff(_), Some(_)) => "refused",
    }
}

/// How many refusals by role the audit log holds.
async fn refusals(pool: &PgPool) -> i64 {
    let count = "select count(*) from audit_log where action = 'access.refused'";
    sqlx::query_scalar(count).fetch_one(pool).await.expect(count)
}

fn outcome(answer: &Answer) -> &'static str {
    match answer.status {
        StatusCode::UNAUTHORIZED => "sign in",
        StatusCode::FOUND if answer.header("location").starts_with("/desk/sign-in") => "sign in",
        StatusCode::FORBIDDEN => "refused",
        StatusCode::INTERNAL_SERVER_ERROR | StatusCode::BAD_REQUEST => "broken",
        _ => "in",
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn every_server_function_lets_in_whom_it_should(pool: PgPool) {
    let found: BTreeSet<&str> = server_fn::axum::server_fn_paths().map(|(path, _)| path).collect();
    let row = |path: &str| FUNCTIONS.iter().find(|(name, ..)| path.ends_with(&format!("/api/{name}")));
    let without: Vec<_> = found.iter().filter(|path| row(path).is_none()).collect();
    assert!(without.is_empty(), "server functions without a row: {without:?}");
    assert_eq!(found.len(), FUNCTIONS.len(), "rows without a server function");

    let site = Site::start(pool.clone(), &[]).await;
    let people = People::of_each_role(&pool).await;
    let mut wrong = Vec::new();
    for path in found {
        let (_, allowed, arguments) = *row(path).expect("a row");
        for who in everybody() {
            let mut browser = people.browser(&site, who).await;
            let before = refusals(&pool).await;
            let answer = browser.send(Ask::form(path, arguments).header("accept", "application/json")).await;
            if outcome(&answer) != expected(allowed, who) {
                wrong.push(format!("{path} as {who:?}: {} {}", answer.status, answer.text()));
            }
            let rows = refusals(&pool).await - before;
            if rows != i64::from(outcome(&answer) == "refused") {
                wrong.push(format!("{path} as {who:?}: {} and {rows} rows in the audit log", answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[sqlx::test(migrations = "../migrations")]
async fn every_page_lets_in_whom_it_should(pool: PgPool) {
    let found: BTreeSet<String> = tessera::router::pages().iter().map(|page| page.path().to_owned()).collect();
    let listed: BTreeSet<String> = PAGES.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(found, listed, "pages and rows");

    let site = Site::start(pool.clone(), &[]).await;
    let people = People::of_each_role(&pool).await;
    // A page below a merchant that is not there would be "not found" for everybody.
    sqlx::query("insert into merchants (id, short_id, name, status, created_at, updated_at) values ($1, '0000000000', 'M', 'active', now(), now())")
        .bind(NONE.parse::<Uuid>().expect("an id"))
        .execute(&pool)
        .await
        .expect("a merchant");
    let mut wrong = Vec::new();
    for (route, allowed) in PAGES {
        let path = fill(route);
        for who in everybody() {
            let mut browser = people.browser(&site, who).await;
            let before = refusals(&pool).await;
            let answer = browser.send(Ask::get(&path).header("accept", "text/html")).await;
            if outcome(&answer) != expected(*allowed, who) {
                wrong.push(format!("{path} as {who:?}: {}", answer.status));
            }
            let rows = refusals(&pool).await - before;
            if rows != i64::from(outcome(&answer) == "refused") {
                wrong.push(format!("{path} as {who:?}: {} and {rows} rows in the audit log", answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A route with ids that nothing has in place of its parameters.
fn fill(route: &str) -> String {
    let parts = route.split('/').map(|part| if part.starts_with('{') { NONE } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_for_everybody_asks_for_no_session(pool: PgPool) {
    let found: BTreeSet<&str> = tessera::router::plain_doors().into_iter().map(|(path, _)| path).collect();
    assert_eq!(found, PLAIN.iter().copied().collect(), "plain routes and rows");
    let site = Site::start(pool.clone(), &[]).await;
    let people = People::of_each_role(&pool).await;
    let mut browsers = Vec::new();
    for who in everybody() {
        browsers.push((who, people.browser(&site, who).await));
    }
    let files = tessera::assets::addresses();
    for path in found.into_iter().map(fill).chain(files) {
        for (who, browser) in &mut browsers {
            let answer = browser.get(&path).await;
            assert!(!answer.status.is_server_error() && outcome(&answer) == "in", "{path} as {who:?}: {}", answer.status);
            assert_eq!(answer.header("set-cookie"), "", "{path} sets a cookie for {who:?}");
        }
        let posted = site.send(Ask::new(Method::POST, &path).header("sec-fetch-site", "same-origin")).await;
        assert!(posted.status.is_client_error(), "{path} takes a POST: {}", posted.status);
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn every_upload_lets_in_whom_it_should(pool: PgPool) {
    let found: BTreeSet<&str> = tessera::router::form_doors().into_iter().map(|(path, _)| path).collect();
    assert_eq!(found, FORMS.iter().map(|(path, _)| *path).collect(), "routes and rows");
    let site = Site::start(pool.clone(), &[]).await;
    let people = People::of_each_role(&pool).await;
    let mut wrong = Vec::new();
    for (route, allowed) in FORMS {
        for of in model::pictures::PictureOf::ALL {
            let path = fill(&route.replace("{of}", of.word()));
            for who in everybody() {
                let mut browser = people.browser(&site, who).await;
                let before = refusals(&pool).await;
                let answer = browser.send(Ask::upload(&path, &[("upload_alt", "A cup")], None)).await;
                if outcome(&answer) != expected(*allowed, who) {
                    wrong.push(format!("{path} as {who:?}: {} {}", answer.status, answer.text()));
                }
                let rows = refusals(&pool).await - before;
                if rows != i64::from(outcome(&answer) == "refused") {
                    wrong.push(format!("{path} as {who:?}: {} and {rows} rows in the audit log", answer.status));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_session_of_a_disabled_account_opens_nothing(pool: PgPool) {
    let site = Site::start(pool.clone(), &[]).await;
    let people = People::of_each_role(&pool).await;
    let mut browser = people.browser(&site, Some(Editor)).await;
    assert_eq!(browser.get("/desk/offers").await.status, StatusCode::OK);
    sqlx::query("update accounts set disabled_at = now()").execute(&pool).await.expect("disable");
    let answer = browser.send(Ask::get("/desk/offers").header("accept", "text/html")).await;
    assert_eq!(outcome(&answer), "sign in");
}

/// Doors that are open to those who owe a second factor, beside the ones for everybody.
const IN_SETUP: &[&str] = &[
    "accounts/sign_out_everywhere",
    "second_factor/load_setup",
    "second_factor/begin_second_factor",
    "second_factor/confirm_second_factor",
];

#[sqlx::test(migrations = "../migrations")]
async fn who_owes_a_second_factor_passes_no_door_but_those_of_its_set_up(pool: PgPool) {
    let site = Site::start(pool.clone(), &[]).await;
    let people = People::of_each_role(&pool).await;
    let demand = "insert into role_settings (role, demands_second_factor) select distinct role, true from account_roles";
    sqlx::query(demand).execute(&pool).await.expect(demand);
    let mut wrong = Vec::new();
    for (path, _) in server_fn::axum::server_fn_paths() {
        let Some((name, Staff(roles), arguments)) = FUNCTIONS.iter().find(|(name, ..)| path.ends_with(&format!("/api/{name}")))
        else {
            continue;
        };
        let mut browser = people.browser(&site, roles.first().copied()).await;
        let answer = browser.send(Ask::form(path, arguments).header("accept", "application/json")).await;
        let is_closed = answer.status == StatusCode::FORBIDDEN && answer.text().contains("SecondFactorWanted");
        if is_closed == IN_SETUP.contains(name) {
            wrong.push(format!("{name}: {} {}", answer.status, answer.text()));
        }
    }
    for (route, _) in FORMS {
        let mut browser = people.browser(&site, Some(Editor)).await;
        let path = fill(&route.replace("{of}", "offer"));
        let answer = browser.send(Ask::upload(&path, &[("upload_alt", "A cup")], None)).await;
        if answer.status != StatusCode::FORBIDDEN || !answer.text().contains("SecondFactorWanted") {
            wrong.push(format!("{route}: {} {}", answer.status, answer.text()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
