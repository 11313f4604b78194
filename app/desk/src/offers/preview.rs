//! An offer as members would see it.

use crate::picture::on_cover;
use leptos::prelude::*;
use model::catalogue::OfferPreview;
use ui::{Card, Icon, OfferCard, Prose};

/// Its card, which leads nowhere, and its texts with their Markdown set.
#[component]
pub fn Preview(preview: OfferPreview) -> impl IntoView {
    let OfferPreview { card, texts } = preview;
    let headline = card.headline_beside_value().unwrap_or_default().to_owned();
    let texts = texts
        .into_iter()
        .map(|(heading, html)| {
            view! {
                <h3 class="change-field">{heading}</h3>
                <Prose html=html/>
            }
        })
        .collect_view();
    view! {
        <Card title="As members see it">
            <ul class="card-preview">
                <OfferCard
                    value=card.value
                    headline=headline
                    merchant=card.merchant
                    distance=if card.online { "Online" } else { "" }
                    until=card.until.unwrap_or_default()
                    hue=card.hue
                    icon=Icon::named(&card.icon).unwrap_or(Icon::TicketPercent)
                    picture=card.picture.map(on_cover)
                    level=3
                />
            </ul>
            <div class="written">{texts}</div>
        </Card>
    }
}
