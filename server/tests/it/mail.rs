//! Mail from the running program to a mail server, and back through the links in it.

#[path = "../../kit/src/mail/sink.rs"]
mod sink;

use std::time::{Duration, Instant};

use http::StatusCode;
use sqlx::{ConnectOptions as _, PgPool};

use self::sink::{MailSink, Replies, Taken};
use crate::program::{Server, output_with_input};
use crate::support::{Answer, Ask};

const FIRST: &str = "four quiet brown geese";
const SECOND: &str = "seven loud green ducks";

/// Posts to a server function of the desk.
async fn call(server: &mut Server, function: &str, fields: &[(&str, &str)]) -> Answer {
    let path =
        server_fn::axum::server_fn_paths().map(|(path, _)| path).find(|path| path.ends_with(function)).expect("a function");
    server.browser.send(Ask::form(path, fields).header("accept", "application/json")).await
}

/// Waits until the mail server has taken so many mails; answers the last of them.
async fn until_taken(sink: &MailSink, count: usize) -> Taken {
    let begun = Instant::now();
    loop {
        let taken = sink.taken();
        if taken.len() >= count {
            return taken[count - 1].clone();
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{} of {count} mails came", taken.len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The token of the link in a mail.
fn token(mail: &Taken) -> String {
    let text = mail.data.replace("=\r\n", "");
    let (_, rest) = text.split_once("/desk/password/").expect("a link");
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
}

async fn set_password(server: &mut Server, mail: &Taken, password: &str) {
    let fields = [("token", token(mail)), ("password", password.to_owned()), ("again", password.to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let answer = call(server, "/set_password", &fields).await;
    assert!(answer.status.is_success() || answer.status.is_redirection(), "{} {}", answer.status, answer.text());
}

#[sqlx::test(migrations = "../migrations")]
async fn an_invitation_and_a_reset_arrive_and_their_links_let_the_person_in(pool: PgPool) {
    let sink = MailSink::start(Replies::default()).await;
    let (url, smtp) = (pool.connect_options().to_url_lossy().to_string(), sink.url());
    let args = ["--database-url", &url, "--smtp-url", &smtp, "--mail-from", "Desk <desk@example.com>"];
    let mut server = Server::start(&args).await;
    let added = output_with_input(&["account", "add", "--role", "admin", "ada@example.com", args[0], args[1]], "");
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let invitation = until_taken(&sink, 1).await;
    assert_eq!((invitation.from.as_str(), invitation.to.as_str()), ("desk@example.com", "ada@example.com"));
    set_password(&mut server, &invitation, FIRST).await;

    let mut answers = Vec::new();
    for email in ["stranger@example.com", "ada@example.com"] {
        let answer = call(&mut server, "/ask_for_reset", &[("email", email)]).await;
        answers.push((answer.status, answer.text().to_owned()));
    }
    assert_eq!(answers[0], answers[1], "a stranger's address is answered alike");
    assert_eq!(answers[0].0, StatusCode::OK);
    let reset = until_taken(&sink, 2).await;
    assert_eq!(reset.to, "ada@example.com");
    set_password(&mut server, &reset, SECOND).await;
    let told = until_taken(&sink, 3).await;
    assert!(told.data.contains("Subject: Your password was changed"), "{}", told.data);

    for (password, lets_in) in [(FIRST, false), (SECOND, true)] {
        let answer = call(&mut server, "/sign_in", &[("email", "ada@example.com"), ("password", password), ("next", "")]).await;
        assert_eq!(answer.status != StatusCode::CONFLICT, lets_in, "{} {}", answer.status, answer.text());
    }
    let kept: Vec<(String, Option<String>)> =
        sqlx::query_as("select state, secret_link from mails order by id").fetch_all(&pool).await.expect("mails");
    assert_eq!(kept, vec![("sent".to_owned(), None); 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_for_mail_are_tried_from_a_shell() {
    let sink = MailSink::start(Replies::default()).await;
    let url = sink.url();
    let test = |args: &[&str]| output_with_input(&[&["mail", "test", "ada@example.com"], args].concat(), "");
    let sent = test(&["--smtp-url", &url, "--mail-from", "desk@example.com"]);
    assert_eq!(String::from_utf8_lossy(&sent.stdout), "The mail server took a mail to ada@example.com.\n");
    assert_eq!(sink.taken().len(), 1);
    let unset = test(&[]);
    assert_eq!(unset.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unset.stderr).contains("set TESSERA_SMTP_URL"), "{unset:?}");
    let no_sender = test(&["--smtp-url", &url]);
    assert!(String::from_utf8_lossy(&no_sender.stderr).contains("TESSERA_MAIL_FROM"), "{no_sender:?}");
}
