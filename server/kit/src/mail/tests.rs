//! The mailer against a listener that speaks SMTP.

use super::*;
use crate::mail::sink::{MailSink, Replies};

fn message() -> Message<'static> {
    Message {
        id: "1",
        name: "Ada Lovelace",
        address: "ada@example.com",
        subject: "Schöne Grüße",
        text: "Hello",
        html: "<p>Hello</p>",
    }
}

fn mailer(url: &str) -> Mailer {
    Mailer::new(&Masked::new(url), "Tessera <desk@example.com>").unwrap()
}

#[tokio::test]
async fn a_message_reaches_the_server_as_text_and_as_html() {
    let sink = MailSink::start(Replies::default()).await;
    mailer(&sink.url()).send(message()).await.unwrap();
    let [taken] = &sink.taken()[..] else { panic!("{:?}", sink.taken()) };
    assert_eq!((taken.from.as_str(), taken.to.as_str()), ("desk@example.com", "ada@example.com"));
    for part in [
        "From: Tessera <desk@example.com>",
        "To: \"Ada Lovelace\" <ada@example.com>",
        "Message-ID: <1@example.com>",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "<p>Hello</p>",
    ] {
        assert!(taken.data.contains(part), "{part} is not in\n{}", taken.data);
    }
}

#[tokio::test]
async fn what_may_pass_is_told_from_what_will_not() {
    let refused = async |replies| {
        let sink = MailSink::start(replies).await;
        mailer(&sink.url()).send(message()).await.unwrap_err()
    };
    let full = refused(Replies { to_recipient: "550 5.1.1 No such\tuser", ..Replies::default() }).await;
    assert_eq!(full, MailError::Permanent("The mail server refused it (550 5.1.1 No such user).".into()));
    let busy = refused(Replies { to_data: "451 4.7.1 Come back later.", ..Replies::default() }).await;
    assert_eq!(busy, MailError::Passing("The mail server did not take it yet (451 4.7.1 Come back later).".into()));
    let stranger = refused(Replies { to_sender: "530 5.7.0 Authentication required", ..Replies::default() }).await;
    assert!(matches!(stranger, MailError::Passing(_)), "{stranger:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_may_come_back() {
    let url = MailSink::start(Replies::default()).await.url();
    // The listener is gone with its last owner.
    let error = mailer(&url).send(message()).await.unwrap_err();
    let MailError::Passing(words) = error else { panic!("{error:?}") };
    assert!(words.starts_with("The mail server is not reached ("), "{words}");
}

#[test]
fn settings_that_are_wrong_are_told_without_their_password() {
    let bad = Mailer::new(&Masked::new("http://u:hidden@mail.example"), "desk@example.com").unwrap_err();
    assert_eq!(bad, MailError::Settings("`http://u:***@mail.example` is no address of a mail server.".into()));
    let bad = Mailer::new(&Masked::new("smtp://mail.example"), "the desk").unwrap_err();
    assert_eq!(bad, MailError::Settings("`the desk` is no sender that mail can come from.".into()));
}

#[tokio::test]
async fn a_name_cannot_add_a_line_to_the_head_of_a_message() {
    let sink = MailSink::start(Replies::default()).await;
    let hostile = Message { name: "Ada\r\nBcc: eve@example.com", subject: "Hi\r\nBcc: eve@example.com", ..message() };
    mailer(&sink.url()).send(hostile).await.unwrap();
    let [taken] = &sink.taken()[..] else { panic!("{:?}", sink.taken()) };
    assert!(!taken.data.lines().any(|line| line.starts_with("Bcc:")), "{}", taken.data);
}
