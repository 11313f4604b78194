//! Time: instants in UTC, wall times of places, and how a wall time becomes an instant.

use chrono::{DateTime, NaiveDateTime, NaiveTime, Timelike, Utc, Weekday};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// An instant. It comes from the operation, never from a clock read on the way.
pub type Timestamp = DateTime<Utc>;

/// As the desk shows an instant: `2026-12-24 18:00 UTC`.
pub fn exact(at: Timestamp) -> String {
    format!("{} {} UTC", at.date_naive(), time_field(at.time()))
}

/// How long ago or ahead, in the largest unit that fits: `3 hours ago`, `in 2 days`, `just now`, `in a moment`.
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = (now - at).num_seconds();
    let (n, unit) = match seconds.abs() {
        0..60 if seconds < 0 => return "in a moment".to_owned(),
        0..60 => return "just now".to_owned(),
        s @ 60..3_600 => (s / 60, "minute"),
        s @ 3_600..86_400 => (s / 3_600, "hour"),
        s @ 86_400..5_184_000 => (s / 86_400, "day"),
        s @ 5_184_000..63_072_000 => (s / 2_592_000, "month"),
        s => (s / 31_536_000, "year"),
    };
    let plural = if n == 1 { "" } else { "s" };
    if seconds > 0 { format!("{n} {unit}{plural} ago") } else { format!("in {n} {unit}{plural}") }
}

/// As a form writes a wall time: `2026-12-24T18:00`.
pub fn wall_time_field(time: NaiveDateTime) -> String {
    format!("{}T{}", time.date(), time_field(time.time()))
}

/// As a form writes a time of day: `18:00`. Written by hand, since `NaiveTime::format` would bring 26 KB of code into every browser.
pub fn time_field(time: NaiveTime) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// Whose clock a wall time is read on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum ZoneMode {
    /// The clock of each location where the offer applies.
    EachLocation,
    /// One IANA zone for all of them, such as `America/New_York`.
    OneZone { zone: String },
}

/// A set of weekdays, Monday in the lowest bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Weekdays(pub u8);

impl Weekdays {
    pub const ALL: Self = Self(0b111_1111);
    pub const DAYS: [(Weekday, &'static str, &'static str); 7] = [
        (Weekday::Mon, "mon", "Monday"),
        (Weekday::Tue, "tue", "Tuesday"),
        (Weekday::Wed, "wed", "Wednesday"),
        (Weekday::Thu, "thu", "Thursday"),
        (Weekday::Fri, "fri", "Friday"),
        (Weekday::Sat, "sat", "Saturday"),
        (Weekday::Sun, "sun", "Sunday"),
    ];

    pub fn contains(self, day: Weekday) -> bool {
        self.0 & (1 << day.num_days_from_monday()) != 0
    }

    /// From the short names of a form: `mon`, `tue`; none chosen means every day.
    pub fn from_names<S: AsRef<str>>(names: &[S]) -> Option<Self> {
        let mut days = 0;
        for name in names.iter().map(AsRef::as_ref).filter(|name| !name.is_empty()) {
            let (day, ..) = Self::DAYS.iter().find(|(_, short, _)| *short == name)?;
            days |= 1 << day.num_days_from_monday();
        }
        Some(if days == 0 { Self::ALL } else { Self(days) })
    }

    /// The short names of the days in the set.
    pub fn names(self) -> Vec<&'static str> {
        Self::DAYS.iter().filter(|(day, ..)| self.contains(*day)).map(|(_, short, _)| *short).collect()
    }

    /// As members read it: `Every day`, `Monday, Tuesday`.
    pub fn shown(self) -> String {
        if self == Self::ALL {
            return "Every day".to_owned();
        }
        let names: Vec<_> = Self::DAYS.iter().filter(|(day, ..)| self.contains(*day)).map(|(_, _, name)| *name).collect();
        names.join(", ")
    }
}

impl FromStr for ZoneMode {
    type Err = std::convert::Infallible;
    /// Empty means each location's own clock.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Ok(match s.trim() {
            "" => Self::EachLocation,
            zone => Self::OneZone { zone: zone.to_owned() },
        })
    }
}

/// Zones offered in lists: those of the places most programs run in. Any other IANA name may be typed.
pub const COMMON_ZONES: &[&str] = &[
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
    "America/Toronto",
    "America/Vancouver",
    "America/Mexico_City",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Lisbon",
    "Europe/Paris",
    "Europe/Berlin",
    "Europe/Zurich",
    "Europe/Vienna",
    "Europe/Madrid",
    "Europe/Rome",
    "Europe/Amsterdam",
    "Europe/Stockholm",
    "Europe/Warsaw",
    "Europe/Athens",
    "Europe/Istanbul",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Bangkok",
    "Asia/Singapore",
    "Asia/Hong_Kong",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Australia/Perth",
    "Australia/Brisbane",
    "Australia/Sydney",
    "Pacific/Auckland",
    "Africa/Johannesburg",
    "Africa/Lagos",
    "UTC",
];

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn days_go_to_a_form_and_come_back() {
        let days = Weekdays::from_names(&["mon", "sun"]).unwrap();
        assert_eq!(days.names(), ["mon", "sun"]);
        assert_eq!(Weekdays::from_names::<&str>(&[]).unwrap(), Weekdays::ALL);
        assert!(Weekdays::from_names(&["funday"]).is_none());
    }

    #[test]
    fn distances_in_time_read_as_people_say_them() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert_eq!(relative(now, now), "just now");
        assert_eq!(relative(now + TimeDelta::seconds(1), now), "in a moment");
        assert_eq!(relative(now - TimeDelta::hours(1), now), "1 hour ago");
        assert_eq!(relative(now + TimeDelta::days(3), now), "in 3 days");
    }
}
