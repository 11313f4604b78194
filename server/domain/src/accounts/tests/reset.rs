//! Invitations, and new passwords for those who forgot theirs.

use super::*;
use model::{
    MailId,
    mail::{Mail, MailKind, MailQuery},
};
use serde_json::Value;

/// Mails so far, oldest first.
async fn mails(db: &Db) -> Vec<Mail> {
    let query = MailQuery::default();
    let mut page = db.read(command_line(), async |op| mail::list(op, &query).await).await.unwrap();
    page.items.reverse();
    page.items
}

async fn kinds(db: &Db) -> Vec<(MailKind, String)> {
    mails(db).await.into_iter().map(|mail| (mail.kind, mail.email)).collect()
}

/// The path of the link in a mail, while it is kept.
async fn link_in(db: &Db, id: MailId) -> Option<String> {
    sqlx::query_scalar("select secret_link from mails where id = $1").bind(id.0).fetch_one(db.pool()).await.unwrap()
}

/// The addresses that wait for the task.
async fn asked(pool: &PgPool) -> Vec<String> {
    let payloads = "select payload from graphile_worker._private_jobs order by id";
    let payloads: Vec<Value> = sqlx::query_scalar(payloads).fetch_all(pool).await.unwrap();
    let of_task = payloads.iter().filter(|job| job["task"] == SEND_RESET);
    of_task.map(|job| job["payload"]["email"].as_str().unwrap().to_owned()).collect()
}

async fn send_to(db: &Db, email: &str) {
    db.write(Caller::local(Actor::Server), async |op| send_reset(op, email, DESK).await).await.unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_new_account_is_invited_by_mail_with_the_link_that_the_administrator_sees(pool: PgPool) {
    let db = Db::new(pool);
    let (id, link) = invited(&db, "ada@example.com", &[Role::Editor]).await;
    assert_eq!(kinds(&db).await, [(MailKind::Invitation, "ada@example.com".to_owned())]);
    let first = mails(&db).await[0].id;
    assert_eq!(link_in(&db, first).await.as_deref(), Some(link.path()));

    db.write(command_line(), async |op| invite_again(op, id, DESK, &SignInWays::default()).await).await.unwrap();
    let second = mails(&db).await[1].id;
    assert_eq!(link_in(&db, first).await, None, "the first link is worth nothing any more");
    let path = link_in(&db, second).await.unwrap();
    let token = path.strip_prefix("/desk/password/").unwrap();
    set_password(&db, at("192.0.2.1"), token, PASSWORD, PASSWORD).await.unwrap();
    assert_eq!(link_in(&db, second).await, None);
    assert_eq!(mails(&db).await.len(), 2, "a first password is no change to be told of");
    let again = db.write(command_line(), async |op| invite_again(op, id, DESK, &SignInWays::default()).await).await;
    assert_eq!(again, refused(AccountRefusal::HasPassword));
    let editor = db.write(staff(id, &[Role::Editor]), async |op| invite_again(op, id, DESK, &SignInWays::default()).await).await;
    assert_eq!(editor, Err(AppError::Forbidden));
}

#[sqlx::test(migrations = "../../migrations")]
async fn where_passwords_are_off_an_invitation_names_the_provider_and_holds_no_link(pool: PgPool) {
    let db = Db::new(pool);
    with_queue(&db).await;
    let ways = SignInWays { passwords: false, provider: Some("Example".to_owned()) };
    let ada = form("ada@example.com", &[Role::Editor]);
    let (id, _) = db.write(command_line(), async |op| add(op, &ada, DESK, &ways).await).await.unwrap();
    db.write(command_line(), async |op| invite_again(op, id, DESK, &ways).await).await.unwrap();
    let sent = mails(&db).await;
    assert_eq!(sent.len(), 2);
    for Mail { id, kind, .. } in sent {
        assert_eq!((kind, link_in(&db, id).await), (MailKind::Invitation, None));
        let text = db.read(command_line(), async |op| mail::read(op, id, DESK).await).await.unwrap().text;
        assert!(text.contains("through Example") && !text.contains("/desk/password/"), "{text}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_asks_is_answered_and_served_alike_whether_there_is_an_account_or_not(pool: PgPool) {
    let db = Db::new(pool.clone());
    account(&db, "ada@example.com", &[Role::Editor]).await;
    for email in [" Ada@Example.com", "nobody@example.com"] {
        assert_eq!(ask_for_reset(&db, at("192.0.2.1"), email).await, Ok(()));
    }
    assert_eq!(asked(&pool).await, ["ada@example.com", "nobody@example.com"], "all that differs happens in the job");
    assert_eq!(mails(&db).await, []);
    let unfit = ask_for_reset(&db, at("192.0.2.1"), "ada").await.unwrap_err();
    assert!(unfit.field_errors().at("email").is_some());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_reset_goes_to_who_has_a_password_an_invitation_to_who_has_none_and_nothing_to_the_disabled(pool: PgPool) {
    let db = Db::new(pool.clone());
    let ada = account(&db, "ada@example.com", &[Role::Editor]).await;
    let eve = account(&db, "eve@example.com", &[Role::Editor]).await;
    invited(&db, "bob@example.com", &[Role::Editor]).await;
    db.write(command_line(), async |op| disable(op, eve).await).await.unwrap();
    for email in ["ada@example.com", "eve@example.com", "bob@example.com", "nobody@example.com"] {
        send_to(&db, email).await;
    }
    let mail = |kind, email: &str| (kind, email.to_owned());
    let sent = [
        mail(MailKind::Invitation, "bob@example.com"),
        mail(MailKind::PasswordReset, "ada@example.com"),
        mail(MailKind::Invitation, "bob@example.com"),
    ];
    assert_eq!(kinds(&db).await, sent);
    let life = "select extract(hour from expires_at - created_at)::int from password_links where account_id = $1";
    let hours: i32 = sqlx::query_scalar(life).bind(ada.0).fetch_one(&pool).await.unwrap();
    assert_eq!(hours, 4, "whoever reads the mailbox later finds nothing of use");

    let session = begin_session(&pool, ada).await;
    let path = link_in(&db, mails(&db).await[1].id).await.unwrap();
    let token = path.strip_prefix("/desk/password/").unwrap();
    const NEW: &str = "staple and something else";
    set_password(&db, at("192.0.2.1"), token, NEW, NEW).await.unwrap();
    assert!(!is_open(&pool, &session).await);
    assert_eq!(sign_in(&db, at("192.0.2.1"), "ada@example.com", NEW).await, Ok(ada));
    assert_eq!(kinds(&db).await.last(), Some(&mail(MailKind::PasswordChanged, "ada@example.com")));
}

#[sqlx::test(migrations = "../../migrations")]
async fn links_of_a_disabled_account_leave_its_mails(pool: PgPool) {
    let db = Db::new(pool);
    account(&db, "root@example.com", &[Role::Admin]).await;
    let (id, _) = invited(&db, "ada@example.com", &[Role::Editor]).await;
    db.write(command_line(), async |op| disable(op, id).await).await.unwrap();
    assert_eq!(link_in(&db, mails(&db).await[0].id).await, None);
    let again = db.write(command_line(), async |op| invite_again(op, id, DESK, &SignInWays::default()).await).await;
    assert_eq!(again, refused(AccountRefusal::Disabled));
}

#[sqlx::test(migrations = "../../migrations")]
async fn one_address_and_one_network_can_ask_only_so_often(pool: PgPool) {
    let db = Db::new(pool.clone());
    with_queue(&db).await;
    let is_let = async |network: &str, email: &str| ask_for_reset(&db, at(network), email).await.is_ok();
    for n in 0..5 {
        assert!(is_let(&format!("192.0.2.{n}"), "ada@example.com").await);
    }
    assert!(!is_let("192.0.2.9", "ada@example.com").await, "from wherever");
    for n in 0..20 {
        assert!(is_let("198.51.100.1", &format!("a{n}@example.com")).await);
    }
    for _ in 0..2 {
        let limited = ask_for_reset(&db, at("198.51.100.1"), "new@example.com").await;
        assert!(matches!(limited, Err(AppError::TooMany { .. })), "{limited:?}");
    }
    assert_eq!(asked(&pool).await.len(), 25, "what is refused leaves no job");
    let rows = audit(&db).await.into_iter().filter(|(action, _)| action == "account.resets_limited").count();
    assert_eq!(rows, 2, "one for each limit");
}
