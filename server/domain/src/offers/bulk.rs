//! Offers whose history is known beforehand, loaded at once: the rows are those that the use cases would have written.
//!
//! Each step here stands for the use case of its name and follows it word for word, but for what cannot happen where one program
//! tells the whole history: nobody else holds a row, and no step is refused. The demo's tests compare the two row by row.

use super::{
    store::bulk::{DraftRow, PublicationRow, RevisionRow, Tables},
    timetable::earlier,
    window,
};
use crate::{
    Error, Op, Result,
    catalogue::bulk::{Bulk as Listings, Lexicon, NewRow},
    journal::{self, Subject},
    op,
};
use kit::secret::{self, hex};
use model::{
    AccountId, LocationId, OfferId, PublicationId, RevisionId, Timestamp, Version,
    categories::Category,
    merchants::{Location, NewLocation},
    offers::{OfferContent, OfferForm, OfferRefusal, Places, PublicationState, PublishForm, RevisionState, parse_reason},
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

    /// As [`super::publish`], of the newest revision, at places of the merchant.
    pub(crate) fn publish(
        &mut self,
        journal: &mut journal::Bulk,
        act: Act,
        form: &PublishForm,
        locations: &[Location],
    ) -> Result<()> {
        let asked = form.parse()?;
        let zone = window::zone("zone", &asked.zone)?;
        let until = asked.until.map(|wall| window::instant(wall, zone, window::Edge::End));
        let from = asked.from.map(|wall| window::instant(wall, zone, window::Edge::Start));
        let start = from.map_or(act.1, |from| from.max(act.1));
        if until.is_some_and(|until| until <= start) {
            return Err(OfferRefusal::EmptyWindow.into());
        }
        self.newest()?.state.publishable()?;
        let revision = self.revisions.len() - 1;
        self.make_room(journal, act, (start, until))?;
        self.go_live(act, revision, (start, until, until), locations)?;
        let action = if start > act.1 { "offer.scheduled" } else { "offer.published" };
        let detail = json!({ "revision": self.revisions[revision].id, "number": revision + 1, "from": start, "until": until });
        self.record(journal, act, action, detail);
        Ok(())
    }

    fn go_live(
        &mut self,
        act: Act,
        revision: usize,
        (from, until, planned_until): (Timestamp, Option<Timestamp>, Option<Timestamp>),
        locations: &[Location],
    ) -> Result<()> {
        let content = &self.revisions[revision].content;
        let places: Vec<usize> =
            (0..locations.len()).filter(|i| applies(&content.places, locations[*i].id, &locations[*i].place)).collect();
        if places.is_empty() && !matches!(content.places, Places::Online { .. }) {
            return Err(Error::fault("the offer applies nowhere"));
        }
        let at: Vec<Location> = places.iter().map(|i| locations[*i].clone()).collect();
        let last = window::last_moment(content, &at)?;
        if last.is_some_and(|last| last <= from) {
            return Err(OfferRefusal::Expired.into());
        }
        self.publications.push(ToldPublication {
            id: PublicationId(Uuid::now_v7()),
            revision,
            state: if from > act.1 { PublicationState::Scheduled } else { PublicationState::Live },
            during: Some((from, until)),
            planned_until,
            published: act,
            paused_at: None,
            listing: Some(Shown { from, until: earlier(until, last), locations: places }),
        });
        Ok(())
    }

    /// As [`super::pause`].
    pub(crate) fn pause(&mut self, journal: &mut journal::Bulk, act: Act) -> Result<()> {
        let live = self.standing_as(PublicationState::Live).ok_or(OfferRefusal::NotLive)?;
        let publication = &mut self.publications[live];
        publication.state = publication.state.pause()?;
        (publication.paused_at, publication.listing) = (Some(act.1), None);
        let detail = json!({ "publication": publication.id });
        self.record(journal, act, "offer.paused", detail);
        Ok(())
    }

    /// As [`super::resume`].
    pub(crate) fn resume(&mut self, journal: &mut journal::Bulk, act: Act, locations: &[Location]) -> Result<()> {
        let paused = self.standing_as(PublicationState::Paused).ok_or(OfferRefusal::NotPaused)?;
        self.publications[paused].state.resume()?;
        let until = self.publications[paused].during.and_then(|(_, until)| until);
        let (revision, planned_until) = (self.publications[paused].revision, self.publications[paused].planned_until);
        self.publications[paused].stop(act.1, PublicationState::Ended);
        self.go_live(act, revision, (act.1, until, planned_until), locations)?;
        let detail = json!({ "revision": self.revisions[revision].id });
        self.record(journal, act, "offer.resumed", detail);
        Ok(())
    }

    /// As [`super::end`], of the newest publication that stands.
    pub(crate) fn end(&mut self, journal: &mut journal::Bulk, act: Act) -> Result<()> {
        let standing = self.standing().next_back().ok_or(OfferRefusal::Over)?;
        let detail = json!({ "publication": self.publications[standing].id });
        self.stop(journal, act, standing, detail)?;
        self.fit(journal, act, None)
    }

    /// As [`super::archive`].
    pub(crate) fn archive(&mut self, journal: &mut journal::Bulk, act: Act) -> Result<()> {
        self.settled().archive()?;
        (self.archived_at, self.updated.1) = (Some(act.1), act.1);
        self.record(journal, act, "offer.archived", json!({}));
        Ok(())
    }

    /// As [`super::settle_due`] does for this offer.
    pub(crate) fn settle(&mut self, journal: &mut journal::Bulk, at: Timestamp) {
        for i in 0..self.publications.len() {
            let publication = &mut self.publications[i];
            let Some((from, until)) = publication.during else { continue };
            let action = match publication.state {
                PublicationState::Scheduled | PublicationState::Live | PublicationState::Paused
                    if until.is_some_and(|until| until <= at) =>
                {
                    publication.stop(at, PublicationState::Ended);
                    "offer.ended"
                }
                PublicationState::Scheduled if from <= at => {
                    publication.state = PublicationState::Live;
                    "offer.published"
                }
                _ => continue,
            };
            let detail = json!({ "publication": self.publications[i].id, "by": "schedule" });
            journal.record((None, at), action, Subject::Offer(self.id), &detail);
        }
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

    /// What is or will be on the member sites. Stored states never lag behind here: [`Self::settle`] comes before the next step.
    fn standing(&self) -> impl DoubleEndedIterator<Item = usize> + use<> {
        let standing = |p: &ToldPublication| p.state.end().is_ok();
        let all: Vec<usize> = (0..self.publications.len()).filter(|i| standing(&self.publications[*i])).collect();
        all.into_iter()
    }

    fn standing_as(&self, state: PublicationState) -> Option<usize> {
        self.standing().find(|i| self.publications[*i].state == state)
    }

    /// The most visible of the publications' states.
    fn settled(&self) -> PublicationState {
        use PublicationState::{Ended, Live, Paused, Scheduled, Unpublished};
        let there = |state: &PublicationState| self.publications.iter().any(|p| p.state == *state);
        [Live, Paused, Scheduled, Ended].into_iter().find(there).unwrap_or(Unpublished)
    }

    /// As `timetable::make_room`: nothing of the demo is scheduled twice.
    fn make_room(&mut self, journal: &mut journal::Bulk, act: Act, (start, until): (Timestamp, Option<Timestamp>)) -> Result<()> {
        for i in self.standing() {
            let publication = &self.publications[i];
            let Some((from, end)) = publication.during else { continue };
            let meets = until.is_none_or(|until| from < until) && end.is_none_or(|end| start < end);
            if publication.state == PublicationState::Scheduled {
                return Err(Error::fault("something is scheduled already"));
            }
            if meets && start <= act.1 {
                let detail = json!({ "publication": publication.id, "by": "publication" });
                self.stop(journal, act, i, detail)?;
            }
        }
        self.fit(journal, act, Some(start))
    }

    fn stop(&mut self, journal: &mut journal::Bulk, act: Act, which: usize, detail: Value) -> Result<()> {
        let publication = &mut self.publications[which];
        let next = publication.state.end()?;
        publication.stop(act.1, next);
        let action = if next == PublicationState::Ended { "offer.ended" } else { "offer.schedule_cancelled" };
        self.record(journal, act, action, detail);
        Ok(())
    }

    /// As `timetable::fit`, where ends only come nearer.
    fn fit(&mut self, journal: &mut journal::Bulk, act: Act, start: Option<Timestamp>) -> Result<()> {
        let from = |i: &usize| self.publications[*i].during.map(|(from, _)| from);
        let starts: Vec<Timestamp> = self.standing().filter_map(|i| from(&i)).chain(start).collect();
        for i in self.standing() {
            let publication = &mut self.publications[i];
            let Some((from, end)) = publication.during else { continue };
            let next = starts.iter().copied().filter(|start| *start > from).min();
            let until = earlier(publication.planned_until, next);
            if until == end {
                continue;
            }
            let Some(at) = until.filter(|at| end.is_none_or(|end| *at < end)) else {
                return Err(Error::fault("an end moves away"));
            };
            publication.during = Some((from, until));
            if let Some(listing) = &mut publication.listing {
                listing.until = earlier(listing.until, Some(at));
            }
            let detail = json!({ "publication": publication.id, "until": until });
            self.record(journal, act, "offer.end_moved", detail);
        }
        Ok(())
    }
}

impl ToldPublication {
    fn stop(&mut self, at: Timestamp, state: PublicationState) {
        self.state = state;
        self.listing = None;
        if let Some((from, until)) = self.during {
            let end = earlier(earlier(until, self.paused_at), Some(at)).filter(|end| from < *end);
            self.during = end.map(|end| (from, Some(end)));
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

/// Whether an offer with these places applies at one of its merchant's.
fn applies(places: &Places, id: LocationId, place: &NewLocation) -> bool {
    let same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    match places {
        Places::All => true,
        Places::Some { locations } => locations.contains(&id),
        Places::Rule { regions, cities, postal_prefixes } => {
            regions.iter().any(|region| same(region, &place.region))
                || cities.iter().any(|city| same(city, &place.city))
                || postal_prefixes.iter().any(|prefix| place.postal_code.to_lowercase().starts_with(&prefix.to_lowercase()))
        }
        Places::Online { .. } => false,
    }
}
