//! Merchants: brands, the businesses that trade under them, and their locations.
//!
//! Owns `brands`, `merchants`, `merchant_categories`, `locations`, `merchant_revisions`, `location_revisions`.

mod store;

use crate::{Op, Result};
use model::{
    AppError, LocationId, MerchantId,
    merchants::{Location, MerchantStatus, MerchantSummary},
    offers::Places,
    slug,
};
use store::{locations, merchants};

/// What other modules show of a merchant. It asks for no permission: the caller decides who may see it.
pub async fn summary(op: &mut Op, id: MerchantId) -> Result<Option<MerchantSummary>> {
    merchants::summary(op.conn(), Some(id), None).await
}

/// The same by the public address `slug-shortid`; the slug does not matter.
pub async fn summary_at(op: &mut Op, address: &str) -> Result<Option<MerchantSummary>> {
    match slug::short_id(address) {
        Some(short_id) => merchants::summary(op.conn(), None, Some(short_id)).await,
        None => Ok(None),
    }
}

/// The merchant's status, which nobody changes before this operation ends: whoever suspends the merchant waits.
pub async fn lock(op: &mut Op, id: MerchantId) -> Result<MerchantStatus> {
    Ok(merchants::share_status(op.conn(), id).await?.ok_or(AppError::NotFound)?)
}

/// The merchant's locations where an offer with these places applies. Archived ones never count; online offers have none.
/// It asks for no permission: the caller decides who may see them.
pub async fn locations_of(op: &mut Op, merchant: MerchantId, places: &Places) -> Result<Vec<Location>> {
    locations::where_offer_applies(op.conn(), merchant, places).await
}

/// Those of the ids that are no locations of this merchant. An archived location of theirs is not foreign.
pub async fn foreign_locations(op: &mut Op, merchant: MerchantId, ids: &[LocationId]) -> Result<Vec<LocationId>> {
    locations::foreign(op.conn(), merchant, ids).await
}
