//! The checked content of an offer: the draft, and word for word the snapshot of a revision.

use crate::{
    AccountId, CategoryId, ClientId, Currency, LocationId, MerchantId, Money,
    pictures::Picture,
    time::{Weekdays, ZoneMode},
};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Everything that a revision binds. Field order is part of the content hash: add at the end, with a default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferContent {
    pub merchant: MerchantId,
    /// The one client whose programs may show it; none means all.
    pub client: Option<ClientId>,
    pub texts: Texts,
    /// The currency of every amount in the offer.
    pub currency: Currency,
    pub value: OfferValue,
    pub conditions: Conditions,
    pub places: Places,
    pub categories: Vec<CategoryId>,
    pub tags: Vec<String>,
    pub validity: Validity,
    pub redemption: Redemption,
    pub limits: Limits,
    pub contract: Contract,
    /// Left out where there is none, so that a revision from before there were pictures keeps its hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
}

/// What members read. Terms, exclusions and how to redeem are Markdown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Texts {
    pub headline: String,
    pub summary: String,
    pub terms: String,
    pub exclusions: String,
    pub how_to_redeem: String,
}

/// What the member gets. Percentages are basis points: 2,000 is 20 %.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OfferValue {
    PercentOff {
        basis_points: u32,
    },
    AmountOff {
        amount: Money,
    },
    FixedPrice {
        price: Money,
    },
    /// Buy some, get some more at a discount; 10,000 basis points make them free.
    BuyGet {
        buy: u32,
        get: u32,
        basis_points: u32,
    },
    FreeItem {
        item: String,
    },
    CashBack {
        back: CashBack,
    },
    /// Hundredths: 300 is three times the points.
    PointsMultiplier {
        hundredths: u32,
    },
    Other {
        text: String,
    },
}

/// Money back: a share of what was spent, or an amount.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CashBack {
    BasisPoints(u32),
    Amount(Money),
}

/// The kinds of value, as a list to choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferKind {
    PercentOff,
    AmountOff,
    FixedPrice,
    BuyGet,
    FreeItem,
    CashBack,
    PointsMultiplier,
    Other,
}

/// A closed list of words, the same in the data base, in forms and in addresses.
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal, $label:literal;)+ }) => {
        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }
        }

        impl FromStr for $name {
            type Err = ();
            fn from_str(s: &str) -> Result<Self, ()> {
                Self::ALL.iter().copied().find(|x| x.word() == s).ok_or(())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}
pub(crate) use words;

words!(OfferKind {
    PercentOff = "percent_off", "Percent off";
    AmountOff = "amount_off", "Amount off";
    FixedPrice = "fixed_price", "Fixed price";
    BuyGet = "buy_get", "Buy some, get some";
    FreeItem = "free_item", "Free item";
    CashBack = "cash_back", "Cash back";
    PointsMultiplier = "points_multiplier", "Points multiplier";
    Other = "other", "Something else";
});

impl OfferValue {
    pub fn kind(&self) -> OfferKind {
        match self {
            Self::PercentOff { .. } => OfferKind::PercentOff,
            Self::AmountOff { .. } => OfferKind::AmountOff,
            Self::FixedPrice { .. } => OfferKind::FixedPrice,
            Self::BuyGet { .. } => OfferKind::BuyGet,
            Self::FreeItem { .. } => OfferKind::FreeItem,
            Self::CashBack { .. } => OfferKind::CashBack,
            Self::PointsMultiplier { .. } => OfferKind::PointsMultiplier,
            Self::Other { .. } => OfferKind::Other,
        }
    }

    /// The value as a card shows it in large type: `20% off`, `2 for 1`, `Free dessert`.
    pub fn shown(&self) -> String {
        match self {
            Self::PercentOff { basis_points } => format!("{}% off", percent(*basis_points)),
            Self::AmountOff { amount } => format!("{} off", amount.shown()),
            Self::FixedPrice { price } => format!("Only {}", price.shown()),
            Self::BuyGet { buy, get, basis_points: 10_000 } if *buy == *get => format!("{} for {buy}", buy + get),
            Self::BuyGet { buy, get, basis_points: 10_000 } => format!("Buy {buy}, get {get} free"),
            Self::BuyGet { buy, get, basis_points } => format!("Buy {buy}, get {get} at {}% off", percent(*basis_points)),
            Self::FreeItem { item } => format!("Free {item}"),
            Self::CashBack { back: CashBack::BasisPoints(share) } => format!("{}% cash back", percent(*share)),
            Self::CashBack { back: CashBack::Amount(amount) } => format!("{} cash back", amount.shown()),
            Self::PointsMultiplier { hundredths } => format!("{}× points", percent(*hundredths)),
            Self::Other { text } => text.clone(),
        }
    }
}

/// Hundredths without needless zeros: 1,250 is `12.5`.
pub fn percent(hundredths: u32) -> String {
    match (hundredths / 100, hundredths % 100) {
        (whole, 0) => whole.to_string(),
        (whole, rest) if rest % 10 == 0 => format!("{whole}.{}", rest / 10),
        (whole, rest) => format!("{whole}.{rest:02}"),
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Conditions {
    pub minimum_spend: Option<Money>,
    pub largest_discount: Option<Money>,
    pub face_value: Option<Money>,
    pub estimated_saving: Option<Money>,
    /// May be used together with other offers.
    pub combinable: bool,
    pub new_customers_only: bool,
    /// Years.
    pub minimum_age: Option<u8>,
}

/// Where the offer applies: one record, never a copy for each store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum Places {
    /// Every location of the merchant, also those opened later.
    All,
    Some {
        locations: Vec<LocationId>,
    },
    /// Every location of the merchant that matches one of the words, also those opened later.
    Rule {
        regions: Vec<String>,
        cities: Vec<String>,
        postal_prefixes: Vec<String>,
    },
    /// No place at all; `regions` are ISO country codes or `US-NY`, empty for everywhere.
    Online {
        url: String,
        regions: Vec<String>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlaceScope {
    All,
    Some,
    Rule,
    Online,
}

words!(PlaceScope {
    All = "all", "All locations";
    Some = "some", "Some locations";
    Rule = "rule", "Locations by rule";
    Online = "online", "Online";
});

impl Places {
    pub fn scope(&self) -> PlaceScope {
        match self {
            Self::All => PlaceScope::All,
            Self::Some { .. } => PlaceScope::Some,
            Self::Rule { .. } => PlaceScope::Rule,
            Self::Online { .. } => PlaceScope::Online,
        }
    }
}

/// When it may be used: wall times, half-open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Validity {
    pub zone: ZoneMode,
    pub from: Option<NaiveDateTime>,
    pub until: Option<NaiveDateTime>,
    pub days: Weekdays,
    /// A window of each day; an end before its start goes past midnight.
    pub hours: Option<(NaiveTime, NaiveTime)>,
    /// First and last day of each stretch in which it cannot be used.
    pub blackout: Vec<(NaiveDate, NaiveDate)>,
}

/// What a member shows or uses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Redemption {
    /// A token on the member's screen.
    Token,
    /// A code of a pool, given to one member.
    SingleUseCode,
    /// One code for everybody.
    SharedCode {
        code: String,
    },
    Link {
        url: String,
    },
    /// The member's card is recognised when they pay.
    CardLinked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedemptionMethod {
    Token,
    SingleUseCode,
    SharedCode,
    Link,
    CardLinked,
}

words!(RedemptionMethod {
    Token = "token", "Token on the member's screen";
    SingleUseCode = "single_use_code", "Single-use code";
    SharedCode = "shared_code", "One code for everybody";
    Link = "link", "Link";
    CardLinked = "card_linked", "Linked card";
});

impl Redemption {
    pub fn method(&self) -> RedemptionMethod {
        match self {
            Self::Token => RedemptionMethod::Token,
            Self::SingleUseCode => RedemptionMethod::SingleUseCode,
            Self::SharedCode { .. } => RedemptionMethod::SharedCode,
            Self::Link { .. } => RedemptionMethod::Link,
            Self::CardLinked => RedemptionMethod::CardLinked,
        }
    }
}

/// How many redemptions there may be; none means no limit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    pub member_day: Option<u32>,
    pub member_week: Option<u32>,
    pub member_month: Option<u32>,
    pub member_ever: Option<u32>,
    pub total: Option<u32>,
    pub budget: Option<Money>,
}

/// What stands between operator and merchant; members never see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contract {
    pub funding: Funding,
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
    pub owner: Option<AccountId>,
    /// Higher stands first where nothing else decides; 0 to 100.
    pub priority: i16,
}

/// Who bears the discount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Funding {
    Merchant,
    Operator,
    /// The merchant's share in basis points; the operator bears the rest.
    Shared {
        merchant_basis_points: u32,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FundedBy {
    Merchant,
    Operator,
    Shared,
}

words!(FundedBy {
    Merchant = "merchant", "The merchant";
    Operator = "operator", "The operator";
    Shared = "shared", "Both, by share";
});

impl Funding {
    pub fn by(self) -> FundedBy {
        match self {
            Self::Merchant => FundedBy::Merchant,
            Self::Operator => FundedBy::Operator,
            Self::Shared { .. } => FundedBy::Shared,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_members_say_them() {
        let usd = |minor| Money::new(minor, Currency::USD);
        let cases = [
            (OfferValue::PercentOff { basis_points: 2000 }, "20% off"),
            (OfferValue::PercentOff { basis_points: 1250 }, "12.5% off"),
            (OfferValue::AmountOff { amount: usd(1000) }, "$10 off"),
            (OfferValue::BuyGet { buy: 1, get: 1, basis_points: 10_000 }, "2 for 1"),
            (OfferValue::BuyGet { buy: 2, get: 1, basis_points: 10_000 }, "Buy 2, get 1 free"),
            (OfferValue::BuyGet { buy: 2, get: 1, basis_points: 5_000 }, "Buy 2, get 1 at 50% off"),
            (OfferValue::PointsMultiplier { hundredths: 300 }, "3× points"),
        ];
        for (value, shown) in cases {
            assert_eq!(value.shown(), shown);
        }
    }
}
