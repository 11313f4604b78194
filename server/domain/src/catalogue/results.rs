//! The results of a search, page by page: newest first, or nearest first.
//!
//! A search that matches few offers is answered from all of them; one that matches many is read in order, where a page fills
//! soon. Which of the two it is, Postgres cannot know beforehand from a word that it has never seen.

use super::{
    cursor::Last,
    store::{
        cards::{self, Card},
        matches::{self, Filter, Match},
    },
};
use crate::{Op, Result};
use model::PublicationId;
use std::{cmp::Ordering, collections::HashSet};

/// Cards on a page.
const PAGE: usize = 24;
/// More matches than these are many.
const MANY: i64 = 3_000;
/// What counts as near, in kilometres: fifty miles.
const NEAR_KM: f64 = 80.467_2;
/// How many of the nearest places are looked at, step by step, until a page is full: an offer may have many of them.
const NEAREST_PLACES: [i64; 4] = [512, 4_096, 32_768, 262_144];
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
    let now = op.now;
    // How rare a category is, Postgres knows well; how rare a word is, it guesses.
    let few = if filter.words.is_empty() { None } else { matches::few(op.conn(), filter, now, MANY).await? };
    let mut found = match few {
        Some(mut few) => {
            few.retain(|offer| after.as_ref().is_none_or(|after| offer.key() < after.key()));
            few.sort_unstable_by_key(|offer| std::cmp::Reverse(offer.key()));
            few.truncate(PAGE + 1);
            let ids: Vec<PublicationId> = few.iter().map(|offer| offer.publication).collect();
            cards::of(op.conn(), &ids, now).await?
        }
        None => cards::newest(op.conn(), filter, now, after.as_ref(), PAGE as i64 + 1).await?,
    };
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let last = found.last().filter(|_| more).map(|card| Last::Newest {
        shown_from: card.shown_from,
        priority: card.priority,
        publication: card.publication,
    });
    Ok((found, last))
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

/// The nearest offers after a given one: at least one more than a page if there are as many.
async fn nearest_offers(op: &mut Op, filter: &Filter, point: Point, after: Option<Near>) -> Result<Vec<Near>> {
    let now = op.now;
    let narrow = !filter.words.is_empty() || filter.category.is_some();
    let few = if narrow { matches::few(op.conn(), filter, now, MANY).await? } else { None };
    if let Some(few) = few {
        return Ok(once_each(matches::by_nearest_place(op.conn(), &few, point).await?, after));
    }
    let mut page = Vec::new();
    for most in NEAREST_PLACES {
        let nearest = matches::nearest_places(op.conn(), filter, now, point, most).await?;
        let mut offers = nearest.offers;
        // Behind the last place there may stand others at the same distance, which belong between these.
        if let Some(edge) = nearest.edge {
            offers.retain(|offer| offer.chord < edge);
        }
        page = once_each(offers, after);
        if nearest.edge.is_none() || page.len() > PAGE {
            break;
        }
    }
    Ok(page)
}

/// Each offer once, by the nearest of its places, in the order of the results, after a given one.
fn once_each(mut offers: Vec<Near>, after: Option<Near>) -> Vec<Near> {
    offers.sort_unstable_by(Near::order);
    let mut seen = HashSet::new();
    offers.retain(|offer| seen.insert(offer.publication));
    offers.retain(|offer| after.is_none_or(|after| offer.order(&after) == Ordering::Greater));
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
    fn a_chord_and_its_arc_are_one_distance() {
        for km in [0.0, 1.0, NEAR_KM, 5_000.0] {
            assert!((kilometres(chord(km)) - km).abs() < 1e-6, "{km}");
        }
        assert!((kilometres(2.0) - 20_015.1).abs() < 0.1, "half way round");
    }
}
