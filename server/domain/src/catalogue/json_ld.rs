//! What search engines are told of an offer and a merchant, in the vocabulary of schema.org.

use super::store::pages::FoundPlace;
use chrono::{DateTime, NaiveDateTime, SecondsFormat, TimeZone};
use chrono_tz::Tz;
use model::{
    merchants::{NewLocation, OpenHours},
    offers::{OfferContent, OfferValue},
    time::{Weekdays, ZoneMode},
};
use serde_json::{Map, Value, json};

/// Places in a document: enough for an engine, and short enough for a page.
const MOST_PLACES: usize = 20;

/// JSON that may stand in a script element: nothing in it ends the element or opens a comment.
fn fit_for_script(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// The name and the address of the merchant's page.
pub(super) struct Seller<'a> {
    pub name: &'a str,
    pub page: String,
    pub website: Option<&'a str>,
}

/// An offer's document.
pub(super) fn offer(
    content: &OfferContent,
    page: &str,
    image: Option<&str>,
    seller: &Seller<'_>,
    places: &[FoundPlace],
) -> String {
    let mut offer = object(json!({
        "@context": "https://schema.org",
        "@type": "Offer",
        "name": format!("{}: {}", content.value.shown(), content.texts.headline),
        "url": page,
        "availability": "https://schema.org/InStock",
        "offeredBy": seller_document(seller),
    }));
    if !content.texts.summary.is_empty() {
        offer.insert("description".into(), content.texts.summary.clone().into());
    }
    if let Some(image) = image {
        offer.insert("image".into(), image.into());
    }
    if let OfferValue::FixedPrice { price } = &content.value {
        offer.insert("price".into(), price.plain().into());
        offer.insert("priceCurrency".into(), price.currency.code().into());
    }
    let zone = zone(content);
    let mut moment = |name: &str, time: Option<NaiveDateTime>| {
        if let Some(time) = time {
            offer.insert(name.into(), instant(time, zone).into());
        }
    };
    moment("validFrom", content.validity.from);
    moment("validThrough", content.validity.until);
    if !places.is_empty() {
        offer.insert("availableAtOrFrom".into(), place_list(seller.name, places));
    }
    fit_for_script(&Value::Object(offer))
}

/// A merchant's document; `offers` are the addresses of its live offers.
pub(super) fn merchant(seller: &Seller<'_>, offers: &[(String, String)], places: &[FoundPlace]) -> String {
    let mut merchant = object(seller_document(seller));
    merchant.insert("@context".into(), "https://schema.org".into());
    if !places.is_empty() {
        merchant.insert("location".into(), place_list(seller.name, places));
    }
    if !offers.is_empty() {
        let offers = offers.iter().map(|(name, url)| json!({ "@type": "Offer", "name": name, "url": url }));
        merchant.insert("makesOffer".into(), offers.collect());
    }
    fit_for_script(&Value::Object(merchant))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn seller_document(seller: &Seller<'_>) -> Value {
    let mut document = object(json!({ "@type": "Organization", "name": seller.name, "url": seller.page }));
    if let Some(website) = seller.website {
        document.insert("sameAs".into(), website.into());
    }
    Value::Object(document)
}

fn zone(content: &OfferContent) -> Option<Tz> {
    match &content.validity.zone {
        ZoneMode::OneZone { zone } => zone.parse().ok(),
        ZoneMode::EachLocation => None,
    }
}

/// A wall time with its offset where the zone is known, else as a local time.
fn instant(wall: NaiveDateTime, zone: Option<Tz>) -> String {
    let zoned: Option<DateTime<Tz>> = zone.and_then(|zone| zone.from_local_datetime(&wall).earliest());
    match zoned {
        Some(time) => time.to_rfc3339_opts(SecondsFormat::Secs, false),
        None => wall.format("%Y-%m-%dT%H:%M:%S").to_string(),
    }
}

fn place_list(merchant: &str, places: &[FoundPlace]) -> Value {
    places.iter().take(MOST_PLACES).map(|found| place(merchant, &found.place)).collect()
}

fn place(merchant: &str, place: &NewLocation) -> Value {
    let mut document = object(json!({
        "@type": "Place",
        "name": place.name.as_deref().unwrap_or(merchant),
        "address": {
            "@type": "PostalAddress",
            "streetAddress": place.street,
            "addressLocality": place.city,
            "addressRegion": place.region,
            "postalCode": place.postal_code,
            "addressCountry": place.country,
        },
    }));
    if let Some((latitude, longitude)) = place.point {
        document.insert("geo".into(), json!({ "@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude }));
    }
    if let Some(phone) = &place.phone {
        document.insert("telephone".into(), phone.as_str().into());
    }
    if !place.hours.is_empty() {
        document.insert("openingHoursSpecification".into(), place.hours.iter().map(opening).collect());
    }
    Value::Object(document)
}

fn opening(hours: &OpenHours) -> Value {
    let days: Vec<String> = Weekdays::DAYS
        .iter()
        .filter(|(day, ..)| hours.days.contains(*day))
        .map(|(_, _, name)| format!("https://schema.org/{name}"))
        .collect();
    json!({
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": days,
        "opens": hours.from.format("%H:%M").to_string(),
        "closes": hours.until.format("%H:%M").to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_cannot_leave_its_script() {
        let seller = Seller {
            name: "</script><script>alert(1)</script><!-- & \u{2028}",
            page: "https://example.com/merchants/x".into(),
            website: None,
        };
        let offers = [("<!--<script>".to_owned(), "https://example.com/offers/x".to_owned())];
        let document = merchant(&seller, &offers, &[]);
        assert!(!document.contains(['<', '>', '&']), "{document}");
        let read: Value = serde_json::from_str(&document).unwrap();
        assert_eq!(read["name"], seller.name);
        assert_eq!(read["makesOffer"][0]["name"], "<!--<script>");
    }

    #[test]
    fn a_wall_time_has_its_offset_where_the_zone_is_known() {
        let wall = model::form::parse_wall_time("2026-07-01 00:00").unwrap();
        assert_eq!(instant(wall, Some(Tz::America__New_York)), "2026-07-01T00:00:00-04:00");
        assert_eq!(instant(wall, None), "2026-07-01T00:00:00");
    }
}
