//! `OfferForm::parse`: the rules of an offer's content that need nothing but the form itself.
//!
//! What needs the data base (a location of another merchant, a zone that does not exist) is checked by the use case.

use super::{content::*, form::OfferForm};
use crate::{
    Currency, FieldErrors, Money,
    form::{Reader, ticked},
    merchants::id_list,
    time::{Weekdays, ZoneMode},
};
use chrono::NaiveDate;

impl OfferForm {
    /// The checked content, or a message at each field that needs mending.
    pub fn parse(&self) -> Result<OfferContent, FieldErrors> {
        let mut form = Reader::default();
        let merchant = form.choice("merchant", "Merchant", &self.merchant);
        let client = self.client(&mut form);
        let texts = self.texts(&mut form);
        let currency = self.currency(&mut form);
        let value = self.value(&mut form, currency);
        let conditions = self.conditions(&mut form, currency);
        let places = self.places(&mut form);
        let categories = id_list(&mut form, "categories", "Categories", &self.categories);
        let tags = self.tags(&mut form);
        let validity = self.validity(&mut form);
        let redemption = self.redemption(&mut form);
        let limits = self.limits(&mut form, currency);
        let contract = self.contract(&mut form);
        let picture = self.picture_fields().read(&mut form);
        let content = (|| {
            Some(OfferContent {
                merchant: merchant?,
                client: client?,
                texts: texts?,
                currency: currency?,
                value: value?,
                conditions: conditions?,
                places: places?,
                categories: categories?,
                tags: tags?,
                validity: validity?,
                redemption: redemption?,
                limits: limits?,
                contract: contract?,
                picture: picture?,
            })
        })();
        if let Some(content) = &content {
            check_together(&mut form, content);
        }
        form.errors.into_result(content)
    }

    fn client(&self, form: &mut Reader) -> Option<Option<crate::ClientId>> {
        if self.client.trim().is_empty() { Some(None) } else { form.choice("client", "Client", &self.client).map(Some) }
    }

    fn texts(&self, form: &mut Reader) -> Option<Texts> {
        let headline = form.text("headline", "The headline", &self.headline, 120);
        let summary = form.long_text("summary", "The summary", &self.summary, 400);
        let terms = form.long_text("terms", "The terms", &self.terms, 20_000);
        let exclusions = form.long_text("exclusions", "The exclusions", &self.exclusions, 5_000);
        let how_to_redeem = form.long_text("how_to_redeem", "How to redeem", &self.how_to_redeem, 5_000);
        Some(Texts {
            headline: headline?,
            summary: summary?,
            terms: terms?,
            exclusions: exclusions?,
            how_to_redeem: how_to_redeem?,
        })
    }

    fn currency(&self, form: &mut Reader) -> Option<Currency> {
        match self.currency.parse() {
            Ok(currency) => Some(currency),
            Err(_) => form.refuse("currency", format!("“{}” is no currency; choose one such as USD.", self.currency.trim())),
        }
    }

    fn value(&self, form: &mut Reader, currency: Option<Currency>) -> Option<OfferValue> {
        let kind: OfferKind = form.choice("kind", "Kind", &self.kind)?;
        Some(match kind {
            OfferKind::PercentOff => OfferValue::PercentOff { basis_points: self.percent(form, "The discount")? },
            OfferKind::AmountOff => OfferValue::AmountOff { amount: self.amount(form, currency, "The amount off", 1)? },
            OfferKind::FixedPrice => OfferValue::FixedPrice { price: self.amount(form, currency, "The price", 0)? },
            OfferKind::BuyGet => {
                let buy = self.count(form, "buy", "How many to buy", &self.buy);
                let get = self.count(form, "get", "How many to get", &self.get);
                let free = self.percent.trim().is_empty();
                let basis_points = if free { Some(10_000) } else { self.percent(form, "The discount on what one gets") };
                OfferValue::BuyGet { buy: buy?, get: get?, basis_points: basis_points? }
            }
            OfferKind::FreeItem => OfferValue::FreeItem { item: form.text("item", "The free item", &self.item, 80)? },
            OfferKind::CashBack => OfferValue::CashBack {
                back: match (self.percent.trim().is_empty(), self.amount.trim().is_empty()) {
                    (false, true) => CashBack::BasisPoints(self.percent(form, "The cash back")?),
                    (true, false) => CashBack::Amount(self.amount(form, currency, "The cash back", 1)?),
                    _ => return form.refuse("percent", "Give the cash back either as a percentage or as an amount."),
                },
            },
            OfferKind::PointsMultiplier => match form.decimal("multiplier", "The multiplier", &self.multiplier, 2)? {
                Some(n @ 101..=10_000) => OfferValue::PointsMultiplier { hundredths: n as u32 },
                _ => return form.refuse("multiplier", "The multiplier must be more than 1 and at most 100, such as 3."),
            },
            OfferKind::Other => {
                OfferValue::Other { text: form.text("other_value", "The value in words", &self.other_value, 60)? }
            }
        })
    }

    /// A percentage above 0 and up to 100, in basis points.
    fn percent(&self, form: &mut Reader, label: &str) -> Option<u32> {
        match form.decimal("percent", label, &self.percent, 2)? {
            Some(n @ 1..=10_000) => Some(n as u32),
            _ => form.refuse("percent", format!("{label} must be more than 0 and at most 100 percent.")),
        }
    }

    fn amount(&self, form: &mut Reader, currency: Option<Currency>, label: &str, least: i64) -> Option<Money> {
        let money = form.money("amount", label, &self.amount, currency)?;
        match money {
            Some(money) if money.minor >= least => Some(money),
            // An unknown currency has its own message.
            None if currency.is_none() => None,
            _ if least == 0 => form.refuse("amount", format!("{label} is missing.")),
            _ => form.refuse("amount", format!("{label} must be more than 0.")),
        }
    }

    fn count(&self, form: &mut Reader, field: &str, label: &str, raw: &str) -> Option<u32> {
        match form.number(field, label, raw, 1, 100)? {
            Some(n) => Some(n),
            None => form.refuse(field, format!("{label} is missing.")),
        }
    }

    fn conditions(&self, form: &mut Reader, currency: Option<Currency>) -> Option<Conditions> {
        let minimum_spend = form.money("minimum_spend", "The minimum spend", &self.minimum_spend, currency);
        let largest_discount = form.money("largest_discount", "The largest discount", &self.largest_discount, currency);
        let face_value = form.money("face_value", "The face value", &self.face_value, currency);
        let estimated_saving = form.money("estimated_saving", "The estimated saving", &self.estimated_saving, currency);
        let minimum_age = form.number("minimum_age", "The minimum age", &self.minimum_age, 1, 120);
        Some(Conditions {
            minimum_spend: minimum_spend?,
            largest_discount: largest_discount?,
            face_value: face_value?,
            estimated_saving: estimated_saving?,
            combinable: ticked(&self.combinable),
            new_customers_only: ticked(&self.new_customers_only),
            minimum_age: minimum_age?,
        })
    }

    fn places(&self, form: &mut Reader) -> Option<Places> {
        Some(match form.choice("place_scope", "Where", &self.place_scope)? {
            PlaceScope::All => Places::All,
            PlaceScope::Some => {
                let locations = id_list(form, "locations", "Locations", &self.locations)?;
                if locations.is_empty() {
                    return form.refuse("locations", "Choose at least one location, or all of them.");
                }
                Places::Some { locations }
            }
            PlaceScope::Rule => {
                let regions = words(form, "rule_regions", &self.rule_regions)?;
                let cities = words(form, "rule_cities", &self.rule_cities)?;
                let postal_prefixes = words(form, "rule_postal_prefixes", &self.rule_postal_prefixes)?;
                if regions.is_empty() && cities.is_empty() && postal_prefixes.is_empty() {
                    return form.refuse("rule_regions", "Name at least one state, city or beginning of a postal code.");
                }
                Places::Rule { regions, cities, postal_prefixes }
            }
            PlaceScope::Online => {
                let url = form.web_address("online_url", "The online address", &self.online_url);
                let regions = regions(form, "online_regions", &self.online_regions);
                match url? {
                    Some(url) => Places::Online { url, regions: regions? },
                    None => return form.refuse("online_url", "An online offer needs the address where it is used."),
                }
            }
        })
    }

    fn tags(&self, form: &mut Reader) -> Option<Vec<String>> {
        let mut tags = words(form, "tags", &self.tags.to_lowercase())?;
        tags.sort();
        Some(tags)
    }

    fn validity(&self, form: &mut Reader) -> Option<Validity> {
        let zone = self.zone.parse().unwrap_or(ZoneMode::EachLocation);
        let from = form.wall_time("valid_from", "Valid from", &self.valid_from);
        let until = form.wall_time("valid_until", "Valid until", &self.valid_until);
        if let (Some(Some(from)), Some(Some(until))) = (from, until)
            && until <= from
        {
            form.errors.push("valid_until", "The end is not after the start. Set an end later than “Valid from”.");
        }
        let days = match Weekdays::from_names(&self.weekdays) {
            Some(days) => Some(days),
            None => form.refuse("weekdays", "Weekdays: choose from the list."),
        };
        let hours = self.hours(form);
        let blackout = blackout(form, &self.blackout);
        Some(Validity { zone, from: from?, until: until?, days: days?, hours: hours?, blackout: blackout? })
    }

    fn hours(&self, form: &mut Reader) -> Option<Option<(chrono::NaiveTime, chrono::NaiveTime)>> {
        let from = form.time_of_day("hours_from", "From hour", &self.hours_from);
        let until = form.time_of_day("hours_until", "Until hour", &self.hours_until);
        match (from?, until?) {
            (None, None) => Some(None),
            (Some(from), Some(until)) if from != until => Some(Some((from, until))),
            _ => form.refuse("hours_until", "Give two different hours, or none for the whole day."),
        }
    }

    fn redemption(&self, form: &mut Reader) -> Option<Redemption> {
        Some(match form.choice("redemption", "How it is redeemed", &self.redemption)? {
            RedemptionMethod::Token => Redemption::Token,
            RedemptionMethod::SingleUseCode => Redemption::SingleUseCode,
            RedemptionMethod::CardLinked => Redemption::CardLinked,
            RedemptionMethod::SharedCode => {
                Redemption::SharedCode { code: form.text("shared_code", "The shared code", &self.shared_code, 60)? }
            }
            RedemptionMethod::Link => match form.web_address("redeem_url", "The redemption link", &self.redeem_url)? {
                Some(url) => Redemption::Link { url },
                None => return form.refuse("redeem_url", "The redemption link is missing."),
            },
        })
    }

    fn limits(&self, form: &mut Reader, currency: Option<Currency>) -> Option<Limits> {
        const MOST: u32 = 1_000_000_000;
        let day = form.number("limit_member_day", "The limit a day", &self.limit_member_day, 1, MOST);
        let week = form.number("limit_member_week", "The limit a week", &self.limit_member_week, 1, MOST);
        let month = form.number("limit_member_month", "The limit a month", &self.limit_member_month, 1, MOST);
        let ever = form.number("limit_member_ever", "The limit per member", &self.limit_member_ever, 1, MOST);
        let total = form.number("limit_total", "The limit in all", &self.limit_total, 1, MOST);
        let budget = form.money("budget", "The budget", &self.budget, currency);
        Some(Limits {
            member_day: day?,
            member_week: week?,
            member_month: month?,
            member_ever: ever?,
            total: total?,
            budget: budget?,
        })
    }

    fn contract(&self, form: &mut Reader) -> Option<Contract> {
        let funding = self.funding(form);
        let from = form.date("contract_from", "Contract from", &self.contract_from);
        let until = form.date("contract_until", "Contract until", &self.contract_until);
        if let (Some(Some(from)), Some(Some(until))) = (from, until)
            && until < from
        {
            form.errors.push("contract_until", "The contract ends before it starts.");
        }
        let owner =
            if self.owner.trim().is_empty() { Some(None) } else { form.choice("owner", "Account owner", &self.owner).map(Some) };
        let priority = form.number("priority", "The priority", &self.priority, 0, 100);
        Some(Contract { funding: funding?, from: from?, until: until?, owner: owner?, priority: priority?.unwrap_or(0) })
    }

    fn funding(&self, form: &mut Reader) -> Option<Funding> {
        Some(match form.choice("funding", "Funded by", &self.funding)? {
            FundedBy::Merchant => Funding::Merchant,
            FundedBy::Operator => Funding::Operator,
            FundedBy::Shared => match form.decimal("funding_share", "The merchant's share", &self.funding_share, 2)? {
                Some(n @ 1..=9_999) => Funding::Shared { merchant_basis_points: n as u32 },
                _ => return form.refuse("funding_share", "The merchant's share must be more than 0 and less than 100 percent."),
            },
        })
    }
}

/// Words separated by commas or lines, each once, at most fifty.
fn words(form: &mut Reader, field: &str, raw: &str) -> Option<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    for word in raw.split([',', '\n']).map(str::trim).filter(|word| !word.is_empty()) {
        if word.chars().count() > 60 || word.chars().any(char::is_control) {
            return form.refuse(field, "Each entry may have at most 60 characters; separate them by commas.");
        }
        if !words.iter().any(|w| w == word) {
            words.push(word.to_owned());
        }
    }
    if words.len() > 50 { form.refuse(field, "At most 50 entries fit here.") } else { Some(words) }
}

/// Countries (`US`, ISO 3166-1) and their parts (`US-NY`, shaped as in ISO 3166-2), in capitals.
fn regions(form: &mut Reader, field: &str, raw: &str) -> Option<Vec<String>> {
    let regions = words(form, field, &raw.to_uppercase())?;
    for region in &regions {
        let (country, part) = region.split_once('-').map_or((region.as_str(), None), |(country, part)| (country, Some(part)));
        let shaped = part.is_none_or(|part| (1..=3).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric()));
        if !shaped || Currency::of_country(country).is_none() {
            return form.refuse(field, format!("“{region}” is no region. Write countries as US and their parts as US-NY."));
        }
    }
    Some(regions)
}

/// Stretches of days: `2026-12-24` or `2026-12-24..2026-12-26`, one a line.
fn blackout(form: &mut Reader, raw: &str) -> Option<Vec<(NaiveDate, NaiveDate)>> {
    let mut stretches = Vec::new();
    for line in raw.split([',', '\n']).map(str::trim).filter(|line| !line.is_empty()) {
        let (from, until) = line.split_once("..").unwrap_or((line, line));
        // The rule of every other date field; the message is the one below.
        let day = |s: &str| Reader::default().date("blackout", "", s).flatten();
        match (day(from), day(until)) {
            (Some(from), Some(until)) if from <= until && stretches.len() < 200 => stretches.push((from, until)),
            _ => {
                return form
                    .refuse("blackout", format!("Black-out dates: write “{line}” as 2026-12-24 or 2026-12-24..2026-12-26."));
            }
        }
    }
    stretches.sort();
    stretches.dedup();
    Some(stretches)
}

/// Rules over several fields.
fn check_together(form: &mut Reader, c: &OfferContent) {
    let online = matches!(c.places, Places::Online { .. });
    if online && c.validity.zone == ZoneMode::EachLocation {
        form.errors.push("zone", "An online offer has no location whose clock could be read. Choose a time zone.");
    }
    let open_ended_discount = matches!(
        c.value,
        OfferValue::PercentOff { .. } | OfferValue::BuyGet { .. } | OfferValue::CashBack { back: CashBack::BasisPoints(_) }
    );
    if c.limits.budget.is_some() && c.conditions.largest_discount.is_none() && open_ended_discount {
        form.errors.push("largest_discount", "With a budget, the largest discount is needed: it is what each claim reserves.");
    }
    if let (OfferValue::AmountOff { amount }, Some(spend)) = (&c.value, c.conditions.minimum_spend)
        && spend.minor < amount.minor
    {
        form.errors
            .push("minimum_spend", "The minimum spend is less than the amount off; the merchant would pay members to buy.");
    }
    let rising = [
        ("limit_member_day", c.limits.member_day),
        ("limit_member_week", c.limits.member_week),
        ("limit_member_month", c.limits.member_month),
        ("limit_member_ever", c.limits.member_ever),
        ("limit_total", c.limits.total),
    ];
    let mut least: Option<u32> = None;
    for (field, limit) in rising {
        if let (Some(least), Some(limit)) = (least, limit)
            && limit < least
        {
            form.errors
                .push(field, format!("{} is lower than a limit for a shorter time or a single member.", OfferForm::label(field)));
        }
        least = limit.or(least);
    }
}

/// What a draft still lacks before it can be sent for review.
pub(super) fn gaps(c: &OfferContent) -> FieldErrors {
    let mut errors = FieldErrors::default();
    let texts = [
        ("summary", &c.texts.summary, "Members need a summary of one or two sentences."),
        ("how_to_redeem", &c.texts.how_to_redeem, "Members need to know how to redeem it."),
        ("terms", &c.texts.terms, "An offer needs terms before it is reviewed."),
    ];
    for (field, text, message) in texts {
        if text.is_empty() {
            errors.push(field, message);
        }
    }
    if c.categories.is_empty() {
        errors.push("categories", "Choose at least one category, so that members can find it.");
    }
    if c.validity.from.is_none() {
        errors.push("valid_from", "Say from when it may be used.");
    }
    errors
}

impl OfferContent {
    /// Whether the draft may be sent for review; if not, what it lacks.
    pub fn ready_for_review(&self) -> Result<(), FieldErrors> {
        gaps(self).into_result(Some(()))
    }
}

#[cfg(test)]
mod tests;
