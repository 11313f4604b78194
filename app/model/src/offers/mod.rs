//! Offers: what is promised, to whom, where and when; and the two lifecycles, of a revision and of its publication.

mod content;
mod form;
mod lines;
mod parse;
mod publish;
mod state;
mod view;
mod words;

pub use content::*;
pub use form::*;
pub use lines::*;
pub use publish::*;
pub use state::*;
pub use view::*;
pub use words::{last_moment, until_shown, with_unit};
