//! Signing in and out.

use super::*;
use std::time::Instant;

const HERE: &str = "192.0.2.1";
const ELSEWHERE: &str = "198.51.100.7";

#[sqlx::test(migrations = "../../migrations")]
async fn the_right_password_signs_in_and_is_noted(pool: PgPool) {
    let db = Db::new(pool);
    let id = account(&db, "ada@example.com", &[Role::Editor]).await;
    assert_eq!(sign_in(&db, at(HERE), " Ada@Example.com ", PASSWORD).await, Ok(id));
    assert_eq!(audited(&db, "account.signed_in", id).await, 1);
    let query = AuditQuery { actor: "ada@example.com".into(), ..AuditQuery::default() };
    let own = db.read(command_line(), async |op| journal::search(op, &query).await).await.unwrap();
    assert_eq!(own.items.len(), 1, "the row stands under the person who signed in");
    let record = db.read(command_line(), async |op| read(op, id).await).await.unwrap();
    assert!(record.account.last_sign_in_at.is_some());
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_unknown_address_answers_like_a_wrong_password(pool: PgPool) {
    let db = Db::new(pool.clone());
    let ada = account(&db, "ada@example.com", &[Role::Editor]).await;
    let (bob, _) = invited(&db, "bob@example.com", &[Role::Editor]).await;
    let eve = account(&db, "eve@example.com", &[Role::Editor]).await;
    db.write(command_line(), async |op| disable(op, eve).await).await.unwrap();
    let tries = [
        ("ada@example.com", "wrong horse battery"),
        ("bob@example.com", "anything at all"),
        ("eve@example.com", PASSWORD),
        ("nobody@example.com", PASSWORD),
    ];
    let mut times = Vec::new();
    for (email, password) in tries {
        let begun = Instant::now();
        assert_eq!(sign_in(&db, at(HERE), email, password).await, refused(AccountRefusal::WrongCredentials), "{email}");
        times.push(begun.elapsed());
    }
    assert!(times.iter().all(|time| *time > times[0] / 4), "{times:?}");
    let failed = |id: Option<AccountId>| ("account.sign_in_failed".to_owned(), id.map(|id| id.to_string()));
    let rows = audit(&db).await;
    assert_eq!(rows[rows.len() - 4..], [failed(Some(ada)), failed(Some(bob)), failed(Some(eve)), failed(None)]);
    let spoken: bool = sqlx::query_scalar(
        "select exists (select from audit_log where detail::text ~ 'nobody@|wrong horse')
             or exists (select from outbox where body::text ~ 'nobody@|wrong horse')",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert!(!spoken, "neither the address nor the password is kept");
}

#[sqlx::test(migrations = "../../migrations")]
async fn after_ten_tries_the_right_password_waits_too_but_not_elsewhere(pool: PgPool) {
    let db = Db::new(pool);
    let id = account(&db, "ada@example.com", &[Role::Editor]).await;
    for _ in 0..10 {
        let wrong = sign_in(&db, at(HERE), "ada@example.com", "wrong horse battery").await;
        assert_eq!(wrong, refused(AccountRefusal::WrongCredentials));
    }
    for password in ["wrong horse battery", PASSWORD] {
        let limited = sign_in(&db, at(HERE), "ADA@example.com", password).await;
        let Err(AppError::TooMany { retry_after }) = limited else { panic!("{limited:?}") };
        assert!((800..=900).contains(&retry_after), "{retry_after}");
    }
    assert_eq!(sign_in(&db, at(ELSEWHERE), "ada@example.com", PASSWORD).await, Ok(id));
    assert_eq!(audited(&db, "account.sign_in_failed", id).await, 10);
    assert_eq!(audited(&db, "account.sign_in_limited", id).await, 1, "one row a window, however often somebody tries");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_limit_answers_the_same_for_an_unknown_address(pool: PgPool) {
    let db = Db::new(pool);
    for _ in 0..10 {
        let wrong = sign_in(&db, at(HERE), "nobody@example.com", PASSWORD).await;
        assert_eq!(wrong, refused(AccountRefusal::WrongCredentials));
    }
    let limited = sign_in(&db, at(HERE), "nobody@example.com", PASSWORD).await;
    assert!(matches!(limited, Err(AppError::TooMany { .. })), "{limited:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn tries_at_the_same_time_count_each_other(pool: PgPool) {
    let db = Db::new(pool);
    let id = account(&db, "ada@example.com", &[Role::Editor]).await;
    let tries: Vec<_> = (0..14)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { sign_in(&db, at(HERE), "ada@example.com", "wrong horse battery").await })
        })
        .collect();
    for one in tries {
        one.await.unwrap().unwrap_err();
    }
    assert_eq!(audited(&db, "account.sign_in_failed", id).await, 10);
    assert_eq!(audited(&db, "account.sign_in_limited", id).await, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn one_network_cannot_try_one_password_on_many_accounts(pool: PgPool) {
    let db = Db::new(pool);
    let id = account(&db, "ada@example.com", &[Role::Editor]).await;
    for n in 0..60 {
        // Other addresses of one network; a sign-in on the way buys nothing.
        let (address, email) = (format!("2001:db8::{n:x}"), format!("n{n}@example.com"));
        let email = if n == 30 { "ada@example.com" } else { &email };
        assert_eq!(sign_in(&db, at(&address), email, PASSWORD).await.is_ok(), n == 30);
    }
    let limited = sign_in(&db, at("2001:db8::ffff"), "ada@example.com", PASSWORD).await;
    assert!(matches!(limited, Err(AppError::TooMany { .. })), "{limited:?}");
    assert_eq!(sign_in(&db, at("2001:db8:0:1::1"), "ada@example.com", PASSWORD).await, Ok(id));
}

#[sqlx::test(migrations = "../../migrations")]
async fn many_networks_cannot_guess_one_account_for_ever(pool: PgPool) {
    let db = Db::new(pool);
    account(&db, "ada@example.com", &[Role::Editor]).await;
    let mut answered = 0;
    for network in 0..31 {
        for _ in 0..10 {
            // The count alone: to hash three hundred passwords would take a minute.
            let caller = at(&format!("198.51.100.{network}"));
            let found = db.write(caller, async |op| crate::accounts::sign_in::admit(op, "ada@example.com").await).await;
            answered += u32::from(found.unwrap().is_ok());
        }
    }
    assert_eq!(answered, 300);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_prefix_of_many_networks_cannot_keep_a_person_out(pool: PgPool) {
    let db = Db::new(pool);
    account(&db, "ada@example.com", &[Role::Editor]).await;
    let admitted = async |address: &str| {
        db.write(at(address), async |op| crate::accounts::sign_in::admit(op, "ada@example.com").await).await
    };
    let mut answered = 0;
    for network in 0..32 {
        for _ in 0..10 {
            // A /56 each, all of one /48.
            answered += u32::from(admitted(&format!("2001:db8:0:{:x}::1", network * 0x100)).await.unwrap().is_ok());
        }
    }
    assert_eq!(answered, 40);
    assert!(admitted(HERE).await.unwrap().is_ok());
}

#[sqlx::test(migrations = "../../migrations")]
async fn one_prefix_cannot_try_one_password_on_many_accounts(pool: PgPool) {
    let db = Db::new(pool);
    let mut answered = 0;
    for n in 0..250 {
        // A /56 and an account each, all of one /48.
        let (address, email) = (format!("2001:db8:0:{:x}::1", n * 0x100), format!("n{n}@example.com"));
        let found = db.write(at(&address), async |op| crate::accounts::sign_in::admit(op, &email).await).await;
        answered += u32::from(found.unwrap().is_ok());
    }
    assert_eq!(answered, 240);
    assert_eq!(audit(&db).await.len(), 1, "one row for all that were too many");
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_address_that_no_text_can_hold_is_counted_and_answered_like_any_other(pool: PgPool) {
    let db = Db::new(pool.clone());
    let wrong = sign_in(&db, at(HERE), "ada\0@example.com", PASSWORD).await;
    assert_eq!(wrong, refused(AccountRefusal::WrongCredentials));
    let tries: i64 = sqlx::query_scalar("select sum(count) from attempts").fetch_one(&pool).await.unwrap();
    assert_eq!(tries, 3, "against each of the three limits");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_sign_in_forgives_the_mistakes_before_it(pool: PgPool) {
    let db = Db::new(pool);
    let id = account(&db, "ada@example.com", &[Role::Editor]).await;
    for _ in 0..2 {
        for _ in 0..9 {
            sign_in(&db, at(HERE), "ada@example.com", "wrong horse battery").await.unwrap_err();
        }
        assert_eq!(sign_in(&db, at(HERE), "ada@example.com", PASSWORD).await, Ok(id));
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn passwords_are_stored_as_argon2id_and_older_hashes_are_renewed(pool: PgPool) {
    let db = Db::new(pool.clone());
    let id = account(&db, "ada@example.com", &[Role::Editor]).await;
    let stored = async || -> String {
        sqlx::query_scalar("select password_hash from accounts where id = $1").bind(id.0).fetch_one(&pool).await.unwrap()
    };
    assert!(stored().await.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));

    let weaker = "$argon2id$v=19$m=8192,t=1,p=1$c29tZSBvbGQgc2FsdCAxNg$hZ9dA9qg0XPSHivNcXOhdmlpCt1W+MTvfxtHbFywWsA";
    sqlx::query("update accounts set password_hash = $1").bind(weaker).execute(&pool).await.unwrap();
    sign_in(&db, at(HERE), "ada@example.com", "wrong horse battery").await.unwrap_err();
    assert_eq!(stored().await, weaker);
    sign_in(&db, at(HERE), "ada@example.com", PASSWORD).await.unwrap();
    assert!(stored().await.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_eq!(sign_in(&db, at(HERE), "ada@example.com", PASSWORD).await, Ok(id));
}

#[sqlx::test(migrations = "../../migrations")]
async fn signing_out_everywhere_ends_ones_own_sessions_alone(pool: PgPool) {
    let db = Db::new(pool.clone());
    let id = account(&db, "ada@example.com", &[Role::Editor]).await;
    let other = account(&db, "bob@example.com", &[Role::Editor]).await;
    let (one, two, others) = (begin_session(&pool, id).await, begin_session(&pool, id).await, begin_session(&pool, other).await);
    db.write(staff(id, &[]), async |op| sign_out(op).await).await.unwrap();
    db.write(staff(id, &[]), async |op| sign_out_everywhere(op).await).await.unwrap();
    assert_eq!([is_open(&pool, &one).await, is_open(&pool, &two).await, is_open(&pool, &others).await], [false, false, true]);
    assert_eq!(audited(&db, "account.signed_out", id).await, 1);
    assert_eq!(audited(&db, "account.signed_out_everywhere", id).await, 1);
    assert_eq!(db.write(at(HERE), async |op| sign_out(op).await).await, Ok(()));
    assert_eq!(db.write(at(HERE), async |op| sign_out_everywhere(op).await).await, Err(AppError::Unauthenticated));
}

#[sqlx::test(migrations = "../../migrations")]
async fn guesses_from_everywhere_do_not_keep_a_person_out_of_where_they_sign_in_from(pool: PgPool) {
    let db = Db::new(pool.clone());
    let id = account(&db, "ada@example.com", &[Role::Editor]).await;
    assert_eq!(sign_in(&db, at(HERE), "ada@example.com", PASSWORD).await, Ok(id));
    let mut guesses = Vec::new();
    for n in 0..31 {
        for _ in 0..10 {
            let admitted = db
                .write(at(&format!("203.0.113.{n}")), async |op| crate::accounts::sign_in::admit(op, "ada@example.com").await)
                .await;
            guesses.push(admitted.unwrap().is_ok());
        }
    }
    assert_eq!(guesses.iter().filter(|admitted| **admitted).count(), 299, "with the first sign-in three hundred");
    assert_eq!(sign_in(&db, at(HERE), "ada@example.com", PASSWORD).await, Ok(id), "at home");
    let away = sign_in(&db, at(ELSEWHERE), "ada@example.com", PASSWORD).await;
    assert!(matches!(away, Err(AppError::TooMany { .. })), "{away:?}");
    sqlx::query("update known_networks set last_at = now() - interval '91 days'").execute(&pool).await.unwrap();
    let long_ago = sign_in(&db, at(HERE), "ada@example.com", PASSWORD).await;
    assert!(matches!(long_ago, Err(AppError::TooMany { .. })), "{long_ago:?}");
}
