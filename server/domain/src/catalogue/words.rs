//! An offer's conditions in the words members read. Only what is public goes in, so that nothing else can come out.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use model::{
    Timestamp,
    catalogue::time_of_day,
    offers::{Conditions, Limits, RedemptionMethod, Validity, last_moment},
    time::{Weekdays, ZoneMode},
};

/// A day as members say it: `30 June`, with the year when it is far from today.
pub(super) fn day(day: NaiveDate, today: NaiveDate) -> String {
    let near = (day - today).abs() < TimeDelta::days(270);
    day.format(if near { "%-d %B" } else { "%-d %B %Y" }).to_string()
}

/// The day it is for members, by the clocks that count for them: where they differ the later one, so that no end is told too late.
/// Without a clock it is New York's, where the days of the country begin.
pub(super) fn today(clocks: &[Tz], now: Timestamp) -> NaiveDate {
    let on = |zone: &Tz| now.with_timezone(zone).date_naive();
    clocks.iter().map(on).max().unwrap_or_else(|| on(&Tz::America__New_York))
}

/// The clocks that a validity is read on; none where its places have none.
pub(super) fn clocks(validity: &Validity, zones: &[Tz]) -> Vec<Tz> {
    let one = match &validity.zone {
        ZoneMode::OneZone { zone } => zone.parse().ok(),
        ZoneMode::EachLocation => None,
    };
    one.map_or_else(|| zones.to_vec(), |zone| vec![zone])
}

/// `30 June`, `30 June at 6 pm`.
fn moment((date, time): (NaiveDate, Option<NaiveTime>), today: NaiveDate) -> String {
    format!("{}{}", day(date, today), at(time))
}

fn at(time: Option<NaiveTime>) -> String {
    time.map(|time| format!(" at {}", time_of_day(time))).unwrap_or_default()
}

/// The end of what is still on show: `Until 30 June`, `Ends tomorrow`, `Ends today at 6 pm`. What ended yesterday by one clock is on
/// show because by another it is still that day.
fn end((date, time): (NaiveDate, Option<NaiveTime>), today: NaiveDate) -> String {
    match (date - today).num_days() {
        ..=0 => format!("Ends today{}", at(time)),
        1 => format!("Ends tomorrow{}", at(time)),
        _ => format!("Until {}", moment((date, time), today)),
    }
}

/// When an offer ends, as its card says it: with its validity, or with its publication when that ends clearly earlier.
pub(super) fn last_day(valid_until: Option<NaiveDateTime>, offered_until: Option<Timestamp>, today: NaiveDate) -> Option<String> {
    let offered = earlier_end(valid_until, offered_until).map(|last| (last, None));
    offered.or(valid_until.map(last_moment)).map(|last| end(last, today))
}

/// The last day of a publication that ends before the validity does. A day's difference is the clocks' of the places.
fn earlier_end(valid_until: Option<NaiveDateTime>, offered_until: Option<Timestamp>) -> Option<NaiveDate> {
    let end = offered_until?;
    let decides = valid_until.is_none_or(|until| until - end.naive_utc() > TimeDelta::days(1));
    // An end at midnight is half-open too: the day before is the last one.
    decides.then(|| today(&[], end - TimeDelta::seconds(1)))
}

/// When an offer may be used, as phrases of one list: its days, weekdays, hours, black-out days and whose clock counts.
pub(super) fn when(validity: &Validity, offered_until: Option<Timestamp>, zones: &[Tz], now: Timestamp) -> Vec<String> {
    let today = today(&clocks(validity, zones), now);
    let mut phrases = vec![stretch(validity, today)];
    if let Some(end) = earlier_end(validity.until, offered_until) {
        phrases.push(format!("to be had until {}", day(end, today)));
    }
    if validity.days != Weekdays::ALL {
        phrases.push(weekdays(validity.days));
    }
    if let Some((from, until)) = validity.hours {
        let night = if until <= from && until != NaiveTime::MIN { " the next day" } else { "" };
        phrases.push(format!("{} to {}{night}", time_of_day(from), time_of_day(until)));
    }
    let yesterday = today.checked_sub_days(Days::new(1)).unwrap_or(today);
    let blackout: Vec<String> =
        validity.blackout.iter().filter(|(_, last)| *last >= yesterday).map(|(first, last)| days(*first, *last, today)).collect();
    if !blackout.is_empty() {
        phrases.push(format!("not on {}", listed(&blackout, "or")));
    }
    phrases.extend(clock(validity, zones));
    phrases
}

/// A day, or a stretch of them: `24 to 26 December`.
fn days(first: NaiveDate, last: NaiveDate, today: NaiveDate) -> String {
    match (first.year(), first.month()) == (last.year(), last.month()) {
        _ if first == last => day(first, today),
        true => format!("{} to {}", first.day(), day(last, today)),
        false => format!("{} to {}", day(first, today), day(last, today)),
    }
}

fn stretch(validity: &Validity, today: NaiveDate) -> String {
    let from = validity.from.filter(|from| from.date() > today).map(|from| {
        let time = (from.time() != NaiveTime::MIN).then_some(from.time());
        moment((from.date(), time), today)
    });
    match (from, validity.until.map(last_moment)) {
        (None, None) => "No end date".to_owned(),
        (None, Some(last)) => end(last, today),
        (Some(from), None) => format!("From {from}"),
        (Some(from), Some(last)) => format!("From {from} until {}", moment(last, today)),
    }
}

/// `Monday to Friday` for days in a row, else each by name.
fn weekdays(days: Weekdays) -> String {
    let chosen: Vec<usize> = (0..7).filter(|i| days.contains(Weekdays::DAYS[*i].0)).collect();
    let name = |i: usize| Weekdays::DAYS[i].2;
    // The first of a row is a chosen day after one that is not, so that Friday to Monday is a row too.
    let start = chosen.iter().copied().find(|i| !chosen.contains(&((i + 6) % 7)));
    match start {
        Some(start) if chosen.len() > 2 && (0..chosen.len()).all(|step| chosen.contains(&((start + step) % 7))) => {
            format!("{} to {}", name(start), name((start + chosen.len() - 1) % 7))
        }
        _ => listed(&chosen.into_iter().map(|i| format!("{}s", name(i))).collect::<Vec<_>>(), "and"),
    }
}

/// Whose clock counts, where that matters.
fn clock(validity: &Validity, zones: &[Tz]) -> Option<String> {
    let exact = validity.hours.is_some()
        || [validity.from, validity.until].into_iter().flatten().any(|moment| moment.time() != NaiveTime::MIN);
    match &validity.zone {
        ZoneMode::OneZone { zone } => (exact || zones.len() > 1).then(|| format!("by the clock of {}", city(zone))),
        ZoneMode::EachLocation => (exact && zones.len() > 1).then(|| "by the clock of each place".to_owned()),
    }
}

/// The city that an IANA zone is named after.
fn city(zone: &str) -> String {
    zone.rsplit('/').next().unwrap_or(zone).replace('_', " ")
}

/// Why the offer cannot be used at this moment on any of its clocks; none when it can.
pub(super) fn not_now(validity: &Validity, zones: &[Tz], now: Timestamp) -> Option<String> {
    let mut clocks = clocks(validity, zones);
    if clocks.is_empty() {
        clocks.push(Tz::UTC);
    }
    let mut reasons = clocks.into_iter().map(|zone| reason(validity, now.with_timezone(&zone).naive_local()));
    let first = reasons.next().flatten()?;
    reasons.all(|reason| reason.is_some()).then_some(first)
}

fn reason(validity: &Validity, wall: NaiveDateTime) -> Option<String> {
    let today = wall.date();
    if let Some(from) = validity.from.filter(|from| wall < *from) {
        return Some(format!("It starts on {}.", day(from.date(), today)));
    }
    if validity.until.is_some_and(|until| wall >= until) {
        return Some("It has ended.".to_owned());
    }
    // A window that goes past midnight belongs to the day on which it began.
    let began = match validity.hours {
        Some((from, until)) if until <= from && wall.time() < until => today.checked_sub_days(Days::new(1)).unwrap_or(today),
        _ => today,
    };
    if validity.blackout.iter().any(|(first, last)| (*first..=*last).contains(&began)) {
        return Some("Today is one of the days on which it is not valid.".to_owned());
    }
    if !validity.days.contains(began.weekday()) {
        return Some(format!("Today is not one of its days: {}.", weekdays(validity.days)));
    }
    let (from, until) = validity.hours?;
    let open = if from < until { (from..until).contains(&wall.time()) } else { wall.time() >= from || wall.time() < until };
    (!open).then(|| format!("Its hours are {} to {}.", time_of_day(from), time_of_day(until)))
}

/// What an offer takes and where it ends, as (label, value).
pub(super) fn facts(conditions: &Conditions, limits: &Limits) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut add = |label: &str, value: Option<String>| facts.extend(value.map(|value| (label.to_owned(), value)));
    add("Worth", conditions.face_value.map(|money| money.shown()));
    add("You save about", conditions.estimated_saving.map(|money| money.shown()));
    add("Spend at least", conditions.minimum_spend.map(|money| money.shown()));
    add("Largest discount", conditions.largest_discount.map(|money| money.shown()));
    add("For", conditions.new_customers_only.then(|| "New customers".to_owned()));
    add("Age", conditions.minimum_age.map(|years| format!("{years} or older")));
    add("How often", how_often(limits));
    let combined = if conditions.combinable { "Can be combined" } else { "Cannot be combined" };
    add("Other offers", Some(combined.to_owned()));
    facts
}

fn how_often(limits: &Limits) -> Option<String> {
    let times = |n: u32| match n {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{n} times"),
    };
    let phrases: Vec<String> = [
        (limits.member_day, " a day"),
        (limits.member_week, " a week"),
        (limits.member_month, " a month"),
        (limits.member_ever, " in all"),
    ]
    .into_iter()
    .filter_map(|(limit, span)| limit.map(|n| format!("{}{span}", times(n))))
    .collect();
    let text = match (phrases.as_slice(), limits.member_ever) {
        ([], _) => return None,
        ([_], Some(n)) => times(n),
        (several, _) => several.join(", "),
    };
    Some(capital(&text))
}

/// How the offer is redeemed, in one sentence. It promises no code and no link on the page: they are given out with a claim.
pub(super) fn redemption(method: RedemptionMethod) -> &'static str {
    match method {
        RedemptionMethod::Token => "Ask for the offer when you pay.",
        RedemptionMethod::SingleUseCode => "Give your own member code when you pay.",
        RedemptionMethod::SharedCode => "Give the members' code when you pay.",
        RedemptionMethod::Link => "Buy through the members' link. The offer is in the price there.",
        RedemptionMethod::CardLinked => "Pay with your linked card. There is nothing to show.",
    }
}

/// `a, b or c`.
fn listed(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., tail] => format!("{} {last} {tail}", head.join(", ")),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Currency, Money};

    fn instant(text: &str) -> Timestamp {
        format!("{text}:00Z").parse().unwrap()
    }

    fn wall(text: &str) -> NaiveDateTime {
        model::form::parse_wall_time(text).unwrap()
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn always() -> Validity {
        Validity { zone: ZoneMode::EachLocation, from: None, until: None, days: Weekdays::ALL, hours: None, blackout: Vec::new() }
    }

    fn hours(from: &str, until: &str) -> Option<(NaiveTime, NaiveTime)> {
        let time = |s: &str| NaiveTime::parse_from_str(s, "%H:%M").unwrap();
        Some((time(from), time(until)))
    }

    const NEW_YORK: Tz = Tz::America__New_York;
    const CHICAGO: Tz = Tz::America__Chicago;

    #[test]
    fn the_last_day_is_the_one_before_midnight() {
        let told = |until: &str| moment(last_moment(wall(until)), date("2026-03-01"));
        assert_eq!(told("2026-07-01 00:00"), "30 June");
        assert_eq!(told("2026-06-30 18:00"), "30 June at 6 pm");
        assert_eq!(told("2028-01-01 00:00"), "31 December 2027");
    }

    #[test]
    fn an_end_that_is_near_is_told_by_its_day() {
        let until = |text: &str| Some(wall(text));
        for (today, told) in [
            ("2026-06-28", "Until 30 June"),
            ("2026-06-29", "Ends tomorrow"),
            ("2026-06-30", "Ends today"),
            // Still on show: somewhere it is the last day yet.
            ("2026-07-01", "Ends today"),
        ] {
            assert_eq!(last_day(until("2026-07-01 00:00"), None, date(today)).as_deref(), Some(told), "{today}");
        }
        let today = date("2026-06-30");
        assert_eq!(last_day(until("2026-06-30 18:30"), None, today).as_deref(), Some("Ends today at 6:30 pm"));
        // Midnight in New York.
        assert_eq!(last_day(None, Some(instant("2026-07-01T04:00")), today).as_deref(), Some("Ends today"));
        assert_eq!(last_day(None, Some(instant("2026-07-01T04:01")), today).as_deref(), Some("Ends tomorrow"));
    }

    #[test]
    fn today_is_the_day_of_the_places() {
        // Half past ten in the evening in New York, half past nine in Chicago.
        let now = instant("2026-03-02T03:30");
        assert_eq!(today(&[], now), date("2026-03-01"));
        assert_eq!(today(&[CHICAGO], now), date("2026-03-01"));
        assert_eq!(today(&[CHICAGO, Tz::UTC], now), date("2026-03-02"));
        let offer = Validity { until: Some(wall("2026-03-02 00:00")), ..always() };
        assert_eq!(when(&offer, None, &[CHICAGO], now), ["Ends today"]);
        let paris = ZoneMode::OneZone { zone: "Europe/Paris".into() };
        let by_another = Validity { zone: paris, until: Some(wall("2026-03-04 00:00")), ..always() };
        assert_eq!(when(&by_another, None, &[CHICAGO], now)[0], "Ends tomorrow");
    }

    #[test]
    fn when_names_days_hours_black_outs_and_the_clock() {
        let now = instant("2026-03-01T12:00");
        assert_eq!(when(&always(), None, &[], now), ["No end date"]);
        let offer = Validity {
            from: Some(wall("2026-04-01 00:00")),
            until: Some(wall("2026-05-01 00:00")),
            days: Weekdays::from_names(&["fri", "sat", "sun", "mon"]).unwrap(),
            hours: hours("22:00", "02:00"),
            blackout: vec![
                (date("2026-01-01"), date("2026-01-02")),
                (date("2026-04-03"), date("2026-04-06")),
                (date("2026-04-20"), date("2026-04-20")),
            ],
            ..always()
        };
        assert_eq!(
            when(&offer, None, &[NEW_YORK, CHICAGO], now),
            [
                "From 1 April until 30 April",
                "Friday to Monday",
                "10 pm to 2 am the next day",
                "not on 3 to 6 April or 20 April",
                "by the clock of each place",
            ]
        );
        let one = Validity { zone: ZoneMode::OneZone { zone: "America/New_York".into() }, ..offer };
        assert_eq!(when(&one, None, &[CHICAGO], now).last().unwrap(), "by the clock of New York");
        let two = Validity { days: Weekdays::from_names(&["tue", "sun"]).unwrap(), ..always() };
        assert_eq!(when(&two, None, &[], now)[1], "Tuesdays and Sundays");
    }

    #[test]
    fn a_publication_that_ends_before_the_validity_says_so() {
        let now = instant("2026-03-01T12:00");
        let until = |text: &str| Some(wall(text));
        let told = |valid: Option<NaiveDateTime>, offered: Option<&str>| last_day(valid, offered.map(instant), now.date_naive());
        assert_eq!(told(None, None), None);
        assert_eq!(told(until("2026-07-01 00:00"), None).as_deref(), Some("Until 30 June"));
        // Midnight in New York is five hours later in UTC: the offer's own end.
        assert_eq!(told(until("2026-04-01 00:00"), Some("2026-04-01T05:00")).as_deref(), Some("Until 31 March"));
        assert_eq!(told(until("2026-07-01 00:00"), Some("2026-05-01T00:00")).as_deref(), Some("Until 30 April"));
        assert_eq!(told(None, Some("2026-05-01T09:30")).as_deref(), Some("Until 1 May"));
        assert_eq!(when(&always(), Some(instant("2026-05-01T00:00")), &[], now), ["No end date", "to be had until 30 April"]);
    }

    #[test]
    fn a_window_past_midnight_belongs_to_the_day_it_began() {
        let offer = Validity { days: Weekdays::from_names(&["mon"]).unwrap(), hours: hours("22:00", "02:00"), ..always() };
        // 2 March 2026 is a Monday.
        for (moment, open) in [
            ("2026-03-02 21:59", false),
            ("2026-03-02 22:00", true),
            ("2026-03-03 01:59", true),
            ("2026-03-03 02:00", false),
            ("2026-03-02 01:00", false),
            ("2026-03-03 23:00", false),
        ] {
            assert_eq!(reason(&offer, wall(moment)).is_none(), open, "{moment}");
        }
    }

    #[test]
    fn an_offer_that_cannot_be_used_now_says_why() {
        let now = instant("2026-03-02T17:30");
        let ends = Validity { until: Some(wall("2026-03-02 12:00")), ..always() };
        // Half past twelve in New York, half past eleven in Chicago.
        assert_eq!(not_now(&ends, &[NEW_YORK], now).as_deref(), Some("It has ended."));
        assert_eq!(not_now(&ends, &[NEW_YORK, CHICAGO], now), None, "somewhere it still can be used");
        let starts = Validity { from: Some(wall("2026-04-01 00:00")), ..always() };
        assert_eq!(not_now(&starts, &[], now).as_deref(), Some("It starts on 1 April."));
        let black = Validity { blackout: vec![(date("2026-03-01"), date("2026-03-02"))], ..always() };
        assert!(not_now(&black, &[NEW_YORK], now).is_some());
        let sundays = Validity { days: Weekdays::from_names(&["sun"]).unwrap(), ..always() };
        assert_eq!(not_now(&sundays, &[NEW_YORK], now).as_deref(), Some("Today is not one of its days: Sundays."));
        let lunch = Validity { hours: hours("11:00", "12:00"), ..always() };
        assert_eq!(not_now(&lunch, &[NEW_YORK], now).as_deref(), Some("Its hours are 11 am to noon."));
        assert_eq!(not_now(&lunch, &[CHICAGO], now), None);
    }

    #[test]
    fn facts_tell_the_members_limits_and_never_the_operators() {
        let money = |minor| Some(Money::new(minor, Currency::USD));
        let conditions =
            Conditions { minimum_spend: money(2000), new_customers_only: true, minimum_age: Some(21), ..Conditions::default() };
        let limits =
            Limits { member_day: Some(1), member_ever: Some(5), total: Some(777), budget: money(99_999), ..Limits::default() };
        let facts = facts(&conditions, &limits);
        let told: Vec<_> = facts.iter().map(|(label, value)| format!("{label}: {value}")).collect();
        assert_eq!(
            told,
            [
                "Spend at least: $20",
                "For: New customers",
                "Age: 21 or older",
                "How often: Once a day, 5 times in all",
                "Other offers: Cannot be combined"
            ]
        );
        assert_eq!(how_often(&Limits { member_ever: Some(1), ..Limits::default() }).as_deref(), Some("Once"));
    }
}
