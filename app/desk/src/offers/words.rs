//! States in words and colours, and raw form values as people read them.

use leptos::prelude::*;
use model::{
    audit::short_id,
    merchants::MerchantStatus,
    offers::{FormOptions, FundedBy, OfferKind, PlaceScope, PublicationState, RedemptionMethod, RevisionState, with_unit},
    time::Weekdays,
};
use ui::{StateBadge, Tone};

pub fn publication_badge(state: PublicationState) -> impl IntoView {
    let tone = match state {
        PublicationState::Live => Tone::Positive,
        PublicationState::Scheduled => Tone::Info,
        PublicationState::Paused => Tone::Caution,
        PublicationState::Unpublished | PublicationState::Ended | PublicationState::Archived => Tone::Neutral,
    };
    view! { <StateBadge tone=tone label=state.label()/> }
}

pub fn revision_tone(state: RevisionState) -> Tone {
    match state {
        RevisionState::Approved => Tone::Positive,
        RevisionState::InReview => Tone::Info,
        RevisionState::ChangesAsked => Tone::Caution,
        RevisionState::Superseded => Tone::Neutral,
    }
}

pub fn revision_badge(state: RevisionState) -> impl IntoView {
    view! { <StateBadge tone=revision_tone(state) label=state.label()/> }
}

pub fn merchant_notice(status: MerchantStatus) -> Option<&'static str> {
    match status {
        MerchantStatus::Active => None,
        MerchantStatus::Prospect => Some("The merchant is a prospect: nothing of theirs is live until they are active."),
        MerchantStatus::Suspended => Some("The merchant is suspended: members do not see this offer."),
        MerchantStatus::Closed => Some("The merchant is closed: members do not see this offer."),
    }
}

/// A raw form value in words: ids become names, codes become labels, amounts get their units. `currency` is that of the form.
pub fn shown(field: &str, raw: &str, currency: &str, options: &FormOptions) -> String {
    let one = |id: &str| options.name(id).unwrap_or_else(|| id.to_owned());
    let label = match field {
        "kind" => raw.parse::<OfferKind>().ok().map(OfferKind::label),
        "place_scope" => raw.parse::<PlaceScope>().ok().map(PlaceScope::label),
        "redemption" => raw.parse::<RedemptionMethod>().ok().map(RedemptionMethod::label),
        "funding" => raw.parse::<FundedBy>().ok().map(FundedBy::label),
        "combinable" | "new_customers_only" => Some(if raw.is_empty() { "No" } else { "Yes" }),
        "zone" if raw.is_empty() => Some("Each location’s own"),
        _ => None,
    };
    match (label, field) {
        (Some(label), _) => label.to_owned(),
        (None, "categories" | "locations" | "owner" | "merchant" | "client") => {
            raw.split(',').filter(|id| !id.is_empty()).map(one).collect::<Vec<_>>().join("\n")
        }
        (None, "picture") if !raw.is_empty() => format!("Picture {}", short_id(raw)),
        (None, "weekdays") => {
            let days: Vec<&str> = raw.split(',').collect();
            Weekdays::from_names(&days).map_or_else(|| raw.to_owned(), Weekdays::shown)
        }
        (None, _) => with_unit(field, raw, currency),
    }
}
