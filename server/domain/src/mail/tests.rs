//! Mail against real Postgres and a listener that speaks SMTP.

#[path = "../../../kit/src/mail/sink.rs"]
mod sink;

use self::sink::{MailSink, Replies};
use super::*;
use crate::{Caller, Db, Error};
use kit::{mail::Mailer, queue::Queue, secret::Masked};
use model::{Timestamp, access::Role, accounts::PasswordLink, mail::MailState};
use sqlx::PgPool;
use uuid::Uuid;

const DESK: &str = "https://desk.example.com";

/// A data base with the queue's tables and an account for whom mail is.
async fn db(pool: &PgPool) -> (Db, AccountId) {
    Queue::new(pool.clone()).install().await.unwrap();
    let ada = Uuid::from_u128(1);
    let account = "insert into accounts (id, created_at) values ($1, now())";
    sqlx::query(account).bind(ada).execute(pool).await.unwrap();
    (Db::new(pool.clone()), AccountId(ada))
}

fn server() -> Caller {
    Caller::local(Actor::Server)
}

fn staff(role: Role) -> Caller {
    Caller::local(Actor::Staff { id: AccountId(Uuid::from_u128(1)), roles: vec![role] })
}

fn invitation(account: AccountId) -> NewMail {
    let expires_at = kit::clock::now() + TimeDelta::hours(72);
    let (name, email) = ("Ada <b>".to_owned(), "ada@example.com".to_owned());
    letters::invitation(account, &PasswordLink { url: format!("{DESK}/desk/password/s3cret"), expires_at, name, email })
}

async fn sent_off(db: &Db, mail: &NewMail) -> MailId {
    db.write(server(), async |op| send(op, mail).await).await.unwrap()
}

fn mailer(sink: &MailSink) -> Mailer {
    Mailer::new(&Masked::new(sink.url()), "desk@example.com").unwrap()
}

async fn seen(db: &Db, id: MailId) -> MailRecord {
    db.write(staff(Role::Admin), async |op| read(op, id, DESK).await).await.unwrap()
}

/// What is kept of a mail's link.
async fn kept_link(pool: &PgPool, id: MailId) -> Option<String> {
    sqlx::query_scalar("select secret_link from mails where id = $1").bind(id.0).fetch_one(pool).await.unwrap()
}

async fn jobs(pool: &PgPool) -> i64 {
    let count = "select count(*) from graphile_worker._private_jobs";
    sqlx::query_scalar(count).fetch_one(pool).await.unwrap()
}

/// What the audit log tells, oldest first.
async fn actions(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar("select action from audit_log order by id").fetch_all(pool).await.unwrap()
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_mail_and_its_job_come_with_the_change_or_not_at_all(pool: PgPool) {
    let (db, ada) = db(&pool).await;
    let failed = db.write(server(), async |op| {
        send(op, &invitation(ada)).await?;
        Err::<(), _>(Error::from(AppError::NotFound))
    });
    assert_eq!(failed.await, Err(AppError::NotFound));
    assert_eq!(jobs(&pool).await, 0);
    assert_eq!(sqlx::query_scalar::<_, i64>("select count(*) from mails").fetch_one(&pool).await.unwrap(), 0);
    sent_off(&db, &invitation(ada)).await;
    assert_eq!(jobs(&pool).await, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_mail_is_sent_once_and_its_link_is_forgotten(pool: PgPool) {
    let (db, ada) = db(&pool).await;
    let sink = MailSink::start(Replies::default()).await;
    let id = sent_off(&db, &invitation(ada)).await;
    assert_eq!(kept_link(&pool, id).await.as_deref(), Some("/desk/password/s3cret"));
    for _ in 0..2 {
        deliver(&db, Some(&mailer(&sink)), DESK, id, Try::First).await.unwrap();
    }
    let taken = sink.taken();
    assert_eq!(taken.len(), 1, "the second job finds it sent");
    assert_eq!(taken[0].to, "ada@example.com");
    assert!(taken[0].data.contains("https://desk.example.com/desk/password/s3cret"), "{}", taken[0].data);
    assert_eq!(kept_link(&pool, id).await, None);
    let record = seen(&db, id).await;
    assert_eq!((record.mail.state, record.tries, record.has_secret), (MailState::Sent, 1, false));
    assert!(!record.text.contains("s3cret") && record.text.contains("no longer kept"), "{}", record.text);
    assert_eq!(actions(&pool).await, ["mail.queued", "mail.sent"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn without_a_mail_server_a_mail_is_held_and_who_keeps_accounts_sees_its_link(pool: PgPool) {
    let (db, ada) = db(&pool).await;
    let id = sent_off(&db, &invitation(ada)).await;
    deliver(&db, None, DESK, id, Try::First).await.unwrap();
    let record = seen(&db, id).await;
    assert_eq!((record.mail.state, record.account), (MailState::Held, Some(ada)));
    assert!(record.text.contains("https://desk.example.com/desk/password/s3cret"), "{}", record.text);
    assert_eq!(actions(&pool).await, ["mail.queued", "mail.held", "mail.link_shown"]);
    let editor = db.write(staff(Role::Editor), async |op| read(op, id, DESK).await).await;
    assert_eq!(editor, Err(AppError::Forbidden));

    // Once there is a server, it goes out.
    let sink = MailSink::start(Replies::default()).await;
    db.write(staff(Role::Admin), async |op| retry(op, id).await).await.unwrap();
    let jobs: i64 = sqlx::query_scalar("select count(*) from graphile_worker._private_jobs").fetch_one(&pool).await.unwrap();
    assert_eq!(jobs, 1, "in the place of the one before");
    deliver(&db, Some(&mailer(&sink)), DESK, id, Try::First).await.unwrap();
    assert_eq!(sink.taken().len(), 1);
    let again = db.write(staff(Role::Admin), async |op| retry(op, id).await).await;
    assert_eq!(again, Err(MailRefusal::NotRetriable.into()));
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_may_pass_is_tried_again_to_a_bound_and_what_will_not_is_not(pool: PgPool) {
    let (db, ada) = db(&pool).await;
    let busy = MailSink::start(Replies { to_data: "451 Busy", ..Replies::default() }).await;
    let id = sent_off(&db, &invitation(ada)).await;
    assert!(deliver(&db, Some(&mailer(&busy)), DESK, id, Try::First).await.is_err(), "the queue is asked for another try");
    let record = seen(&db, id).await;
    assert_eq!(record.mail.state, MailState::Waiting);
    assert_eq!(record.problem.as_deref(), Some("The mail server did not take it yet (451 Busy)."));
    assert!(deliver(&db, Some(&mailer(&busy)), DESK, id, Try::Last).await.is_err(), "its job has failed for good");
    let record = seen(&db, id).await;
    assert_eq!((record.mail.state, record.tries), (MailState::Failed, 2));
    // The job of a killed worker comes again; an operator lets the job begin anew.
    deliver(&db, Some(&mailer(&busy)), DESK, id, Try::Middle).await.unwrap();
    assert_eq!(seen(&db, id).await.mail.state, MailState::Failed);
    assert!(deliver(&db, Some(&mailer(&busy)), DESK, id, Try::First).await.is_err());
    let record = seen(&db, id).await;
    assert_eq!((record.mail.state, record.tries), (MailState::Waiting, 3));
    assert!(actions(&pool).await.contains(&"mail.retried".to_owned()));

    let full = MailSink::start(Replies { to_recipient: "550 No such user", ..Replies::default() }).await;
    let id = sent_off(&db, &invitation(ada)).await;
    deliver(&db, Some(&mailer(&full)), DESK, id, Try::First).await.unwrap();
    let record = seen(&db, id).await;
    assert_eq!((record.mail.state, record.tries), (MailState::Failed, 1));
    assert_eq!(record.problem.as_deref(), Some("The mail server refused it (550 No such user)."));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_mail_whose_link_is_worth_nothing_is_not_sent(pool: PgPool) {
    let (db, ada) = db(&pool).await;
    let sink = MailSink::start(Replies::default()).await;
    let [replaced, expired, held] =
        [sent_off(&db, &invitation(ada)).await, sent_off(&db, &invitation(ada)).await, sent_off(&db, &invitation(ada)).await];
    deliver(&db, None, DESK, held, Try::First).await.unwrap();
    let past = "update mails set secret_until = now() - interval '1 minute' where id = any($1)";
    sqlx::query(past).bind([expired.0, held.0]).execute(&pool).await.unwrap();
    deliver(&db, Some(&mailer(&sink)), DESK, expired, Try::First).await.unwrap();
    db.write(server(), async |op| tidy(op).await).await.unwrap();
    assert_eq!(kept_link(&pool, held).await, None);
    db.write(server(), async |op| forget_links(op, ada).await).await.unwrap();
    deliver(&db, Some(&mailer(&sink)), DESK, replaced, Try::First).await.unwrap();
    assert_eq!(sink.taken(), []);
    assert_eq!([seen(&db, replaced).await.mail.state, seen(&db, expired).await.mail.state], [MailState::Failed; 2]);
    let retried = db.write(staff(Role::Admin), async |op| retry(op, held).await).await;
    assert_eq!(retried, Err(MailRefusal::LinkGone.into()));
}

#[sqlx::test(migrations = "../../migrations")]
async fn old_mails_go_and_stranded_ones_are_given_up(pool: PgPool) {
    let (db, ada) = db(&pool).await;
    let [old, stranded, fresh] =
        [sent_off(&db, &invitation(ada)).await, sent_off(&db, &invitation(ada)).await, sent_off(&db, &invitation(ada)).await];
    deliver(&db, None, DESK, old, Try::First).await.unwrap();
    for (days, id) in [(31, old), (2, stranded)] {
        let age = "update mails set created_at = now() - make_interval(days => $1), since = now() - make_interval(days => $1) where id = $2";
        sqlx::query(age).bind(days).bind(id.0).execute(&pool).await.unwrap();
    }
    db.write(server(), async |op| tidy(op).await).await.unwrap();
    let states: Vec<(Uuid, String)> = sqlx::query_as("select id, state from mails order by id").fetch_all(&pool).await.unwrap();
    assert_eq!(states, [(stranded.0, "failed".to_owned()), (fresh.0, "waiting".to_owned())]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_list_pages_newest_first_and_by_state(pool: PgPool) {
    let (db, ada) = db(&pool).await;
    let mut ids = Vec::new();
    for _ in 0..51 {
        ids.push(sent_off(&db, &invitation(ada)).await);
    }
    deliver(&db, None, DESK, ids[3], Try::First).await.unwrap();
    let page = async |state: &str, after: String| {
        let query = MailQuery { state: state.to_owned(), after };
        db.read(staff(Role::Admin), async |op| list(op, &query).await).await.unwrap()
    };
    let first = page("", String::new()).await;
    let second = page("", first.next.clone().unwrap().0).await;
    let listed: Vec<_> = first.items.iter().chain(&second.items).map(|mail| mail.id).collect();
    assert_eq!(listed, ids.iter().rev().copied().collect::<Vec<_>>());
    assert_eq!(second.next, None);
    let held: Vec<_> = page("held", String::new()).await.items.into_iter().map(|mail| mail.id).collect();
    assert_eq!(held, [ids[3]]);
}

#[test]
fn nothing_in_a_letter_is_markup_or_a_line_of_its_own() {
    let to = || letters::Recipient { account: None, name: "<i>Eve</i>\n\nPay here: x".into(), email: "eve@example.com".into() };
    let said = ["a <script>alert(1)</script> & \"b\"".to_owned()];
    let notice = letters::notice(to(), "5 < 6", &said, Some(("Jobs", "/desk/jobs")));
    let html = notice.letter.html(DESK, None);
    assert!(
        html.contains("<title>5 &lt; 6</title>") && html.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;b&quot;")
    );
    assert!(!html.contains("<script") && !html.contains("<i>"), "{html}");
    assert!(html.contains("<a href=\"https://desk.example.com/desk/jobs\">Jobs</a>"));
    let text = notice.letter.text(DESK, None);
    assert!(text.starts_with("Hello <i>Eve</i> Pay here: x,\n\n"), "{text}");
    assert!(text.ends_with("Jobs:\nhttps://desk.example.com/desk/jobs\n"), "{text}");
    for mail in [
        letters::password_changed(to(), Timestamp::UNIX_EPOCH),
        letters::second_factor_changed(to(), "An authenticator was added.", Timestamp::UNIX_EPOCH),
    ] {
        assert!(mail.letter.text(DESK, None).contains("https://desk.example.com/desk/forgot"));
        assert!(mail.secret.is_none());
    }
}
