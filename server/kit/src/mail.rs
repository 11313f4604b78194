//! Mail over SMTP: one message to one recipient, text and HTML, with TLS by rustls.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::transport::smtp::Error as SmtpError;
use lettre::{Address, AsyncTransport as _, Tokio1Executor};

use crate::secret::Masked;

/// How long a server may take over one message, from the connection to its last word. lettre's own limit ends with the
/// connection: a server that falls silent after it would keep a worker for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why mail cannot be sent, or was not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The settings name no server or no sender.
    #[error("{0}")]
    Settings(String),
    /// It may go well later: the server is not reached, is busy, or does not know our password yet.
    #[error("{0}")]
    Passing(String),
    /// The server will not take this message, whenever it is tried.
    #[error("{0}")]
    Permanent(String),
}

/// A message to one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'a> {
    /// What stands before the `@` of the message's id. A message that is sent again keeps it, so that a mail box may tell.
    pub id: &'a str,
    /// Name of the recipient; may be empty.
    pub name: &'a str,
    pub address: &'a str,
    pub subject: &'a str,
    pub text: &'a str,
    pub html: &'a str,
}

/// The way to a mail server. Each message has a connection of its own.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mailer(from {})", self.from)
    }
}

impl Mailer {
    /// `url` is `smtps://user:password@host:465`, or `smtp://..` with `?tls=required` for STARTTLS; without that it is plain.
    /// `from` is an address, or a name and an address in `<>`.
    pub fn new(url: &Masked, from: &str) -> Result<Mailer, MailError> {
        let from = from.parse().map_err(|_| MailError::Settings(format!("`{from}` is no sender that mail can come from.")))?;
        // The error could quote the URL, and with it the password.
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.reveal())
            .map_err(|_| MailError::Settings(format!("`{url}` is no address of a mail server.")))?;
        Ok(Mailer { transport: builder.timeout(Some(PATIENCE)).build(), from })
    }

    /// Hands a message to the server; returns once that has taken it.
    pub async fn send(&self, message: Message<'_>) -> Result<(), MailError> {
        let message = self.compose(message)?;
        match tokio::time::timeout(PATIENCE, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(judge(&error)),
            Err(_) => Err(MailError::Passing("The mail server fell silent.".to_owned())),
        }
    }

    fn compose(&self, message: Message<'_>) -> Result<lettre::Message, MailError> {
        let Message { id, name, address, subject, text, html } = message;
        let unfit = |what: &str| MailError::Permanent(format!("{what} cannot stand in a mail."));
        let to: Address = address.parse().map_err(|_| unfit("The recipient's address"))?;
        // lettre panics over a name with a control character.
        let (name, subject) = (one_line(name), one_line(subject));
        let name = (!name.is_empty()).then_some(name);
        lettre::Message::builder()
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .from(self.from.clone())
            .to(Mailbox::new(name, to))
            .subject(subject)
            .multipart(MultiPart::alternative_plain_html(text.to_owned(), html.to_owned()))
            .map_err(|_| unfit("Something in it"))
    }
}

/// Tells what may pass from what will not.
fn judge(error: &SmtpError) -> MailError {
    /// Replies to our user and password (RFC 4954): the settings are wrong, not the message.
    const NOT_LET_IN: [u16; 4] = [530, 534, 535, 538];
    let cause = error.source().map(|cause| one_line(&cause.to_string())).unwrap_or_default();
    let cause = cause.trim_end_matches('.');
    match error.status().map(u16::from) {
        Some(code) if NOT_LET_IN.contains(&code) => {
            MailError::Passing(format!("The mail server refused our user or password ({code} {cause})."))
        }
        Some(code) if error.is_permanent() => MailError::Permanent(format!("The mail server refused it ({code} {cause}).")),
        Some(code) => MailError::Passing(format!("The mail server did not take it yet ({code} {cause}).")),
        // Our own side: an address with letters that the server cannot take, or no way of signing in that both know.
        None if error.is_client() => MailError::Permanent(format!("The mail server cannot be given it ({cause}).")),
        None => MailError::Passing(format!(
            "The mail server is not reached ({}).",
            if cause.is_empty() { "no reason" } else { cause }
        )),
    }
}

/// Words from elsewhere, which may have many lines, for the head of a message or as a part of our sentence.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 300;
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

#[cfg(test)]
mod sink;
#[cfg(test)]
mod tests;
