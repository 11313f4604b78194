//! What members see: cards, offer pages, merchant pages, and how they ask for them.
//!
//! Everything here is public. What stands between operator and merchant (contract, budget, client, codes, redemption links) has
//! no field.

use crate::{Cursor, categories::Category, merchants::OpenHours, offers::OfferKind, pictures::ShownPicture, time::Weekdays};
use chrono::{NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

/// What is said of a ZIP code that names no place; it stands at the field where the code was typed.
pub const UNKNOWN_ZIP: &str = "This ZIP code is not known. Type five digits, such as 10001.";

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
    /// When it ends, in words: `Until 30 June`, `Ends today`.
    pub until: Option<String>,
    /// The offer's picture, else the merchant's, else the brand's logo; without one the cover is generated.
    pub picture: Option<ShownPicture>,
}

impl OfferCard {
    /// The headline, unless it only says the value again.
    pub fn headline_beside_value(&self) -> Option<&str> {
        let plain = |text: &str| text.trim().to_lowercase();
        (plain(&self.headline) != plain(&self.value)).then_some(self.headline.as_str())
    }

    /// Both in one line: `20% off: All books`.
    pub fn title(&self) -> String {
        match self.headline_beside_value() {
            Some(headline) => format!("{}: {headline}", self.value),
            None => self.value.clone(),
        }
    }
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

/// An offer as members would see it, before it is published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferPreview {
    pub card: OfferCard,
    /// The headings and the sanitised HTML of its texts, those that are filled.
    pub texts: Vec<(String, String)>,
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
    /// The merchant's picture, else the brand's logo.
    pub picture: Option<ShownPicture>,
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

/// A time of day as members read it: `7 am`, `7:30 pm`, `noon`.
pub fn time_of_day(time: NaiveTime) -> String {
    match (time.hour(), time.minute()) {
        (0, 0) => "midnight".to_owned(),
        (12, 0) => "noon".to_owned(),
        (_, 0) => time.format("%-I %P").to_string(),
        _ => time.format("%-I:%M %P").to_string(),
    }
}

/// The hours of a place as members read them: `Mon–Fri 9 am–5:30 pm`, `Sat, Sun 7 am–8 pm`.
pub fn open_hours(hours: &OpenHours) -> String {
    let days = short_days(hours.days);
    // Both at midnight is around the clock.
    if hours.from == hours.until {
        return format!("{days}, open 24 hours");
    }
    format!("{days} {}–{}", time_of_day(hours.from), time_of_day(hours.until))
}

/// `Mon–Fri` for days in a row, else each by name.
fn short_days(days: Weekdays) -> String {
    const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let open = |day: usize| days.contains(Weekdays::DAYS[day % 7].0);
    let chosen: Vec<usize> = (0..7).filter(|day| open(*day)).collect();
    // A row may go over the end of the week: Sun–Thu.
    let first = (0..7).find(|first| (*first..first + chosen.len()).all(open));
    match (chosen.len(), first) {
        (7, _) => "Every day".to_owned(),
        (count @ 3.., Some(first)) => format!("{}–{}", NAMES[first], NAMES[(first + count - 1) % 7]),
        _ => chosen.into_iter().map(|day| NAMES[day]).collect::<Vec<_>>().join(", "),
    }
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
    fn opening_hours_are_told_by_the_twelve_hour_clock() {
        for (days, from, until, words) in [
            (&["sat", "sun"][..], (7, 0), (20, 0), "Sat, Sun 7 am–8 pm"),
            (&["mon", "tue", "wed", "thu", "fri"], (9, 30), (17, 0), "Mon–Fri 9:30 am–5 pm"),
            (&["mon", "tue", "wed", "thu", "sun"], (0, 5), (12, 5), "Sun–Thu 12:05 am–12:05 pm"),
            (&["mon", "wed", "fri"], (12, 0), (0, 0), "Mon, Wed, Fri noon–midnight"),
            (&["fri", "sat", "sun"], (22, 0), (2, 0), "Fri–Sun 10 pm–2 am"),
            (&["sun"], (0, 0), (0, 0), "Sun, open 24 hours"),
            (&[], (6, 0), (23, 0), "Every day 6 am–11 pm"),
            (&[], (0, 0), (0, 0), "Every day, open 24 hours"),
        ] {
            let time = |(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
            let days = Weekdays::from_names(days).unwrap();
            assert_eq!(open_hours(&OpenHours { days, from: time(from), until: time(until) }), words);
        }
    }

    #[test]
    fn a_headline_that_is_the_value_is_not_said_twice() {
        let card = |value: &str, headline: &str| OfferCard {
            address: String::new(),
            headline: headline.into(),
            value: value.into(),
            kind: OfferKind::Other,
            merchant: String::new(),
            icon: String::new(),
            hue: 0,
            distance_km: None,
            online: false,
            until: None,
            picture: None,
        };
        assert_eq!(card("20% off", "All books").title(), "20% off: All books");
        for (value, headline) in [("No delivery fee", "No delivery fee"), ("No delivery fee", " no Delivery fee ")] {
            assert_eq!(card(value, headline).headline_beside_value(), None);
            assert_eq!(card(value, headline).title(), value);
        }
        assert_eq!(card("20% off", "20% off shoes").headline_beside_value(), Some("20% off shoes"));
    }

    #[test]
    fn letters_of_other_scripts_are_escaped_in_a_url() {
        assert_eq!(url_escaped("寿-abc"), "%E5%AF%BF-abc");
        assert_eq!(url_escaped("a b/c?\r\n"), "a%20b%2Fc%3F%0D%0A");
    }
}
