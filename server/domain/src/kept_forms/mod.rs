//! Forms that were posted without scripts and refused: kept for one read by the same person, so that nothing typed is lost.
//!
//! Owns `kept_forms`. Never given a form with a password.

mod store;
#[cfg(test)]
mod tests;

use crate::{Op, Result};
use chrono::TimeDelta;
use model::{AppError, KeptFormId};

/// Keeps a form and why it was refused.
pub async fn keep(op: &mut Op, form: serde_json::Value, error: &AppError) -> Result<KeptFormId> {
    let owner = op.account().ok_or(AppError::Unauthenticated)?;
    let (id, now) = (op.new_id(), op.now);
    store::insert(op.conn(), id, owner, &form, &serde_json::to_value(error)?, now).await?;
    Ok(id)
}

/// Gives a kept form back to whom it belongs, once.
pub async fn take(op: &mut Op, id: KeptFormId) -> Result<Option<(serde_json::Value, AppError)>> {
    let owner = op.account().ok_or(AppError::Unauthenticated)?;
    match store::take(op.conn(), id, owner).await? {
        Some((form, error)) => Ok(Some((form, serde_json::from_value(error)?))),
        None => Ok(None),
    }
}

/// Removes forms that nobody came back for within an hour, for they may hold names and addresses; returns how many. Run once
/// an hour.
pub async fn purge(op: &mut Op) -> Result<u64> {
    let before = op.now - TimeDelta::hours(1);
    store::purge(op.conn(), before).await
}
