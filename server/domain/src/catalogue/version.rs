//! How a kept page is known to be what members would see now: by the version of what they see, and by the next moment at which
//! time alone changes it.

use super::store::versions as store;
use crate::{Op, Result};
use chrono::{DurationRound, TimeDelta};
use model::Timestamp;

/// What members see, by a number: another one after each change, and never the same again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(i64);

/// The version at this moment. A page that is rendered after it was read shows this version, or one that no longer has a number.
pub async fn version(op: &mut Op) -> Result<Version> {
    Ok(Version(store::version(op.conn()).await?))
}

/// How long pages that are rendered at `at` or later stay as they are, if nothing changes them.
///
/// A listing begins and ends at its own moment. All else that pages tell of time - days, hours, closures - is told by clocks
/// whose minutes are those of UTC, and changes with a minute.
pub async fn unchanged_until(op: &mut Op, at: Timestamp) -> Result<Timestamp> {
    let minute = minute(at) + TimeDelta::minutes(1);
    let listing = store::next_listing_time(op.conn(), at).await?;
    Ok(listing.map_or(minute, |listing| listing.min(minute)))
}

/// The beginning of the minute.
pub(super) fn minute(at: Timestamp) -> Timestamp {
    // It fails only centuries from now.
    at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(at)
}
