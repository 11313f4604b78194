//! A draft's columns and its content: two shapes of one thing.

use crate::{Error, Result, pictures};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use model::{
    Currency, Money, Timestamp,
    offers::{
        CashBack, Conditions, Contract, FundedBy, Funding, Limits, OfferContent, OfferKind, OfferValue, PlaceScope, Places,
        Redemption, RedemptionMethod, Texts, Validity,
    },
    time::{Weekdays, ZoneMode},
};
use sqlx::postgres::types::PgRange;
use std::{ops::Bound, str::FromStr};
use uuid::Uuid;

/// The columns of `offers`, with the chosen locations and categories beside them.
pub(super) struct DraftRow {
    pub id: Uuid,
    pub short_id: String,
    pub version: i64,
    pub merchant_id: Uuid,
    pub client_id: Option<Uuid>,
    pub updated_at: Timestamp,
    pub archived_at: Option<Timestamp>,
    pub revision_draft_version: Option<i64>,
    pub headline: String,
    pub summary: String,
    pub terms: String,
    pub exclusions: String,
    pub how_to_redeem: String,
    pub currency: String,
    pub kind: String,
    pub value_basis_points: Option<i32>,
    pub value_minor: Option<i64>,
    pub value_buy: Option<i32>,
    pub value_get: Option<i32>,
    pub value_hundredths: Option<i32>,
    pub value_text: Option<String>,
    pub minimum_spend_minor: Option<i64>,
    pub largest_discount_minor: Option<i64>,
    pub face_value_minor: Option<i64>,
    pub estimated_saving_minor: Option<i64>,
    pub combinable: bool,
    pub new_customers_only: bool,
    pub minimum_age: Option<i16>,
    pub place_scope: String,
    pub rule_regions: Vec<String>,
    pub rule_cities: Vec<String>,
    pub rule_postal_prefixes: Vec<String>,
    pub online_url: Option<String>,
    pub online_regions: Vec<String>,
    pub tags: Vec<String>,
    pub zone: Option<String>,
    pub valid_from: Option<NaiveDateTime>,
    pub valid_until: Option<NaiveDateTime>,
    pub weekdays: i16,
    pub hours_from: Option<NaiveTime>,
    pub hours_until: Option<NaiveTime>,
    pub blackout: Vec<PgRange<NaiveDate>>,
    pub redemption: String,
    pub shared_code: Option<String>,
    pub redeem_url: Option<String>,
    pub limit_member_day: Option<i32>,
    pub limit_member_week: Option<i32>,
    pub limit_member_month: Option<i32>,
    pub limit_member_ever: Option<i32>,
    pub limit_total: Option<i32>,
    pub budget_minor: Option<i64>,
    pub funding: String,
    pub funding_merchant_basis_points: Option<i32>,
    pub contract_from: Option<NaiveDate>,
    pub contract_until: Option<NaiveDate>,
    pub contract_owner: Option<Uuid>,
    pub priority: i16,
    pub picture: Option<String>,
    pub picture_x: Option<i16>,
    pub picture_y: Option<i16>,
    pub picture_alt: Option<String>,
    pub locations: Vec<Uuid>,
    pub categories: Vec<Uuid>,
}

impl DraftRow {
    /// The content that the columns hold. The data base's checks keep the columns of one kind together.
    pub fn content(&self) -> Result<OfferContent> {
        let currency: Currency = word(&self.currency)?;
        let money = |minor: Option<i64>| minor.map(|minor| Money::new(minor, currency));
        Ok(OfferContent {
            merchant: self.merchant_id.into(),
            client: self.client_id.map(Into::into),
            texts: Texts {
                headline: self.headline.clone(),
                summary: self.summary.clone(),
                terms: self.terms.clone(),
                exclusions: self.exclusions.clone(),
                how_to_redeem: self.how_to_redeem.clone(),
            },
            currency,
            value: self.value()?,
            conditions: Conditions {
                minimum_spend: money(self.minimum_spend_minor),
                largest_discount: money(self.largest_discount_minor),
                face_value: money(self.face_value_minor),
                estimated_saving: money(self.estimated_saving_minor),
                combinable: self.combinable,
                new_customers_only: self.new_customers_only,
                minimum_age: self.minimum_age.map(|n| n as u8),
            },
            places: self.places()?,
            categories: self.categories.iter().copied().map(Into::into).collect(),
            tags: self.tags.clone(),
            validity: self.validity()?,
            redemption: self.redemption()?,
            limits: Limits {
                member_day: count(self.limit_member_day),
                member_week: count(self.limit_member_week),
                member_month: count(self.limit_member_month),
                member_ever: count(self.limit_member_ever),
                total: count(self.limit_total),
                budget: money(self.budget_minor),
            },
            contract: Contract {
                funding: self.funding()?,
                from: self.contract_from,
                until: self.contract_until,
                owner: self.contract_owner.map(Into::into),
                priority: self.priority,
            },
            picture: pictures::from_columns(
                self.picture.as_deref(),
                self.picture_x,
                self.picture_y,
                self.picture_alt.as_deref(),
            )?,
        })
    }

    fn value(&self) -> Result<OfferValue> {
        ValueColumns {
            kind: &self.kind,
            currency: &self.currency,
            basis_points: self.value_basis_points,
            minor: self.value_minor,
            buy: self.value_buy,
            get: self.value_get,
            hundredths: self.value_hundredths,
            text: self.value_text.clone(),
        }
        .value()
    }

    fn places(&self) -> Result<Places> {
        Ok(match word(&self.place_scope)? {
            PlaceScope::All => Places::All,
            PlaceScope::Some => Places::Some { locations: self.locations.iter().copied().map(Into::into).collect() },
            PlaceScope::Rule => Places::Rule {
                regions: self.rule_regions.clone(),
                cities: self.rule_cities.clone(),
                postal_prefixes: self.rule_postal_prefixes.clone(),
            },
            PlaceScope::Online => Places::Online { url: present(self.online_url.clone())?, regions: self.online_regions.clone() },
        })
    }

    fn validity(&self) -> Result<Validity> {
        Ok(Validity {
            zone: self.zone.clone().map_or(ZoneMode::EachLocation, |zone| ZoneMode::OneZone { zone }),
            from: self.valid_from,
            until: self.valid_until,
            days: Weekdays(self.weekdays as u8),
            hours: self.hours_from.zip(self.hours_until),
            blackout: self.blackout.iter().map(stretch).collect::<Result<_>>()?,
        })
    }

    fn redemption(&self) -> Result<Redemption> {
        Ok(match word(&self.redemption)? {
            RedemptionMethod::Token => Redemption::Token,
            RedemptionMethod::SingleUseCode => Redemption::SingleUseCode,
            RedemptionMethod::SharedCode => Redemption::SharedCode { code: present(self.shared_code.clone())? },
            RedemptionMethod::Link => Redemption::Link { url: present(self.redeem_url.clone())? },
            RedemptionMethod::CardLinked => Redemption::CardLinked,
        })
    }

    fn funding(&self) -> Result<Funding> {
        Ok(match word(&self.funding)? {
            FundedBy::Merchant => Funding::Merchant,
            FundedBy::Operator => Funding::Operator,
            FundedBy::Shared => Funding::Shared { merchant_basis_points: present(count(self.funding_merchant_basis_points))? },
        })
    }
}

/// The columns that hold an offer's value; which of them are filled depends on the kind.
pub(super) struct ValueColumns<'a> {
    pub kind: &'a str,
    pub currency: &'a str,
    pub basis_points: Option<i32>,
    pub minor: Option<i64>,
    pub buy: Option<i32>,
    pub get: Option<i32>,
    pub hundredths: Option<i32>,
    pub text: Option<String>,
}

impl ValueColumns<'_> {
    pub fn value(&self) -> Result<OfferValue> {
        let currency: Currency = word(self.currency)?;
        let money = || present(self.minor).map(|minor| Money::new(minor, currency));
        let share = || present(count(self.basis_points));
        Ok(match word(self.kind)? {
            OfferKind::PercentOff => OfferValue::PercentOff { basis_points: share()? },
            OfferKind::AmountOff => OfferValue::AmountOff { amount: money()? },
            OfferKind::FixedPrice => OfferValue::FixedPrice { price: money()? },
            OfferKind::BuyGet => {
                OfferValue::BuyGet { buy: present(count(self.buy))?, get: present(count(self.get))?, basis_points: share()? }
            }
            OfferKind::FreeItem => OfferValue::FreeItem { item: present(self.text.clone())? },
            OfferKind::CashBack => OfferValue::CashBack {
                back: match count(self.basis_points) {
                    Some(share) => CashBack::BasisPoints(share),
                    None => CashBack::Amount(money()?),
                },
            },
            OfferKind::PointsMultiplier => OfferValue::PointsMultiplier { hundredths: present(count(self.hundredths))? },
            OfferKind::Other => OfferValue::Other { text: present(self.text.clone())? },
        })
    }
}

/// The columns that depend on the kind of value, redemption, place and funding; all others are read off the content.
#[derive(Default)]
pub(super) struct Columns {
    pub value_basis_points: Option<i32>,
    pub value_minor: Option<i64>,
    pub value_buy: Option<i32>,
    pub value_get: Option<i32>,
    pub value_hundredths: Option<i32>,
    pub value_text: Option<String>,
    pub rule_regions: Vec<String>,
    pub rule_cities: Vec<String>,
    pub rule_postal_prefixes: Vec<String>,
    pub online_url: Option<String>,
    pub online_regions: Vec<String>,
    pub locations: Vec<Uuid>,
    pub shared_code: Option<String>,
    pub redeem_url: Option<String>,
    pub funding_merchant_basis_points: Option<i32>,
    pub zone: Option<String>,
    pub blackout: Vec<PgRange<NaiveDate>>,
}

impl Columns {
    pub fn of(content: &OfferContent) -> Self {
        let mut columns = Self::default();
        match &content.value {
            OfferValue::PercentOff { basis_points } => columns.value_basis_points = Some(*basis_points as i32),
            OfferValue::AmountOff { amount: money } | OfferValue::FixedPrice { price: money } => {
                columns.value_minor = Some(money.minor)
            }
            OfferValue::BuyGet { buy, get, basis_points } => {
                columns.value_buy = Some(*buy as i32);
                columns.value_get = Some(*get as i32);
                columns.value_basis_points = Some(*basis_points as i32);
            }
            OfferValue::FreeItem { item: text } | OfferValue::Other { text } => columns.value_text = Some(text.clone()),
            OfferValue::CashBack { back: CashBack::BasisPoints(share) } => columns.value_basis_points = Some(*share as i32),
            OfferValue::CashBack { back: CashBack::Amount(amount) } => columns.value_minor = Some(amount.minor),
            OfferValue::PointsMultiplier { hundredths } => columns.value_hundredths = Some(*hundredths as i32),
        }
        match &content.places {
            Places::All => {}
            Places::Some { locations } => columns.locations = locations.iter().map(|id| id.0).collect(),
            Places::Rule { regions, cities, postal_prefixes } => {
                columns.rule_regions = regions.clone();
                columns.rule_cities = cities.clone();
                columns.rule_postal_prefixes = postal_prefixes.clone();
            }
            Places::Online { url, regions } => {
                columns.online_url = Some(url.clone());
                columns.online_regions = regions.clone();
            }
        }
        match &content.redemption {
            Redemption::SharedCode { code } => columns.shared_code = Some(code.clone()),
            Redemption::Link { url } => columns.redeem_url = Some(url.clone()),
            Redemption::Token | Redemption::SingleUseCode | Redemption::CardLinked => {}
        }
        if let Funding::Shared { merchant_basis_points } = content.contract.funding {
            columns.funding_merchant_basis_points = Some(merchant_basis_points as i32);
        }
        if let ZoneMode::OneZone { zone } = &content.validity.zone {
            columns.zone = Some(zone.clone());
        }
        columns.blackout = content.validity.blackout.iter().map(|(from, until)| PgRange::from(*from..=*until)).collect();
        columns
    }
}

fn word<T: FromStr>(word: &str) -> Result<T> {
    word.trim().parse().map_err(|_| Error::fault(format!("an offer's column holds the unknown word {word:?}")))
}

fn present<T>(value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::fault("an offer's column that its kind needs is empty"))
}

fn count(n: Option<i32>) -> Option<u32> {
    n.and_then(|n| u32::try_from(n).ok())
}

/// First and last day of a range, which Postgres hands back as half-open.
fn stretch(range: &PgRange<NaiveDate>) -> Result<(NaiveDate, NaiveDate)> {
    let first = match range.start {
        Bound::Included(day) => Some(day),
        Bound::Excluded(day) => day.succ_opt(),
        Bound::Unbounded => None,
    };
    let last = match range.end {
        Bound::Included(day) => Some(day),
        Bound::Excluded(day) => day.pred_opt(),
        Bound::Unbounded => None,
    };
    first.zip(last).ok_or_else(|| Error::fault("a black-out range has no end"))
}
