//! The audit log.

#[cfg(feature = "ssr")]
use crate::server::read;
use leptos::prelude::*;
use model::{
    AppError, Page,
    audit::{AuditQuery, AuditRow},
    codec::Json,
};

#[server(prefix = "/desk/api", output = Json)]
pub async fn search_audit(query: AuditQuery) -> Result<Page<AuditRow>, AppError> {
    read(async |op| domain::journal::search(op, &query).await).await
}
