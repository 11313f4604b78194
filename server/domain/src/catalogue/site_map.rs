//! The addresses that search engines are told: live offers, and merchants that have one.

use super::store::site_map::{self as store, SitePage};
use crate::{Op, Result};
use model::{Timestamp, catalogue::url_escaped, slug};
use uuid::Uuid;

/// What one file of a site map may hold.
const MOST: i64 = 50_000;

/// Where the files of the site map begin: the first id of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteMap {
    pub offers: Vec<Uuid>,
    pub merchants: Vec<Uuid>,
}

/// One address of a site map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteMapPage {
    /// From the root of the site, escaped.
    pub path: String,
    pub changed: Timestamp,
}

/// The files that the site map has now. A file that is fetched later holds what is live then, from its first id on.
pub async fn site_map(op: &mut Op) -> Result<SiteMap> {
    let now = op.now;
    Ok(SiteMap {
        offers: store::offer_stretches(op.conn(), MOST, now).await?,
        merchants: store::merchant_stretches(op.conn(), MOST, now).await?,
    })
}

/// The offers of one file.
pub async fn site_map_of_offers(op: &mut Op, from: Uuid) -> Result<Vec<SiteMapPage>> {
    let now = op.now;
    let pages = store::offer_addresses(op.conn(), from, MOST, now).await?;
    Ok(pages.into_iter().map(|page| address("offers", page)).collect())
}

/// The merchants of one file.
pub async fn site_map_of_merchants(op: &mut Op, from: Uuid) -> Result<Vec<SiteMapPage>> {
    let now = op.now;
    let pages = store::merchant_addresses(op.conn(), from, MOST, now).await?;
    Ok(pages.into_iter().map(|page| address("merchants", page)).collect())
}

fn address(folder: &str, page: SitePage) -> SiteMapPage {
    SiteMapPage { path: format!("/{folder}/{}", url_escaped(&slug::address(&page.name, &page.short_id))), changed: page.changed }
}
