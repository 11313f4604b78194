//! Mail that the server writes: what kinds there are, and what became of each.

use crate::{AccountId, MailId, Timestamp};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    Invitation,
    PasswordReset,
    PasswordChanged,
    SecondFactorChanged,
    /// Something that the people who keep the server should know.
    Notice,
}

impl MailKind {
    const ALL: [Self; 5] =
        [Self::Invitation, Self::PasswordReset, Self::PasswordChanged, Self::SecondFactorChanged, Self::Notice];

    /// The word in the data base.
    pub fn word(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged => "password_changed",
            Self::SecondFactorChanged => "second_factor_changed",
            Self::Notice => "notice",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Invitation => "Invitation",
            Self::PasswordReset => "Password reset",
            Self::PasswordChanged => "Password changed",
            Self::SecondFactorChanged => "Second factor changed",
            Self::Notice => "Notice",
        }
    }
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// To be sent, perhaps again after a try that failed.
    Waiting,
    /// A mail server took it.
    Sent,
    /// It is not tried again by itself.
    Failed,
    /// No mail server is set: it can be read at the desk.
    Held,
}

impl MailState {
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Sent, Self::Failed, Self::Held];

    /// The word in the data base and in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Held => "held",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Sent => "Sent",
            Self::Failed => "Failed",
            Self::Held => "Held",
        }
    }

    /// A mail server took it.
    pub fn sent(self) -> Option<Self> {
        (self == Self::Waiting).then_some(Self::Sent)
    }

    /// It was tried for the last time.
    pub fn failed(self) -> Option<Self> {
        (self == Self::Waiting).then_some(Self::Failed)
    }

    /// There is no mail server to give it to.
    pub fn held(self) -> Option<Self> {
        (self == Self::Waiting).then_some(Self::Held)
    }

    /// Somebody asked for one more try.
    pub fn retried(self) -> Option<Self> {
        matches!(self, Self::Failed | Self::Held).then_some(Self::Waiting)
    }
}

/// The word names nothing here.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no kind or state of a mail.")]
pub struct UnknownWord(String);

impl FromStr for MailKind {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.word() == word).ok_or_else(|| UnknownWord(word.to_owned()))
    }
}

impl FromStr for MailState {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.word() == word).ok_or_else(|| UnknownWord(word.to_owned()))
    }
}

impl fmt::Display for MailState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Why a mail's rule said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum MailRefusal {
    #[error("This mail is on its way or was sent. Only one that failed or is held can be tried again.")]
    NotRetriable,
    #[error("The link in this mail is worth nothing any more. Make a new one on the account's page.")]
    LinkGone,
}

/// A mail in the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mail {
    pub id: MailId,
    pub kind: MailKind,
    pub state: MailState,
    pub name: String,
    pub email: String,
    pub subject: String,
    pub created_at: Timestamp,
}

/// A mail on its own page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MailRecord {
    pub mail: Mail,
    /// The account that it is for, if it is for one.
    pub account: Option<AccountId>,
    /// Its text as it is, or would be, sent. A link that is gone is replaced by words.
    pub text: String,
    /// Whether it holds a link that lets its bearer in.
    pub has_secret: bool,
    pub tries: u32,
    /// Since when it is in its state.
    pub since: Timestamp,
    /// Why the last try failed, or why it is held.
    pub problem: Option<String>,
}

/// What to list; an empty field matches everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailQuery {
    pub state: String,
    pub after: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use MailState::*;

    #[test]
    fn what_is_sent_stays_sent_and_what_failed_or_is_held_can_be_tried_again() {
        for state in MailState::ALL {
            let waits = state == Waiting;
            assert_eq!([state.sent(), state.failed(), state.held()], [Sent, Failed, Held].map(|next| waits.then_some(next)));
            assert_eq!(state.retried(), matches!(state, Failed | Held).then_some(Waiting));
        }
    }

    #[test]
    fn words_in_the_data_base_are_read_back() {
        assert!(MailState::ALL.into_iter().all(|state| state.word().parse::<MailState>().ok() == Some(state)));
        assert!(MailKind::ALL.into_iter().all(|kind| kind.word().parse::<MailKind>().ok() == Some(kind)));
        assert!("lost".parse::<MailState>().is_err());
    }
}
