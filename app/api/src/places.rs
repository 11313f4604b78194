//! Postal codes, for everybody.

#[cfg(feature = "ssr")]
use crate::server::read;
use leptos::prelude::*;
use model::{AppError, codec::Json, places::PostalCode};

/// Where a postal code lies, if it is known.
#[server(prefix = "/api", output = Json)]
pub async fn find_postal_code(country: String, code: String) -> Result<Option<PostalCode>, AppError> {
    read(async |op| domain::places::find(op, &country, &code).await).await
}
