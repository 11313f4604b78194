//! Limits: how often something may be tried in a stretch of time, counted in the data base so that all nodes count together.
//!
//! Owns `attempts`. Keys are stored as hashes, for they may be made of e-mail addresses.

mod store;
#[cfg(test)]
mod tests;

use crate::{Op, Result};
use chrono::TimeDelta;
use kit::secret::sha256;
use std::net::IpAddr;

/// How many tries are let through in a window, which begins with the first of them.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub most: u32,
    /// At most a day: older windows are purged.
    pub window: TimeDelta,
}

/// Counts a try and answers how many seconds to wait when it is one too many.
///
/// The count is taken before anything is known of the try, in one statement, so that tries at the same time cannot slip
/// through together. It stands once the operation commits.
pub async fn count(op: &mut Op, key: &str, limit: Limit) -> Result<Option<u32>> {
    let now = op.now;
    let (begun, tries) = store::count(op.conn(), &sha256(key), now, now - limit.window).await?;
    if tries <= i64::from(limit.most) {
        return Ok(None);
    }
    let left = (begun + limit.window - now).num_milliseconds();
    Ok(Some(u32::try_from((left + 999) / 1000).unwrap_or_default().max(1)))
}

/// Forgets the tries under a key.
pub async fn clear(op: &mut Op, key: &str) -> Result<()> {
    store::clear(op.conn(), &sha256(key)).await
}

/// Removes windows that have ended for good; returns how many. Run once an hour.
pub async fn purge(op: &mut Op) -> Result<u64> {
    let before = op.now - TimeDelta::days(1);
    store::purge(op.conn(), before).await
}

/// The network that an address stands for in a key: an IPv6 client has its whole /64 to choose addresses from.
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}
