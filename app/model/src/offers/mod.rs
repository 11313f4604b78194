//! Offers: what is promised, to whom, where and when; and the two lifecycles, of a revision and of its publication.

mod content;
mod form;
mod parse;
mod state;
mod view;

pub use content::*;
pub use form::*;
pub use state::*;
pub use view::*;
