//! The second step of a sign-in, and who must take it.

use super::*;
use kit::{seal::Key, totp};
use model::sign_in::{DemandForm, SecondFactor};

const HERE: &str = "192.0.2.1";
const ELSEWHERE: &str = "198.51.100.7";

fn with_key(pool: &PgPool) -> Db {
    Db::new(pool.clone()).with_key(Key::from_base64("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap())
}

/// An account with a second factor: its secret, and its recovery codes.
async fn guarded(db: &Db, email: &str, roles: &[Role]) -> (AccountId, Vec<u8>, Vec<String>) {
    let id = account(db, email, roles).await;
    let own = || staff(id, roles);
    db.write(own(), async |op| begin_second_factor(op).await).await.unwrap();
    let page = db.read(own(), async |op| setup_page(op).await).await.unwrap();
    let secret = base32(&page.setup.unwrap().text);
    db.write(own(), async |op| confirm_second_factor(op, &totp::code_at(&secret, now())).await).await.unwrap();
    let codes = db.write(own(), async |op| take_recovery_codes(op).await).await.unwrap();
    (id, secret, codes)
}

fn now() -> u64 {
    u64::try_from(kit::clock::now().timestamp()).unwrap()
}

fn base32(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for letter in text.bytes().filter(|letter| *letter != b' ') {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == letter).unwrap();
        (held, bits) = (held << 5 | u32::try_from(value).unwrap(), bits + 5);
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap());
        }
    }
    bytes
}

/// As if the codes that were used lay a minute back: a test does not wait for the next step.
async fn forget_steps(pool: &PgPool) {
    sqlx::query("update second_factors set last_step = 0").execute(pool).await.unwrap();
}

/// How many mails told an account's person that their second factor was changed.
async fn told_of_changes(pool: &PgPool, id: AccountId) -> i64 {
    let count = "select count(*) from mails where kind = 'second_factor_changed' and account_id = $1";
    sqlx::query_scalar(count).bind(id.0).fetch_one(pool).await.unwrap()
}

async fn first_step(db: &Db, address: &str, email: &str) -> Unfinished {
    match super::super::sign_in(db, at(address), email, PASSWORD).await.unwrap() {
        SignIn::CodeWanted(unfinished) => unfinished,
        SignIn::Done(_) => panic!("no code is asked for"),
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_factor_counts_from_its_first_code_and_then_the_password_alone_opens_nothing(pool: PgPool) {
    let db = with_key(&pool);
    let id = account(&db, "ada@example.com", &[Role::Editor]).await;
    let own = || staff(id, &[Role::Editor]);
    db.write(own(), async |op| begin_second_factor(op).await).await.unwrap();
    assert_eq!(sign_in(&db, at(HERE), "ada@example.com", PASSWORD).await, Ok(id), "it is not confirmed");
    let page = db.read(own(), async |op| setup_page(op).await).await.unwrap();
    let secret = base32(&page.setup.unwrap().text);
    let stored: Vec<u8> = sqlx::query_scalar("select secret from second_factors").fetch_one(&pool).await.unwrap();
    assert!(!stored.windows(secret.len()).any(|part| part == secret), "it is sealed");
    let wrong = db.write(own(), async |op| confirm_second_factor(op, "000000").await).await;
    assert_eq!(wrong, refused(AccountRefusal::WrongCode));

    let session = begin_session(&pool, id).await;
    let code = totp::code_at(&secret, now());
    let renewed = db.write(own(), async |op| confirm_second_factor(op, &code).await).await.unwrap();
    assert!(!is_open(&pool, &session).await, "other browsers are signed out");
    assert!(matches!(actor(&db, renewed).await, Ok(Actor::Staff { .. })));
    let again = db.write(own(), async |op| begin_second_factor(op).await).await;
    assert_eq!(again, refused(AccountRefusal::SecondFactorOn));

    let unfinished = first_step(&db, HERE, "ada@example.com").await;
    let replayed = finish_sign_in(&db, at(HERE), &unfinished, &code).await;
    assert_eq!(replayed, refused(AccountRefusal::WrongCode), "the code of the set-up is used up");
    forget_steps(&pool).await;
    let signed_in = finish_sign_in(&db, at(HERE), &unfinished, &totp::code_at(&secret, now())).await.unwrap();
    assert_eq!(signed_in, SignedIn { account: id, ..renewed });
    for (action, rows) in [
        ("account.second_factor_begun", 1),
        ("account.second_factor_confirmed", 1),
        ("account.password_accepted", 1),
        ("account.code_refused", 1),
        ("account.signed_in", 2),
    ] {
        assert_eq!(audited(&db, action, id).await, rows, "{action}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn of_one_code_sent_twice_at_once_only_one_is_taken(pool: PgPool) {
    let db = with_key(&pool);
    let (_, secret, _) = guarded(&db, "ada@example.com", &[Role::Editor]).await;
    forget_steps(&pool).await;
    let (one, two) = (first_step(&db, HERE, "ada@example.com").await, first_step(&db, ELSEWHERE, "ada@example.com").await);
    let code = totp::code_at(&secret, now());
    let (first, second) =
        tokio::join!(finish_sign_in(&db, at(HERE), &one, &code), finish_sign_in(&db, at(ELSEWHERE), &two, &code));
    assert_eq!([first.is_ok(), second.is_ok()].into_iter().filter(|ok| *ok).count(), 1, "{first:?} {second:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_recovery_code_signs_in_once_and_new_ones_end_the_old(pool: PgPool) {
    let db = with_key(&pool);
    let (id, _, codes) = guarded(&db, "ada@example.com", &[Role::Editor]).await;
    assert_eq!((codes.len(), codes[0].len()), (10, 19), "{codes:?}");
    let own = || staff(id, &[Role::Editor]);
    let shown_again = db.write(own(), async |op| take_recovery_codes(op).await).await;
    assert_eq!(shown_again, Ok(Vec::new()), "they are shown once");
    let try_it = async |code: &str| {
        let unfinished = first_step(&db, HERE, "ada@example.com").await;
        finish_sign_in(&db, at(HERE), &unfinished, code).await.map(|session| session.account)
    };
    assert_eq!(try_it(&codes[0].to_uppercase()).await, Ok(id));
    assert_eq!(try_it(&codes[0]).await, refused(AccountRefusal::WrongCode));
    let record = db.read(command_line(), async |op| read(op, id).await).await.unwrap();
    assert_eq!((record.factor.codes_left, record.account.has_second_factor), (9, true));

    let wrong = make_recovery_codes(&db, own(), "wrong horse battery").await.unwrap_err();
    assert!(wrong.field_errors().at("current").is_some());
    make_recovery_codes(&db, own(), PASSWORD).await.unwrap();
    assert_eq!(try_it(&codes[1]).await, refused(AccountRefusal::WrongCode));
    let new = db.write(own(), async |op| take_recovery_codes(op).await).await.unwrap();
    assert_eq!(try_it(&new[0]).await, Ok(id));
    let kept: bool = sqlx::query_scalar("select exists (select from recovery_codes where code_hash = $1)")
        .bind(new[1].as_bytes())
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!(!kept, "only hashes are kept");
    assert_eq!(told_of_changes(&pool, id).await, 2, "of the set-up and of the new codes");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_second_step_has_little_time_and_few_tries(pool: PgPool) {
    let db = with_key(&pool);
    let (id, secret, codes) = guarded(&db, "ada@example.com", &[Role::Editor]).await;
    forget_steps(&pool).await;
    let over = refused(AccountRefusal::SignInOver);
    let mut unfinished = first_step(&db, HERE, "ada@example.com").await;
    for _ in 0..5 {
        assert_eq!(finish_sign_in(&db, at(HERE), &unfinished, "000000").await, refused(AccountRefusal::WrongCode));
    }
    let right = totp::code_at(&secret, now());
    assert_eq!(finish_sign_in(&db, at(HERE), &unfinished, &right).await, over, "after five the right one is too late");

    unfinished = first_step(&db, HERE, "ada@example.com").await;
    unfinished.begun_at -= chrono::TimeDelta::minutes(11);
    assert_eq!(finish_sign_in(&db, at(HERE), &unfinished, &right).await, over, "after ten minutes");

    unfinished = first_step(&db, ELSEWHERE, "ada@example.com").await;
    db.write(staff(id, &[]), async |op| sign_out_everywhere(op).await).await.unwrap();
    assert_eq!(finish_sign_in(&db, at(ELSEWHERE), &unfinished, &codes[0]).await, over, "all sessions were ended meanwhile");
}

#[sqlx::test(migrations = "../../migrations")]
async fn codes_are_guessed_forty_times_a_day_from_everywhere_and_a_recovery_code_still_opens(pool: PgPool) {
    let db = with_key(&pool);
    let (id, secret, codes) = guarded(&db, "ada@example.com", &[Role::Editor]).await;
    forget_steps(&pool).await;
    // The first of them is the person's own; it gives nobody more tries.
    let unfinished = first_step(&db, HERE, "ada@example.com").await;
    finish_sign_in(&db, at(HERE), &unfinished, &totp::code_at(&secret, now())).await.unwrap();
    forget_steps(&pool).await;
    let mut looked_at = 0;
    for n in 0..60 {
        let address = format!("203.0.113.{n}");
        let unfinished = first_step(&db, &address, "ada@example.com").await;
        looked_at +=
            usize::from(finish_sign_in(&db, at(&address), &unfinished, "000000").await == refused(AccountRefusal::WrongCode));
    }
    assert_eq!((looked_at, audited(&db, "account.codes_limited", id).await), (39, 1));
    let unfinished = first_step(&db, HERE, "ada@example.com").await;
    let right = finish_sign_in(&db, at(HERE), &unfinished, &totp::code_at(&secret, now())).await;
    assert!(matches!(right, Err(AppError::TooMany { .. })), "{right:?}");
    assert_eq!(finish_sign_in(&db, at(HERE), &unfinished, &codes[3]).await.map(|session| session.account), Ok(id));
}

#[sqlx::test(migrations = "../../migrations")]
async fn whose_role_demands_a_factor_gets_no_further_than_setting_it_up(pool: PgPool) {
    let db = with_key(&pool);
    let id = account(&db, "ada@example.com", &[Role::Editor, Role::Analyst]).await;
    let demand = async |roles: &[&str]| {
        let form = DemandForm { roles: roles.iter().map(|role| (*role).to_owned()).collect() };
        db.write(command_line(), async |op| demand_second_factor(op, &form).await).await.unwrap();
    };
    let session = first_session(id);
    demand(&["admin"]).await;
    assert!(actor(&db, session).await.is_ok());
    demand(&["admin", "analyst"]).await;
    assert_eq!(actor(&db, session).await, Err(AppError::SecondFactorWanted));
    assert_eq!(actor_in_setup(&db, session).await, Ok(Actor::Staff { id, roles: Vec::new() }), "with no role");
    assert!(actor(&db, SignedIn { by_provider: true, ..session }).await.is_ok(), "the provider's sign-in counts as both");
    let nobody = actor_in_setup(&db, SignedIn { epoch: 7, ..session }).await;
    assert_eq!(nobody, Ok(Actor::Nobody), "a session that was ended opens no set-up either");

    let own = || staff(id, &[]);
    db.write(own(), async |op| begin_second_factor(op).await).await.unwrap();
    assert_eq!(actor(&db, session).await, Err(AppError::SecondFactorWanted), "one that was begun is none");
    let page = db.read(own(), async |op| setup_page(op).await).await.unwrap();
    assert!(page.factor.demanded);
    let code = totp::code_at(&base32(&page.setup.unwrap().text), now());
    let session = db.write(own(), async |op| confirm_second_factor(op, &code).await).await.unwrap();
    assert_eq!(actor(&db, session).await, Ok(Actor::Staff { id, roles: vec![Role::Editor, Role::Analyst] }));

    turn_off_second_factor(&db, own(), PASSWORD).await.unwrap();
    assert_eq!(actor(&db, session).await, Err(AppError::SecondFactorWanted));
    demand(&[]).await;
    assert!(actor(&db, session).await.is_ok());
    let demands = audit(&db).await.into_iter().filter(|(action, _)| action == "account.second_factor_demanded").count();
    assert_eq!((demands, audited(&db, "account.second_factor_turned_off", id).await), (3, 1));
    assert_eq!(told_of_changes(&pool, id).await, 2, "of the set-up and of its end");
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_administrator_takes_a_lost_factor_away_but_not_their_own(pool: PgPool) {
    let db = with_key(&pool);
    let (admin, ..) = guarded(&db, "admin@example.com", &[Role::Admin]).await;
    let (id, _, codes) = guarded(&db, "ada@example.com", &[Role::Editor]).await;
    let unfinished = first_step(&db, HERE, "ada@example.com").await;
    let by = |id: AccountId, role: Role| staff(id, &[role]);
    let forbidden = db.write(by(id, Role::Editor), async |op| remove_second_factor(op, admin).await).await;
    assert_eq!(forbidden, Err(AppError::Forbidden));
    let own = db.write(by(admin, Role::Admin), async |op| remove_second_factor(op, admin).await).await;
    assert_eq!(own, refused(AccountRefusal::OwnSecondFactor));
    for _ in 0..2 {
        db.write(by(admin, Role::Admin), async |op| remove_second_factor(op, id).await).await.unwrap();
    }
    assert_eq!(audited(&db, "account.second_factor_removed", id).await, 1, "the second time there was none");
    assert_eq!((told_of_changes(&pool, id).await, told_of_changes(&pool, admin).await), (2, 1));
    let late = finish_sign_in(&db, at(HERE), &unfinished, &codes[0]).await;
    assert_eq!(late, refused(AccountRefusal::SignInOver));
    assert_eq!(sign_in(&db, at(HERE), "ada@example.com", PASSWORD).await, Ok(id));
    let record = db.read(command_line(), async |op| read(op, id).await).await.unwrap();
    assert_eq!(record.factor, SecondFactor::default());
}

#[sqlx::test(migrations = "../../migrations")]
async fn without_a_password_nothing_typed_is_the_right_one(pool: PgPool) {
    let db = with_key(&pool);
    let (id, _) = invited(&db, "ada@example.com", &[Role::Editor]).await;
    for typed in ["", PASSWORD] {
        let wrong = turn_off_second_factor(&db, staff(id, &[Role::Editor]), typed).await.unwrap_err();
        assert!(wrong.field_errors().at("current").is_some(), "{wrong:?}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_sign_in_while_a_factor_is_being_confirmed_is_asked_for_a_code(pool: PgPool) {
    let db = with_key(&pool);
    let id = account(&db, "ada@example.com", &[Role::Editor]).await;
    let own = || staff(id, &[Role::Editor]);
    db.write(own(), async |op| begin_second_factor(op).await).await.unwrap();
    let secret = base32(&db.read(own(), async |op| setup_page(op).await).await.unwrap().setup.unwrap().text);
    let signing_in = db
        .write(own(), async |op| {
            confirm_second_factor(op, &totp::code_at(&secret, now())).await?;
            let db = db.clone();
            let signing_in = tokio::spawn(async move { super::super::sign_in(&db, at(HERE), "ada@example.com", PASSWORD).await });
            let waits = "select exists (select from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock' and pid <> pg_backend_pid())";
            while !sqlx::query_scalar::<_, bool>(waits).fetch_one(&pool).await.unwrap() {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            Ok(signing_in)
        })
        .await
        .unwrap();
    assert!(matches!(signing_in.await.unwrap(), Ok(SignIn::CodeWanted(_))));
}
