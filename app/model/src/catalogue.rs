//! What members see: cards, offer pages, merchant pages, and how they ask for them.

use crate::{categories::Category, merchants::OpenHours, offers::OfferKind};
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

/// What a member looks for; empty fields match everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// The first category, for the generated cover.
    pub icon: String,
    /// 0 to 11, for the generated cover.
    pub hue: u8,
    /// Kilometres to its nearest place, when the member said where they are.
    pub distance_km: Option<f64>,
    pub online: bool,
    pub valid_until: Option<NaiveDateTime>,
}

/// One page of results, with what the search was understood as.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferResults {
    pub cards: Vec<OfferCard>,
    pub next: Option<crate::Cursor>,
    /// The place that `near` named, such as `New York, NY`.
    pub near: Option<String>,
    /// What was wrong with the search, in one sentence; the rest of it was used.
    pub notice: Option<String>,
    pub category: Option<Category>,
}

/// The start page's content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Home {
    pub categories: Vec<Category>,
    pub newest: Vec<OfferCard>,
    pub ending_soon: Vec<OfferCard>,
}

/// An offer's own page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferPage {
    pub card: OfferCard,
    pub summary: String,
    /// Sanitised HTML.
    pub terms: String,
    pub exclusions: String,
    pub how_to_redeem: String,
    pub merchant_address: String,
    pub merchant_website: Option<String>,
    /// Short facts: what it takes and where it ends, (label, value).
    pub facts: Vec<(String, String)>,
    pub places: Vec<Place>,
    /// How many places there are in all; the page shows the first ones.
    pub place_count: i64,
    pub online_url: Option<String>,
    pub categories: Vec<Category>,
    /// Whether it may be used at this moment; if not, why, in one sentence.
    pub not_now: Option<String>,
    /// schema.org JSON-LD.
    pub json_ld: String,
}

/// A place where an offer can be used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub name: Option<String>,
    pub address: String,
    pub phone: Option<String>,
    pub hours: Vec<OpenHours>,
    /// Degrees north and east.
    pub point: Option<(f64, f64)>,
    /// Why it is closed now, if it is.
    pub closed: Option<String>,
}

/// A merchant's own page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MerchantPage {
    pub address: String,
    pub name: String,
    pub brand: Option<String>,
    pub website: Option<String>,
    pub categories: Vec<Category>,
    pub offers: Vec<OfferCard>,
    pub places: Vec<Place>,
    pub place_count: i64,
    pub json_ld: String,
}
