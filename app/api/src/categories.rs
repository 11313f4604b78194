//! The tree of categories, for everybody.

#[cfg(feature = "ssr")]
use crate::server::read;
use leptos::prelude::*;
use model::{AppError, categories::Category, codec::Json};

#[server(prefix = "/api", output = Json)]
pub async fn list_categories() -> Result<Vec<Category>, AppError> {
    read(async |op| domain::categories::all(op).await).await
}
