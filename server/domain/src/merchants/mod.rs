//! Merchants: brands, the businesses that trade under them, and their locations.
//!
//! Owns `brands`, `merchants`, `merchant_categories`, `locations`, `merchant_revisions`, `location_revisions`.
//! Every save names the version it was made from, writes a revision of the whole record and a row in the journal.

pub(crate) mod bulk;
mod cursor;
mod list;
mod location;
mod pictures;
mod record;
mod store;
#[cfg(test)]
mod tests;
mod versions;

pub use list::{list, locations as list_locations};
pub use location::{add_location, archive_location, get_location, restore_location, save_location};
pub use pictures::{put_logo, put_picture, take_logo_away, take_picture_away};
pub use record::{add, close, get, save};
pub use versions::{history, location_history};

use crate::{Op, Result};
use model::{
    AppError, LocationId, MerchantId,
    merchants::{Location, MerchantStatus, MerchantSummary},
    offers::Places,
    slug,
};
use store::merchants::InUse;

/// What other modules show of a merchant. It asks for no permission: the caller decides who may see it.
pub async fn summary(op: &mut Op, id: MerchantId) -> Result<Option<MerchantSummary>> {
    let found = store::merchants::summary(op.conn(), Some(id), None).await?;
    with_picture(op, found).await
}

/// The same by the public address `slug-shortid`; the slug does not matter.
pub async fn summary_at(op: &mut Op, address: &str) -> Result<Option<MerchantSummary>> {
    match slug::short_id(address) {
        Some(short_id) => {
            let found = store::merchants::summary(op.conn(), None, Some(short_id)).await?;
            with_picture(op, found).await
        }
        None => Ok(None),
    }
}

/// The summary with the merchant's picture, else with the brand's logo.
async fn with_picture(op: &mut Op, found: Option<(MerchantSummary, InUse)>) -> Result<Option<MerchantSummary>> {
    let Some((summary, in_use)) = found else { return Ok(None) };
    let picture = match in_use.picture {
        Some(picture) => crate::pictures::shown(op, Some(&picture)).await?,
        None => crate::pictures::shown_logo(op, in_use.logo).await?,
    };
    Ok(Some(MerchantSummary { picture, ..summary }))
}

/// The merchant's status, which nobody changes before this operation ends: whoever suspends the merchant waits.
pub async fn lock(op: &mut Op, id: MerchantId) -> Result<MerchantStatus> {
    Ok(store::merchants::share_status(op.conn(), id).await?.ok_or(AppError::NotFound)?)
}

/// The merchant's locations where an offer with these places applies. Archived ones never count; online offers have none.
/// It asks for no permission: the caller decides who may see them.
pub async fn locations_of(op: &mut Op, merchant: MerchantId, places: &Places) -> Result<Vec<Location>> {
    store::locations::where_offer_applies(op.conn(), merchant, places).await
}

/// Those of the ids that are archived locations of this merchant, for lists in which they were chosen. It asks for no
/// permission: the caller decides who may see them.
pub async fn archived_among(op: &mut Op, merchant: MerchantId, ids: &[LocationId]) -> Result<Vec<Location>> {
    store::locations::archived_among(op.conn(), merchant, ids).await
}

/// Those of the ids that are no locations of this merchant. An archived location of theirs is not foreign.
pub async fn foreign_locations(op: &mut Op, merchant: MerchantId, ids: &[LocationId]) -> Result<Vec<LocationId>> {
    store::locations::foreign(op.conn(), merchant, ids).await
}
