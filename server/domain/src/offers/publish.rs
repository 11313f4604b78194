//! Publications: an approved revision goes live, now or later; is paused, resumed, ended; an offer is archived.

use super::{
    check, lock, review, store,
    timetable::{self, earlier, standing_as},
    window,
};
use crate::{
    Op, Result,
    catalogue::{self, NewListing},
    journal::{self, Subject},
    merchants,
};
use model::{
    AppError, OfferId, PublicationId, RevisionId, Timestamp,
    access::Permission,
    merchants::MerchantStatus,
    offers::{OfferRefusal, PublicationState, PublishForm},
};
use serde_json::json;
use store::{PublicationRow, RevisionRow};

/// Publishes an approved revision, at once or from a wall time on. What stands until then ends there, and what was scheduled of the
/// same revision in that time gives way to it; publishing what is published already changes nothing.
pub async fn publish(op: &mut Op, id: OfferId, revision: RevisionId, form: &PublishForm) -> Result<()> {
    op.about(Subject::Offer(id));
    op.demand(Permission::PublishOffers)?;
    let asked = form.parse()?;
    let zone = window::zone("zone", &asked.zone)?;
    let from = asked.from.map(|wall| window::instant(wall, zone, window::Edge::Start));
    let until = asked.until.map(|wall| window::instant(wall, zone, window::Edge::End));
    let draft = lock(op, id).await?;
    let start = from.map_or(op.now, |from| from.max(op.now));
    if until.is_some_and(|until| until <= start) {
        return Err(OfferRefusal::EmptyWindow.into());
    }
    let revision = review::find(op, id, revision).await?;
    review::state(&revision)?.publishable()?;
    review::verify(&revision)?;
    let now = op.now;
    let stands_so = |p: &PublicationRow| {
        let starts_so = if start > now { p.from == Some(start) } else { p.is(PublicationState::Live) };
        starts_so && p.revision_id == revision.id && p.planned_until == until
    };
    if timetable::standing(op, id).await?.iter().any(stands_so) {
        return Ok(());
    }
    timetable::make_room(op, &draft, revision.id.into(), (start, until)).await?;
    go_live(op, &draft.short_id, &revision, Stretch { from: start, until, planned_until: until }).await?;
    let action = if start > now { "offer.scheduled" } else { "offer.published" };
    let detail = json!({ "revision": revision.id, "number": revision.number, "from": start, "until": until });
    journal::record(op, action, Subject::Offer(id), detail).await
}

/// The time of a publication.
struct Stretch {
    from: Timestamp,
    /// The planned end, or the start of the next publication if that comes first.
    until: Option<Timestamp>,
    planned_until: Option<Timestamp>,
}

/// Writes the publication and its listing.
async fn go_live(op: &mut Op, short_id: &str, revision: &RevisionRow, time: Stretch) -> Result<()> {
    let merchant = review::content(revision)?.merchant;
    // Held until the operation ends, so that a suspension and a publication cannot pass each other.
    if merchants::lock(op, merchant).await? != MerchantStatus::Active {
        return Err(OfferRefusal::MerchantNotActive.into());
    }
    let publication = store::NewPublication {
        id: op.new_id(),
        offer: revision.offer_id.into(),
        revision: revision.id.into(),
        content_hash: &revision.content_hash,
        state: if time.from > op.now { PublicationState::Scheduled } else { PublicationState::Live },
        from: time.from,
        until: time.until,
        planned_until: time.planned_until,
        by: op.account(),
        at: op.now,
    };
    let listing = listing(op, publication.id, short_id, revision, (time.from, time.until)).await?;
    store::insert_publication(op.conn(), &publication).await?;
    catalogue::list(op, listing).await
}

/// What members find of a revision in a window. Refused when it would apply nowhere, or not any more.
pub(super) async fn listing(
    op: &mut Op,
    publication: PublicationId,
    short_id: &str,
    revision: &RevisionRow,
    (from, until): (Timestamp, Option<Timestamp>),
) -> Result<NewListing> {
    let content = review::content(revision)?;
    let locations = check::applies_somewhere(op, &content).await?;
    let last = window::last_moment(&content, &locations)?;
    if last.is_some_and(|last| last <= from) {
        return Err(OfferRefusal::Expired.into());
    }
    Ok(NewListing {
        publication,
        offer: revision.offer_id.into(),
        revision: revision.id.into(),
        short_id: short_id.to_owned(),
        content,
        shown_from: from,
        shown_until: earlier(until, last),
        locations,
    })
}

/// Takes a live offer off the member sites for a time. Tokens that members hold stay good.
pub async fn pause(op: &mut Op, id: OfferId) -> Result<()> {
    op.about(Subject::Offer(id));
    op.demand(Permission::PublishOffers)?;
    lock(op, id).await?;
    let now = op.now;
    let publication = standing_as(op, id, PublicationState::Live).await?.ok_or(OfferRefusal::NotLive)?;
    let next = PublicationState::Live.pause()?;
    store::pause(op.conn(), publication.id.into(), now, next).await?;
    catalogue::unlist(op, publication.id.into()).await?;
    journal::record(op, "offer.paused", Subject::Offer(id), json!({ "publication": publication.id })).await
}

/// Puts a paused offer back in the revision that was live, until its planned end or the start of the next publication. The pause
/// is no part of either publication's time.
pub async fn resume(op: &mut Op, id: OfferId) -> Result<()> {
    op.about(Subject::Offer(id));
    op.demand(Permission::PublishOffers)?;
    let draft = lock(op, id).await?;
    let paused = standing_as(op, id, PublicationState::Paused).await?.ok_or(OfferRefusal::NotPaused)?;
    PublicationState::Paused.resume()?;
    let revision = review::find(op, id, paused.revision_id.into()).await?;
    review::verify(&revision)?;
    let now = op.now;
    store::stop(op.conn(), paused.id.into(), now, PublicationState::Ended).await?;
    let time = Stretch { from: now, until: paused.until, planned_until: paused.planned_until };
    go_live(op, &draft.short_id, &revision, time).await?;
    journal::record(op, "offer.resumed", Subject::Offer(id), json!({ "revision": revision.id })).await
}

/// Ends a publication that is live or paused, or cancels one that is scheduled: what stood before it then stands until its own
/// planned end again.
pub async fn end(op: &mut Op, id: OfferId, publication: PublicationId) -> Result<()> {
    op.about(Subject::Offer(id));
    op.demand(Permission::PublishOffers)?;
    let draft = lock(op, id).await?;
    let now = op.now;
    let all = store::publications(op.conn(), id, now).await?;
    let publication = all.into_iter().find(|p| p.id == publication.0).ok_or(AppError::NotFound)?;
    timetable::stop(op, id, &publication, json!({ "publication": publication.id })).await?;
    timetable::fit(op, &draft, None).await
}

/// Puts an offer away for good: it can be read, but not changed.
pub async fn archive(op: &mut Op, id: OfferId) -> Result<()> {
    op.about(Subject::Offer(id));
    op.demand(Permission::WriteOffers)?;
    lock(op, id).await?;
    let now = op.now;
    store::standing(op.conn(), id, now).await?.archive()?;
    store::archive(op.conn(), id, now).await?;
    journal::record(op, "offer.archived", Subject::Offer(id), json!({})).await
}

/// Records what happened by time alone: schedules that started, publications that ended. Members saw it at once; this
/// tells the journal. Returns how many; several workers may run it at the same time.
pub async fn settle_due(op: &mut Op) -> Result<usize> {
    const BATCH: i64 = 200;
    let now = op.now;
    let due = store::due(op.conn(), now, BATCH).await?;
    for publication in &due {
        let (state, action) = if publication.ended {
            (PublicationState::Ended, "offer.ended")
        } else {
            (PublicationState::Live, "offer.published")
        };
        if publication.ended {
            store::stop(op.conn(), publication.id.into(), now, state).await?;
            catalogue::unlist(op, publication.id.into()).await?;
        } else {
            store::set_state(op.conn(), publication.id.into(), state).await?;
        }
        journal::record(
            op,
            action,
            Subject::Offer(publication.offer_id.into()),
            json!({ "publication": publication.id, "by": "schedule" }),
        )
        .await?;
    }
    Ok(due.len())
}
