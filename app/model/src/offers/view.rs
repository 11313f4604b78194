//! Offers as the desk shows them.

use super::{OfferForm, OfferKind, PublicationState, RevisionState};
use crate::{
    AccountId, FieldErrors, LocationId, MerchantId, OfferId, PublicationId, RevisionId, Timestamp, Version, categories::Category,
    form::Reader, merchants::MerchantStatus,
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

/// A location to choose in an offer's form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LocationChoice {
    pub id: LocationId,
    pub label: String,
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
}

/// When a revision is to stand on the member sites, as typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PublishForm {
    /// Wall time; empty for now.
    pub from: String,
    /// Wall time; empty for no end.
    pub until: String,
    /// The zone both are read in; empty means UTC.
    pub zone: String,
}

/// A checked [`PublishForm`]; the server resolves the zone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PublishWindow {
    pub from: Option<NaiveDateTime>,
    pub until: Option<NaiveDateTime>,
    pub zone: String,
}

impl PublishForm {
    pub fn parse(&self) -> Result<PublishWindow, FieldErrors> {
        let mut form = Reader::default();
        let from = form.wall_time("from", "The start", &self.from);
        let until = form.wall_time("until", "The end", &self.until);
        if let (Some(Some(from)), Some(Some(until))) = (from, until)
            && until <= from
        {
            form.errors.push("until", "The end is not after the start.");
        }
        let zone = if self.zone.trim().is_empty() { "UTC" } else { self.zone.trim() };
        let window = (|| Some(PublishWindow { from: from?, until: until?, zone: zone.to_owned() }))();
        form.errors.into_result(window)
    }
}

/// A reviewer's reason when asking for changes: it must say something.
pub fn parse_reason(raw: &str) -> Result<String, FieldErrors> {
    let mut form = Reader::default();
    let reason = form.text("reason", "What should change", raw, 2_000);
    form.errors.into_result(reason)
}
