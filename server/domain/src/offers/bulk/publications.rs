//! The part of an offer's history that members see: what is published, and for how long.

use super::{Act, Shown, Told, ToldPublication};
use crate::{
    Error, Result,
    journal::{self, Subject},
    offers::{timetable::earlier, window},
};
use model::{
    LocationId, PublicationId, Timestamp,
    merchants::{Location, NewLocation},
    offers::{OfferRefusal, Places, PublicationState, PublishForm},
};
use serde_json::{Value, json};
use uuid::Uuid;

impl Told {
    /// As [`crate::offers::publish`], of the newest revision, at places of the merchant.
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

    /// As [`crate::offers::pause`].
    pub(crate) fn pause(&mut self, journal: &mut journal::Bulk, act: Act) -> Result<()> {
        let live = self.standing_as(PublicationState::Live).ok_or(OfferRefusal::NotLive)?;
        let publication = &mut self.publications[live];
        publication.state = publication.state.pause()?;
        (publication.paused_at, publication.listing) = (Some(act.1), None);
        let detail = json!({ "publication": publication.id });
        self.record(journal, act, "offer.paused", detail);
        Ok(())
    }

    /// As [`crate::offers::resume`].
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

    /// As [`crate::offers::end`], of the newest publication that stands.
    pub(crate) fn end(&mut self, journal: &mut journal::Bulk, act: Act) -> Result<()> {
        let standing = self.standing().next_back().ok_or(OfferRefusal::Over)?;
        let detail = json!({ "publication": self.publications[standing].id });
        self.stop(journal, act, standing, detail)?;
        self.fit(journal, act, None)
    }

    /// As [`crate::offers::settle_due`] does for this offer.
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
    pub(super) fn settled(&self) -> PublicationState {
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
