//! Publications: an approved revision goes live, now or later; is paused, resumed, ended; an offer is archived.

use super::{check, lock, review, store, window};
use crate::{
    Op, Result,
    catalogue::{self, NewListing},
    journal::{self, Subject},
    merchants,
};
use model::{
    OfferId, PublicationId, RevisionId, Timestamp,
    access::Permission,
    merchants::MerchantStatus,
    offers::{OfferRefusal, PublicationState, PublishForm},
};
use serde_json::json;
use store::{PublicationRow, RevisionRow};

/// Publishes an approved revision, at once or from a wall time on. What is live until then ends there; publishing what is
/// live already changes nothing.
pub async fn publish(op: &mut Op, id: OfferId, revision: RevisionId, form: &PublishForm) -> Result<()> {
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
    let standing = store::publications(op.conn(), id, now).await?;
    let already = standing.iter().any(|p| live(p) && p.revision_id == revision.id && p.until == until);
    if already && start == now {
        return Ok(());
    }
    make_room(op, &standing, start).await?;
    go_live(op, &draft.short_id, &revision, start, until).await?;
    let action = if start > now { "offer.scheduled" } else { "offer.published" };
    let detail = json!({ "revision": revision.id, "number": revision.number, "from": start, "until": until });
    journal::record(op, action, Subject::Offer(id), detail).await
}

fn live(publication: &PublicationRow) -> bool {
    publication.state == PublicationState::Live.word()
}

/// Ends what stands at `start`. What was scheduled for later stays and may overlap; the data base refuses that.
async fn make_room(op: &mut Op, standing: &[PublicationRow], start: Timestamp) -> Result<()> {
    for publication in standing {
        let id: PublicationId = publication.id.into();
        if publication.state == PublicationState::Paused.word() {
            store::set_state(op.conn(), id, PublicationState::Ended).await?;
        } else if publication.from.is_some_and(|from| from < start) && publication.until.is_none_or(|until| until > start) {
            let stays = if live(publication) && start > op.now { PublicationState::Live } else { PublicationState::Ended };
            let stays = if publication.state == PublicationState::Scheduled.word() { PublicationState::Scheduled } else { stays };
            store::cut(op.conn(), id, start, stays).await?;
            catalogue::cut(op, id, start).await?;
        }
    }
    Ok(())
}

/// Writes the publication and its listing.
async fn go_live(op: &mut Op, short_id: &str, revision: &RevisionRow, from: Timestamp, until: Option<Timestamp>) -> Result<()> {
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
        state: if from > op.now { PublicationState::Scheduled } else { PublicationState::Live },
        from,
        until,
        by: op.account(),
        at: op.now,
    };
    let listing = listing(op, publication.id, short_id, revision, (from, until)).await?;
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

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// Takes a live offer off the member sites for a time. Tokens that members hold stay good.
pub async fn pause(op: &mut Op, id: OfferId) -> Result<()> {
    op.demand(Permission::PublishOffers)?;
    lock(op, id).await?;
    let now = op.now;
    let publication = standing_as(op, id, PublicationState::Live).await?.ok_or(OfferRefusal::NotLive)?;
    let next = PublicationState::Live.pause()?;
    store::cut(op.conn(), publication.id.into(), now, next).await?;
    catalogue::unlist(op, publication.id.into()).await?;
    journal::record(op, "offer.paused", Subject::Offer(id), json!({ "publication": publication.id })).await
}

/// Puts a paused offer back, until its planned end, in the revision that was live.
pub async fn resume(op: &mut Op, id: OfferId) -> Result<()> {
    op.demand(Permission::PublishOffers)?;
    let draft = lock(op, id).await?;
    let paused = standing_as(op, id, PublicationState::Paused).await?.ok_or(OfferRefusal::NotPaused)?;
    PublicationState::Paused.resume()?;
    if paused.planned_until.is_some_and(|until| until <= op.now) {
        return Err(OfferRefusal::Expired.into());
    }
    let revision = review::find(op, id, paused.revision_id.into()).await?;
    review::verify(&revision)?;
    store::set_state(op.conn(), paused.id.into(), PublicationState::Ended).await?;
    let now = op.now;
    go_live(op, &draft.short_id, &revision, now, paused.planned_until).await?;
    journal::record(op, "offer.resumed", Subject::Offer(id), json!({ "revision": revision.id })).await
}

/// Ends what is live or paused; where nothing is, cancels what is scheduled.
pub async fn end(op: &mut Op, id: OfferId) -> Result<()> {
    op.demand(Permission::PublishOffers)?;
    lock(op, id).await?;
    let now = op.now;
    let standing = store::standing(op.conn(), id, now).await?;
    let next = standing.end()?;
    let publication = standing_as(op, id, standing).await?.ok_or(OfferRefusal::NotLive)?;
    match standing {
        PublicationState::Paused => store::set_state(op.conn(), publication.id.into(), next).await?,
        _ => store::cut(op.conn(), publication.id.into(), now, next).await?,
    }
    catalogue::unlist(op, publication.id.into()).await?;
    let action = if next == PublicationState::Ended { "offer.ended" } else { "offer.schedule_cancelled" };
    journal::record(op, action, Subject::Offer(id), json!({ "publication": publication.id })).await
}

async fn standing_as(op: &mut Op, id: OfferId, state: PublicationState) -> Result<Option<PublicationRow>> {
    let now = op.now;
    let all = store::publications(op.conn(), id, now).await?;
    Ok(all.into_iter().find(|p| p.state == state.word()))
}

/// Puts an offer away for good: it can be read, but not changed.
pub async fn archive(op: &mut Op, id: OfferId) -> Result<()> {
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
        store::set_state(op.conn(), publication.id.into(), state).await?;
        if publication.ended {
            catalogue::unlist(op, publication.id.into()).await?;
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
