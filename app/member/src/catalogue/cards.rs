//! Offers as cards.

use super::{icons::icon, on_cover};
use leptos::prelude::*;
use model::catalogue::{OfferCard as Card, miles, url_escaped};
use ui::{OfferCard, OfferGrid};

/// A grid of offers. `near` is the ZIP code that was searched by; the offer's page sorts its places by it too.
#[component]
pub fn Cards(
    cards: Vec<Card>,
    #[prop(optional, into)] near: String,
    /// Level of each card's heading.
    #[prop(default = 3)]
    level: u8,
) -> impl IntoView {
    let query = if near.is_empty() { String::new() } else { format!("?near={}", url_escaped(&near)) };
    let cards = cards.into_iter().enumerate().map(move |(place, card)| {
        let href = format!("/offers/{}{query}", url_escaped(&card.address));
        let distance = match card.distance_km {
            Some(km) => miles(km),
            None if card.online => "Online".to_owned(),
            None => String::new(),
        };
        let headline = card.headline_beside_value().unwrap_or_default().to_owned();
        view! {
            <OfferCard
                href=href
                value=card.value
                headline=headline
                merchant=card.merchant
                distance=distance
                until=card.until.unwrap_or_default()
                hue=card.hue
                icon=icon(&card.icon)
                picture=card.picture.map(on_cover)
                eager=place == 0
                level=level
            />
        }
    });
    view! { <OfferGrid>{cards.collect_view()}</OfferGrid> }
}
