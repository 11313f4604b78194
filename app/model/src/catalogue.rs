//! What members see: cards, offer pages, merchant pages, and how they ask for them.
//!
//! Everything here is public. What stands between operator and merchant (contract, budget, client, codes, redemption links) has
//! no field.

use crate::{Cursor, categories::Category, merchants::OpenHours, offers::OfferKind};
use serde::{Deserialize, Serialize};

/// What a member looks for; empty fields match everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OfferSearch {
    pub q: String,
    /// A category's slug; its children count too.
    pub category: String,
    /// A ZIP code; results are then sorted by distance.
    pub near: String,
    pub after: String,
}

/// An offer on a card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferCard {
    /// `slug-shortid`, after `/offers/`.
    pub address: String,
    pub headline: String,
    /// In large type: `20% off`.
    pub value: String,
    pub kind: OfferKind,
    pub merchant: String,
    /// The first category's, for the generated cover: a name of the Lucide set.
    pub icon: String,
    /// 0 to 11, for the generated cover.
    pub hue: u8,
    /// Kilometres to its nearest place, when the member said where they are.
    pub distance_km: Option<f64>,
    pub online: bool,
    /// Its last day in words, such as `30 June`.
    pub until: Option<String>,
}

/// One page of results, with what the search was understood as.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferResults {
    pub cards: Vec<OfferCard>,
    pub next: Option<Cursor>,
    /// The search as it was carried out: what could not be understood is empty.
    pub search: OfferSearch,
    /// The place that `near` named, such as `New York, NY`.
    pub near: Option<String>,
    /// What was wrong with the search, a sentence each; the rest of it was used.
    pub notices: Vec<String>,
    pub category: Option<Category>,
    /// The whole tree, to choose from.
    pub categories: Vec<Category>,
}

/// The start page's content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Home {
    /// Those at the top of the tree.
    pub categories: Vec<Category>,
    pub newest: Vec<OfferCard>,
    pub ending_soon: Vec<OfferCard>,
}

/// An offer's own page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferPage {
    pub card: OfferCard,
    pub summary: String,
    /// Sanitised HTML, like the next two.
    pub terms: String,
    pub exclusions: String,
    pub how_to_redeem: String,
    /// The way of redeeming in one sentence.
    pub redemption: String,
    /// `slug-shortid`, after `/merchants/`.
    pub merchant_address: String,
    /// When it may be used, as phrases of one list.
    pub when: Vec<String>,
    /// Whether it may be used at this moment; if not, why, in one sentence.
    pub not_now: Option<String>,
    /// What it takes and where it ends: (label, value).
    pub facts: Vec<(String, String)>,
    pub places: Places,
    pub online_url: Option<String>,
    /// Where an online offer may be used, in codes such as `US` or `US-NY`; empty for everywhere.
    pub online_regions: Vec<String>,
    /// The first category with those above it, outermost first.
    pub categories: Vec<Category>,
    /// Schema.org JSON-LD, fit to stand in a script element.
    pub json_ld: String,
}

/// Where an offer or a merchant is found: the first places of a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Places {
    pub shown: Vec<Place>,
    /// How many there are in all.
    pub count: i64,
    /// The place that distances are measured from, when the member named one.
    pub near: Option<String>,
    /// What was wrong with the place the member named, in one sentence.
    pub notice: Option<String>,
}

/// One place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub name: Option<String>,
    pub address: String,
    /// Such as `Springfield, IL`.
    pub town: String,
    pub phone: Option<String>,
    pub hours: Vec<OpenHours>,
    /// Degrees north and east.
    pub point: Option<(f64, f64)>,
    /// Kilometres from where the member said they are.
    pub distance_km: Option<f64>,
    /// Why it is closed now, if it is.
    pub closed: Option<String>,
}

/// A merchant's own page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MerchantPage {
    /// `slug-shortid`, after `/merchants/`.
    pub address: String,
    pub name: String,
    pub brand: Option<String>,
    pub website: Option<String>,
    pub categories: Vec<Category>,
    /// For the generated cover, as on [`OfferCard`].
    pub icon: String,
    pub hue: u8,
    pub offers: Vec<OfferCard>,
    pub places: Places,
    /// Schema.org JSON-LD, fit to stand in a script element.
    pub json_ld: String,
}

/// A distance as people on the spot say it: `0.4 mi`, `12 mi`.
pub fn miles(km: f64) -> String {
    let miles = km / 1.609_344;
    if miles < 9.95 { format!("{miles:.1} mi") } else { format!("{miles:.0} mi") }
}

/// A `slug-shortid` as it stands in a URL: letters of other scripts escaped.
pub fn url_escaped(address: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    address.bytes().map(|b| if plain(b) { (b as char).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_told_in_miles_with_the_digits_that_matter() {
        for (km, words) in [(0.0, "0.0 mi"), (1.0, "0.6 mi"), (15.9, "9.9 mi"), (16.05, "10 mi"), (804.672, "500 mi")] {
            assert_eq!(miles(km), words, "{km}");
        }
    }

    #[test]
    fn letters_of_other_scripts_are_escaped_in_a_url() {
        assert_eq!(url_escaped("寿-abc"), "%E5%AF%BF-abc");
        assert_eq!(url_escaped("a b/c?\r\n"), "a%20b%2Fc%3F%0D%0A");
    }
}
