//! Setting and changing passwords.

use super::*;

const NEW: &str = "staple and something else";

fn token(link: &PasswordLink) -> &str {
    link.url.strip_prefix("https://desk.example.com/desk/password/").expect("the desk's address")
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_link_sets_a_password_once(pool: PgPool) {
    let db = Db::new(pool.clone());
    let (id, link) = invited(&db, "ada@example.com", &[Role::Editor]).await;
    let hours = (link.expires_at - kit::clock::now()).num_minutes();
    assert!((72 * 60 - 2..=72 * 60).contains(&hours), "{hours}");
    for _ in 0..2 {
        let seen = db.read(at("192.0.2.1"), async |op| open_password_link(op, token(&link), DESK).await).await;
        assert_eq!(seen, Ok(Some(link.clone())), "looking uses nothing up");
    }
    let short = set_password(&db, at("192.0.2.1"), token(&link), "short", "short").await.unwrap_err();
    assert!(short.field_errors().at("password").is_some());

    let session = begin_session(&pool, id).await;
    set_password(&db, at("192.0.2.1"), token(&link), PASSWORD, PASSWORD).await.unwrap();
    assert!(!is_open(&pool, &session).await);
    assert_eq!(sign_in(&db, at("192.0.2.1"), "ada@example.com", PASSWORD).await, Ok(id));

    let spent = refused(AccountRefusal::LinkSpent);
    assert_eq!(set_password(&db, at("192.0.2.1"), token(&link), NEW, NEW).await, spent);
    let seen = db.read(at("192.0.2.1"), async |op| open_password_link(op, token(&link), DESK).await).await;
    assert_eq!(seen, Ok(None));
    assert_eq!(sign_in(&db, at("192.0.2.1"), "ada@example.com", PASSWORD).await, Ok(id));
    assert_eq!([audited(&db, "account.password_link_made", id).await, audited(&db, "account.password_set", id).await], [1, 1]);
    assert!(audit(&db).await.contains(&("account.password_link_refused".to_owned(), None)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn strangers_with_worthless_links_wait_and_fill_no_log_but_a_good_link_works(pool: PgPool) {
    let db = Db::new(pool);
    let (id, link) = invited(&db, "ada@example.com", &[Role::Editor]).await;
    for _ in 0..20 {
        let spent = set_password(&db, at("192.0.2.1"), "junk", PASSWORD, PASSWORD).await;
        assert_eq!(spent, refused(AccountRefusal::LinkSpent));
    }
    for _ in 0..3 {
        let limited = set_password(&db, at("192.0.2.1"), "junk", PASSWORD, PASSWORD).await;
        let Err(AppError::TooMany { retry_after }) = limited else { panic!("{limited:?}") };
        assert!((800..=900).contains(&retry_after), "{retry_after}");
    }
    let elsewhere = set_password(&db, at("198.51.100.7"), "junk", PASSWORD, PASSWORD).await;
    assert_eq!(elsewhere, refused(AccountRefusal::LinkSpent));
    let rows = audit(&db).await;
    let count = |wanted: &str| rows.iter().filter(|(action, _)| action == wanted).count();
    assert_eq!([count("account.password_link_refused"), count("account.password_links_limited")], [21, 1]);

    set_password(&db, at("192.0.2.1"), token(&link), PASSWORD, PASSWORD).await.unwrap();
    assert_eq!(audited(&db, "account.password_set", id).await, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_link_that_is_used_while_it_is_taken_away_waits_for_its_turn(pool: PgPool) {
    let db = Db::new(pool.clone());
    let (id, link) = invited(&db, "ada@example.com", &[Role::Editor]).await;
    let (begun, is_begun) = oneshot::channel();
    let taken_away = db.write(command_line(), async |op| {
        // As all do who change an account and then its links.
        store::lock(op.conn(), id).await?;
        begun.send(()).unwrap();
        somebody_waits(&pool).await;
        store::remove_links(op.conn(), id).await
    });
    let used = async {
        is_begun.await.unwrap();
        set_password(&db, at("192.0.2.1"), token(&link), PASSWORD, PASSWORD).await
    };
    assert_eq!(tokio::join!(taken_away, used), (Ok(()), refused(AccountRefusal::LinkSpent)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn two_people_with_one_link_cannot_both_use_it(pool: PgPool) {
    let db = Db::new(pool);
    let (_, link) = invited(&db, "ada@example.com", &[Role::Editor]).await;
    let (one, two) = tokio::join!(
        set_password(&db, at("192.0.2.1"), token(&link), PASSWORD, PASSWORD),
        set_password(&db, at("192.0.2.2"), token(&link), NEW, NEW),
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_link_expires_and_a_new_one_takes_its_place(pool: PgPool) {
    let db = Db::new(pool.clone());
    let (id, first) = invited(&db, "ada@example.com", &[Role::Editor]).await;
    let second = db.write(command_line(), async |op| make_password_link(op, id, DESK).await).await.unwrap();
    let spent = refused(AccountRefusal::LinkSpent);
    assert_eq!(set_password(&db, at("192.0.2.1"), token(&first), PASSWORD, PASSWORD).await, spent);
    sqlx::query("update password_links set expires_at = now()").execute(&pool).await.unwrap();
    assert_eq!(set_password(&db, at("192.0.2.1"), token(&second), PASSWORD, PASSWORD).await, spent);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_link_is_stored_nowhere(pool: PgPool) {
    let db = Db::new(pool.clone());
    let (_, link) = invited(&db, "ada@example.com", &[Role::Editor]).await;
    let stored: String = sqlx::query_scalar(
        "select string_agg(row, ' ') from (
             select l::text as row from password_links l union all select a::text from audit_log a
             union all select o::text from outbox o) rows",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert!(!stored.contains(token(&link)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn changing_ones_own_password_takes_the_old_one_and_ends_other_sessions(pool: PgPool) {
    let db = Db::new(pool.clone());
    let id = account(&db, "ada@example.com", &[Role::Editor]).await;
    let link = db.write(command_line(), async |op| make_password_link(op, id, DESK).await).await.unwrap();
    let session = begin_session(&pool, id).await;
    let wrong = change_own_password(&db, staff(id, &[]), "wrong horse battery", NEW, NEW).await.unwrap_err();
    assert!(wrong.field_errors().at("current").is_some());
    assert!(is_open(&pool, &session).await);

    change_own_password(&db, staff(id, &[]), PASSWORD, NEW, NEW).await.unwrap();
    assert!(!is_open(&pool, &session).await);
    let old = sign_in(&db, at("192.0.2.1"), "ada@example.com", PASSWORD).await;
    assert_eq!(old, refused(AccountRefusal::WrongCredentials));
    assert_eq!(sign_in(&db, at("192.0.2.1"), "ada@example.com", NEW).await, Ok(id));
    let spent = set_password(&db, at("192.0.2.1"), token(&link), PASSWORD, PASSWORD).await;
    assert_eq!(spent, refused(AccountRefusal::LinkSpent), "a link from before would undo the change");
    assert_eq!(
        [audited(&db, "account.password_changed", id).await, audited(&db, "account.password_change_refused", id).await],
        [1, 1]
    );
    let nobody = change_own_password(&db, at("192.0.2.1"), NEW, PASSWORD, PASSWORD).await;
    assert_eq!(nobody, Err(AppError::Unauthenticated));
}

#[sqlx::test(migrations = "../../migrations")]
async fn ones_own_password_cannot_be_guessed_from_an_open_session(pool: PgPool) {
    let db = Db::new(pool);
    let id = account(&db, "ada@example.com", &[Role::Editor]).await;
    for _ in 0..10 {
        let wrong = change_own_password(&db, staff(id, &[]), "wrong horse battery", NEW, NEW).await;
        assert!(matches!(wrong, Err(AppError::Invalid(_))), "{wrong:?}");
    }
    for _ in 0..2 {
        let limited = change_own_password(&db, staff(id, &[]), PASSWORD, NEW, NEW).await;
        assert!(matches!(limited, Err(AppError::TooMany { .. })), "{limited:?}");
    }
    assert_eq!(audited(&db, "account.password_change_limited", id).await, 1);
}
