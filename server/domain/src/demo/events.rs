//! What happens in the demo, and when.

use super::{
    deals::{Deal, PAST},
    shops::Shop,
    stories::{Step, halfway},
};
use chrono::TimeDelta;
use model::{Timestamp, merchants::MerchantStatus};
use std::collections::HashMap;

/// When the operator began; merchants came from then on, and offers once they all were there.
pub(super) const BEGINNING: TimeDelta = TimeDelta::days(160);

/// Something that somebody does. Numbers are places in the lists of shops and deals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Event {
    AddMerchant(usize),
    SetStatus(usize, MerchantStatus),
    AddOffer(usize),
    /// The offer, and the place of the step in its story.
    Take(usize, usize),
    /// A publication of the offer starts or ends by time alone.
    Settle(usize),
}

/// All events in their order.
pub(super) fn events(shops: &[Shop], deals: &[Deal], now: Timestamp) -> Vec<(Timestamp, Event)> {
    let mut events = Vec::new();
    // The last that happened to an offer of each merchant.
    let mut last = HashMap::new();
    for (i, deal) in deals.iter().enumerate() {
        events.push((deal.added, Event::AddOffer(i)));
        let last = last.entry(deal.shop).or_insert(deal.added);
        *last = deal.added.max(*last);
        for (k, (step, at)) in deal.story.iter().zip(&deal.moments).enumerate() {
            events.push((*at, Event::Take(i, k)));
            let mut end = *at;
            if matches!(step, Step::PublishForATime | Step::ScheduleSoon) {
                end = halfway(*at, now) + TimeDelta::seconds(1);
                events.push((end, Event::Settle(i)));
            }
            *last = end.max(*last);
        }
    }
    let (from, until) = (now - BEGINNING, now - PAST - TimeDelta::days(1));
    for (i, shop) in shops.iter().enumerate() {
        let added = from + (until - from) * i as i32 / shops.len() as i32;
        events.push((added, Event::AddMerchant(i)));
        match shop.status {
            // One in eight signed only after a talk.
            MerchantStatus::Active if i % 8 == 0 => {
                events.push((added + TimeDelta::hours(20), Event::SetStatus(i, shop.status)));
            }
            MerchantStatus::Active | MerchantStatus::Prospect => {}
            MerchantStatus::Suspended | MerchantStatus::Closed => {
                let last = last.get(&i).copied().unwrap_or(now - TimeDelta::days(20));
                events.push((last + (now - last) / 3, Event::SetStatus(i, shop.status)));
            }
        }
    }
    events.sort_by_key(|(at, _)| *at);
    events
}

#[cfg(test)]
mod tests {
    use super::{super::*, *};
    use std::collections::HashSet;

    /// The demo of this seed in its usual size.
    fn check(seed: u64) {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let mut dice = Dice(seed);
        let shops = shops::shops(&mut dice, 2_000, now.date_naive());
        let deals = deals::deals(&mut dice, &shops, 5_000, now);
        let (mut there, mut gone) = (HashSet::new(), HashSet::new());
        for (at, event) in events(&shops, &deals, now) {
            assert!(at <= now, "{event:?} is still to come");
            let deal = match event {
                Event::AddMerchant(shop) => {
                    there.insert(shop);
                    continue;
                }
                Event::SetStatus(shop, MerchantStatus::Suspended | MerchantStatus::Closed) => {
                    gone.insert(shop);
                    continue;
                }
                Event::AddOffer(deal) => &deals[deal],
                Event::Take(deal, step) => {
                    let timed = matches!(deals[deal].story[step], Step::PublishForATime | Step::ScheduleSoon);
                    assert!(!timed || halfway(at, now) > at, "it ends when it begins: {:?}", deals[deal]);
                    &deals[deal]
                }
                Event::SetStatus(..) | Event::Settle(_) => continue,
            };
            assert!(there.contains(&deal.shop) && !gone.contains(&deal.shop), "{event:?} of {deal:?}");
        }
        assert!(there.len() == shops.len() && gone.len() > 50);
    }

    #[test]
    fn a_merchant_has_offers_only_between_its_coming_and_its_going() {
        (1..=5).for_each(check);
    }
}
