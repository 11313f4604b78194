//! Merchants: brands, the businesses that run under them, and their locations.

use crate::{
    AccountId, BrandId, CategoryId, FieldErrors, LocationId, MerchantId, Timestamp, Version, form::Reader, time::Weekdays,
};
use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Why a merchant's rule said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum MerchantRefusal {
    #[error("Another record already has this external id. Each id of a source may stand once.")]
    ExternalIdTaken,
    #[error("A closed merchant cannot be opened again. Add it as a new merchant.")]
    Closed,
}

/// Where a merchant stands with the operator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MerchantStatus {
    /// Talked to, not signed; nothing of theirs is live.
    #[default]
    Prospect,
    Active,
    /// Stopped for a time: no claims, no redemptions, nothing shown.
    Suspended,
    /// Gone for good.
    Closed,
}

impl MerchantStatus {
    pub const ALL: [Self; 4] = [Self::Prospect, Self::Active, Self::Suspended, Self::Closed];

    pub fn word(self) -> &'static str {
        match self {
            Self::Prospect => "prospect",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Prospect => "Prospect",
            Self::Active => "Active",
            Self::Suspended => "Suspended",
            Self::Closed => "Closed",
        }
    }

    /// The one legal list of moves: everything but out of `Closed`.
    pub fn may_become(self, next: Self) -> Result<(), MerchantRefusal> {
        if self == Self::Closed && next != Self::Closed { Err(MerchantRefusal::Closed) } else { Ok(()) }
    }
}

impl FromStr for MerchantStatus {
    type Err = ();
    fn from_str(s: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|status| status.word() == s).ok_or(())
    }
}

impl fmt::Display for MerchantStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A merchant as the list shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MerchantRow {
    pub id: MerchantId,
    pub name: String,
    pub brand: Option<String>,
    pub status: MerchantStatus,
    pub category: Option<String>,
    pub locations: i64,
    pub offers: i64,
    pub updated_at: Timestamp,
}

/// What to look for in the list of merchants; empty fields match everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MerchantQuery {
    pub q: String,
    pub status: String,
    /// A category's slug; its children count too.
    pub category: String,
    /// `name` (default) or `updated`.
    pub sort: String,
    pub after: String,
    pub before: String,
}

/// A merchant, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Merchant {
    pub id: MerchantId,
    pub short_id: String,
    pub version: Version,
    pub name: String,
    pub brand: Option<Brand>,
    pub website: Option<String>,
    pub status: MerchantStatus,
    pub categories: Vec<CategoryId>,
    pub account_owner: Option<AccountId>,
    pub external_ids: Vec<ExternalId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What other records show of a merchant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MerchantSummary {
    pub id: MerchantId,
    pub short_id: String,
    pub name: String,
    pub brand: Option<String>,
    pub website: Option<String>,
    pub status: MerchantStatus,
    pub account_owner: Option<AccountId>,
}

/// A brand, under which one or many merchants trade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brand {
    pub id: BrandId,
    pub name: String,
}

/// An id that another system gave a record; unique by source and kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ExternalId {
    pub source: String,
    pub value: String,
}

/// The merchant's form, as typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MerchantForm {
    pub name: String,
    /// A brand's name; a new one is made when there is none of this name.
    pub brand: String,
    pub website: String,
    pub status: String,
    pub categories: Vec<String>,
    /// One `source: value` a line.
    pub external_ids: String,
}

/// A checked [`MerchantForm`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewMerchant {
    pub name: String,
    pub brand: Option<String>,
    pub website: Option<String>,
    pub status: MerchantStatus,
    pub categories: Vec<CategoryId>,
    pub external_ids: Vec<ExternalId>,
}

impl MerchantForm {
    pub fn parse(&self) -> Result<NewMerchant, FieldErrors> {
        let mut form = Reader::default();
        let name = form.text("name", "The name", &self.name, 200);
        let brand = form.long_text("brand", "The brand", &self.brand, 200);
        let website = form.web_address("website", "The website", &self.website);
        let status = form.choice("status", "Status", &self.status);
        let categories = id_list(&mut form, "categories", "Categories", &self.categories);
        let external_ids = external_ids(&mut form, &self.external_ids);
        let merchant = (|| {
            Some(NewMerchant {
                name: name?,
                brand: brand.map(|b| (!b.is_empty()).then_some(b))?,
                website: website?,
                status: status?,
                categories: categories?,
                external_ids: external_ids?,
            })
        })();
        form.errors.into_result(merchant)
    }

    /// The form of a record, to edit it.
    pub fn of(merchant: &NewMerchant) -> Self {
        Self {
            name: merchant.name.clone(),
            brand: merchant.brand.clone().unwrap_or_default(),
            website: merchant.website.clone().unwrap_or_default(),
            status: merchant.status.word().to_owned(),
            categories: merchant.categories.iter().map(ToString::to_string).collect(),
            external_ids: merchant
                .external_ids
                .iter()
                .map(|x| format!("{}: {}", x.source, x.value))
                .collect::<Vec<_>>()
                .join("\n"),
        }
    }
}

impl From<&Merchant> for NewMerchant {
    fn from(m: &Merchant) -> Self {
        Self {
            name: m.name.clone(),
            brand: m.brand.as_ref().map(|b| b.name.clone()),
            website: m.website.clone(),
            status: m.status,
            categories: m.categories.clone(),
            external_ids: m.external_ids.clone(),
        }
    }
}

/// Ids chosen in a form, each once.
pub(crate) fn id_list<T: FromStr + Ord>(form: &mut Reader, field: &str, label: &str, raw: &[String]) -> Option<Vec<T>> {
    let parsed: Result<Vec<T>, _> = raw.iter().filter(|id| !id.trim().is_empty()).map(|id| id.parse()).collect();
    match parsed {
        Ok(mut ids) => {
            ids.sort();
            ids.dedup();
            Some(ids)
        }
        Err(_) => form.refuse(field, format!("{label}: choose from the list.")),
    }
}

fn external_ids(form: &mut Reader, raw: &str) -> Option<Vec<ExternalId>> {
    let mut ids = Vec::new();
    for line in raw.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let Some((source, value)) = line.split_once(':').map(|(s, v)| (s.trim(), v.trim())) else {
            return form.refuse("external_ids", format!("External ids: write “{line}” as source: value."));
        };
        let plain = !source.is_empty()
            && source.len() <= 40
            && source.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
        if !plain || value.is_empty() || value.len() > 200 || ids.len() >= 100 {
            return form.refuse(
                "external_ids",
                format!("External ids: “{line}” needs a short source such as crm, and a value of at most 200 characters."),
            );
        }
        ids.push(ExternalId { source: source.to_owned(), value: value.to_owned() });
    }
    ids.sort();
    ids.dedup();
    Some(ids)
}

/// A location as a list shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Location {
    pub id: LocationId,
    pub merchant: MerchantId,
    pub version: Version,
    pub place: NewLocation,
    pub updated_at: Timestamp,
    /// Since when it is no place of the merchant any more.
    pub archived_at: Option<Timestamp>,
}

/// The hours of one weekday; `until` before `from` goes past midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenHours {
    pub days: Weekdays,
    pub from: NaiveTime,
    pub until: NaiveTime,
}

/// The location's form, as typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LocationForm {
    pub name: String,
    pub street: String,
    pub city: String,
    pub region: String,
    pub postal_code: String,
    pub country: String,
    /// Degrees, such as 40.7484; empty takes the ZIP code's centre.
    pub latitude: String,
    pub longitude: String,
    pub phone: String,
    /// One line a pattern: `Mon-Fri 09:00-17:00`.
    pub hours: String,
    pub time_zone: String,
    /// First and last day of a closure, such as a refit.
    pub closed_from: String,
    pub closed_until: String,
}

/// A checked [`LocationForm`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewLocation {
    /// What tells it from the merchant's other places: `Broadway`.
    pub name: Option<String>,
    pub street: String,
    pub city: String,
    /// State or province, such as NY.
    pub region: String,
    pub postal_code: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Degrees north and east (WGS 84).
    pub point: Option<(f64, f64)>,
    pub phone: Option<String>,
    pub hours: Vec<OpenHours>,
    /// IANA name, such as America/New_York; empty in a form for the postal code's. Whether it exists is checked on the
    /// server, where the list of zones is.
    pub time_zone: String,
    /// First and last day closed; no last day means until further notice.
    pub closed: Option<(NaiveDate, Option<NaiveDate>)>,
}

impl LocationForm {
    pub fn parse(&self) -> Result<NewLocation, FieldErrors> {
        let mut form = Reader::default();
        let name = form.long_text("name", "The name", &self.name, 120);
        let street = form.text("street", "The street", &self.street, 200);
        let city = form.text("city", "The city", &self.city, 120);
        let region = form.long_text("region", "The state or province", &self.region, 80);
        let postal_code = form.text("postal_code", "The postal code", &self.postal_code, 20);
        let country = country(&mut form, &self.country);
        let point = point(&mut form, &self.latitude, &self.longitude);
        let phone = phone(&mut form, &self.phone);
        let hours = hours(&mut form, &self.hours);
        let time_zone = form.long_text("time_zone", "The time zone", &self.time_zone, 60);
        let closed = closed(&mut form, &self.closed_from, &self.closed_until);
        let location = (|| {
            Some(NewLocation {
                name: name.map(|n| (!n.is_empty()).then_some(n))?,
                street: street?,
                city: city?,
                region: region?,
                postal_code: postal_code?,
                country: country?,
                point: point?,
                phone: phone?,
                hours: hours?,
                time_zone: time_zone?,
                closed: closed?,
            })
        })();
        form.errors.into_result(location)
    }

    /// The form of a record, to edit it.
    pub fn of(place: &NewLocation) -> Self {
        let date = |d: NaiveDate| d.format("%Y-%m-%d").to_string();
        Self {
            name: place.name.clone().unwrap_or_default(),
            street: place.street.clone(),
            city: place.city.clone(),
            region: place.region.clone(),
            postal_code: place.postal_code.clone(),
            country: place.country.clone(),
            latitude: place.point.map(|(lat, _)| lat.to_string()).unwrap_or_default(),
            longitude: place.point.map(|(_, lon)| lon.to_string()).unwrap_or_default(),
            phone: place.phone.clone().unwrap_or_default(),
            hours: place.hours.iter().map(OpenHours::shown).collect::<Vec<_>>().join("\n"),
            time_zone: place.time_zone.clone(),
            closed_from: place.closed.map(|(from, _)| date(from)).unwrap_or_default(),
            closed_until: place.closed.and_then(|(_, until)| until).map(date).unwrap_or_default(),
        }
    }
}

impl NewLocation {
    /// One line: `12 Main Street, Springfield, IL 62701`.
    pub fn address(&self) -> String {
        let tail =
            [self.region.as_str(), self.postal_code.as_str()].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ");
        [self.street.as_str(), self.city.as_str(), tail.as_str()]
            .into_iter()
            .filter(|s| !s.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

impl OpenHours {
    /// As the form takes it and members read it: `Mon-Fri 09:00-17:00`.
    pub fn shown(&self) -> String {
        let days =
            DAY_NAMES.iter().enumerate().filter(|(i, _)| self.days.0 & (1 << i) != 0).map(|(_, name)| *name).collect::<Vec<_>>();
        let run = DAY_NAMES.windows(days.len()).any(|w| w == days) && days.len() > 2;
        let days = if run { format!("{}-{}", days[0], days[days.len() - 1]) } else { days.join(",") };
        format!("{days} {}-{}", self.from.format("%H:%M"), self.until.format("%H:%M"))
    }
}

const DAY_NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

fn country(form: &mut Reader, raw: &str) -> Option<String> {
    let country = raw.trim().to_ascii_uppercase();
    if country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase()) {
        return Some(country);
    }
    form.refuse("country", "The country must be a code of two letters, such as US.")
}

fn point(form: &mut Reader, latitude: &str, longitude: &str) -> Option<Option<(f64, f64)>> {
    match (latitude.trim(), longitude.trim()) {
        ("", "") => Some(None),
        (lat, lon) => match (lat.parse::<f64>(), lon.parse::<f64>()) {
            (Ok(lat), Ok(lon)) if (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon) => Some(Some((lat, lon))),
            _ => form.refuse(
                "latitude",
                "Latitude and longitude must both be degrees, such as 40.7484 and -73.9967, or both be empty.",
            ),
        },
    }
}

fn phone(form: &mut Reader, raw: &str) -> Option<Option<String>> {
    let phone = raw.trim();
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    match phone.is_empty() {
        true => Some(None),
        false if (5..=20).contains(&digits) && phone.chars().all(|c| c.is_ascii_digit() || " +-().x/".contains(c)) => {
            Some(Some(phone.to_owned()))
        }
        false => form.refuse("phone", "The phone number must have 5 to 20 digits, such as +1 212 555 0100."),
    }
}

/// Opening hours, a pattern a line.
fn hours(form: &mut Reader, raw: &str) -> Option<Vec<OpenHours>> {
    let mut hours = Vec::new();
    for line in raw.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match open_hours(line) {
            Some(pattern) if hours.len() < 50 => hours.push(pattern),
            _ => return form.refuse("hours", format!("Hours: write “{line}” as Mon-Fri 09:00-17:00.")),
        }
    }
    Some(hours)
}

fn open_hours(line: &str) -> Option<OpenHours> {
    let (days, times) = line.rsplit_once(' ')?;
    let day = |name: &str| DAY_NAMES.iter().position(|d| d.eq_ignore_ascii_case(name.trim().get(..3).unwrap_or_default()));
    let mut set = 0_u8;
    for part in days.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first)?, day(last)?);
        let mut at = first;
        loop {
            set |= 1 << at;
            if at == last {
                break;
            }
            at = (at + 1) % 7;
        }
    }
    let (from, until) = times.split_once('-')?;
    let time = |s: &str| NaiveTime::parse_from_str(s.trim(), "%H:%M").ok();
    let (from, until) = (time(from)?, time(until)?);
    (from != until).then_some(OpenHours { days: Weekdays(set), from, until })
}

type Closure = Option<(NaiveDate, Option<NaiveDate>)>;

fn closed(form: &mut Reader, from: &str, until: &str) -> Option<Closure> {
    let from = form.date("closed_from", "Closed from", from);
    let until = form.date("closed_until", "Closed until", until);
    match (from?, until?) {
        (None, None) => Some(None),
        (None, Some(_)) => form.refuse("closed_from", "Say from which day the place is closed."),
        (Some(from), Some(until)) if until < from => form.refuse("closed_until", "The last day closed is before the first."),
        (Some(from), until) => Some(Some((from, until))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> LocationForm {
        LocationForm {
            street: "1129 I Street".into(),
            city: "Anchorage".into(),
            region: "AK".into(),
            postal_code: "99501".into(),
            country: "us".into(),
            latitude: "61.2110743".into(),
            longitude: "-149.899634".into(),
            hours: "Mon-Fri 09:00-17:00\nsat, sun 10:00-02:00".into(),
            time_zone: "America/Anchorage".into(),
            ..Default::default()
        }
    }

    #[test]
    fn a_location_goes_to_its_form_and_comes_back() {
        let place = filled().parse().unwrap();
        assert_eq!(place.country, "US");
        assert_eq!(place.hours[0].shown(), "Mon-Fri 09:00-17:00");
        assert_eq!(place.hours[1].shown(), "Sat,Sun 10:00-02:00");
        assert_eq!(LocationForm::of(&place).parse().unwrap(), place);
    }

    #[test]
    fn bad_places_are_refused_at_their_field() {
        let cases: [(&str, fn(&mut LocationForm)); 7] = [
            ("street", |f| f.street = " ".into()),
            ("country", |f| f.country = "USA".into()),
            ("latitude", |f| f.latitude = "91".into()),
            ("latitude", |f| f.longitude = String::new()),
            ("phone", |f| f.phone = "call me".into()),
            ("hours", |f| f.hours = "always".into()),
            ("closed_until", |f| {
                f.closed_from = "2026-05-02".into();
                f.closed_until = "2026-05-01".into();
            }),
        ];
        for (field, spoil) in cases {
            let mut form = filled();
            spoil(&mut form);
            assert!(form.parse().unwrap_err().at(field).is_some(), "{field}");
        }
    }

    #[test]
    fn a_closed_merchant_stays_closed() {
        assert!(MerchantStatus::Closed.may_become(MerchantStatus::Active).is_err());
        assert!(MerchantStatus::Suspended.may_become(MerchantStatus::Active).is_ok());
    }

    #[test]
    fn a_merchant_goes_to_its_form_and_comes_back() {
        let form = MerchantForm {
            name: " Café  ".into(),
            status: "active".into(),
            website: "https://example.com".into(),
            external_ids: "crm: 12\ncrm: 12\noracle: A:7".into(),
            ..Default::default()
        };
        let merchant = form.parse().unwrap();
        assert_eq!(merchant.external_ids.len(), 2);
        assert_eq!(merchant.external_ids[1].value, "A:7");
        assert_eq!(MerchantForm::of(&merchant).parse().unwrap(), merchant);
        assert!(MerchantForm { website: "javascript:x".into(), ..form }.parse().unwrap_err().at("website").is_some());
    }
}
