//! The search of the member site: what was asked, in words that the store understands, and the pages of its results.

use super::{
    cursor::Last,
    pages,
    store::cards::{self, Card},
};
use crate::{Op, Result, categories, places};
use model::{
    CategoryId, PublicationId,
    catalogue::{OfferResults, OfferSearch},
    categories::Category,
};
use std::collections::HashSet;

/// Cards on a page.
const PAGE: usize = 24;
/// The longest text, in characters, that is searched for.
const LONGEST: usize = 200;
/// Words after these are not looked at.
const MOST_WORDS: usize = 8;
/// What counts as near, in kilometres: fifty miles.
const NEAR_KM: f64 = 80.467_2;
/// How many of the nearest places are looked at, step by step, until a page is full. An offer may have many of them.
const NEAREST_PLACES: [i64; 4] = [256, 2_048, 16_384, 131_072];

/// A word of the search text, letters and digits only, in lower case and without accents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub text: String,
    /// An English word such as "the", which says nothing.
    pub stop: bool,
}

/// A search as the store carries it out.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    /// All of them must stand in the offer's texts or its merchant's name.
    pub words: Vec<Word>,
    pub category: Option<CategoryId>,
}

/// A point that results are near to, in degrees north and east.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub latitude: f64,
    pub longitude: f64,
}

/// What a `near` was understood as.
pub(super) struct Whereabouts {
    /// Such as `New York, NY`.
    pub name: String,
    pub point: Point,
}

/// Searches the live offers: newest first, or nearest first when the member says where they are.
///
/// What cannot be understood is told in a notice and left out; it never fails the search.
pub async fn search(op: &mut Op, asked: &OfferSearch) -> Result<OfferResults> {
    let tree = categories::all(op).await?;
    let mut notices = Vec::new();
    let mut understood = OfferSearch::default();
    let (q, words) = words(op, &asked.q, &mut notices).await?;
    understood.q = q;
    let category = category(&tree, &asked.category, &mut notices);
    understood.category = category.map(|c| c.slug.clone()).unwrap_or_default();
    let near = match whereabouts(op, &asked.near).await? {
        Ok(near) => near,
        Err(notice) => {
            notices.push(notice);
            None
        }
    };
    if near.is_some() {
        understood.near = clean(&asked.near);
    }
    let after = after(&asked.after, near.is_some(), &mut notices);
    let filter = Filter { words, category: category.map(|c| c.id) };
    let (found, last) = match &near {
        None => newest(op, &filter, after).await?,
        Some(near) => nearest(op, &filter, near, after, &mut notices).await?,
    };
    let next = last.map(Last::cursor);
    Ok(OfferResults {
        cards: pages::shown(found, op.now.date_naive())?,
        next,
        search: understood,
        near: near.map(|near| near.name),
        notices,
        category: category.cloned(),
        categories: tree,
    })
}

/// One line without control characters, which no text of ours holds and Postgres does not take.
fn clean(raw: &str) -> String {
    raw.split(|c: char| c.is_control() || c.is_whitespace()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The text that is searched for, and its words.
async fn words(op: &mut Op, raw: &str, notices: &mut Vec<String>) -> Result<(String, Vec<Word>)> {
    let q = clean(raw);
    if q.is_empty() {
        return Ok((q, Vec::new()));
    }
    if q.chars().count() > LONGEST {
        notices.push(format!("Search for at most {LONGEST} characters. All offers are shown."));
        return Ok((String::new(), Vec::new()));
    }
    let mut words = cards::words(op.conn(), &q).await?;
    if words.is_empty() {
        notices.push("Search for words or numbers. All offers are shown.".to_owned());
        return Ok((String::new(), words));
    }
    if words.iter().any(|word| !word.stop) {
        words.retain(|word| !word.stop);
    }
    words.truncate(MOST_WORDS);
    Ok((q, words))
}

fn category<'a>(tree: &'a [Category], slug: &str, notices: &mut Vec<String>) -> Option<&'a Category> {
    let slug = clean(slug);
    let found = tree.iter().find(|category| category.slug == slug);
    if found.is_none() && !slug.is_empty() {
        notices.push("There is no such category. Offers of all categories are shown.".to_owned());
    }
    found
}

/// The place that a ZIP code names; a notice when it names none, nothing for an empty one.
pub(super) async fn whereabouts(op: &mut Op, raw: &str) -> Result<std::result::Result<Option<Whereabouts>, String>> {
    let code = clean(raw);
    if code.is_empty() {
        return Ok(Ok(None));
    }
    let plain = code.len() <= 10 && code.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let place = if plain { places::find(op, "US", &code).await? } else { None };
    Ok(match place {
        Some(place) => Ok(Some(Whereabouts {
            name: format!("{}, {}", place.city, place.region),
            point: Point { latitude: place.latitude, longitude: place.longitude },
        })),
        None => Err("This ZIP code is not known. Type five digits, such as 10001.".to_owned()),
    })
}

fn after(raw: &str, near: bool, notices: &mut Vec<String>) -> Option<Last> {
    let raw = raw.trim();
    // A cursor goes on in the order that it was made in.
    let last = Last::read(raw).filter(|last| matches!(last, Last::Nearest { .. }) == near);
    if last.is_none() && !raw.is_empty() {
        notices.push("That page of the results is not there any more. This is the first one.".to_owned());
    }
    last
}

/// A page of cards, and its last offer when there are more after it.
type Found = (Vec<Card>, Option<Last>);

async fn newest(op: &mut Op, filter: &Filter, after: Option<Last>) -> Result<Found> {
    let after = match after {
        Some(Last::Newest { shown_from, priority, publication }) => Some((shown_from, priority, publication)),
        _ => None,
    };
    let now = op.now;
    let mut found = cards::newest(op.conn(), filter, now, after, PAGE as i64 + 1).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let last = found.last().filter(|_| more).map(|card| Last::Newest {
        shown_from: card.shown_from,
        priority: card.priority,
        publication: card.publication,
    });
    Ok((found, last))
}

/// An offer by the nearest of its places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Near {
    pub publication: PublicationId,
    pub priority: i16,
    pub chord: f64,
}

impl Near {
    /// Nearest first; at the same distance the higher priority, then the id.
    fn key(&self) -> (f64, i32, PublicationId) {
        (self.chord, -i32::from(self.priority), self.publication)
    }
}

async fn nearest(
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
    Ok((cards::near(op.conn(), &page, now).await?, last))
}

/// The nearest offers after a given one: at least one more than a page if there are as many.
async fn nearest_offers(op: &mut Op, filter: &Filter, point: Point, after: Option<Near>) -> Result<Vec<Near>> {
    let now = op.now;
    let mut page = Vec::new();
    for places in NEAREST_PLACES {
        let mut rows = cards::nearest_places(op.conn(), filter, now, point, places).await?;
        let all = (rows.len() as i64) < places;
        // Behind the last place there may stand others at the same distance, which belong between these.
        if !all && let Some(edge) = rows.last().map(|row| row.chord) {
            rows.retain(|row| row.chord < edge);
        }
        page = first_of_each(rows);
        if let Some(after) = after {
            page.retain(|offer| offer.key() > after.key());
        }
        if all || page.len() > PAGE {
            break;
        }
    }
    Ok(page)
}

/// Each offer once, by the nearest of its places, in the order of the results.
fn first_of_each(mut rows: Vec<Near>) -> Vec<Near> {
    rows.sort_by(|a, b| {
        a.chord.total_cmp(&b.chord).then_with(|| a.key().1.cmp(&b.key().1)).then(a.publication.cmp(&b.publication))
    });
    let mut seen = HashSet::new();
    rows.retain(|row| seen.insert(row.publication));
    rows
}

/// The mean radius of the earth.
const EARTH_KM: f64 = 6_371.008_8;

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

    #[test]
    fn text_is_one_line_without_control_characters() {
        assert_eq!(clean(" a\0b\t\r\nc\u{85} "), "a b c");
        assert_eq!(clean("\0\u{7f}"), "");
    }
}
