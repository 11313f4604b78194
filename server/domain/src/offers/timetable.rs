//! How an offer's publications share the time: each stands until its planned end or until the next one starts, whichever comes first.

use super::{publish, review, row::DraftRow, store};
use crate::{
    Error, Op, Result, catalogue,
    journal::{self, Subject},
};
use model::{
    OfferId, PublicationId, RevisionId, Timestamp,
    offers::{OfferRefusal, PublicationState},
};
use serde_json::{Value, json};
use store::PublicationRow;

/// What is or will be on the member sites: live, paused and scheduled publications.
pub(super) async fn standing(op: &mut Op, offer: OfferId) -> Result<Vec<PublicationRow>> {
    let now = op.now;
    let mut all = store::publications(op.conn(), offer, now).await?;
    all.retain(|p| p.state().is_ok_and(|state| state.end().is_ok()));
    Ok(all)
}

/// The one that stands in this state. Only scheduled ones can be several.
pub(super) async fn standing_as(op: &mut Op, offer: OfferId, state: PublicationState) -> Result<Option<PublicationRow>> {
    Ok(standing(op, offer).await?.into_iter().find(|p| p.is(state)))
}

/// Makes room for a publication of a revision: what was scheduled of the same revision in that time gives way, and what stands before
/// it ends at its start. Refused while another revision is to start in that time.
pub(super) async fn make_room(
    op: &mut Op,
    draft: &DraftRow,
    revision: RevisionId,
    (start, until): (Timestamp, Option<Timestamp>),
) -> Result<()> {
    let offer: OfferId = draft.id.into();
    for publication in standing(op, offer).await? {
        let Some(from) = publication.from else { continue };
        let meets = until.is_none_or(|until| from < until) && publication.until.is_none_or(|end| start < end);
        let scheduled = publication.is(PublicationState::Scheduled);
        let gives_way = if scheduled { publication.revision_id == revision.0 } else { start <= op.now };
        if meets && gives_way {
            stop(op, offer, &publication, json!({ "publication": publication.id, "by": "publication" })).await?;
        } else if meets && scheduled && from >= start {
            return Err(OfferRefusal::Overlaps { scheduled: from }.into());
        }
    }
    fit(op, draft, Some(start)).await
}

/// Ends what is live or paused, cancels what is scheduled. The time this leaves to others they get by [`fit`].
pub(super) async fn stop(op: &mut Op, offer: OfferId, publication: &PublicationRow, detail: Value) -> Result<()> {
    let next = publication.state()?.end()?;
    let (id, now) = (publication.id.into(), op.now);
    store::stop(op.conn(), id, now, next).await?;
    catalogue::unlist(op, id).await?;
    let action = if next == PublicationState::Ended { "offer.ended" } else { "offer.schedule_cancelled" };
    journal::record(op, action, Subject::Offer(offer), detail).await
}

/// Moves the ends of all that stands to where they belong: cut where the next one starts, given back where none does any more. With
/// `start`, as if one more were to start then.
pub(super) async fn fit(op: &mut Op, draft: &DraftRow, start: Option<Timestamp>) -> Result<()> {
    let standing = standing(op, draft.id.into()).await?;
    let starts: Vec<Timestamp> = standing.iter().filter_map(|p| p.from).chain(start).collect();
    for publication in &standing {
        let Some(from) = publication.from else { continue };
        let next = starts.iter().copied().filter(|start| *start > from).min();
        let until = earlier(publication.planned_until, next);
        if until != publication.until {
            move_end(op, draft, publication, (from, until)).await?;
        }
    }
    Ok(())
}

async fn move_end(
    op: &mut Op,
    draft: &DraftRow,
    publication: &PublicationRow,
    (from, until): (Timestamp, Option<Timestamp>),
) -> Result<()> {
    let id = publication.id.into();
    store::set_until(op.conn(), id, until).await?;
    if !publication.is(PublicationState::Paused) {
        match until {
            Some(at) if publication.until.is_none_or(|end| at < end) => catalogue::cut(op, id, at).await?,
            _ => list_anew(op, draft, id, publication.revision_id.into(), (from, until)).await?,
        }
    }
    let detail = json!({ "publication": id, "until": until });
    journal::record(op, "offer.end_moved", Subject::Offer(draft.id.into()), detail).await
}

/// A listing that was cut may lack the last moment of its offer, so it is made anew from its revision.
async fn list_anew(
    op: &mut Op,
    draft: &DraftRow,
    id: PublicationId,
    revision: RevisionId,
    window: (Timestamp, Option<Timestamp>),
) -> Result<()> {
    let revision = review::find(op, draft.id.into(), revision).await?;
    match publish::listing(op, id, &draft.short_id, &revision, window).await {
        Ok(listing) => catalogue::list(op, listing).await,
        // Its last place is gone: nothing is shown until there is one again.
        Err(Error::App(_)) => catalogue::unlist(op, id).await,
        Err(fault) => Err(fault),
    }
}

pub(super) fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
