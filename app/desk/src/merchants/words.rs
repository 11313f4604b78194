//! States in words and colours, and raw form values as people read them.

use leptos::prelude::*;
use model::{
    audit::short_id,
    categories::{Category, options},
    merchants::MerchantStatus,
};
use ui::{StateBadge, Tone};

pub fn status_badge(status: MerchantStatus) -> impl IntoView {
    let tone = match status {
        MerchantStatus::Prospect => Tone::Info,
        MerchantStatus::Active => Tone::Positive,
        MerchantStatus::Suspended => Tone::Caution,
        MerchantStatus::Closed => Tone::Neutral,
    };
    view! { <StateBadge tone=tone label=status.label()/> }
}

/// What a status means for members.
pub fn meaning(status: MerchantStatus) -> &'static str {
    match status {
        MerchantStatus::Prospect => "Not signed yet. Nothing of theirs is live.",
        MerchantStatus::Active => "Their offers can be published.",
        MerchantStatus::Suspended => "Stopped for a time: members see no offer, claim none and redeem none.",
        MerchantStatus::Closed => "Gone for good. It cannot be opened again.",
    }
}

/// Every status in words.
pub fn statuses() -> Vec<(String, String)> {
    MerchantStatus::ALL.map(|status| (status.word().to_owned(), status.label().to_owned())).into()
}

/// A raw form value in words: ids become names, codes become labels.
pub fn shown(field: &str, raw: &str, categories: &[Category]) -> String {
    match field {
        "status" => raw.parse::<MerchantStatus>().map_or_else(|()| raw.to_owned(), |status| status.label().to_owned()),
        "categories" => {
            let names = options(categories);
            let name =
                |id: &str| names.iter().find(|(other, _)| other == id).map_or_else(|| id.to_owned(), |(_, name)| name.clone());
            raw.split(',').filter(|id| !id.is_empty()).map(name).collect::<Vec<_>>().join("\n")
        }
        "picture" if !raw.is_empty() => format!("Picture {}", short_id(raw)),
        _ => raw.to_owned(),
    }
}

/// A number of things: `1 offer`, `13 offers`.
pub fn counted(count: i64, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}
