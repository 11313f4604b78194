//! The words of demo offers: from a brand's name, its category and a seed, an offer whose texts and numbers agree.
//!
//! What a category sells and how it speaks stands in `data/items.tsv` and `data/phrases.tsv`; the sentences here hold for all
//! of them. Everything is a pure function of its arguments, so that a demo can be loaded again the same.

mod draft;
mod prose;
mod templates;
#[cfg(test)]
mod tests;
mod vocabulary;

use draft::Draft;
use vocabulary::TRADES;

/// The kinds of value, as in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    PercentOff,
    AmountOff,
    FixedPrice,
    BuyGet,
    FreeItem,
    CashBack,
    Points,
    Other,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::PercentOff,
        Self::AmountOff,
        Self::FixedPrice,
        Self::BuyGet,
        Self::FreeItem,
        Self::CashBack,
        Self::Points,
        Self::Other,
    ];
}

/// What the member gets. Money is in cents of a US dollar, shares are in basis points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    PercentOff {
        basis_points: u32,
    },
    AmountOff {
        cents: i64,
    },
    FixedPrice {
        cents: i64,
    },
    BuyGet {
        buy: u32,
        get: u32,
        basis_points: u32,
    },
    FreeItem {
        item: String,
    },
    CashBackShare {
        basis_points: u32,
    },
    CashBackAmount {
        cents: i64,
    },
    /// 300 is three times the points.
    Points {
        hundredths: u32,
    },
    Other {
        text: String,
    },
}

/// What a member shows or uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Token,
    SingleUseCode,
    SharedCode,
    Link,
    CardLinked,
}

/// Where the offer is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    AllLocations,
    SomeLocations,
    Online,
}

/// What an offer is to be about. The texts follow whatever stands here, so choose what fits: a token for locations, a link for
/// [`Reach::Online`], a linked card for a share or an amount off, for cash back and for points.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    pub brand: &'a str,
    /// The slug of a leaf category.
    pub category: &'a str,
    pub kind: Kind,
    pub method: Method,
    pub reach: Reach,
}

/// An offer in words, with the numbers that the words name. Terms, exclusions and how to redeem are Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    pub value: Value,
    pub headline: String,
    pub summary: String,
    pub terms: String,
    pub exclusions: String,
    pub how_to_redeem: String,
    /// Cents.
    pub minimum_spend: Option<i64>,
    /// Cents; set for shares only, where the discount has no other bound.
    pub largest_discount: Option<i64>,
    /// Cents: what the thing costs otherwise.
    pub face_value: Option<i64>,
    /// Cents, for one use.
    pub estimated_saving: Option<i64>,
    pub combinable: bool,
    pub new_customers_only: bool,
    /// Years.
    pub minimum_age: Option<u8>,
}

/// The kinds of offer that make sense in a leaf category; none when there is no such leaf.
pub fn kinds(category: &str) -> Vec<Kind> {
    let Some(trade) = TRADES.get(category) else { return Vec::new() };
    let has = |kind: &Kind| match kind {
        Kind::FixedPrice => !trade.items.is_empty(),
        Kind::BuyGet => trade.items.iter().any(|item| item.several),
        _ => true,
    };
    Kind::ALL.into_iter().filter(has).collect()
}

/// Whether a leaf category is bought from afar: things that are sent, and stays, trips and policies that are booked.
pub fn sells_online(category: &str) -> bool {
    TRADES.get(category).is_some_and(|trade| !trade.voice.on_site)
}

/// Writes an offer. None when the category is no leaf or does not carry the kind: see [`kinds`].
pub fn offer(setting: &Setting, seed: u64) -> Option<Wording> {
    let trade = TRADES.get(setting.category)?;
    kinds(setting.category).contains(&setting.kind).then(|| Draft::new(setting, trade, seed).write())
}
