//! One newtype for each kind of id, so that a merchant's id cannot be passed where an offer's is meant.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// Declares id types. Ids are UUID v7, made on the server only (but for [`FormKey`]); an id is never a secret.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(s.trim()).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

ids! {
    /// A member of staff.
    AccountId,
    /// A client of the operator, for whom offers may be exclusive.
    ClientId,
    BrandId,
    MerchantId,
    LocationId,
    CategoryId,
    OfferId,
    /// An immutable snapshot of an offer that was sent for review.
    RevisionId,
    /// One stretch of time in which a revision stands on the member sites.
    PublicationId,
    /// Something that an operator should look at.
    AlarmId,
    /// A browser in which somebody is signed in; knowing it opens nothing.
    SessionId,
    /// A form that was refused without scripts, kept for one read.
    KeptFormId,
    /// A form to add a record, as one page showed it: made by the page, for what is posted twice to count once.
    FormKey,
    /// A mail that the server wrote.
    MailId,
}

impl FormKey {
    /// A new one, by chance: the browser makes them too.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

/// How often a record was saved; a save names the version it was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub i64);

impl Version {
    /// No record ever had it: a form made from it is always told what stands.
    pub const NEVER: Self = Self(0);
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
