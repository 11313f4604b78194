//! What mails say: every template, and the two forms that a letter is sent in.
//!
//! A letter holds paths, never addresses with a host: scheme and host come from the settings when it is written out.

use model::{
    AccountId, Timestamp,
    accounts::{FORGOT_PATH, PasswordLink},
    mail::MailKind,
    time::exact,
};
use serde::{Deserialize, Serialize};

/// A mail to be sent, as a template made it.
#[derive(Clone, Debug, PartialEq)]
pub struct NewMail {
    pub(super) kind: MailKind,
    pub(super) to: Recipient,
    pub(super) letter: Letter,
    pub(super) secret: Option<Secret>,
}

/// Whom a mail is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    pub account: Option<AccountId>,
    /// May be empty.
    pub name: String,
    pub email: String,
}

/// A link that lets its bearer in: kept apart from the letter, and no longer than it is worth something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Secret {
    pub path: String,
    pub until: Timestamp,
}

/// Subject and body, as they are stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Letter {
    pub subject: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Text(String),
    /// A page of the desk.
    Page {
        label: String,
        path: String,
    },
    /// Where the secret link stands.
    Secret {
        label: String,
    },
}

/// What stands in the place of a link that is gone.
const GONE: &str = "(this link is no longer kept)";

/// To somebody who has no password yet.
pub fn invitation(account: AccountId, link: &PasswordLink) -> NewMail {
    let letter = Letter {
        subject: "Your account at the Tessera desk".to_owned(),
        parts: vec![
            greeting(&link.name),
            text("An account was made for you at the Tessera desk. Set a password to begin."),
            Part::Secret { label: "Set your password".to_owned() },
            text(format!("The link works once, until {}. You sign in with this e-mail address.", exact(link.expires_at))),
        ],
    };
    with_link(MailKind::Invitation, account, link, letter)
}

/// To somebody who signs in through the provider alone, by the name that this has.
pub fn invitation_to_provider(to: Recipient, provider: &str) -> NewMail {
    let letter = Letter {
        subject: "Your account at the Tessera desk".to_owned(),
        parts: vec![
            greeting(&to.name),
            text("An account was made for you at the Tessera desk."),
            text(format!("You sign in through {provider}, where you must be known by this e-mail address.")),
            Part::Page { label: "To the desk".to_owned(), path: "/desk".to_owned() },
        ],
    };
    NewMail { kind: MailKind::Invitation, to, letter, secret: None }
}

/// To somebody who forgot their password, or for whom somebody else asked.
pub fn password_reset(account: AccountId, link: &PasswordLink) -> NewMail {
    let letter = Letter {
        subject: "Set a new password".to_owned(),
        parts: vec![
            greeting(&link.name),
            text("Somebody asked for a new password for your account at the Tessera desk."),
            Part::Secret { label: "Set a new password".to_owned() },
            text(format!("The link works once, until {}.", exact(link.expires_at))),
            text("Was it not you? Then do nothing: your password stays as it is."),
        ],
    };
    with_link(MailKind::PasswordReset, account, link, letter)
}

/// After a password was changed, by whatever way.
pub fn password_changed(to: Recipient, at: Timestamp) -> NewMail {
    let letter = Letter {
        subject: "Your password was changed".to_owned(),
        parts: vec![
            greeting(&to.name),
            text(format!("The password of your account at the Tessera desk was changed at {}.", exact(at))),
            text("Was it not you? Then set a new one at once, which signs everybody else out, and tell an administrator."),
            Part::Page { label: "Set a new password".to_owned(), path: FORGOT_PATH.to_owned() },
        ],
    };
    NewMail { kind: MailKind::PasswordChanged, to, letter, secret: None }
}

/// After a second factor was added or taken away; `change` is a sentence that says which.
pub fn second_factor_changed(to: Recipient, change: &str, at: Timestamp) -> NewMail {
    let letter = Letter {
        subject: "Your second factor was changed".to_owned(),
        parts: vec![
            greeting(&to.name),
            text(change),
            text(format!(
                "This was done at {}. Was it not you? Then set a new password at once, and tell an administrator.",
                exact(at)
            )),
            Part::Page { label: "Set a new password".to_owned(), path: FORGOT_PATH.to_owned() },
        ],
    };
    NewMail { kind: MailKind::SecondFactorChanged, to, letter, secret: None }
}

/// Something that an administrator should know, with the page of the desk that shows more: its label and its path.
pub fn notice(to: Recipient, subject: &str, paragraphs: &[String], page: Option<(&str, &str)>) -> NewMail {
    let mut parts = vec![greeting(&to.name)];
    parts.extend(paragraphs.iter().map(text));
    parts.extend(page.map(|(label, path)| Part::Page { label: label.to_owned(), path: path.to_owned() }));
    let letter = Letter { subject: subject.to_owned(), parts };
    NewMail { kind: MailKind::Notice, to, letter, secret: None }
}

/// Whether mail arrives at all.
pub fn test(email: &str) -> NewMail {
    let to = Recipient { account: None, name: String::new(), email: email.to_owned() };
    let paragraphs = ["This is a test. Mail from the Tessera desk arrives here.".to_owned()];
    notice(to, "A test of Tessera's mail", &paragraphs, Some(("To the desk", "/desk")))
}

fn with_link(kind: MailKind, account: AccountId, link: &PasswordLink, letter: Letter) -> NewMail {
    let to = Recipient { account: Some(account), name: link.name.clone(), email: link.email.clone() };
    let secret = Secret { path: link.path().to_owned(), until: link.expires_at };
    NewMail { kind, to, letter, secret: Some(secret) }
}

fn greeting(name: &str) -> Part {
    if name.is_empty() { text("Hello,") } else { text(format!("Hello {name},")) }
}

fn text(words: impl AsRef<str>) -> Part {
    // A name or a message from elsewhere must not look like paragraphs of ours.
    Part::Text(words.as_ref().split_whitespace().collect::<Vec<_>>().join(" "))
}

impl Letter {
    /// Whether it makes no sense without its secret link.
    pub fn has_secret(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Secret { .. }))
    }

    pub fn text(&self, desk_url: &str, secret: Option<&str>) -> String {
        let part = |part: &Part| match part {
            Part::Text(words) => words.clone(),
            Part::Page { label, path } => format!("{label}:\n{desk_url}{path}"),
            Part::Secret { label } => match secret {
                Some(path) => format!("{label}:\n{desk_url}{path}"),
                None => format!("{label}:\n{GONE}"),
            },
        };
        let mut text = self.parts.iter().map(part).collect::<Vec<_>>().join("\n\n");
        text.push('\n');
        text
    }

    pub fn html(&self, desk_url: &str, secret: Option<&str>) -> String {
        let link = |label: &str, path: &str| {
            let url = escape(&format!("{desk_url}{path}"));
            format!("<p><a href=\"{url}\">{}</a><br><small>{url}</small></p>", escape(label))
        };
        let part = |part: &Part| match part {
            Part::Text(words) => format!("<p>{}</p>", escape(words)),
            Part::Page { label, path } => link(label, path),
            Part::Secret { label } => match secret {
                Some(path) => link(label, path),
                None => format!("<p>{}: {GONE}</p>", escape(label)),
            },
        };
        let body: String = self.parts.iter().map(part).collect();
        let title = escape(&self.subject);
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
             <body style=\"font-family:sans-serif;line-height:1.5;max-width:36em\">{body}</body></html>"
        )
    }
}

/// A text inside HTML, between tags or in a quoted attribute.
fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut html, c| {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
        html
    })
}
