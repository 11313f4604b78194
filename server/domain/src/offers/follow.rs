//! Keeps listings in step with their merchant's places: an offer for all locations also applies to one that opens later.

use super::{publish, store};
use crate::{
    Op, Result, catalogue,
    journal::{self, Event},
};
use model::{MerchantId, OfferId, offers::PublicationState};
use std::collections::BTreeSet;

/// The reader's name in the outbox.
const READER: &str = "offers";
/// What merchants tell of their locations.
const TOPICS: [&str; 4] = ["location.added", "location.saved", "location.archived", "location.restored"];
/// Events looked at in one operation.
const EVENTS: i64 = 500;
/// Offers held in one operation, unless a single merchant has more: editors wait for what it holds.
const OFFERS: usize = 50;

/// Reads on in the outbox and makes the listings of the merchants concerned anew. Returns how many events it passed, of whatever
/// topic: none once there are no more.
///
/// What it does and how far it came are one transaction; what was done twice stands as if done once.
pub async fn follow_locations(op: &mut Op) -> Result<usize> {
    let now = op.now;
    let events = journal::read_on(op, READER, EVENTS).await?;
    let (mut merchants, mut offers, mut last) = (BTreeSet::new(), BTreeSet::new(), None);
    let mut passed = 0;
    for event in events {
        if let Some(merchant) = concerned(&event)
            && merchants.insert(merchant)
        {
            let published = store::published_offers_of(op.conn(), merchant, now).await?;
            if !offers.is_empty() && offers.len() + published.len() > OFFERS {
                break;
            }
            offers.extend(published);
        }
        passed += 1;
        last = Some(event);
    }
    for offer in offers {
        relist(op, offer).await?;
    }
    if let Some(last) = last {
        journal::move_on(op, READER, &last).await?;
    }
    Ok(passed)
}

/// The merchant whose locations an event tells of.
fn concerned(event: &Event) -> Option<MerchantId> {
    let told = TOPICS.contains(&event.topic.as_str());
    event.body.get("merchant").filter(|_| told)?.as_str()?.parse().ok()
}

/// Takes the listings for what they are: made when all locations that were told of so far were there.
pub async fn have_followed_locations(op: &mut Op) -> Result<()> {
    journal::pass_over(op, READER).await
}

/// Makes the listing of each live or scheduled publication of an offer anew from its revision.
async fn relist(op: &mut Op, offer: OfferId) -> Result<()> {
    let now = op.now;
    let Some(draft) = store::draft(op.conn(), offer, true).await? else { return Ok(()) };
    for publication in store::publications(op.conn(), offer, now).await? {
        if !publication.is(PublicationState::Live) && !publication.is(PublicationState::Scheduled) {
            continue;
        }
        let Some(from) = publication.from else { continue };
        let revision = super::review::find(op, offer, publication.revision_id.into()).await?;
        let window = (from, publication.until);
        match publish::listing(op, publication.id.into(), &draft.short_id, &revision, window).await {
            Ok(listing) => catalogue::list(op, listing).await?,
            // Its last place is gone: nothing is shown until there is one again.
            Err(crate::Error::App(_)) => catalogue::unlist(op, publication.id.into()).await?,
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}
