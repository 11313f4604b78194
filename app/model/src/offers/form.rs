//! The offer's form: raw strings as typed, one field a line, with the labels that messages and comparisons use.

use super::content::*;
use crate::{
    FieldDiff, Money, conflict,
    pictures::{Picture, PictureFields},
    time::{ZoneMode, time_field, wall_time_field},
};
use serde::{Deserialize, Serialize};

macro_rules! offer_form {
    ($($(#[$doc:meta])* $field:ident : $type:ty = $label:literal;)+) => {
        /// The offer's form, as typed.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct OfferForm {
            $($(#[$doc])* pub $field: $type,)+
        }

        impl OfferForm {
            /// Every field's name and label, in the order of the form.
            pub const FIELDS: &'static [(&'static str, &'static str)] = &[$((stringify!($field), $label)),+];
        }
    };
}

offer_form! {
    merchant: String = "Merchant";
    client: String = "Exclusive to client";
    headline: String = "Headline";
    summary: String = "Summary";
    kind: String = "Kind";
    percent: String = "Percent";
    amount: String = "Amount";
    buy: String = "Buy";
    get: String = "Get";
    item: String = "Free item";
    multiplier: String = "Multiplier";
    other_value: String = "Value in words";
    currency: String = "Currency";
    minimum_spend: String = "Minimum spend";
    largest_discount: String = "Largest discount";
    face_value: String = "Face value";
    estimated_saving: String = "Estimated saving";
    combinable: String = "May be combined";
    new_customers_only: String = "New customers only";
    minimum_age: String = "Minimum age";
    place_scope: String = "Where";
    locations: Vec<String> = "Locations";
    /// States or provinces, separated by commas.
    rule_regions: String = "States of the rule";
    rule_cities: String = "Cities of the rule";
    rule_postal_prefixes: String = "Postal codes of the rule";
    online_url: String = "Online address";
    online_regions: String = "Online regions";
    categories: Vec<String> = "Categories";
    /// Words separated by commas.
    tags: String = "Tags";
    /// Empty for each location's own clock, else an IANA zone.
    zone: String = "Time zone";
    valid_from: String = "Valid from";
    valid_until: String = "Valid until";
    weekdays: Vec<String> = "Weekdays";
    hours_from: String = "From hour";
    hours_until: String = "Until hour";
    /// One day, or first and last day with `..` between, a line.
    blackout: String = "Black-out dates";
    redemption: String = "How it is redeemed";
    shared_code: String = "Shared code";
    redeem_url: String = "Redemption link";
    how_to_redeem: String = "How to redeem";
    terms: String = "Terms";
    exclusions: String = "Exclusions";
    limit_member_day: String = "Per member a day";
    limit_member_week: String = "Per member a week";
    limit_member_month: String = "Per member a month";
    limit_member_ever: String = "Per member ever";
    limit_total: String = "In all";
    budget: String = "Budget";
    funding: String = "Funded by";
    funding_share: String = "Merchant's share";
    contract_from: String = "Contract from";
    contract_until: String = "Contract until";
    owner: String = "Account owner";
    priority: String = "Priority";
    /// A hash; empty for none.
    picture: String = "Picture";
    picture_alt: String = "What the picture shows";
    /// Thousandths, like the next.
    picture_x: String = "Focal point from the left";
    picture_y: String = "Focal point from the top";
}

impl OfferForm {
    pub fn label(name: &str) -> &'static str {
        Self::FIELDS.iter().find(|(field, _)| *field == name).map_or("", |(_, label)| label)
    }

    /// The fields in which two forms differ, this one being "mine".
    pub fn differences(&self, theirs: &Self) -> Vec<FieldDiff> {
        conflict::differences(self, theirs, None, Self::FIELDS)
    }

    /// The form of a checked content, to edit or compare it: `OfferForm::of(c).parse() == c`.
    pub fn of(content: &OfferContent) -> Self {
        let c = content;
        let money = |m: Option<Money>| m.map(Money::plain).unwrap_or_default();
        let number = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
        let ids = |ids: &mut dyn Iterator<Item = String>| ids.collect::<Vec<_>>();
        let mut form = Self {
            merchant: c.merchant.to_string(),
            client: c.client.map(|id| id.to_string()).unwrap_or_default(),
            headline: c.texts.headline.clone(),
            summary: c.texts.summary.clone(),
            kind: c.value.kind().word().into(),
            currency: c.currency.code().into(),
            minimum_spend: money(c.conditions.minimum_spend),
            largest_discount: money(c.conditions.largest_discount),
            face_value: money(c.conditions.face_value),
            estimated_saving: money(c.conditions.estimated_saving),
            combinable: tick(c.conditions.combinable),
            new_customers_only: tick(c.conditions.new_customers_only),
            minimum_age: c.conditions.minimum_age.map(|n| n.to_string()).unwrap_or_default(),
            place_scope: c.places.scope().word().into(),
            categories: ids(&mut c.categories.iter().map(ToString::to_string)),
            tags: c.tags.join(", "),
            zone: match &c.validity.zone {
                ZoneMode::EachLocation => String::new(),
                ZoneMode::OneZone { zone } => zone.clone(),
            },
            valid_from: c.validity.from.map(wall_time_field).unwrap_or_default(),
            valid_until: c.validity.until.map(wall_time_field).unwrap_or_default(),
            weekdays: ids(&mut c.validity.days.names().into_iter().map(str::to_owned)),
            hours_from: c.validity.hours.map(|(from, _)| time_field(from)).unwrap_or_default(),
            hours_until: c.validity.hours.map(|(_, until)| time_field(until)).unwrap_or_default(),
            blackout: blackout_lines(&c.validity),
            redemption: c.redemption.method().word().into(),
            how_to_redeem: c.texts.how_to_redeem.clone(),
            terms: c.texts.terms.clone(),
            exclusions: c.texts.exclusions.clone(),
            limit_member_day: number(c.limits.member_day),
            limit_member_week: number(c.limits.member_week),
            limit_member_month: number(c.limits.member_month),
            limit_member_ever: number(c.limits.member_ever),
            limit_total: number(c.limits.total),
            budget: money(c.limits.budget),
            funding: c.contract.funding.by().word().into(),
            contract_from: c.contract.from.map(|d| d.to_string()).unwrap_or_default(),
            contract_until: c.contract.until.map(|d| d.to_string()).unwrap_or_default(),
            owner: c.contract.owner.map(|id| id.to_string()).unwrap_or_default(),
            priority: c.contract.priority.to_string(),
            ..Self::default()
        };
        form.set_picture(c.picture.as_ref());
        form.write_value(&c.value);
        form.write_places(&c.places);
        match &c.redemption {
            Redemption::SharedCode { code } => form.shared_code = code.clone(),
            Redemption::Link { url } => form.redeem_url = url.clone(),
            Redemption::Token | Redemption::SingleUseCode | Redemption::CardLinked => {}
        }
        if let Funding::Shared { merchant_basis_points } = c.contract.funding {
            form.funding_share = percent(merchant_basis_points);
        }
        form
    }

    pub(super) fn picture_fields(&self) -> PictureFields {
        PictureFields {
            picture: self.picture.clone(),
            picture_alt: self.picture_alt.clone(),
            picture_x: self.picture_x.clone(),
            picture_y: self.picture_y.clone(),
        }
    }

    /// Shows this picture, or none, in place of what is there.
    pub fn set_picture(&mut self, picture: Option<&Picture>) {
        let fields = PictureFields::of(picture);
        self.picture = fields.picture;
        self.picture_alt = fields.picture_alt;
        self.picture_x = fields.picture_x;
        self.picture_y = fields.picture_y;
    }

    fn write_value(&mut self, value: &OfferValue) {
        match value {
            OfferValue::PercentOff { basis_points } => self.percent = percent(*basis_points),
            OfferValue::AmountOff { amount } => self.amount = amount.plain(),
            OfferValue::FixedPrice { price } => self.amount = price.plain(),
            OfferValue::BuyGet { buy, get, basis_points } => {
                self.buy = buy.to_string();
                self.get = get.to_string();
                self.percent = percent(*basis_points);
            }
            OfferValue::FreeItem { item } => self.item = item.clone(),
            OfferValue::CashBack { back: CashBack::BasisPoints(share) } => self.percent = percent(*share),
            OfferValue::CashBack { back: CashBack::Amount(amount) } => self.amount = amount.plain(),
            OfferValue::PointsMultiplier { hundredths } => self.multiplier = percent(*hundredths),
            OfferValue::Other { text } => self.other_value = text.clone(),
        }
    }

    fn write_places(&mut self, places: &Places) {
        match places {
            Places::All => {}
            Places::Some { locations } => self.locations = locations.iter().map(ToString::to_string).collect(),
            Places::Rule { regions, cities, postal_prefixes } => {
                self.rule_regions = regions.join(", ");
                self.rule_cities = cities.join(", ");
                self.rule_postal_prefixes = postal_prefixes.join(", ");
            }
            Places::Online { url, regions } => {
                self.online_url = url.clone();
                self.online_regions = regions.join(", ");
            }
        }
    }
}

fn tick(on: bool) -> String {
    if on { "on".into() } else { String::new() }
}

fn blackout_lines(validity: &Validity) -> String {
    let line = |(from, until): &(chrono::NaiveDate, chrono::NaiveDate)| {
        if from == until { from.to_string() } else { format!("{from}..{until}") }
    };
    validity.blackout.iter().map(line).collect::<Vec<_>>().join("\n")
}
