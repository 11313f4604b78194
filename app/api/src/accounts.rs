//! Staff accounts and sessions.

#[cfg(feature = "ssr")]
use crate::server::read;
use leptos::prelude::*;
use model::{AppError, accounts::Viewer};

/// Who is signed in.
#[server(prefix = "/desk/api")]
pub async fn who_is_signed_in() -> Result<Viewer, AppError> {
    read(async |op| domain::accounts::viewer(op).await).await
}
