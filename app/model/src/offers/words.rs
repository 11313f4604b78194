//! Raw values of an offer as people read them: with their units, and ends by the last moment that still counts.

use crate::{
    form::{Reader, parse_wall_time},
    time::time_field,
};
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};

/// The last day of a half-open stretch, with the hour if the stretch does not end with the day: one until midnight ends the
/// day before.
pub fn last_moment(until: NaiveDateTime) -> (NaiveDate, Option<NaiveTime>) {
    if until.time() == NaiveTime::MIN {
        return (until.date().checked_sub_days(Days::new(1)).unwrap_or(until.date()), None);
    }
    (until.date(), Some(until.time()))
}

/// The end of a validity as the desk shows it: `2027-02-06` for the whole day, `2027-02-06 18:00`.
pub fn until_shown(until: NaiveDateTime) -> String {
    moment(last_moment(until))
}

/// The start of a validity in the same way: without the hour when it is that of the whole day.
fn from_shown(from: NaiveDateTime) -> String {
    moment((from.date(), Some(from.time()).filter(|time| *time != NaiveTime::MIN)))
}

fn moment((day, time): (NaiveDate, Option<NaiveTime>)) -> String {
    match time {
        Some(time) => format!("{day} {}", time_field(time)),
        None => day.to_string(),
    }
}

/// A raw value of an offer's form with its unit. `currency` is the form's own; what cannot be read stands as it was typed.
pub fn with_unit(field: &str, raw: &str, currency: &str) -> String {
    let raw = raw.trim();
    if raw.is_empty() {
        return String::new();
    }
    let known = match field {
        "percent" | "funding_share" => Some(format!("{raw}%")),
        "multiplier" => Some(format!("{raw}×")),
        "minimum_age" => Some(format!("{raw} years")),
        "amount" | "minimum_spend" | "largest_discount" | "face_value" | "estimated_saving" | "budget" => {
            let money = Reader::default().money(field, "", raw, currency.parse().ok()).flatten();
            money.map(|money| money.shown())
        }
        "valid_from" => parse_wall_time(raw).map(from_shown),
        "valid_until" => parse_wall_time(raw).map(until_shown),
        limit if limit.starts_with("limit_") => raw.parse().ok().map(redemptions),
        _ => None,
    };
    known.unwrap_or_else(|| raw.to_owned())
}

fn redemptions(count: u32) -> String {
    if count == 1 { "1 redemption".to_owned() } else { format!("{} redemptions", thousands(count)) }
}

/// `1,500`
fn thousands(number: u32) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", thousands(number / 1_000), number % 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_at_midnight_means_the_day_before() {
        let until = |raw: &str| until_shown(parse_wall_time(raw).unwrap());
        assert_eq!(until("2027-02-07T00:00"), "2027-02-06");
        assert_eq!(until("2027-01-01T00:00"), "2026-12-31");
        assert_eq!(until("2027-02-06T18:30"), "2027-02-06 18:30");
    }

    #[test]
    fn values_stand_with_their_units() {
        for (field, raw, shown) in [
            ("percent", "12.5", "12.5%"),
            ("funding_share", "50", "50%"),
            ("multiplier", "3", "3×"),
            ("minimum_age", "21", "21 years"),
            ("minimum_spend", "20.00", "$20"),
            ("limit_member_day", "1", "1 redemption"),
            ("limit_total", "1500", "1,500 redemptions"),
            ("limit_total", "1000007", "1,000,007 redemptions"),
            ("valid_from", "2026-01-01T00:00", "2026-01-01"),
            ("valid_from", "2026-01-01T06:00", "2026-01-01 06:00"),
            ("valid_until", "2027-02-07T00:00", "2027-02-06"),
            ("headline", " 20% off ", "20% off"),
            ("budget", "", ""),
        ] {
            assert_eq!(with_unit(field, raw, "USD"), shown, "{field}: {raw}");
        }
    }

    #[test]
    fn what_cannot_be_read_stands_as_it_was_typed() {
        for (field, raw, currency) in [
            ("budget", "much", "USD"),
            ("budget", "5", "dollars"),
            ("limit_total", "many", "USD"),
            ("valid_until", "soon", "USD"),
        ] {
            assert_eq!(with_unit(field, raw, currency), raw, "{field}: {raw}");
        }
    }
}
