//! What members find: one listing for each publication that is or will be live, made from its revision.
//!
//! Owns `listings` and `listing_places`, and reads `catalogue_versions`, which the data base keeps. Whether a listing shows at
//! an instant follows from its times, its merchant's status and its client; no job moves it. Listings hold what lists and
//! search need; an offer's own page reads the revision's snapshot, never the draft.

mod cursor;
mod json_ld;
mod pages;
mod prose;
mod results;
mod search;
mod site_map;
mod store;
#[cfg(test)]
mod tests;
mod version;
mod words;

pub use pages::{home, merchant_page, offer_page};
pub use search::search;
pub use site_map::{SiteMap, SiteMapPage, site_map, site_map_file};
pub(crate) use store::bulk;
pub use version::{Version, unchanged_until, version};

use crate::{Op, Result, categories, pictures};
use model::{
    CategoryId, OfferId, PublicationId, RevisionId, Timestamp,
    catalogue::{OfferCard, OfferPreview},
    categories::Category,
    merchants::{Location, MerchantSummary},
    offers::{OfferContent, PlaceScope},
    pictures::ShownPicture,
    slug,
};

/// A publication as it is to stand in the catalogue.
#[derive(Clone, Debug)]
pub struct NewListing {
    pub publication: PublicationId,
    pub offer: OfferId,
    pub revision: RevisionId,
    /// The offer's, for its public address.
    pub short_id: String,
    /// The revision's snapshot.
    pub content: OfferContent,
    pub shown_from: Timestamp,
    /// The publication's end or the offer's last valid moment, whichever comes first; none for neither.
    pub shown_until: Option<Timestamp>,
    /// Where the offer applies; empty for an online one.
    pub locations: Vec<Location>,
}

/// Puts a publication into the catalogue, or takes what stands there for it and makes it anew: after a change of its times or
/// of its merchant's locations the same call brings the listing up to date. A stretch that is empty lists nothing.
///
/// A part of the use cases of publishing, which have asked for the permission.
pub async fn list(op: &mut Op, new: NewListing) -> Result<()> {
    let (publication, now) = (new.publication, op.now);
    store::delete(op.conn(), publication).await?;
    // What is over leaves the lists by its times; here its rows go too, a few at each listing, so that they never gather.
    store::purge(op.conn(), now).await?;
    if new.shown_until.is_some_and(|until| until <= new.shown_from) {
        return Ok(());
    }
    let ancestry = categories::with_ancestors(op, &new.content.categories).await?;
    let tree = categories::all(op).await?;
    let ancestry: Vec<&Category> = tree.iter().filter(|category| ancestry.contains(&category.id)).collect();
    store::insert(op.conn(), &new, &Cover::of(&new.content.categories, &tree), &ancestry).await
}

/// Takes a publication out of the catalogue: paused, ended, cancelled. Nothing happens when it does not stand there.
pub async fn unlist(op: &mut Op, publication: PublicationId) -> Result<()> {
    store::delete(op.conn(), publication).await
}

/// Lets a listing end at `at`, because another publication takes its place then.
pub async fn cut(op: &mut Op, publication: PublicationId, at: Timestamp) -> Result<()> {
    store::cut(op.conn(), publication, at).await
}

/// How members would see an offer of this content. It asks for no permission: the caller decides who may see it.
pub async fn preview(op: &mut Op, content: &OfferContent, short_id: &str, merchant: &MerchantSummary) -> Result<OfferPreview> {
    let tree = categories::all(op).await?;
    let cover = Cover::of(&content.categories, &tree);
    let today = words::today(&words::clocks(&content.validity, &[]), op.now);
    let texts = [
        ("How to redeem", &content.texts.how_to_redeem),
        ("Not included", &content.texts.exclusions),
        ("Terms", &content.texts.terms),
    ];
    let texts = texts.map(|(heading, text)| (heading.to_owned(), prose::html(text)));
    Ok(OfferPreview {
        card: OfferCard {
            address: slug::address(&content.texts.headline, short_id),
            headline: content.texts.headline.clone(),
            value: content.value.shown(),
            kind: content.value.kind(),
            merchant: merchant.name.clone(),
            icon: cover.icon,
            hue: cover.hue as u8,
            distance_km: None,
            online: online(content),
            until: words::last_day(content.validity.until, None, today),
            picture: picture(op, content, merchant).await?,
        },
        texts: texts.into_iter().filter(|(_, html)| !html.is_empty()).collect(),
    })
}

/// The offer's picture, else that of its merchant.
async fn picture(op: &mut Op, content: &OfferContent, merchant: &MerchantSummary) -> Result<Option<ShownPicture>> {
    Ok(pictures::shown(op, content.picture.as_ref()).await?.or_else(|| merchant.picture.clone()))
}

/// The picture that stands for an offer without one: icon and colour of its first category.
struct Cover {
    /// A name of the Lucide set.
    icon: String,
    /// 0 to 11.
    hue: i16,
}

impl Cover {
    /// The icon is the category's own, the colour that of the top-level category it belongs to.
    fn of(categories: &[CategoryId], tree: &[Category]) -> Self {
        let path = path(categories, tree);
        let (Some(top), Some(first)) = (path.first(), path.last()) else {
            return Self { icon: "ticket-percent".to_owned(), hue: 0 };
        };
        let place = tree.iter().filter(|category| category.parent.is_none()).position(|category| category.id == top.id);
        Self { icon: first.icon.clone(), hue: (place.unwrap_or_default() % 12) as i16 }
    }
}

/// The words that an offer is found by.
fn search_text(content: &OfferContent, ancestry: &[&Category]) -> String {
    let value = content.value.shown();
    let words = [content.texts.headline.as_str(), &content.texts.summary, &value].into_iter();
    let names = ancestry.iter().map(|category| category.name.as_str());
    words.chain(content.tags.iter().map(String::as_str)).chain(names).collect::<Vec<_>>().join("\n")
}

/// The first of the categories with those above it, outermost first.
fn path<'a>(categories: &[CategoryId], tree: &'a [Category]) -> Vec<&'a Category> {
    let find = |id| tree.iter().find(|category| category.id == id);
    let first = categories.first().and_then(|id| find(*id));
    let mut path: Vec<&Category> =
        std::iter::successors(first, |category| category.parent.and_then(find)).take(tree.len()).collect();
    path.reverse();
    path
}

/// Whether the offer has no place at all.
fn online(content: &OfferContent) -> bool {
    content.places.scope() == PlaceScope::Online
}
