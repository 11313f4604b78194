//! Places: where postal codes lie, and which time zones there are.
//!
//! Owns `postal_codes`. Anybody may ask; only the program itself loads the table.

mod store;
#[cfg(test)]
mod tests;

use crate::{Op, Result};
use model::{
    access::Permission,
    places::{PostalCode, plain_code},
};

/// The postal code of a country, if the table has it. Both are taken as people write them.
pub async fn find(op: &mut Op, country: &str, code: &str) -> Result<Option<PostalCode>> {
    let country = country.trim().to_uppercase();
    let code = plain_code(&country, code);
    store::find(op.conn(), &country, &code).await
}

/// Puts postal codes into the table; a code that stands there already is replaced. Any number of rows.
pub async fn load(op: &mut Op, codes: &[PostalCode]) -> Result<()> {
    op.demand(Permission::ManageAccounts)?;
    for batch in codes.chunks(10_000) {
        store::upsert(op.conn(), batch).await?;
    }
    Ok(())
}

/// Whether the table of postal codes holds none.
pub async fn is_empty(op: &mut Op) -> Result<bool> {
    store::is_empty(op.conn()).await
}

/// Whether there is an IANA time zone of this name.
pub fn zone_exists(name: &str) -> bool {
    zone(name).is_some()
}

/// The IANA time zone of this name.
pub fn zone(name: &str) -> Option<chrono_tz::Tz> {
    name.parse().ok()
}
