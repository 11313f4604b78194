//! External ids: what other systems call our records. One id of a source names one record of a kind.
//!
//! Owns `external_ids`. The modules whose records they are ask for permission.

mod store;
#[cfg(test)]
mod tests;

use crate::{Op, Result};
use model::{
    LocationId, MerchantId,
    merchants::{ExternalId, MerchantRefusal},
};
pub(crate) use store::bulk::Bulk;
use uuid::Uuid;

/// A record that other systems may have an id for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    Merchant(MerchantId),
    Location(LocationId),
}

impl Entity {
    /// The word in the table, and the id.
    fn parts(self) -> (&'static str, Uuid) {
        match self {
            Self::Merchant(id) => ("merchant", id.0),
            Self::Location(id) => ("location", id.0),
        }
    }
}

/// The record's external ids, in order.
pub async fn of(op: &mut Op, entity: Entity) -> Result<Vec<ExternalId>> {
    let (kind, id) = entity.parts();
    store::of(op.conn(), kind, id).await
}

/// Gives the record exactly these external ids; refused when another record of its kind has one of them.
pub async fn replace(op: &mut Op, entity: Entity, ids: &[ExternalId]) -> Result<()> {
    let (kind, id) = entity.parts();
    store::remove_others(op.conn(), kind, id, ids).await?;
    store::insert(op.conn(), kind, id, ids).await?;
    // An insert waits for another operation that is giving the same id, and passes over it once that has committed.
    match store::count(op.conn(), kind, id).await? {
        count if count == ids.len() as i64 => Ok(()),
        _ => Err(MerchantRefusal::ExternalIdTaken.into()),
    }
}
