//! Accounts against real Postgres.

mod passwords;
mod provider;
mod reset;
mod second_factor;
mod sessions;
mod sign_in;

use super::*;
use kit::queue::Queue;
use model::audit::AuditQuery;
use sqlx::PgPool;
use std::{net::IpAddr, time::Duration};
use tokio::sync::oneshot;
use uuid::Uuid;

const PASSWORD: &str = "correct horse battery";
const DESK: &str = "https://desk.example.com";

fn form(email: &str, roles: &[Role]) -> AccountForm {
    let roles = roles.iter().map(|role| role.word().to_owned()).collect();
    AccountForm { name: email.split('@').next().unwrap_or_default().to_owned(), email: email.to_owned(), roles }
}

fn command_line() -> Caller {
    Caller::local(Actor::CommandLine)
}

fn staff(id: AccountId, roles: &[Role]) -> Caller {
    Caller::local(Actor::Staff { id, roles: roles.to_vec() })
}

/// Somebody who is not signed in, at an address.
fn at(address: &str) -> Caller {
    let address: IpAddr = address.parse().unwrap();
    Caller { address: Some(address), ..Caller::local(Actor::Nobody) }
}

/// Makes the tables of the queue, into which mail goes.
async fn with_queue(db: &Db) {
    Queue::new(db.pool().clone()).install().await.unwrap();
}

/// Adds an account that can sign in with `PASSWORD`.
async fn account(db: &Db, email: &str, roles: &[Role]) -> AccountId {
    with_queue(db).await;
    add_with_password(db, command_line(), &form(email, roles), PASSWORD).await.unwrap()
}

/// Adds an account that has no password yet.
async fn invited(db: &Db, email: &str, roles: &[Role]) -> (AccountId, PasswordLink) {
    with_queue(db).await;
    db.write(command_line(), async |op| add(op, &form(email, roles), DESK, &SignInWays::default()).await).await.unwrap()
}

async fn sign_in(db: &Db, caller: Caller, email: &str, password: &str) -> std::result::Result<AccountId, AppError> {
    let came = super::sign_in(db, caller, email, password).await?;
    Ok(done(came).account)
}

/// A sign-in that asked for no code.
fn done(came: SignIn) -> SignedIn {
    let SignIn::Done(signed_in) = came else { panic!("a code is asked for") };
    signed_in
}

/// A session of an account whose sessions were never ended.
fn first_session(account: AccountId) -> SignedIn {
    SignedIn { account, epoch: 0, by_provider: false }
}

/// Begins a session as the session layer does; answers its row's key.
async fn begin_session(pool: &PgPool, owner: AccountId) -> Uuid {
    let key = Uuid::now_v7();
    let row = "insert into staff_sessions (id, owner, data, created_at, expires_at)
               values ($1, $2, '{}', now(), now() + interval '1 hour')";
    sqlx::query(row).bind(key.as_bytes()).bind(owner.0).execute(pool).await.unwrap();
    key
}

async fn is_open(pool: &PgPool, session: &Uuid) -> bool {
    let row = "select exists (select from staff_sessions where id = $1)";
    sqlx::query_scalar(row).bind(session.as_bytes()).fetch_one(pool).await.unwrap()
}

/// The actions in the audit log, oldest first, with the accounts they were done to.
async fn audit(db: &Db) -> Vec<(String, Option<String>)> {
    let page = db.read(command_line(), async |op| journal::search(op, &AuditQuery::default()).await).await.unwrap();
    page.items.into_iter().rev().map(|row| (row.action, row.subject_id)).collect()
}

async fn audited(db: &Db, action: &str, id: AccountId) -> usize {
    let row = (action.to_owned(), Some(id.to_string()));
    audit(db).await.into_iter().filter(|found| *found == row).count()
}

fn refused<T>(refusal: AccountRefusal) -> std::result::Result<T, AppError> {
    Err(refusal.into())
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_address_has_one_account(pool: PgPool) {
    let db = Db::new(pool);
    invited(&db, "ada@example.com", &[Role::Editor]).await;
    let again = form(" Ada@Example.com", &[Role::Editor]);
    let taken = db.write(command_line(), async |op| add(op, &again, DESK, &SignInWays::default()).await.map(|_| ())).await;
    assert_eq!(taken, refused(AccountRefusal::AddressTaken));
    let found = db.read(command_line(), async |op| find(op, "ADA@example.com ").await).await.unwrap();
    let record = db.read(command_line(), async |op| read(op, found).await).await.unwrap();
    assert_eq!((record.account.email.as_str(), record.account.has_password), ("ada@example.com", false));
    assert_eq!(audited(&db, "account.added", found).await, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn accounts_are_listed_by_name_without_a_gap_between_pages(pool: PgPool) {
    let db = Db::new(pool);
    let mut names: Vec<_> = (0..120).map(|n| format!("n{:03}", (n * 37) % 120)).collect();
    for name in &names {
        invited(&db, &format!("{name}@example.com"), &[Role::Analyst, Role::Editor]).await;
    }
    let (mut seen, mut query) = (Vec::new(), AccountQuery::default());
    loop {
        let page = db.read(command_line(), async |op| list(op, &query).await).await.unwrap();
        assert!(page.items.iter().all(|account| account.roles == [Role::Editor, Role::Analyst]));
        seen.extend(page.items.into_iter().map(|account| account.name));
        let Some(next) = page.next else { break };
        query.after = next.0;
    }
    names.sort();
    assert_eq!(seen, names);
}

#[sqlx::test(migrations = "../../migrations")]
async fn only_administrators_keep_accounts(pool: PgPool) {
    let db = Db::new(pool);
    let id = account(&db, "ada@example.com", &[Role::Admin]).await;
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Admin) {
        let other = || staff(AccountId(Uuid::from_u128(1)), &[role]);
        let new = form("new@example.com", &[Role::Admin]);
        let roles = RolesForm { roles: new.roles.clone() };
        let forbidden = [
            db.write(other(), async |op| list(op, &AccountQuery::default()).await.map(|_| ())).await,
            db.write(other(), async |op| read(op, id).await.map(|_| ())).await,
            db.write(other(), async |op| find(op, "ada@example.com").await.map(|_| ())).await,
            db.write(other(), async |op| add(op, &new, DESK, &SignInWays::default()).await.map(|_| ())).await,
            add_with_password(&db, other(), &new, PASSWORD).await.map(|_| ()),
            db.write(other(), async |op| change_roles(op, id, &roles).await).await,
            db.write(other(), async |op| disable(op, id).await).await,
            db.write(other(), async |op| enable(op, id).await).await,
            db.write(other(), async |op| make_password_link(op, id, DESK).await.map(|_| ())).await,
        ];
        assert_eq!(forbidden, [const { Err(AppError::Forbidden) }; 9], "{role}");
    }
    assert_eq!(audit(&db).await.iter().filter(|(action, _)| action == "access.refused").count(), 5 * 9);
}

#[sqlx::test(migrations = "../../migrations")]
async fn changed_roles_count_at_once(pool: PgPool) {
    let db = Db::new(pool);
    let id = account(&db, "ada@example.com", &[Role::Editor, Role::Reviewer]).await;
    let held = actor(&db, first_session(id)).await.unwrap();
    assert_eq!(held, Actor::Staff { id, roles: vec![Role::Editor, Role::Reviewer] });
    for _ in 0..2 {
        let roles = RolesForm { roles: vec!["reviewer".into(), "analyst".into()] };
        db.write(command_line(), async |op| change_roles(op, id, &roles).await).await.unwrap();
        let held = actor(&db, first_session(id)).await.unwrap();
        assert_eq!(held, Actor::Staff { id, roles: vec![Role::Reviewer, Role::Analyst] });
    }
    assert_eq!(audited(&db, "account.roles_changed", id).await, 1, "the second time nothing changed");
    let none = db.write(command_line(), async |op| change_roles(op, id, &RolesForm::default()).await).await;
    assert!(none.unwrap_err().field_errors().at("roles").is_some());
}

#[sqlx::test(migrations = "../../migrations")]
async fn disabling_an_account_ends_its_sessions_and_shuts_it_out(pool: PgPool) {
    let db = Db::new(pool.clone());
    let admin = account(&db, "admin@example.com", &[Role::Admin]).await;
    let id = account(&db, "ada@example.com", &[Role::Editor]).await;
    let link = db.write(command_line(), async |op| make_password_link(op, id, DESK).await).await.unwrap();
    let (one, two, others) = (begin_session(&pool, id).await, begin_session(&pool, id).await, begin_session(&pool, admin).await);
    let record = db.read(command_line(), async |op| read(op, id).await).await.unwrap();
    assert_eq!(record.open_sessions, 2);

    db.write(staff(admin, &[Role::Admin]), async |op| disable(op, id).await).await.unwrap();
    assert_eq!([is_open(&pool, &one).await, is_open(&pool, &two).await, is_open(&pool, &others).await], [false, false, true]);
    let shut_out = sign_in(&db, at("192.0.2.1"), "ada@example.com", PASSWORD).await;
    assert_eq!(shut_out, refused(AccountRefusal::WrongCredentials));
    let token = link.path().strip_prefix("/desk/password/").unwrap();
    assert_eq!(set_password(&db, at("192.0.2.1"), token, PASSWORD, PASSWORD).await, refused(AccountRefusal::LinkSpent));
    let link = db.write(command_line(), async |op| make_password_link(op, id, DESK).await).await;
    assert_eq!(link, refused(AccountRefusal::Disabled));

    let late = begin_session(&pool, id).await;
    db.write(command_line(), async |op| enable(op, id).await).await.unwrap();
    assert!(!is_open(&pool, &late).await, "no session from before is counted as open");
    let old_link = set_password(&db, at("192.0.2.1"), token, PASSWORD, PASSWORD).await;
    assert_eq!(old_link, refused(AccountRefusal::LinkSpent), "nor does a link");
    assert_eq!(sign_in(&db, at("192.0.2.1"), "ada@example.com", PASSWORD).await, Ok(id));
    assert_eq!([audited(&db, "account.disabled", id).await, audited(&db, "account.enabled", id).await], [1, 1]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_session_from_before_the_end_of_all_opens_nothing_though_its_row_is_written_later(pool: PgPool) {
    const NEW: &str = "staple and something else";
    let db = Db::new(pool);
    let id = account(&db, "ada@example.com", &[Role::Editor]).await;
    let held = Ok(Actor::Staff { id, roles: vec![Role::Editor] });
    let begin = async |password: &str| done(super::sign_in(&db, at("192.0.2.1"), "ada@example.com", password).await.unwrap());

    let before = begin(PASSWORD).await;
    assert_eq!(actor(&db, before).await, held);
    let renewed = change_own_password(&db, staff(id, &[]), PASSWORD, NEW, NEW).await.unwrap();
    assert_eq!([actor(&db, before).await, actor(&db, renewed).await], [Ok(Actor::Nobody), held.clone()], "a new password");

    db.write(staff(id, &[]), async |op| sign_out_everywhere(op).await).await.unwrap();
    assert_eq!(actor(&db, renewed).await, Ok(Actor::Nobody), "signed out everywhere");

    let before = begin(NEW).await;
    let link = db.write(command_line(), async |op| make_password_link(op, id, DESK).await).await.unwrap();
    assert_eq!(actor(&db, before).await, held, "a link alone changes nothing");
    let token = link.path().strip_prefix("/desk/password/").unwrap();
    set_password(&db, at("192.0.2.1"), token, PASSWORD, PASSWORD).await.unwrap();
    assert_eq!(actor(&db, before).await, Ok(Actor::Nobody), "a password set by link");

    let before = begin(PASSWORD).await;
    db.write(command_line(), async |op| disable(op, id).await).await.unwrap();
    assert_eq!(actor(&db, before).await, Ok(Actor::Nobody), "disabled");
    db.write(command_line(), async |op| enable(op, id).await).await.unwrap();
    assert_eq!(actor(&db, before).await, Ok(Actor::Nobody), "enabled again");
    assert_eq!(actor(&db, begin(PASSWORD).await).await, held);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_last_administrator_who_can_sign_in_stays(pool: PgPool) {
    let db = Db::new(pool);
    let ada = account(&db, "ada@example.com", &[Role::Admin]).await;
    let (bob, link) = invited(&db, "bob@example.com", &[Role::Admin]).await;
    let none = RolesForm { roles: vec!["editor".into()] };
    let last = refused(AccountRefusal::LastAdmin);
    assert_eq!(db.write(command_line(), async |op| disable(op, ada).await).await, last, "the other has no password yet");
    assert_eq!(db.write(staff(ada, &[Role::Admin]), async |op| change_roles(op, ada, &none).await).await, last);
    let own = db.write(staff(ada, &[Role::Admin]), async |op| disable(op, ada).await).await;
    assert_eq!(own, refused(AccountRefusal::OwnAccount));

    let token = link.path().strip_prefix("/desk/password/").unwrap();
    set_password(&db, at("192.0.2.1"), token, PASSWORD, PASSWORD).await.unwrap();
    db.write(staff(bob, &[Role::Admin]), async |op| disable(op, ada).await).await.unwrap();
    assert_eq!(db.write(command_line(), async |op| disable(op, bob).await).await, last);
    assert_eq!(db.write(command_line(), async |op| change_roles(op, bob, &none).await).await, last);
}

/// Waits until some transaction waits for a lock; gives up after a while, for a test that then fails.
async fn somebody_waits(pool: &PgPool) {
    for _ in 0..200 {
        let waits =
            "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')";
        if sqlx::query_scalar(waits).fetch_one(pool).await.unwrap() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn take_away(op: &mut Op, id: AccountId, by_role: bool) -> Result<()> {
    match by_role {
        true => change_roles(op, id, &RolesForm { roles: vec!["editor".into()] }).await,
        false => disable(op, id).await,
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn two_administrators_cannot_take_each_other_away_at_once(pool: PgPool) {
    let db = Db::new(pool.clone());
    for (n, (first_by_role, second_by_role)) in [(false, false), (true, true), (true, false)].into_iter().enumerate() {
        let ada = account(&db, &format!("ada{n}@example.com"), &[Role::Admin]).await;
        let bob = account(&db, &format!("bob{n}@example.com"), &[Role::Admin]).await;
        let (begun, is_begun) = oneshot::channel();
        let first = db.write(staff(ada, &[Role::Admin]), async |op| {
            take_away(op, bob, first_by_role).await?;
            begun.send(()).unwrap();
            somebody_waits(&pool).await;
            Ok(())
        });
        let second = async {
            is_begun.await.unwrap();
            db.write(staff(bob, &[Role::Admin]), async |op| take_away(op, ada, second_by_role).await).await
        };
        assert_eq!(tokio::join!(first, second), (Ok(()), refused(AccountRefusal::LastAdmin)), "{n}");
        // Out of the way of the next round.
        sqlx::query("update accounts set disabled_at = now()").execute(&pool).await.unwrap();
    }
}
