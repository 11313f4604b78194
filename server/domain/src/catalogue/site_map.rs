//! The addresses that search engines are told: live offers, and merchants that have one.
//!
//! Short ids are random, so those that begin with one letter are a share of all that an index finds: the files of a large site map are
//! known without looking at what they hold.

use super::store::site_map::{self as store, SitePage};
use crate::{Op, Result};
use model::{
    AppError, Timestamp,
    catalogue::url_escaped,
    slug::{self, SHORT_ID_ALPHABET, SHORT_ID_LENGTH},
};

/// What one file of a site map holds at most. It may hold 50,000; some are left for the pages that are always there.
const MOST: i64 = 49_000;
/// What a file holds on average at most: shares differ, and the numbers are estimates.
const AVERAGE: i64 = MOST / 2;

/// The site map as it is told first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SiteMap {
    /// All of it.
    Whole(Vec<SiteMapPage>),
    /// The names of its files, for [`site_map_file`].
    Files(Vec<String>),
}

/// One address of a site map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteMapPage {
    /// From the root of the site, escaped.
    pub path: String,
    pub changed: Timestamp,
}

/// The site map: whole if it fits into one file, else the names of its files.
pub async fn site_map(op: &mut Op) -> Result<SiteMap> {
    let (mut listings, merchants) = store::estimates(op.conn()).await?;
    if listings <= MOST {
        let mut pages = addresses(op, Kind::Offers, "", MOST + 1).await?;
        let offers = pages.len() as i64;
        if offers <= MOST {
            // Merchants have at least one offer each, or no place in the site map.
            pages.extend(addresses(op, Kind::Merchants, "", MOST + 1 - offers).await?);
        }
        if pages.len() as i64 <= MOST {
            return Ok(SiteMap::Whole(pages));
        }
        // Postgres has not counted them for a while.
        listings = listings.max(offers);
    }
    Ok(SiteMap::Files([file_names(Kind::Offers, listings), file_names(Kind::Merchants, merchants.min(listings))].concat()))
}

/// What stands in one file.
pub async fn site_map_file(op: &mut Op, name: &str) -> Result<Vec<SiteMapPage>> {
    let (kind, beginning) = read_name(name).ok_or(AppError::NotFound)?;
    addresses(op, kind, beginning, MOST).await
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Offers,
    Merchants,
}

impl Kind {
    const ALL: [Self; 2] = [Self::Offers, Self::Merchants];

    /// The first folder of their addresses.
    fn folder(self) -> &'static str {
        match self {
            Self::Offers => "offers",
            Self::Merchants => "merchants",
        }
    }
}

/// A file for each beginning of a short id: `offers-0` to `offers-z`, or more letters for more of them, or `offers` alone.
fn file_names(kind: Kind, count: i64) -> Vec<String> {
    let (mut beginnings, mut share) = (vec![String::new()], count);
    while share > AVERAGE {
        let longer =
            |start: &String| SHORT_ID_ALPHABET.iter().map(|letter| format!("{start}{}", *letter as char)).collect::<Vec<_>>();
        beginnings = beginnings.iter().flat_map(longer).collect();
        share /= SHORT_ID_ALPHABET.len() as i64;
    }
    let name = |start: String| if start.is_empty() { kind.folder().to_owned() } else { format!("{}-{start}", kind.folder()) };
    beginnings.into_iter().map(name).collect()
}

/// What a file's name says: the kind, and how the short ids begin.
fn read_name(name: &str) -> Option<(Kind, &str)> {
    let (folder, beginning) = name.split_once('-').unwrap_or((name, ""));
    let kind = Kind::ALL.into_iter().find(|kind| kind.folder() == folder)?;
    let known = beginning.len() <= SHORT_ID_LENGTH && beginning.bytes().all(|letter| SHORT_ID_ALPHABET.contains(&letter));
    known.then_some((kind, beginning))
}

async fn addresses(op: &mut Op, kind: Kind, beginning: &str, most: i64) -> Result<Vec<SiteMapPage>> {
    let now = op.now;
    let pages = match kind {
        Kind::Offers => store::offer_addresses(op.conn(), beginning, most, now).await?,
        Kind::Merchants => store::merchant_addresses(op.conn(), beginning, most, now).await?,
    };
    Ok(pages.into_iter().map(|page| address(kind, page)).collect())
}

fn address(kind: Kind, page: SitePage) -> SiteMapPage {
    let address = url_escaped(&slug::address(&page.name, &page.short_id));
    SiteMapPage { path: format!("/{}/{address}", kind.folder()), changed: page.changed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_many_enough_for_what_they_hold_and_their_names_read_back() {
        assert_eq!(file_names(Kind::Offers, 0), ["offers"]);
        assert_eq!(file_names(Kind::Merchants, AVERAGE), ["merchants"]);
        for (count, files) in [(AVERAGE + 1, 32), (720_000, 32), (1_000_000, 1_024), (20_000_000, 1_024)] {
            let names = file_names(Kind::Offers, count);
            assert_eq!(names.len(), files, "{count}");
            assert!(count / files as i64 <= AVERAGE, "{count}");
            assert!(names.iter().all(|name| read_name(name).is_some_and(|(kind, _)| kind == Kind::Offers)), "{names:?}");
        }
        assert_eq!(read_name("merchants-0z"), Some((Kind::Merchants, "0z")));
        assert_eq!(read_name("offers"), Some((Kind::Offers, "")));
        for none in ["", "start", "offers-u", "offers-A", "offers-0-1", "offers-01234567890", "brands-0"] {
            assert_eq!(read_name(none), None, "{none}");
        }
    }
}
