//! The SQL of `merchants`, `brands` and what hangs on them.

use crate::{Error, Result};
use model::{
    BrandId, CategoryId, MerchantId, Timestamp, Version,
    merchants::{Brand, Merchant, MerchantStatus, MerchantSummary, NewMerchant},
};
use sqlx::PgConnection;
use uuid::Uuid;

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

/// Holds the row until the operation ends; whether there is one. Locations and offers may still be added to it meanwhile.
pub(crate) async fn lock(conn: &mut PgConnection, id: MerchantId) -> Result<bool> {
    let found = sqlx::query_scalar!("select id from merchants where id = $1 and archived_at is null for no key update", id.0)
        .fetch_optional(conn)
        .await?;
    Ok(found.is_some())
}

/// The merchant without its external ids.
pub(crate) async fn read(conn: &mut PgConnection, id: MerchantId) -> Result<Option<Merchant>> {
    let row = sqlx::query!(
        r#"select m.id, m.short_id, m.version, m.name, m.website, m.status, m.account_owner, m.created_at, m.updated_at,
                  b.id as "brand_id?", b.name as "brand_name?",
                  array(select category_id from merchant_categories where merchant_id = m.id order by category_id)
                      as "categories!",
                  (select count(*) from locations l where l.merchant_id = m.id and l.archived_at is null) as "locations!",
                  (select count(*) from offers o where o.merchant_id = m.id and o.archived_at is null) as "offers!"
           from merchants m left join brands b on b.id = m.brand_id
           where m.id = $1 and m.archived_at is null"#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(Merchant {
            id: row.id.into(),
            short_id: row.short_id,
            version: Version(row.version),
            name: row.name,
            brand: row.brand_id.zip(row.brand_name).map(|(id, name)| Brand { id: id.into(), name }),
            website: row.website,
            status: status(&row.status)?,
            categories: row.categories.into_iter().map(Into::into).collect(),
            account_owner: row.account_owner.map(Into::into),
            external_ids: Vec::new(),
            locations: row.locations,
            offers: row.offers,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    })
    .transpose()
}

pub(crate) async fn insert(
    conn: &mut PgConnection,
    id: MerchantId,
    short_id: &str,
    brand: Option<BrandId>,
    new: &NewMerchant,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into merchants (id, short_id, brand_id, name, website, status, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)",
        id.0,
        short_id,
        brand.map(|b| b.0),
        new.name,
        new.website,
        new.status.word(),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes the record's columns and counts its version up.
pub(crate) async fn update(
    conn: &mut PgConnection,
    id: MerchantId,
    brand: Option<BrandId>,
    new: &NewMerchant,
    now: Timestamp,
) -> Result<Version> {
    let version = sqlx::query_scalar!(
        "update merchants set version = version + 1, brand_id = $2, name = $3, website = $4, status = $5, updated_at = $6
         where id = $1 returning version",
        id.0,
        brand.map(|b| b.0),
        new.name,
        new.website,
        new.status.word(),
        now
    )
    .fetch_one(conn)
    .await?;
    Ok(Version(version))
}

/// Files the merchant under exactly these categories.
pub(crate) async fn put_categories(conn: &mut PgConnection, id: MerchantId, categories: &[CategoryId]) -> Result<()> {
    let categories: Vec<Uuid> = categories.iter().map(|c| c.0).collect();
    sqlx::query!("delete from merchant_categories where merchant_id = $1 and category_id <> all($2)", id.0, &categories)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "insert into merchant_categories (merchant_id, category_id) select $1, unnest($2::uuid[]) on conflict do nothing",
        id.0,
        &categories
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Makes a brand; false when there is one of this name already. Waits for an operation that is just making it.
pub(crate) async fn insert_brand(conn: &mut PgConnection, brand: &Brand, now: Timestamp) -> Result<bool> {
    let made = sqlx::query!(
        "insert into brands (id, name, created_at) values ($1, $2, $3)
         on conflict (plain(name)) where merged_into is null do nothing",
        brand.id.0,
        brand.name,
        now
    )
    .execute(conn)
    .await?;
    Ok(made.rows_affected() == 1)
}

pub(crate) async fn brand_named(conn: &mut PgConnection, name: &str) -> Result<BrandId> {
    let id = sqlx::query_scalar!("select id from brands where plain(name) = plain($1) and merged_into is null", name)
        .fetch_one(conn)
        .await?;
    Ok(id.into())
}
