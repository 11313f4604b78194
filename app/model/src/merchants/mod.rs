//! Merchants: brands, the businesses that run under them, and their locations.

mod form;
mod location;

pub(crate) use form::id_list;
pub use form::{MerchantForm, NewMerchant};
pub use location::{Location, LocationForm, LocationQuery, NewLocation, OpenHours, PlaceState};

use crate::{AccountId, BrandId, CategoryId, MerchantId, Timestamp, Version, pictures::ShownPicture};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Why a merchant's rule said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum MerchantRefusal {
    #[error("Another record already has this external id. Each id of a source may stand once.")]
    ExternalIdTaken,
    #[error("A closed merchant cannot be opened again. Add it as a new merchant.")]
    Closed,
    #[error("This location is archived. Restore it first, then change it.")]
    LocationArchived,
}

/// Where a merchant stands with the operator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MerchantStatus {
    /// Talked to, not signed; nothing of theirs is live.
    #[default]
    Prospect,
    Active,
    /// Stopped for a time: no claims, no redemptions, nothing shown.
    Suspended,
    /// Gone for good.
    Closed,
}

impl MerchantStatus {
    pub const ALL: [Self; 4] = [Self::Prospect, Self::Active, Self::Suspended, Self::Closed];

    pub fn word(self) -> &'static str {
        match self {
            Self::Prospect => "prospect",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Prospect => "Prospect",
            Self::Active => "Active",
            Self::Suspended => "Suspended",
            Self::Closed => "Closed",
        }
    }

    /// The one legal list of moves: everything but out of `Closed`.
    pub fn may_become(self, next: Self) -> Result<(), MerchantRefusal> {
        if self == Self::Closed && next != Self::Closed { Err(MerchantRefusal::Closed) } else { Ok(()) }
    }
}

impl FromStr for MerchantStatus {
    type Err = ();
    fn from_str(s: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|status| status.word() == s).ok_or(())
    }
}

impl fmt::Display for MerchantStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A merchant as the list shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MerchantRow {
    pub id: MerchantId,
    pub name: String,
    pub brand: Option<String>,
    pub status: MerchantStatus,
    pub category: Option<String>,
    pub locations: i64,
    pub offers: i64,
    pub updated_at: Timestamp,
}

/// What to look for in the list of merchants; empty fields match everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MerchantQuery {
    pub q: String,
    pub status: String,
    /// A category's slug; its children count too.
    pub category: String,
    /// `name` (default), `-name` (Z first), `updated` (newest first) or `-updated`.
    pub sort: String,
    pub after: String,
    pub before: String,
}

/// A merchant, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Merchant {
    pub id: MerchantId,
    pub short_id: String,
    pub version: Version,
    pub name: String,
    pub brand: Option<Brand>,
    pub website: Option<String>,
    pub status: MerchantStatus,
    pub categories: Vec<CategoryId>,
    pub account_owner: Option<AccountId>,
    pub external_ids: Vec<ExternalId>,
    pub picture: Option<ShownPicture>,
    /// The brand's.
    pub logo: Option<ShownPicture>,
    /// How many locations and offers it has, archived ones left out.
    pub locations: i64,
    pub offers: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What other records show of a merchant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MerchantSummary {
    pub id: MerchantId,
    pub short_id: String,
    pub name: String,
    pub brand: Option<String>,
    pub website: Option<String>,
    pub status: MerchantStatus,
    pub account_owner: Option<AccountId>,
    /// The merchant's picture, else the brand's logo.
    pub picture: Option<ShownPicture>,
}

/// A brand, under which one or many merchants trade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brand {
    pub id: BrandId,
    pub name: String,
}

/// One save of a merchant or a location.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedVersion {
    pub version: Version,
    /// Who saved it, by name.
    pub by: String,
    pub at: Timestamp,
    /// What it changed, as raw form strings; empty for the first version.
    pub changes: Vec<FieldChange>,
}

/// One field that a save changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    pub name: String,
    pub label: String,
    pub before: String,
    pub after: String,
}

/// An id that another system gave a record; unique by source and kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ExternalId {
    pub source: String,
    pub value: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_merchant_stays_closed() {
        assert!(MerchantStatus::Closed.may_become(MerchantStatus::Active).is_err());
        assert!(MerchantStatus::Suspended.may_become(MerchantStatus::Active).is_ok());
    }
}
