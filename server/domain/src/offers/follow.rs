//! Keeps listings in step with their merchant's places: an offer for all locations also applies to one that opens later.

use super::{publish, store};
use crate::{Op, Result, catalogue, journal};
use model::{MerchantId, offers::PublicationState};
use std::collections::BTreeSet;

/// The reader's name in the outbox.
const READER: &str = "offers";
/// What merchants tell of their locations.
const TOPICS: [&str; 4] = ["location.added", "location.saved", "location.archived", "location.restored"];

/// Reads on in the outbox and makes the listings of the merchants concerned anew. Returns how many merchants.
pub async fn follow_locations(op: &mut Op) -> Result<usize> {
    const BATCH: i64 = 500;
    let events = journal::read_on(op, READER, &TOPICS, BATCH).await?;
    let mut concerned = BTreeSet::new();
    for event in events {
        concerned.extend(event.body.get("merchant").and_then(|id| id.as_str()?.parse::<MerchantId>().ok()));
    }
    for merchant in &concerned {
        relist(op, *merchant).await?;
    }
    Ok(concerned.len())
}

/// Takes the listings for what they are: made when all locations that were told of so far were there.
pub async fn have_followed_locations(op: &mut Op) -> Result<()> {
    journal::pass_over(op, READER).await
}

/// Makes every listing of a merchant's live and scheduled offers anew from its revision.
async fn relist(op: &mut Op, merchant: MerchantId) -> Result<()> {
    let now = op.now;
    for offer in store::published_offers_of(op.conn(), merchant, now).await? {
        let Some(draft) = store::draft(op.conn(), offer, true).await? else { continue };
        for publication in store::publications(op.conn(), offer, now).await? {
            let standing = [PublicationState::Live, PublicationState::Scheduled];
            if !standing.iter().any(|state| publication.state == state.word()) {
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
    }
    Ok(())
}
