//! A merchant's picture, and the logo of its brand.

use super::{record, store};
use crate::{
    Error, Op, Result,
    journal::{self, Subject},
    pictures::{self, Upload},
};
use model::{
    AppError, BrandId, FieldErrors, MerchantId,
    access::Permission,
    conflict::Choices,
    merchants::MerchantForm,
    pictures::{Picture, PictureHash, UPLOAD_FILE},
};
use serde_json::json;

/// Shows an uploaded picture in place of the merchant's.
pub async fn put_picture(op: &mut Op, id: MerchantId, upload: &Upload) -> Result<()> {
    op.about(Subject::Merchant(id));
    op.demand(Permission::WriteMerchants)?;
    let merchant = record::read(op, id, true).await?.ok_or(AppError::NotFound)?;
    let stands = merchant.picture.as_ref().map(|picture| &picture.hash);
    let picture = pictures::keep(op, upload, stands, Subject::Merchant(id)).await?;
    save(op, id, Some(&picture)).await
}

/// Takes the merchant's picture away, if it has one.
pub async fn take_picture_away(op: &mut Op, id: MerchantId) -> Result<()> {
    op.about(Subject::Merchant(id));
    op.demand(Permission::WriteMerchants)?;
    save(op, id, None).await
}

/// Saves the merchant as it stands, but for its picture.
async fn save(op: &mut Op, id: MerchantId, picture: Option<&Picture>) -> Result<()> {
    let merchant = record::read(op, id, true).await?.ok_or(AppError::NotFound)?;
    let mut form = MerchantForm::of(&(&merchant).into());
    form.set_picture(picture);
    record::save(op, id, merchant.version, &form, &Choices::default()).await.map(drop)
}

/// Shows an uploaded picture as the logo of the merchant's brand.
pub async fn put_logo(op: &mut Op, merchant: MerchantId, upload: &Upload) -> Result<()> {
    op.about(Subject::Merchant(merchant));
    op.demand(Permission::WriteMerchants)?;
    let (brand, stands) = brand(op, merchant).await?;
    let logo = pictures::keep(op, upload, stands.as_ref(), Subject::Brand(brand)).await?;
    store::merchants::set_logo(op.conn(), brand, Some((&logo.hash, &logo.alt))).await?;
    journal::record(op, "brand.logo_set", Subject::Brand(brand), json!({ "picture": logo.hash })).await
}

/// Takes the logo of the merchant's brand away.
pub async fn take_logo_away(op: &mut Op, merchant: MerchantId) -> Result<()> {
    op.about(Subject::Merchant(merchant));
    op.demand(Permission::WriteMerchants)?;
    let (brand, stands) = brand(op, merchant).await?;
    if stands.is_none() {
        return Ok(());
    }
    store::merchants::set_logo(op.conn(), brand, None).await?;
    journal::record(op, "brand.logo_taken_away", Subject::Brand(brand), json!({ "picture": stands })).await
}

/// The merchant's brand, which nobody changes before this operation ends, and the hash of its logo.
async fn brand(op: &mut Op, merchant: MerchantId) -> Result<(BrandId, Option<PictureHash>)> {
    let merchant = record::read(op, merchant, true).await?.ok_or(AppError::NotFound)?;
    let none = || FieldErrors::of(UPLOAD_FILE, "The merchant has no brand. Name one in its record and save it first.");
    let brand = merchant.brand.ok_or_else(none)?.id;
    let logo = store::merchants::lock_logo(op.conn(), brand).await?;
    let logo = logo.map(|hash| hash.parse().map_err(|_| Error::fault("a logo without a hash"))).transpose()?;
    Ok((brand, logo))
}
