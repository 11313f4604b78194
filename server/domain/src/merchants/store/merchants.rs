//! The SQL of `merchants`, `brands` and what hangs on them.

use crate::{Error, Result, pictures};
use model::{
    BrandId, CategoryId, MerchantId, Timestamp, Version,
    merchants::{Brand, Merchant, MerchantStatus, MerchantSummary, NewMerchant},
    pictures::{Picture, PictureHash},
};
use sqlx::PgConnection;
use uuid::Uuid;

/// A status as the table writes it.
pub(crate) fn status(word: &str) -> Result<MerchantStatus> {
    word.parse().map_err(|()| Error::fault(format!("“{word}” is no status of a merchant")))
}

/// The pictures that a merchant shows: its own, and the brand's logo with what that shows.
pub(crate) struct InUse {
    pub picture: Option<Picture>,
    pub logo: Option<(PictureHash, String)>,
}

impl InUse {
    fn of(picture: Option<Picture>, logo: Option<String>, alt: Option<String>) -> Result<Self> {
        let logo = logo.zip(alt).map(|(hash, alt)| match hash.parse() {
            Ok(hash) => Ok((hash, alt)),
            Err(_) => Err(Error::fault("a logo without a hash")),
        });
        Ok(Self { picture, logo: logo.transpose()? })
    }
}

/// By id or by short id, whichever is given.
pub(crate) async fn summary(
    conn: &mut PgConnection,
    id: Option<MerchantId>,
    short_id: Option<&str>,
) -> Result<Option<(MerchantSummary, InUse)>> {
    let row = sqlx::query!(
        r#"select m.id, m.short_id, m.name, b.name as "brand?", m.website, m.status, m.account_owner,
                  m.picture, m.picture_x, m.picture_y, m.picture_alt, b.logo as "logo?", b.logo_alt as "logo_alt?"
           from merchants m left join brands b on b.id = m.brand_id
           where (m.id = $1 or m.short_id = $2) and m.archived_at is null"#,
        id.map(|id| id.0),
        short_id
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let picture = pictures::from_columns(row.picture.as_deref(), row.picture_x, row.picture_y, row.picture_alt.as_deref())?;
        let in_use = InUse::of(picture, row.logo, row.logo_alt)?;
        let summary = MerchantSummary {
            id: row.id.into(),
            short_id: row.short_id,
            name: row.name,
            brand: row.brand,
            website: row.website,
            status: status(&row.status)?,
            account_owner: row.account_owner.map(Into::into),
            picture: None,
        };
        Ok((summary, in_use))
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

/// The merchant without its external ids and pictures, and which pictures these are.
pub(crate) async fn read(conn: &mut PgConnection, id: MerchantId) -> Result<Option<(Merchant, InUse)>> {
    let row = sqlx::query!(
        r#"select m.id, m.short_id, m.version, m.name, m.website, m.status, m.account_owner, m.created_at, m.updated_at,
                  b.id as "brand_id?", b.name as "brand_name?",
                  m.picture, m.picture_x, m.picture_y, m.picture_alt, b.logo as "logo?", b.logo_alt as "logo_alt?",
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
        let picture = pictures::from_columns(row.picture.as_deref(), row.picture_x, row.picture_y, row.picture_alt.as_deref())?;
        let in_use = InUse::of(picture, row.logo, row.logo_alt)?;
        let merchant = Merchant {
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
            picture: None,
            logo: None,
            locations: row.locations,
            offers: row.offers,
            created_at: row.created_at,
            updated_at: row.updated_at,
        };
        Ok((merchant, in_use))
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
        "insert into merchants (id, short_id, brand_id, name, website, status, created_at, updated_at,
                                picture, picture_x, picture_y, picture_alt)
         values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10, $11)",
        id.0,
        short_id,
        brand.map(|b| b.0),
        new.name,
        new.website,
        new.status.word(),
        now,
        new.picture.as_ref().map(|picture| picture.hash.as_str()),
        new.picture.as_ref().map(|picture| picture.focus.x as i16),
        new.picture.as_ref().map(|picture| picture.focus.y as i16),
        new.picture.as_ref().map(|picture| picture.alt.as_str()),
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
        "update merchants set version = version + 1, brand_id = $2, name = $3, website = $4, status = $5, updated_at = $6,
             picture = $7, picture_x = $8, picture_y = $9, picture_alt = $10
         where id = $1 returning version",
        id.0,
        brand.map(|b| b.0),
        new.name,
        new.website,
        new.status.word(),
        now,
        new.picture.as_ref().map(|picture| picture.hash.as_str()),
        new.picture.as_ref().map(|picture| picture.focus.x as i16),
        new.picture.as_ref().map(|picture| picture.focus.y as i16),
        new.picture.as_ref().map(|picture| picture.alt.as_str()),
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

/// Holds the brand's row until the operation ends; the hash of its logo.
pub(crate) async fn lock_logo(conn: &mut PgConnection, id: BrandId) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!("select logo from brands where id = $1 for no key update", id.0).fetch_one(conn).await?)
}

/// Sets the brand's logo with what it shows, or none.
pub(crate) async fn set_logo(conn: &mut PgConnection, id: BrandId, logo: Option<(&PictureHash, &str)>) -> Result<()> {
    let (hash, alt) = logo.map(|(hash, alt)| (hash.as_str(), alt)).unzip();
    sqlx::query!("update brands set logo = $2, logo_alt = $3 where id = $1", id.0, hash, alt).execute(conn).await?;
    Ok(())
}

pub(crate) async fn brand_at(conn: &mut PgConnection, id: BrandId) -> Result<Brand> {
    let name = sqlx::query_scalar!("select name from brands where id = $1", id.0).fetch_one(conn).await?;
    Ok(Brand { id, name })
}
