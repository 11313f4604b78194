//! A merchant's record: added, saved, read.

use super::{store, versions};
use crate::{
    Op, Result, categories,
    external_ids::{self, Entity},
    journal::{self, Subject},
    pictures,
};
use model::{
    AppError, BrandId, FieldErrors, MerchantId, Version,
    access::Permission,
    conflict::{Choices, Saved, differences},
    merchants::{Brand, Merchant, MerchantForm, MerchantStatus, NewMerchant},
};
use serde_json::json;

/// Adds a merchant. Its brand is found by name, or made.
pub async fn add(op: &mut Op, form: &MerchantForm) -> Result<MerchantId> {
    op.demand(Permission::WriteMerchants)?;
    let new = form.parse()?;
    check(op, &new).await?;
    let brand = brand(op, new.brand.as_deref()).await?;
    let (id, short_id, now) = (op.new_id(), op.new_short_id(), op.now);
    store::merchants::insert(op.conn(), id, &short_id, brand, &new, now).await?;
    store::merchants::put_categories(op.conn(), id, &new.categories).await?;
    external_ids::replace(op, Entity::Merchant(id), &new.external_ids).await?;
    versions::keep_merchant(op, id).await?;
    journal::record(op, "merchant.added", Subject::Merchant(id), json!({ "status": new.status })).await?;
    Ok(id)
}

/// Saves the form that was made from version `seen`. If somebody saved in between, nothing is written and both versions
/// come back, field by field; the next save brings the choices between them. A save that changes nothing writes nothing.
pub async fn save(
    op: &mut Op,
    id: MerchantId,
    seen: Version,
    form: &MerchantForm,
    choices: &Choices,
) -> Result<Saved<MerchantForm>> {
    op.about(Subject::Merchant(id));
    op.demand(Permission::WriteMerchants)?;
    // In the spelling of the saved one, so that a blank at the end of a line does not count.
    let typed = MerchantForm::of(&form.parse()?);
    let before = read(op, id, true).await?.ok_or(AppError::NotFound)?;
    let stands = MerchantForm::of(&(&before).into());
    let merged = if before.version == seen { choices.merged(&typed, &stands) } else { None };
    let Some(merged) = merged else {
        return versions::merchant_conflict(op, id, before.version, seen, (&typed, &stands), choices).await;
    };
    let new = merged.parse()?;
    before.status.may_become(new.status)?;
    let changes = differences(&MerchantForm::of(&new), &stands, None, MerchantForm::FIELDS);
    if changes.is_empty() {
        return Ok(Saved { version: before.version, form: stands });
    }
    check(op, &new).await?;
    let brand = brand(op, new.brand.as_deref()).await?;
    let now = op.now;
    let version = store::merchants::update(op.conn(), id, brand, &new, now).await?;
    store::merchants::put_categories(op.conn(), id, &new.categories).await?;
    external_ids::replace(op, Entity::Merchant(id), &new.external_ids).await?;
    versions::keep_merchant(op, id).await?;
    let fields: Vec<_> = changes.iter().map(|change| change.name.as_str()).collect();
    journal::record(op, "merchant.saved", Subject::Merchant(id), json!({ "version": version, "fields": fields })).await?;
    if new.status != before.status {
        journal::record(op, moved_to(new.status), Subject::Merchant(id), json!({ "from": before.status })).await?;
    }
    let form = MerchantForm::of(&(&read(op, id, false).await?.ok_or(AppError::NotFound)?).into());
    Ok(Saved { version, form })
}

/// Closes the merchant for good, whatever else is just being changed about it.
pub async fn close(op: &mut Op, id: MerchantId) -> Result<()> {
    op.about(Subject::Merchant(id));
    op.demand(Permission::WriteMerchants)?;
    let merchant = read(op, id, true).await?.ok_or(AppError::NotFound)?;
    let form = MerchantForm { status: MerchantStatus::Closed.word().to_owned(), ..MerchantForm::of(&(&merchant).into()) };
    save(op, id, merchant.version, &form, &Choices::default()).await.map(drop)
}

/// The merchant, whole.
pub async fn get(op: &mut Op, id: MerchantId) -> Result<Merchant> {
    op.demand(Permission::ReadCatalogue)?;
    Ok(read(op, id, false).await?.ok_or(AppError::NotFound)?)
}

/// The merchant as it stands; with `lock`, nobody else saves it before this operation ends.
pub(super) async fn read(op: &mut Op, id: MerchantId, lock: bool) -> Result<Option<Merchant>> {
    if lock && !store::merchants::lock(op.conn(), id).await? {
        return Ok(None);
    }
    let Some((merchant, in_use)) = store::merchants::read(op.conn(), id).await? else { return Ok(None) };
    let external_ids = external_ids::of(op, Entity::Merchant(id)).await?;
    let picture = pictures::shown(op, in_use.picture.as_ref()).await?;
    let logo = pictures::shown_logo(op, in_use.logo).await?;
    Ok(Some(Merchant { external_ids, picture, logo, ..merchant }))
}

/// What the form alone cannot know.
async fn check(op: &mut Op, new: &NewMerchant) -> Result<()> {
    let mut errors = FieldErrors::default();
    if !categories::exist(op, &new.categories).await? {
        errors.push("categories", "Categories: one of them is not there any more; choose from the list.");
    }
    if let Some(picture) = &new.picture
        && !pictures::exists(op, &picture.hash).await?
    {
        errors.push("picture", "This picture is not there any more; upload it again.");
    }
    if errors.is_empty() { Ok(()) } else { Err(errors.into()) }
}

/// The brand of this name, made when there is none. Case and accents do not count.
pub(super) async fn brand(op: &mut Op, name: Option<&str>) -> Result<Option<BrandId>> {
    let Some(name) = name else { return Ok(None) };
    let (id, now) = (op.new_id(), op.now);
    if store::merchants::insert_brand(op.conn(), &Brand { id, name: name.to_owned() }, now).await? {
        journal::record(op, "brand.added", Subject::Brand(id), json!({ "name": name })).await?;
        return Ok(Some(id));
    }
    store::merchants::brand_named(op.conn(), name).await.map(Some)
}

/// How the journal calls a change of status.
pub(super) fn moved_to(status: MerchantStatus) -> &'static str {
    match status {
        MerchantStatus::Prospect => "merchant.made_prospect",
        MerchantStatus::Active => "merchant.activated",
        MerchantStatus::Suspended => "merchant.suspended",
        MerchantStatus::Closed => "merchant.closed",
    }
}
