//! The search of the member site: what was asked, as the store understands it.

use super::{
    cursor::Last,
    pages,
    results::{self, Point, Whereabouts},
    store::matches::{self, Filter, Word},
};
use crate::{Op, Result, categories, places};
use model::{
    catalogue::{OfferResults, OfferSearch, UNKNOWN_ZIP},
    categories::Category,
};

/// The longest text, in characters, that is searched for.
const LONGEST: usize = 200;
/// Words after these are not looked at.
const MOST_WORDS: usize = 8;
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
        None => results::newest(op, &filter, after).await?,
        Some(near) => results::nearest(op, &filter, near, after, &mut notices).await?,
    };
    let next = last.map(Last::cursor);
    Ok(OfferResults {
        cards: pages::shown(found, super::words::today(&[], op.now))?,
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
    let mut words = matches::words(op.conn(), &q).await?;
    if words.is_empty() {
        notices.push("Search for words or numbers. All offers are shown.".to_owned());
        return Ok((String::new(), words));
    }
    if words.iter().any(|word| !word.stop) {
        words.retain(|word| !word.stop);
    }
    words.truncate(MOST_WORDS);
    matches::find_merchants(op.conn(), &mut words).await?;
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
        None => Err(UNKNOWN_ZIP.to_owned()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_one_line_without_control_characters() {
        assert_eq!(clean(" a\0b\t\r\nc\u{85} "), "a b c");
        assert_eq!(clean("\0\u{7f}"), "");
    }
}
