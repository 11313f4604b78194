//! What use cases return: an answer for the caller, or a fault of ours that `read` and `write` log and hide.

use model::{
    AppError, FieldErrors, accounts::AccountRefusal, jobs::JobRefusal, mail::MailRefusal, merchants::MerchantRefusal,
    offers::OfferRefusal,
};

pub type Result<T> = std::result::Result<T, Error>;

/// Either something the caller is told, or a fault that only the log is told.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    App(#[from] AppError),
    #[error("{0}")]
    Fault(Box<dyn std::error::Error + Send + Sync>),
}

macro_rules! from {
    ($($app:ty),+ => App; $($fault:ty),+ => Fault) => {
        $(impl From<$app> for Error {
            fn from(error: $app) -> Self {
                Self::App(error.into())
            }
        })+
        $(impl From<$fault> for Error {
            fn from(error: $fault) -> Self {
                Self::Fault(Box::new(error))
            }
        })+
    };
}

from! {
    FieldErrors, AccountRefusal, JobRefusal, MailRefusal, MerchantRefusal, OfferRefusal => App;
    serde_json::Error, kit::queue::QueueError => Fault
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code());
        if code.is_some_and(|code| [NO_TEXT, NO_JSON].contains(&&*code)) {
            return Self::App(AppError::BadRequest("it holds a character that no text may have.".to_owned()));
        }
        Self::Fault(Box::new(error))
    }
}

/// Postgres' codes for a text, and for a text in JSON, that it cannot hold: one with a NUL. Rust's texts may have it, so
/// only what a caller sent can be the cause, through whichever door it came.
const NO_TEXT: &str = "22021";
const NO_JSON: &str = "22P05";

impl Error {
    /// A broken promise of our own data, in words for the log.
    pub fn fault(message: impl Into<String>) -> Self {
        Self::Fault(message.into().into())
    }

    /// What the caller is told. A fault is logged here, and only here.
    pub fn answer(self) -> AppError {
        match self {
            Self::App(error) => error,
            Self::Fault(fault) => {
                tracing::error!(error = %fault, "fault");
                AppError::Internal
            }
        }
    }
}

/// Whether a statement failed because of the named constraint.
pub(crate) fn violates(error: &sqlx::Error, constraint: &str) -> bool {
    error.as_database_error().is_some_and(|e| e.constraint() == Some(constraint))
}
