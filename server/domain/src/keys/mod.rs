//! The key that secrets are sealed under: which one this data base goes with.
//!
//! Owns `secret_keys`. The key itself is in no table: nodes share it as a setting or as a file.

mod store;
#[cfg(test)]
mod tests;

use crate::{Op, Result};
use kit::seal::Key;

/// Whether this data base goes with a key already.
pub async fn is_chosen(op: &mut Op) -> Result<bool> {
    Ok(store::fingerprint(op.conn()).await?.is_some())
}

/// Whether the key is that of this data base. The first one that is asked for becomes it.
pub async fn agree(op: &mut Op, key: &Key) -> Result<bool> {
    let (now, own) = (op.now, key.fingerprint());
    store::choose(op.conn(), &own, now).await?;
    Ok(store::fingerprint(op.conn()).await?.is_some_and(|chosen| chosen == own))
}
