//! Limits: how often something may be tried in a stretch of time, counted in the data base so that all nodes count together.
//!
//! Owns `attempts`. Keys are stored as hashes, for they may be made of e-mail addresses.

mod store;
#[cfg(test)]
mod tests;

use crate::{Op, Result};
use chrono::TimeDelta;
use kit::secret::sha256;
use std::net::{IpAddr, Ipv6Addr};

/// How many tries are let through in a window, which begins with the first of them.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub most: u32,
    /// At most a day: older windows are purged.
    pub window: TimeDelta,
}

/// A try past a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excess {
    /// Seconds until the next try is let through.
    pub retry_after: u32,
    /// The first past the limit in its window: this one is worth a row in the audit log. Were there a row for each, strangers
    /// could grow the log for ever.
    pub is_first: bool,
}

/// Counts a try and answers when it is one too many.
///
/// The count is taken before anything is known of the try, in one statement, so that tries at the same time cannot slip
/// through together. It stands once the operation commits.
pub async fn count(op: &mut Op, key: &str, limit: Limit) -> Result<Option<Excess>> {
    let now = op.now;
    let (begun, tries) = store::count(op.conn(), &sha256(key), now, now - limit.window).await?;
    if tries <= i64::from(limit.most) {
        return Ok(None);
    }
    let left = (begun + limit.window - now).num_milliseconds();
    let retry_after = u32::try_from((left + 999) / 1000).unwrap_or_default().max(1);
    Ok(Some(Excess { retry_after, is_first: tries == i64::from(limit.most) + 1 }))
}

/// Counts a try in each network that the caller's address lies in, from the smallest to the largest; `limit` is that of the
/// smallest. A try that one of them refuses is not counted in those around it, so that a single client cannot use up what
/// all of its neighbours have.
pub async fn count_from_networks(op: &mut Op, what: &str, limit: Limit) -> Result<Option<Excess>> {
    for Network { name, share } in networks(op.address) {
        let limit = Limit { most: limit.most * share, ..limit };
        if let Some(excess) = count(op, &format!("{what} from {name}"), limit).await? {
            return Ok(Some(excess));
        }
    }
    Ok(None)
}

/// The smallest network of the caller's address, as tries are counted by it: a hash. `None` where the address is not known.
pub fn network(op: &Op) -> Option<[u8; 32]> {
    op.address?;
    networks(op.address).first().map(|network| sha256(format!("network {}", network.name)))
}

/// Forgets the tries under a key.
pub async fn clear(op: &mut Op, key: &str) -> Result<()> {
    store::clear(op.conn(), &sha256(key)).await
}

/// Forgets the tries that [`count_from_networks`] counted for the caller.
pub async fn clear_from_networks(op: &mut Op, what: &str) -> Result<()> {
    for Network { name, .. } in networks(op.address) {
        clear(op, &format!("{what} from {name}")).await?;
    }
    Ok(())
}

/// Removes windows that have ended for good; returns how many. Run once an hour.
pub async fn purge(op: &mut Op) -> Result<u64> {
    let before = op.now - TimeDelta::days(1);
    store::purge(op.conn(), before).await
}

/// A network that tries are counted by.
#[derive(Debug, PartialEq, Eq)]
struct Network {
    name: String,
    /// How many times a single client's allowance it has.
    share: u32,
}

/// The networks of an address, the smallest first. An IPv6 client has its whole /64 to choose addresses from, and many have a
/// /56 or a /48 of such networks: these count too, with more room, for they may as well be many people's. Where an address
/// is not known (behind a proxy that does not tell it), everybody counts together.
fn networks(address: Option<IpAddr>) -> Vec<Network> {
    let network = |name, share| Network { name, share };
    match address.map(|address| address.to_canonical()) {
        None => vec![network(String::new(), 1)],
        Some(IpAddr::V4(address)) => vec![network(address.to_string(), 1)],
        Some(IpAddr::V6(address)) => [(64, 1), (56, 2), (48, 4)]
            .map(|(length, share)| {
                let prefix = Ipv6Addr::from_bits(address.to_bits() >> (128 - length) << (128 - length));
                network(format!("{prefix}/{length}"), share)
            })
            .into(),
    }
}
