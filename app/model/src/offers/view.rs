//! Offers as the desk shows them.

use super::{OfferForm, OfferKind, PlaceScope, PublicationState, RevisionState};
use crate::{
    AccountId, FieldErrors, LocationId, MerchantId, OfferId, PublicationId, RevisionId, Timestamp, Version,
    catalogue::OfferPreview, categories::Category, form::Reader, merchants::MerchantStatus, pictures::ShownPicture, slug,
};
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

/// An offer as the list shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferRow {
    pub id: OfferId,
    pub headline: String,
    pub merchant: MerchantId,
    pub merchant_name: String,
    pub kind: OfferKind,
    /// The value in words, such as `20% off`.
    pub value: String,
    pub publication: PublicationState,
    /// The newest revision's state; none while only the draft exists.
    pub revision: Option<RevisionState>,
    /// The draft has changes that no revision holds.
    pub draft_ahead: bool,
    pub valid_until: Option<NaiveDateTime>,
    pub updated_at: Timestamp,
}

/// What to look for in the list of offers; empty fields match everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OfferQuery {
    pub q: String,
    /// A merchant's id.
    pub merchant: String,
    pub kind: String,
    /// A category's slug; its children count too.
    pub category: String,
    /// A [`PublicationState`] word.
    pub publication: String,
    /// A [`RevisionState`] word.
    pub revision: String,
    /// `updated` (default, newest first) or `headline`.
    pub sort: String,
    pub after: String,
    pub before: String,
}

/// An offer, whole, as the desk edits it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    pub id: OfferId,
    pub short_id: String,
    /// The draft's version; a save names it.
    pub version: Version,
    pub draft: OfferForm,
    /// The draft as members would see it.
    pub preview: OfferPreview,
    /// The draft's.
    pub picture: Option<ShownPicture>,
    pub merchant: MerchantId,
    pub merchant_name: String,
    pub merchant_status: MerchantStatus,
    /// The value in words, such as `20% off`.
    pub value: String,
    pub publication: PublicationState,
    pub archived: bool,
    /// Newest first.
    pub revisions: Vec<Revision>,
    /// Newest first.
    pub publications: Vec<Publication>,
    /// The draft differs from its newest revision, or there is none.
    pub draft_ahead: bool,
    /// Everybody who changed the draft since the last approval: they may not approve it.
    pub authors: Vec<AccountId>,
    pub updated_at: Timestamp,
    pub updated_by: String,
}

impl Offer {
    pub fn in_review(&self) -> Option<&Revision> {
        self.revisions.iter().find(|r| r.state == RevisionState::InReview)
    }

    /// The revision that may be published now.
    pub fn approved(&self) -> Option<&Revision> {
        self.revisions.iter().find(|r| r.state == RevisionState::Approved)
    }

    /// What the reviewer asks for, while the newest revision stands sent back.
    pub fn asked_for(&self) -> Option<&str> {
        self.revisions.first().filter(|r| r.state == RevisionState::ChangesAsked)?.note.as_deref()
    }

    /// Its address after `/offers/` on the member sites. The short id finds it, whatever the slug.
    pub fn address(&self) -> String {
        slug::address(&self.draft.headline, &self.short_id)
    }

    /// The number of the revision that members see now.
    pub fn live_revision(&self) -> Option<i32> {
        self.publications.iter().find(|p| p.state == PublicationState::Live).map(|p| p.revision_number)
    }
}

/// A revision in an offer's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    pub id: RevisionId,
    /// Counts from 1 within the offer.
    pub number: i32,
    pub state: RevisionState,
    /// The first characters of the content hash, in hexadecimal.
    pub hash: String,
    pub sent_by: String,
    pub sent_at: Timestamp,
    pub decided_by: Option<String>,
    pub decided_at: Option<Timestamp>,
    /// The reviewer's words.
    pub note: Option<String>,
}

/// A revision with its content, and the one that was live or approved before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RevisionDetail {
    pub offer: OfferId,
    pub revision: Revision,
    pub content: OfferForm,
    pub preview: OfferPreview,
    pub value: String,
    /// The last approved revision before this one, to compare with.
    pub before: Option<OfferForm>,
}

/// A publication in an offer's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Publication {
    pub id: PublicationId,
    pub revision_number: i32,
    pub state: PublicationState,
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub by: String,
}

impl Publication {
    /// Whether it is or will be on the member sites, so that it can be ended or cancelled.
    pub fn stands(&self) -> bool {
        self.state.end().is_ok()
    }
}

/// A location to choose in an offer's form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LocationChoice {
    pub id: LocationId,
    pub label: String,
    /// The IANA zone of its clock.
    pub zone: String,
}

/// What the lists of an offer's form offer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FormOptions {
    pub categories: Vec<Category>,
    /// The merchant's locations.
    pub locations: Vec<LocationChoice>,
    /// Staff who can own a contract.
    pub owners: Vec<(AccountId, String)>,
}

impl FormOptions {
    /// The name behind an id in any of the lists.
    pub fn name(&self, id: &str) -> Option<String> {
        let category = || self.categories.iter().find(|c| c.id.to_string() == id).map(|c| c.name.clone());
        let location = || self.locations.iter().find(|l| l.id.to_string() == id).map(|l| l.label.clone());
        let owner = || self.owners.iter().find(|(owner, _)| owner.to_string() == id).map(|(_, name)| name.clone());
        category().or_else(location).or_else(owner)
    }

    /// The zone in which people on the spot read the times of this offer: that of its locations where they share one, else the
    /// offer's own, else that of the merchant's first location; empty when there is none of them.
    pub fn zone_of(&self, form: &OfferForm) -> String {
        let applies = |location: &&LocationChoice| match form.place_scope.parse() {
            Ok(PlaceScope::Online) => false,
            Ok(PlaceScope::Some) => form.locations.contains(&location.id.to_string()),
            _ => true,
        };
        let mut zones = self.locations.iter().filter(applies).map(|location| &location.zone);
        let shared = zones.next().filter(|first| zones.all(|zone| zone == *first));
        let own = Some(&form.zone).filter(|zone| !zone.is_empty());
        let first = || self.locations.first().map(|location| &location.zone);
        shared.or(own).or_else(first).cloned().unwrap_or_default()
    }
}

/// A reviewer's reason when asking for changes: it must say something.
pub fn parse_reason(raw: &str) -> Result<String, FieldErrors> {
    let mut form = Reader::default();
    let reason = form.text("reason", "What should change", raw, 2_000);
    form.errors.into_result(reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn location(n: u128, zone: &str) -> LocationChoice {
        LocationChoice { id: LocationId(Uuid::from_u128(n)), label: String::new(), zone: zone.into() }
    }

    #[test]
    fn times_are_read_where_the_offer_applies() {
        let options = FormOptions {
            locations: vec![location(1, "America/Chicago"), location(2, "America/New_York"), location(3, "America/New_York")],
            ..FormOptions::default()
        };
        let zone = |scope: &str, locations: &[u128], own: &str| {
            let locations = locations.iter().map(|n| Uuid::from_u128(*n).to_string()).collect();
            options.zone_of(&OfferForm { place_scope: scope.into(), locations, zone: own.into(), ..OfferForm::default() })
        };
        assert_eq!(zone("some", &[2, 3], "UTC"), "America/New_York", "its locations share one");
        assert_eq!(zone("all", &[], "UTC"), "UTC", "they share none: its own");
        assert_eq!(zone("all", &[], ""), "America/Chicago", "neither: the merchant's first");
        assert_eq!(zone("online", &[], "Europe/Paris"), "Europe/Paris");
        assert_eq!(FormOptions::default().zone_of(&OfferForm::default()), "");
    }
}
