//! Wall times become instants: a publication's window, and an offer's first and last moment over all its clocks.

use crate::{Result, places};
use chrono::{NaiveDateTime, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;
use model::{FieldErrors, Timestamp, merchants::Location, offers::OfferContent, time::ZoneMode};

/// Which of two instants a wall time means when clocks are set back, and where it falls when they are set forward.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Edge {
    Start,
    End,
}

/// The instant of a wall time in a zone.
pub(super) fn instant(wall: NaiveDateTime, zone: Tz, edge: Edge) -> Timestamp {
    use chrono::LocalResult::{Ambiguous, None, Single};
    match zone.from_local_datetime(&wall) {
        Single(at) => at.to_utc(),
        Ambiguous(first, second) => if edge == Edge::Start { first } else { second }.to_utc(),
        None => after_the_skip(wall, zone),
    }
}

/// The hour that clocks skip: all its times mean the one moment after the skip, so that what is later on the clock is never earlier
/// in time. Skips begin and end on whole minutes and take a day at most.
fn after_the_skip(wall: NaiveDateTime, zone: Tz) -> Timestamp {
    let minute = wall.with_second(0).unwrap_or(wall);
    (1..=24 * 60)
        .find_map(|n| zone.from_local_datetime(&(minute + TimeDelta::minutes(n))).earliest())
        .map_or_else(|| wall.and_utc(), |at| at.to_utc())
}

/// The zone of this name, or a message at the field.
pub(super) fn zone(field: &str, name: &str) -> Result<Tz> {
    places::zone(name)
        .ok_or_else(|| FieldErrors::of(field, format!("“{name}” is no time zone; choose one such as America/New_York.")).into())
}

/// The last moment at which the offer can be used anywhere; none when it has no end.
pub(super) fn last_moment(content: &OfferContent, locations: &[Location]) -> Result<Option<Timestamp>> {
    let Some(until) = content.validity.until else { return Ok(None) };
    let zones = match &content.validity.zone {
        ZoneMode::OneZone { zone: name } => vec![zone("zone", name)?],
        ZoneMode::EachLocation => locations.iter().map(|l| zone("zone", &l.place.time_zone)).collect::<Result<_>>()?,
    };
    Ok(zones.into_iter().map(|zone| instant(until, zone, Edge::End)).max())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;
    use chrono_tz::America::New_York;

    fn wall(month: u32, day: u32, hour: u32, minute: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap().and_hms_opt(hour, minute, 0).unwrap()
    }

    #[test]
    fn an_hour_that_is_skipped_means_the_moment_after_the_skip() {
        assert_eq!(instant(wall(3, 8, 2, 30), New_York, Edge::Start), wall(3, 8, 7, 0).and_utc());
        assert_eq!(instant(wall(3, 8, 3, 0), New_York, Edge::Start), wall(3, 8, 7, 0).and_utc());
    }

    #[test]
    fn what_is_later_on_the_clock_is_never_earlier_in_time() {
        let midnight = wall(3, 8, 0, 0);
        let instants: Vec<_> =
            (0..24 * 60 * 3).map(|n| instant(midnight + TimeDelta::seconds(20 * n), New_York, Edge::Start)).collect();
        assert!(instants.is_sorted());
        assert_eq!(instant(wall(3, 8, 2, 35), New_York, Edge::Start), wall(3, 8, 7, 0).and_utc());
    }

    #[test]
    fn a_day_that_was_skipped_whole_means_the_next_midnight() {
        let skipped = NaiveDate::from_ymd_opt(2011, 12, 30).unwrap().and_hms_opt(0, 0, 0).unwrap();
        let next = NaiveDate::from_ymd_opt(2011, 12, 30).unwrap().and_hms_opt(10, 0, 0).unwrap().and_utc();
        assert_eq!(instant(skipped, chrono_tz::Pacific::Apia, Edge::Start), next);
    }

    #[test]
    fn an_hour_that_comes_twice_is_taken_whole() {
        assert_eq!(instant(wall(11, 1, 1, 30), New_York, Edge::Start), wall(11, 1, 5, 30).and_utc());
        assert_eq!(instant(wall(11, 1, 1, 30), New_York, Edge::End), wall(11, 1, 6, 30).and_utc());
    }
}
