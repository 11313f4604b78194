//! The pages of the member site: start, one offer, one merchant.

use super::{
    Cover,
    json_ld::{self, Seller},
    path, prose,
    results::{Whereabouts, kilometres},
    search::whereabouts,
    store::{
        cards::{self, Card},
        pages::{self as store, FoundPlace, PlacesOf},
    },
    version::minute,
    words,
};
use crate::{Op, Result, categories, merchants};
use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use model::{
    AppError, Timestamp,
    catalogue::{Home, MerchantPage, OfferCard, OfferPage, Place, Places, url_escaped},
    merchants::MerchantStatus,
    offers::{self, PlaceScope},
    slug,
};

/// Cards in a section of the start page.
const SECTION: i64 = 8;
/// What ends within so many days ends soon.
const SOON: TimeDelta = TimeDelta::days(30);
/// Places on a page.
const PLACES: i64 = 20;
/// Offers on a merchant's page.
const OFFERS: i64 = 60;

/// The start page.
pub async fn home(op: &mut Op) -> Result<Home> {
    let (now, today) = (op.now, words::today(&[], op.now));
    let mut categories = categories::all(op).await?;
    categories.retain(|category| category.parent.is_none());
    let newest = cards::newest(op.conn(), &Default::default(), now, None, SECTION).await?;
    // By the minute, as everything that a page tells of time: a kept page stays right until the minute is over.
    let ending = cards::ending(op.conn(), now, minute(now) + SOON, SECTION).await?;
    Ok(Home { categories, newest: shown(newest, today)?, ending_soon: shown(ending, today)? })
}

pub(super) fn shown(cards: Vec<Card>, today: NaiveDate) -> Result<Vec<OfferCard>> {
    cards.into_iter().map(|card| card.shown(today)).collect()
}

/// The page of a live offer by its public address, whatever the slug in it; `near` is a ZIP code to sort its places by, `site`
/// the scheme and host of links.
pub async fn offer_page(op: &mut Op, address: &str, near: &str, site: &str) -> Result<OfferPage> {
    let now = op.now;
    let short_id = slug::short_id(address).ok_or(AppError::NotFound)?;
    let listed = store::listed(op.conn(), short_id, now).await?.ok_or(AppError::NotFound)?;
    let content = &listed.content;
    let of = PlacesOf { merchant: listed.merchant, publication: Some(listed.publication) };
    let found = places(op, of, near).await?;
    let today = words::today(&words::clocks(&content.validity, &found.zones), now);
    let tree = categories::all(op).await?;
    let address = slug::address(&content.texts.headline, &listed.short_id);
    let merchant_address = slug::address(&listed.merchant_name, &listed.merchant_short_id);
    let seller = Seller {
        name: &listed.merchant_name,
        page: absolute(site, "merchants", &merchant_address),
        website: listed.merchant_website.as_deref(),
    };
    let merchant = merchants::summary(op, listed.merchant).await?;
    let picture = match &merchant {
        Some(merchant) => super::picture(op, content, merchant).await?,
        None => None,
    };
    let image = picture.as_ref().map(|picture| format!("{site}{}", picture.address()));
    let page = absolute(site, "offers", &address);
    let json_ld = json_ld::offer(content, &page, image.as_deref(), &seller, &found.first);
    let (online_url, online_regions) = match &content.places {
        offers::Places::Online { url, regions } => (Some(url.clone()), regions.clone()),
        _ => (None, Vec::new()),
    };
    Ok(OfferPage {
        card: OfferCard {
            address,
            headline: content.texts.headline.clone(),
            value: content.value.shown(),
            kind: content.value.kind(),
            merchant: listed.merchant_name.clone(),
            icon: listed.icon,
            hue: listed.hue.rem_euclid(12) as u8,
            distance_km: found.first.first().and_then(|place| place.chord).map(kilometres),
            online: content.places.scope() == PlaceScope::Online,
            until: words::last_day(content.validity.until, listed.shown_until, today),
            picture,
        },
        summary: content.texts.summary.clone(),
        terms: prose::html(&content.texts.terms),
        exclusions: prose::html(&content.texts.exclusions),
        how_to_redeem: prose::html(&content.texts.how_to_redeem),
        redemption: words::redemption(content.redemption.method()).to_owned(),
        merchant_address,
        when: words::when(&content.validity, listed.shown_until, &found.zones, now),
        not_now: words::not_now(&content.validity, &found.zones, now),
        facts: words::facts(&content.conditions, &content.limits),
        places: found.shown(now),
        online_url,
        online_regions,
        categories: path(&content.categories, &tree).into_iter().cloned().collect(),
        json_ld,
    })
}

/// The page of an active merchant by its public address, whatever the slug in it.
pub async fn merchant_page(op: &mut Op, address: &str, near: &str, site: &str) -> Result<MerchantPage> {
    let now = op.now;
    let merchant = merchants::summary_at(op, address).await?.filter(|m| m.status == MerchantStatus::Active);
    let merchant = merchant.ok_or(AppError::NotFound)?;
    let found = places(op, PlacesOf { merchant: merchant.id, publication: None }, near).await?;
    let offers = cards::of_merchant(op.conn(), merchant.id, now, OFFERS).await?;
    let offers = shown(offers, words::today(&found.zones, now))?;
    let tree = categories::all(op).await?;
    let filed = store::merchant_categories(op.conn(), merchant.id).await?;
    let cover = Cover::of(&filed, &tree);
    let address = slug::address(&merchant.name, &merchant.short_id);
    let seller =
        Seller { name: &merchant.name, page: absolute(site, "merchants", &address), website: merchant.website.as_deref() };
    let links: Vec<(String, String)> =
        offers.iter().map(|card| (card.title(), absolute(site, "offers", &card.address))).collect();
    let json_ld = json_ld::merchant(&seller, &links, &found.first);
    Ok(MerchantPage {
        address,
        brand: merchant.brand.filter(|brand| *brand != merchant.name),
        name: merchant.name,
        website: merchant.website,
        categories: tree.iter().filter(|category| filed.contains(&category.id)).cloned().collect(),
        icon: cover.icon,
        hue: cover.hue as u8,
        picture: merchant.picture,
        offers,
        places: found.shown(now),
        json_ld,
    })
}

/// The address of a page as other sites and programs need it.
fn absolute(site: &str, folder: &str, address: &str) -> String {
    format!("{site}/{folder}/{}", url_escaped(address))
}

/// The places of a page, before they are put into words.
struct Found {
    first: Vec<FoundPlace>,
    count: i64,
    zones: Vec<Tz>,
    near: Option<Whereabouts>,
    notice: Option<String>,
}

async fn places(op: &mut Op, of: PlacesOf, near: &str) -> Result<Found> {
    let (near, notice) = match whereabouts(op, near).await? {
        Ok(near) => (near, None),
        Err(notice) => (None, Some(notice)),
    };
    let summary = store::place_summary(op.conn(), of).await?;
    let first = store::places(op.conn(), of, near.as_ref().map(|near| near.point), PLACES).await?;
    Ok(Found { first, count: summary.count, zones: summary.zones, near, notice })
}

impl Found {
    fn shown(self, now: Timestamp) -> Places {
        Places {
            shown: self.first.into_iter().map(|found| place(found, now)).collect(),
            count: self.count,
            near: self.near.map(|near| near.name),
            notice: self.notice,
        }
    }
}

fn place(found: FoundPlace, now: Timestamp) -> Place {
    let FoundPlace { place, chord } = found;
    let zone = place.time_zone.parse().unwrap_or(Tz::UTC);
    let today = now.with_timezone(&zone).date_naive();
    Place {
        address: place.address(),
        town: [place.city.as_str(), &place.region].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "),
        closed: place.closed.and_then(|closure| closed(closure, today)),
        name: place.name,
        phone: place.phone,
        hours: place.hours,
        point: place.point,
        distance_km: chord.map(kilometres),
    }
}

fn closed((from, until): (NaiveDate, Option<NaiveDate>), today: NaiveDate) -> Option<String> {
    match until {
        _ if today < from => None,
        Some(until) if today > until => None,
        Some(until) => Some(format!("Closed until {}", words::day(until, today))),
        None => Some("Closed until further notice".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closure_counts_from_its_first_day_to_its_last() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let closure = (date("2026-03-02"), Some(date("2026-03-04")));
        for (today, closed_now) in [("2026-03-01", false), ("2026-03-02", true), ("2026-03-04", true), ("2026-03-05", false)] {
            assert_eq!(closed(closure, date(today)).is_some(), closed_now, "{today}");
        }
        assert_eq!(closed((date("2026-03-02"), None), date("2027-01-01")).as_deref(), Some("Closed until further notice"));
    }
}
