//! Forms that add a record: posted twice, each counts once. A browser without scripts sends a form again on a double click, and
//! people reload the answer of a form that seemed to hang.
//!
//! Owns `posted_forms`.

mod store;
#[cfg(test)]
mod tests;

use crate::{Error, Op, Result};
use chrono::TimeDelta;
use kit::secret;
use model::FormKey;
use serde::Serialize;
use uuid::Uuid;

/// Adds a record through `add`, unless the caller posted this form under this key before: then answers the record of then.
/// `form` is all that was posted, also what the record is to belong to: whatever differs makes it another form, so that
/// nothing is lost. A second one that comes while the first is being added waits for it; if the first is refused, the second is
/// asked anew.
pub async fn once<T: From<Uuid> + Into<Uuid> + Copy>(
    op: &mut Op,
    key: Option<FormKey>,
    form: &impl Serialize,
    add: impl AsyncFnOnce(&mut Op) -> Result<T>,
) -> Result<T> {
    let (Some(key), Some(by)) = (key, op.account()) else { return add(op).await };
    let digest = secret::sha256(serde_json::to_vec(&(by, key, form))?);
    let now = op.now;
    if !store::claim(op.conn(), &digest, now).await? {
        let record = store::record(op.conn(), &digest).await?;
        return record.map(T::from).ok_or_else(|| Error::fault("a posted form without its record"));
    }
    let record = add(op).await?;
    store::set_record(op.conn(), &digest, record.into()).await?;
    Ok(record)
}

/// Forgets forms that were posted more than a day ago; returns how many. Run once an hour.
pub async fn purge(op: &mut Op) -> Result<u64> {
    let before = op.now - TimeDelta::days(1);
    store::purge(op.conn(), before).await
}
