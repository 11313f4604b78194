//! The SQL of `merchants`, `brands` and what hangs on them.

use crate::{Error, Result};
use model::{
    MerchantId,
    merchants::{MerchantStatus, MerchantSummary},
};
use sqlx::PgConnection;

/// A status as the table writes it.
pub(crate) fn status(word: &str) -> Result<MerchantStatus> {
    word.parse().map_err(|()| Error::fault(format!("“{word}” is no status of a merchant")))
}

/// By id or by short id, whichever is given.
pub(crate) async fn summary(
    conn: &mut PgConnection,
    id: Option<MerchantId>,
    short_id: Option<&str>,
) -> Result<Option<MerchantSummary>> {
    let row = sqlx::query!(
        r#"select m.id, m.short_id, m.name, b.name as "brand?", m.website, m.status, m.account_owner
           from merchants m left join brands b on b.id = m.brand_id
           where (m.id = $1 or m.short_id = $2) and m.archived_at is null"#,
        id.map(|id| id.0),
        short_id
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(MerchantSummary {
            id: row.id.into(),
            short_id: row.short_id,
            name: row.name,
            brand: row.brand,
            website: row.website,
            status: status(&row.status)?,
            account_owner: row.account_owner.map(Into::into),
        })
    })
    .transpose()
}

/// The status of a merchant that nobody changes before this transaction ends.
pub(crate) async fn share_status(conn: &mut PgConnection, id: MerchantId) -> Result<Option<MerchantStatus>> {
    let word = sqlx::query_scalar!("select status from merchants where id = $1 and archived_at is null for share", id.0)
        .fetch_optional(conn)
        .await?;
    word.as_deref().map(status).transpose()
}
