//! What the member site is made of: its frame, the offer in a grid, on its page and in search.

mod frame;
mod offer;
mod picture;

pub use frame::{Facets, Hero, SiteFrame};
pub use offer::{Cover, HUES, KeyFact, KeyFacts, LONG_VALUE, OfferCard, OfferGrid};
pub use picture::{CoverSize, Picture};
