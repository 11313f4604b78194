//! Offers whose history is known beforehand, loaded at once: the rows are those that the use cases would have written.
//!
//! Each step here stands for the use case of its name and follows it word for word, but for what cannot happen where one program
//! tells the whole history: nobody else holds a row, and no step is refused. The demo's tests compare the two row by row.

mod publications;

use super::store::bulk::{DraftRow, PublicationRow, RevisionRow, Tables};
use crate::{
    Error, Op, Result,
    catalogue::bulk::{Bulk as Listings, Lexicon, NewRow},
    journal::{self, Subject},
    op,
};
use kit::secret::{self, hex};
use model::{
    AccountId, OfferId, PublicationId, RevisionId, Timestamp, Version,
    categories::Category,
    merchants::Location,
    offers::{OfferContent, OfferForm, OfferRefusal, Places, PublicationState, RevisionState, parse_reason},
};
use serde_json::{Value, json};
use uuid::Uuid;

/// Who does something, and when.
type Act = (AccountId, Timestamp);

/// What is to be loaded.
#[derive(Debug, Default)]
pub(crate) struct Bulk {
    tables: Tables,
    listings: Listings,
}

impl Bulk {
    /// The tables that are filled, but for the journal's.
    pub(crate) fn tables() -> impl Iterator<Item = &'static str> {
        Tables::TABLES.into_iter().chain(Listings::TABLES)
    }

    pub(crate) async fn write(&mut self, op: &mut Op, lexicon: &mut Lexicon) -> Result<()> {
        self.tables.write(op.conn()).await?;
        self.listings.write(op.conn(), lexicon).await
    }
}

/// An offer whose history is being told.
#[derive(Debug)]
pub(crate) struct Told {
    id: OfferId,
    short_id: String,
    version: Version,
    content: OfferContent,
    created_at: Timestamp,
    updated: Act,
    archived_at: Option<Timestamp>,
    revision_state: Option<RevisionState>,
    revision_draft_version: Option<Version>,
    revisions: Vec<ToldRevision>,
    /// In the order in which they were published.
    publications: Vec<ToldPublication>,
}

#[derive(Debug)]
struct ToldRevision {
    id: RevisionId,
    draft_version: Version,
    state: RevisionState,
    content: OfferContent,
    snapshot: String,
    content_hash: [u8; 32],
    sent: Act,
    decided: Option<Act>,
    note: Option<String>,
}

#[derive(Debug)]
struct ToldPublication {
    id: PublicationId,
    /// Its place in the list of revisions.
    revision: usize,
    state: PublicationState,
    during: Option<(Timestamp, Option<Timestamp>)>,
    planned_until: Option<Timestamp>,
    published: Act,
    paused_at: Option<Timestamp>,
    listing: Option<Shown>,
}

/// What stands in the catalogue for it.
#[derive(Debug)]
struct Shown {
    from: Timestamp,
    until: Option<Timestamp>,
    locations: Vec<usize>,
}

impl Told {
    /// As [`super::add`], for a merchant and in categories that are there.
    pub(crate) fn add(bulk: &mut Bulk, journal: &mut journal::Bulk, act: Act, form: &OfferForm) -> Result<Self> {
        let mut content = form.parse()?;
        if content.picture.is_some() {
            return Err(Error::fault("what is loaded at once has no pictures"));
        }
        let id = OfferId(Uuid::now_v7());
        let changes = OfferForm::of(&content).differences(&OfferForm::default());
        bulk.tables.change(id, Version(1), act, &changes);
        let detail = json!({ "merchant": content.merchant });
        journal.record((Some(act.0), act.1), "offer.added", Subject::Offer(id), &detail);
        as_stored(&mut content);
        Ok(Self {
            id,
            short_id: op::short_id(),
            version: Version(1),
            content,
            created_at: act.1,
            updated: act,
            archived_at: None,
            revision_state: None,
            revision_draft_version: None,
            revisions: Vec::new(),
            publications: Vec::new(),
        })
    }

    /// As [`super::save`].
    pub(crate) fn save(&mut self, bulk: &mut Bulk, journal: &mut journal::Bulk, act: Act, form: &OfferForm) -> Result<()> {
        let mut content = form.parse()?;
        let changes = OfferForm::of(&content).differences(&OfferForm::of(&self.content));
        if changes.is_empty() {
            return Ok(());
        }
        self.version.0 += 1;
        bulk.tables.change(self.id, self.version, act, &changes);
        as_stored(&mut content);
        (self.content, self.updated) = (content, act);
        let fields: Vec<_> = changes.iter().map(|change| change.name.as_str()).collect();
        self.record(journal, act, "offer.draft_saved", json!({ "version": self.version.0, "fields": fields }));
        Ok(())
    }

    /// As [`super::send_for_review`].
    pub(crate) fn send_for_review(&mut self, journal: &mut journal::Bulk, act: Act) -> Result<()> {
        if self.revision_draft_version == Some(self.version) {
            return Err(OfferRefusal::NothingNew.into());
        }
        self.content.ready_for_review()?;
        self.supersede(&[RevisionState::InReview, RevisionState::ChangesAsked]);
        let snapshot = serde_json::to_string(&self.content)?;
        let revision = ToldRevision {
            id: RevisionId(Uuid::now_v7()),
            draft_version: self.version,
            state: RevisionState::InReview,
            content: self.content.clone(),
            content_hash: secret::sha256(&snapshot),
            snapshot,
            sent: act,
            decided: None,
            note: None,
        };
        let (number, hash) = (self.revisions.len() + 1, hex(&revision.content_hash));
        let detail = json!({ "revision": revision.id, "number": number, "hash": hash });
        self.record(journal, act, "offer.sent_for_review", detail);
        self.revisions.push(revision);
        (self.revision_state, self.revision_draft_version) = (Some(RevisionState::InReview), Some(self.version));
        Ok(())
    }

    /// As [`super::approve`], of the newest revision.
    pub(crate) fn approve(&mut self, bulk: &mut Bulk, journal: &mut journal::Bulk, act: Act) -> Result<()> {
        let state = self.newest()?.state.approve()?;
        self.supersede(&[RevisionState::Approved]);
        let number = self.revisions.len();
        let revision = self.newest()?;
        (revision.state, revision.decided) = (state, Some(act));
        bulk.tables.approval(revision.id, &revision.content_hash, act);
        let detail = json!({ "revision": revision.id, "number": number, "hash": hex(&revision.content_hash) });
        self.revision_state = Some(state);
        self.record(journal, act, "offer.approved", detail);
        Ok(())
    }

    /// As [`super::ask_for_changes`], of the newest revision.
    pub(crate) fn ask_for_changes(&mut self, journal: &mut journal::Bulk, act: Act, reason: &str) -> Result<()> {
        let reason = parse_reason(reason)?;
        let number = self.revisions.len();
        let revision = self.newest()?;
        revision.state = revision.state.ask_for_changes()?;
        (revision.decided, revision.note) = (Some(act), Some(reason));
        let (id, state) = (revision.id, revision.state);
        self.revision_state = Some(state);
        self.record(journal, act, "offer.changes_asked", json!({ "revision": id, "number": number }));
        Ok(())
    }

    /// As [`super::archive`].
    pub(crate) fn archive(&mut self, journal: &mut journal::Bulk, act: Act) -> Result<()> {
        self.settled().archive()?;
        (self.archived_at, self.updated.1) = (Some(act.1), act.1);
        self.record(journal, act, "offer.archived", json!({}));
        Ok(())
    }

    /// Writes everything as it stands now; `locations` and `tree` are all of the merchant and all categories.
    pub(crate) fn finish(self, bulk: &mut Bulk, locations: &[Location], tree: &[Category]) {
        bulk.tables.draft(&DraftRow {
            id: self.id,
            short_id: &self.short_id,
            version: self.version,
            content: &self.content,
            created_at: self.created_at,
            updated_at: self.updated.1,
            updated_by: Some(self.updated.0),
            archived_at: self.archived_at,
            revision_state: self.revision_state,
            revision_draft_version: self.revision_draft_version,
            settled: self.settled(),
        });
        for (number, revision) in (1..).zip(&self.revisions) {
            bulk.tables.revision(&RevisionRow {
                id: revision.id,
                offer: self.id,
                number,
                draft_version: revision.draft_version,
                state: revision.state,
                snapshot: &revision.snapshot,
                content_hash: &revision.content_hash,
                sent: revision.sent,
                decided: revision.decided,
                note: revision.note.as_deref(),
            });
        }
        for publication in &self.publications {
            let revision = &self.revisions[publication.revision];
            bulk.tables.publication(&PublicationRow {
                id: publication.id,
                offer: self.id,
                revision: revision.id,
                content_hash: &revision.content_hash,
                state: publication.state,
                during: publication.during,
                planned_until: publication.planned_until,
                published: publication.published,
                paused_at: publication.paused_at,
            });
            if let Some(shown) = &publication.listing {
                let listing = NewRow {
                    publication: publication.id,
                    offer: self.id,
                    revision: revision.id,
                    short_id: &self.short_id,
                    content: &revision.content,
                    shown_from: shown.from,
                    shown_until: shown.until,
                };
                bulk.listings.list(&listing, shown.locations.iter().map(|i| &locations[*i]), tree);
            }
        }
    }

    fn record(&self, journal: &mut journal::Bulk, (by, at): Act, action: &'static str, detail: Value) {
        journal.record((Some(by), at), action, Subject::Offer(self.id), &detail);
    }

    fn newest(&mut self) -> Result<&mut ToldRevision> {
        self.revisions.last_mut().ok_or_else(|| Error::fault("there is no revision yet"))
    }

    fn supersede(&mut self, states: &[RevisionState]) {
        for revision in self.revisions.iter_mut().filter(|revision| states.contains(&revision.state)) {
            revision.state = revision.state.supersede();
        }
    }
}

/// A content as it is read back from a draft, whose lists of ids are sets.
fn as_stored(content: &mut OfferContent) {
    content.categories.sort_unstable();
    content.categories.dedup();
    if let Places::Some { locations } = &mut content.places {
        locations.sort_unstable();
        locations.dedup();
    }
}
