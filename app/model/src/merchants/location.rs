//! A merchant's places, and their form.

use super::{
    ExternalId,
    form::{external_id_lines, external_ids},
};
use crate::{
    FieldErrors, LocationId, MerchantId, Timestamp, Version,
    form::Reader,
    time::{Weekdays, time_field},
};
use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

/// A location as a list shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Location {
    pub id: LocationId,
    pub merchant: MerchantId,
    pub version: Version,
    pub place: NewLocation,
    pub external_ids: Vec<ExternalId>,
    pub updated_at: Timestamp,
    /// Since when it is no place of the merchant any more.
    pub archived_at: Option<Timestamp>,
}

/// What to look for among a merchant's locations; empty fields match everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LocationQuery {
    /// Part of a name, street, city or postal code.
    pub q: String,
    /// Not empty: the archived ones instead of the others.
    pub archived: String,
    pub after: String,
    pub before: String,
}

/// The hours of some weekdays. `until` before `from` goes past midnight; both at midnight is around the clock.
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
    /// One `source: value` a line.
    pub external_ids: String,
}

/// A checked [`LocationForm`], but for its external ids.
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

/// Whether a place is closed for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceState {
    Open,
    ClosesFrom(NaiveDate),
    Closed,
}

impl LocationForm {
    /// Every field's name and label, in the order of the form.
    pub const FIELDS: &'static [(&'static str, &'static str)] = &[
        ("name", "Name"),
        ("street", "Street"),
        ("city", "City"),
        ("region", "State or province"),
        ("postal_code", "Postal code"),
        ("country", "Country"),
        ("latitude", "Latitude"),
        ("longitude", "Longitude"),
        ("phone", "Phone"),
        ("hours", "Hours"),
        ("time_zone", "Time zone"),
        ("closed_from", "Closed from"),
        ("closed_until", "Closed until"),
        ("external_ids", "External ids"),
    ];

    pub fn parse(&self) -> Result<(NewLocation, Vec<ExternalId>), FieldErrors> {
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
        let external_ids = external_ids(&mut form, &self.external_ids);
        let location = (|| {
            let place = NewLocation {
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
            };
            Some((place, external_ids?))
        })();
        form.errors.into_result(location)
    }

    /// The form of a record, to edit it.
    pub fn of(place: &NewLocation, external_ids: &[ExternalId]) -> Self {
        let date = |d: NaiveDate| d.to_string();
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
            external_ids: external_id_lines(external_ids),
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

    /// Whether it is closed for a time on this day. A closure that is over says nothing any more.
    pub fn state_on(&self, day: NaiveDate) -> PlaceState {
        match self.closed {
            Some((from, _)) if day < from => PlaceState::ClosesFrom(from),
            Some((_, until)) if until.is_none_or(|until| day <= until) => PlaceState::Closed,
            _ => PlaceState::Open,
        }
    }
}

impl OpenHours {
    /// As the form takes it and members read it: `Mon-Fri 09:00-17:00`.
    pub fn shown(&self) -> String {
        let open = |day: usize| self.days.0 & (1 << (day % 7)) != 0;
        let count = (0..7).filter(|day| open(*day)).count();
        // A run may go over the end of the week: Sun-Thu.
        let run = (0..7).find(|first| (*first..first + count).all(open)).filter(|_| count > 2);
        let days = match run {
            Some(first) => format!("{}-{}", DAY_NAMES[first], DAY_NAMES[(first + count - 1) % 7]),
            None => {
                let names: Vec<_> = DAY_NAMES.iter().enumerate().filter(|(day, _)| open(*day)).map(|(_, name)| *name).collect();
                names.join(",")
            }
        };
        let until = if self.until == NaiveTime::MIN { "24:00".to_owned() } else { time_field(self.until) };
        format!("{days} {}-{until}", time_field(self.from))
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
    let until = if until.trim() == "24:00" { Some(NaiveTime::MIN) } else { time(until) };
    let (from, until) = (time(from)?, until?);
    (from != until || from == NaiveTime::MIN).then_some(OpenHours { days: Weekdays(set), from, until })
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
            hours: "Mon-Fri 09:00-17:00\nsat, sun 10:00-02:00\nSun 00:00-24:00".into(),
            time_zone: "America/Anchorage".into(),
            ..Default::default()
        }
    }

    #[test]
    fn a_location_goes_to_its_form_and_comes_back() {
        let (place, ids) = LocationForm { external_ids: "pos: 7".into(), ..filled() }.parse().unwrap();
        assert_eq!(place.country, "US");
        assert_eq!(place.hours[0].shown(), "Mon-Fri 09:00-17:00");
        assert_eq!(place.hours[1].shown(), "Sat,Sun 10:00-02:00");
        assert_eq!(place.hours[2].shown(), "Sun 00:00-24:00");
        assert_eq!(LocationForm::of(&place, &ids).parse().unwrap(), (place, ids));
    }

    #[test]
    fn a_place_is_closed_from_the_first_day_of_its_closure_to_the_last() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 5, day).unwrap();
        let (place, _) = filled().parse().unwrap();
        let closed = |until| NewLocation { closed: Some((day(10), until)), ..place.clone() };
        for (until, on, state) in [
            (Some(day(12)), day(9), PlaceState::ClosesFrom(day(10))),
            (Some(day(12)), day(10), PlaceState::Closed),
            (Some(day(12)), day(12), PlaceState::Closed),
            (Some(day(12)), day(13), PlaceState::Open),
            (None, day(31), PlaceState::Closed),
        ] {
            assert_eq!(closed(until).state_on(on), state, "{until:?} {on}");
        }
        assert_eq!(place.state_on(day(10)), PlaceState::Open);
    }

    #[test]
    fn days_in_a_row_are_written_as_one() {
        for (typed, shown) in [
            ("Mon,Tue,Wed,Thu,Sun 11:00-23:00", "Sun-Thu 11:00-23:00"),
            ("Fri,Sat 11:00-01:00", "Fri,Sat 11:00-01:00"),
            ("Mon-Sun 09:00-17:00", "Mon-Sun 09:00-17:00"),
            ("Mon,Wed,Fri 09:00-17:00", "Mon,Wed,Fri 09:00-17:00"),
            ("Tue-Sat 09:00-17:00", "Tue-Sat 09:00-17:00"),
        ] {
            assert_eq!(open_hours(typed).map(|hours| hours.shown()).as_deref(), Some(shown));
            assert_eq!(open_hours(shown), open_hours(typed));
        }
    }

    #[test]
    fn bad_places_are_refused_at_their_field() {
        let cases: [(&str, fn(&mut LocationForm)); 9] = [
            ("street", |f| f.street = " ".into()),
            ("country", |f| f.country = "USA".into()),
            ("latitude", |f| f.latitude = "91".into()),
            ("latitude", |f| f.longitude = String::new()),
            ("phone", |f| f.phone = "call me".into()),
            ("hours", |f| f.hours = "always".into()),
            ("hours", |f| f.hours = "Mon 09:00-09:00".into()),
            ("external_ids", |f| f.external_ids = "7".into()),
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
}
