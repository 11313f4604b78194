//! The shared vocabulary: what the browser, the server and the public API all mean by a word.
//!
//! Pure: no input or output, no clock. The browser runs the same `parse` functions for instant
//! messages that the use cases run for real.

pub mod access;
pub mod accounts;
pub mod audit;
pub mod catalogue;
pub mod categories;
pub mod codec;
pub mod conflict;
pub mod error;
pub mod form;
pub mod ids;
pub mod jobs;
pub mod mail;
pub mod merchants;
pub mod money;
pub mod offers;
pub mod page;
pub mod pictures;
pub mod places;
pub mod sign_in;
pub mod slug;
pub mod time;

pub use error::{AppError, Conflict, FieldDiff, Refusal};
pub use form::{FieldError, FieldErrors};
pub use ids::*;
pub use money::{Currency, Money};
pub use page::{Cursor, Page};
pub use time::Timestamp;
