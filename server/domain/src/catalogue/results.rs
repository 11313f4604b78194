//! The results of a search, page by page: newest first, or nearest first.
//!
//! A search that matches few offers is answered from all of them; one that matches many is read in order, where a page fills
//! soon. Which of the two it is, Postgres guesses well from common words and badly from those that it has never seen; so each
//! way is tried with a bound on what it costs where the guess is wrong.

use super::{
    cursor::Last,
    store::{
        cards::{self, Card},
        matches::{self, Filter, Match},
    },
};
use crate::{Op, Result};
use model::PublicationId;
use std::{cmp::Ordering, collections::HashMap};

/// Cards on a page.
const PAGE: usize = 24;
/// More matches than these are many.
const MANY: i64 = 3_000;
/// So many offers, one after the other, are looked at where matches are many: of a million, the rarest of those fill a page.
const IN_ORDER: i64 = 10_000;
/// What counts as near, in kilometres: fifty miles.
const NEAR_KM: f64 = 80.467_2;
/// How many of the nearest places are looked at, ring by ring outwards, until a page is full: an offer may have many of them.
const NEAREST_PLACES: [i64; 5] = [512, 4_096, 16_384, 65_536, 262_144];
/// The mean radius of the earth.
const EARTH_KM: f64 = 6_371.008_8;

/// A point that results are near to, in degrees north and east.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub latitude: f64,
    pub longitude: f64,
}

/// What a ZIP code was understood as.
pub(super) struct Whereabouts {
    /// Such as `New York, NY`.
    pub name: String,
    pub point: Point,
}

/// A page of cards, and its last offer when there are more after it.
type Found = (Vec<Card>, Option<Last>);

pub(super) async fn newest(op: &mut Op, filter: &Filter, after: Option<Last>) -> Result<Found> {
    let after = match after {
        Some(Last::Newest { shown_from, priority, publication }) => Some(Match { publication, shown_from, priority }),
        _ => None,
    };
    let mut found = newest_cards(op, filter, after.as_ref()).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let last = found.last().filter(|_| more).map(|card| Last::Newest {
        shown_from: card.shown_from,
        priority: card.priority,
        publication: card.publication,
    });
    Ok((found, last))
}

/// The newest that match, after a given one: one more than a page if there are as many.
async fn newest_cards(op: &mut Op, filter: &Filter, after: Option<&Match>) -> Result<Vec<Card>> {
    let (now, limit) = (op.now, PAGE as i64 + 1);
    // How rare a category is, Postgres knows well; how rare a word is, it guesses.
    if filter.words.is_empty() {
        return cards::newest(op.conn(), filter, now, after, limit).await;
    }
    if matches::guess(op.conn(), filter, now).await? > MANY {
        let found = cards::newest_among(op.conn(), IN_ORDER, filter, now, after, limit).await?;
        if found.len() > PAGE {
            return Ok(found);
        }
    }
    let Some(mut few) = matches::few(op.conn(), filter, now, MANY).await? else {
        return cards::newest(op.conn(), filter, now, after, limit).await;
    };
    few.retain(|offer| after.is_none_or(|after| offer.key() < after.key()));
    few.sort_unstable_by_key(|offer| std::cmp::Reverse(offer.key()));
    few.truncate(PAGE + 1);
    let ids: Vec<PublicationId> = few.iter().map(|offer| offer.publication).collect();
    cards::of(op.conn(), &ids, now).await
}

/// An offer by the nearest of its places; `chord` is the straight distance on the unit sphere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Near {
    pub publication: PublicationId,
    pub priority: i16,
    pub chord: f64,
}

impl Near {
    /// Nearest first; at the same distance the higher priority, then the id.
    fn order(&self, other: &Self) -> Ordering {
        let by_distance = self.chord.total_cmp(&other.chord);
        by_distance.then(other.priority.cmp(&self.priority)).then(self.publication.cmp(&other.publication))
    }
}

pub(super) async fn nearest(
    op: &mut Op,
    filter: &Filter,
    near: &Whereabouts,
    after: Option<Last>,
    notices: &mut Vec<String>,
) -> Result<Found> {
    let after = match after {
        Some(Last::Nearest { chord, priority, publication }) => Some(Near { publication, priority, chord }),
        _ => None,
    };
    let mut page = nearest_offers(op, filter, near.point, after).await?;
    let limit = chord(NEAR_KM);
    // Only when nothing is near does the list go on beyond: then from its first page on.
    let beyond = match (after, page.first()) {
        (Some(after), _) => after.chord > limit,
        (None, Some(first)) => first.chord > limit,
        (None, None) => false,
    };
    if !beyond {
        page.retain(|offer| offer.chord <= limit);
    } else if after.is_none() {
        notices.push(format!("Nothing was found within 50 miles of {}. These offers are the nearest.", near.name));
    }
    let more = page.len() > PAGE;
    page.truncate(PAGE);
    let last = page.last().filter(|_| more).map(|offer| Last::Nearest {
        chord: offer.chord,
        priority: offer.priority,
        publication: offer.publication,
    });
    let now = op.now;
    let ids: Vec<PublicationId> = page.iter().map(|offer| offer.publication).collect();
    let mut cards = cards::of(op.conn(), &ids, now).await?;
    for card in &mut cards {
        card.distance_km = page.iter().find(|offer| offer.publication == card.publication).map(|offer| kilometres(offer.chord));
    }
    Ok((cards, last))
}

/// The nearest offers after a given one: at least one more than a page, or all that are near, or all at the places looked at.
async fn nearest_offers(op: &mut Op, filter: &Filter, point: Point, after: Option<Near>) -> Result<Vec<Near>> {
    let (now, limit) = (op.now, chord(NEAR_KM));
    let mut found: HashMap<PublicationId, Near> = HashMap::new();
    let (mut step, mut looked_at, mut from) = (0, 0, 0.0);
    loop {
        let ring = NEAREST_PLACES[step] - looked_at;
        let nearest = matches::nearest_places(op.conn(), filter, now, point, from, ring).await?;
        looked_at += ring;
        // Behind the last place there may stand others at the same distance, which belong between these: they are left to the
        // next ring. An offer that a ring further in has found is nearer than its place in this one.
        for offer in nearest.offers.into_iter().filter(|offer| nearest.edge.is_none_or(|edge| offer.chord < edge)) {
            found.entry(offer.publication).or_insert(offer);
        }
        let page = ordered(found.values().copied().collect(), after);
        let here = after.as_ref().or(page.first()).is_some_and(|offer| offer.chord <= limit);
        let full = page.len() > PAGE || nearest.edge.is_none_or(|edge| here && edge > limit);
        let (Some(edge), Some(next), false) = (nearest.edge, wider(step, found.len()), full) else { return Ok(page) };
        // Where a page lies far out, few matches are sooner looked for everywhere: those that are few as Postgres guesses, and
        // before the last step, which costs most, whatever it guesses.
        let seek_all = match step {
            _ if filter.is_empty() => false,
            0 => next > 1 && matches::guess(op.conn(), filter, now).await? <= MANY,
            _ => next == NEAREST_PLACES.len() - 1,
        };
        if seek_all && let Some(few) = matches::few(op.conn(), filter, now, MANY).await? {
            return Ok(ordered(matches::by_nearest_place(op.conn(), &few, point).await?, after));
        }
        (step, from) = (next, edge);
    }
}

/// The first of the further steps whose places hold a page of offers if they match as often as those of this one, else the last;
/// none after the last.
fn wider(step: usize, found: usize) -> Option<usize> {
    let needed = NEAREST_PLACES[step] * (PAGE as i64 + 1) / found.max(1) as i64;
    let last = NEAREST_PLACES.len() - 1;
    (step + 1..=last).find(|next| NEAREST_PLACES[*next] >= needed || *next == last)
}

/// In the order of the results, after a given one.
fn ordered(mut offers: Vec<Near>, after: Option<Near>) -> Vec<Near> {
    offers.retain(|offer| after.is_none_or(|after| offer.order(&after) == Ordering::Greater));
    offers.sort_unstable_by(Near::order);
    offers
}

/// A distance on the ground as a straight line through the unit sphere.
fn chord(km: f64) -> f64 {
    2.0 * (km / EARTH_KM / 2.0).sin()
}

/// The inverse of [`chord`].
pub(super) fn kilometres(chord: f64) -> f64 {
    2.0 * (chord / 2.0).min(1.0).asin() * EARTH_KM
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_step_is_as_wide_as_what_was_found_promises() {
        let next = |places: i64, found| {
            let step = NEAREST_PLACES.iter().position(|step| *step == places)?;
            wider(step, found).map(|next| NEAREST_PLACES[next])
        };
        assert_eq!(next(512, 30), Some(4_096), "never the same again");
        assert_eq!(next(512, 4), Some(4_096));
        assert_eq!(next(512, 3), Some(16_384));
        assert_eq!(next(512, 0), Some(16_384), "nothing promises as much as one");
        assert_eq!(next(4_096, 7), Some(16_384));
        assert_eq!(next(4_096, 6), Some(65_536));
        assert_eq!(next(4_096, 0), Some(262_144));
        assert_eq!(next(262_144, 0), None);
    }

    #[test]
    fn a_chord_and_its_arc_are_one_distance() {
        for km in [0.0, 1.0, NEAR_KM, 5_000.0] {
            assert!((kilometres(chord(km)) - km).abs() < 1e-6, "{km}");
        }
        assert!((kilometres(2.0) - 20_015.1).abs() < 0.1, "half way round");
    }
}
