//! The one error that callers see, whichever door they came through.

use crate::{
    FieldErrors, Timestamp, Version, accounts::AccountRefusal, codec::JsonText, jobs::JobRefusal, mail::MailRefusal,
    merchants::MerchantRefusal, offers::OfferRefusal,
};
use serde::{Deserialize, Serialize};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// What a use case answers when it does not do what was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub enum AppError {
    #[error("Sign in to go on.")]
    Unauthenticated,
    #[error("Set up your second factor first: your role demands one.")]
    SecondFactorWanted,
    #[error("Your role does not allow this. Ask an administrator if it should.")]
    Forbidden,
    #[error("There is nothing here. It may have been moved, or the address is mistyped.")]
    NotFound,
    #[error("{0}")]
    Invalid(FieldErrors),
    #[error("{0}")]
    Refused(Refusal),
    #[error("{0}")]
    Conflict(Box<Conflict>),
    /// The request itself could not be read: arguments missing or of the wrong type.
    #[error("The request could not be read: {0}")]
    BadRequest(String),
    #[error("Too many tries. Wait {retry_after} seconds and try again.")]
    TooMany {
        /// Seconds until the next try is let through.
        retry_after: u32,
    },
    #[error("Something failed on our side; nothing was changed. Try again, and tell your administrator if it stays so.")]
    Internal,
}

impl AppError {
    /// The HTTP status for this error, the same on every door.
    pub fn status(&self) -> u16 {
        match self {
            Self::BadRequest(_) => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden | Self::SecondFactorWanted => 403,
            Self::NotFound => 404,
            Self::Conflict(_) | Self::Refused(_) => 409,
            Self::Invalid(_) => 422,
            Self::TooMany { .. } => 429,
            Self::Internal => 500,
        }
    }

    /// The messages that belong to fields, empty for every other error.
    pub fn field_errors(&self) -> FieldErrors {
        match self {
            Self::Invalid(errors) => errors.clone(),
            _ => FieldErrors::default(),
        }
    }
}

impl From<FieldErrors> for AppError {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl<R: Into<Refusal>> From<R> for AppError {
    fn from(refusal: R) -> Self {
        Self::Refused(refusal.into())
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(why) | ServerFnErrorErr::MissingArg(why) | ServerFnErrorErr::Deserialization(why) => {
                Self::BadRequest(why)
            }
            _ => Self::Internal,
        }
    }
}

/// A rule of the business said no. Each module has its own list, so that clients can match on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Account(#[from] AccountRefusal),
    #[error(transparent)]
    Job(#[from] JobRefusal),
    #[error(transparent)]
    Mail(#[from] MailRefusal),
    #[error(transparent)]
    Merchant(#[from] MerchantRefusal),
    #[error(transparent)]
    Offer(#[from] OfferRefusal),
}

/// Somebody else saved first. Both versions, field by field, so that the person can choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{by} saved this while you were editing. Nothing was lost: choose what to keep, field by field.")]
pub struct Conflict {
    /// The version that stands now; the next save must name it.
    pub current: Version,
    pub by: String,
    pub at: Timestamp,
    /// Only the fields that differ.
    pub fields: Vec<FieldDiff>,
}

/// One field in two versions, as raw form strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDiff {
    /// The form field's name.
    pub name: String,
    pub label: String,
    pub mine: String,
    pub theirs: String,
    /// What both started from, where it is known.
    #[serde(default)]
    pub base: Option<String>,
}
