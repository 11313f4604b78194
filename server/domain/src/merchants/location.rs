//! A merchant's locations: added, saved, archived, read.

use super::{store, versions};
use crate::{
    Op, Result,
    external_ids::{self, Entity},
    journal::{self, Subject},
    places,
};
use model::{
    AppError, FieldErrors, LocationId, MerchantId, Version,
    access::Permission,
    conflict::{Choices, Saved, alike, differences},
    merchants::{Location, LocationForm, MerchantRefusal, NewLocation},
    places::plain_code,
};
use serde_json::json;

/// Adds a location to the merchant. What is left empty of point and time zone comes from its postal code.
pub async fn add_location(op: &mut Op, merchant: MerchantId, form: &LocationForm) -> Result<LocationId> {
    op.about(Subject::Merchant(merchant));
    op.demand(Permission::WriteMerchants)?;
    store::merchants::summary(op.conn(), Some(merchant), None).await?.ok_or(AppError::NotFound)?;
    let (place, ids) = form.parse()?;
    let place = completed(op, place, None).await?;
    let (id, now) = (op.new_id(), op.now);
    store::locations::insert(op.conn(), id, merchant, &place, now).await?;
    external_ids::replace(op, Entity::Location(id), &ids).await?;
    versions::keep_location(op, merchant, id).await?;
    journal::record(op, "location.added", Subject::Location(id), json!({ "merchant": merchant })).await?;
    Ok(id)
}

/// Saves the form that was made from version `seen`; two at once are told as in [`super::save`].
pub async fn save_location(
    op: &mut Op,
    merchant: MerchantId,
    id: LocationId,
    seen: Version,
    form: &LocationForm,
    choices: &Choices,
) -> Result<Saved<LocationForm>> {
    op.about(Subject::Location(id));
    op.demand(Permission::WriteMerchants)?;
    // In the spelling of the saved one, so that a blank at the end of a line does not count.
    let (place, ids) = form.parse()?;
    let typed = LocationForm::of(&place, &ids);
    let before = read(op, merchant, id, true).await?.ok_or(AppError::NotFound)?;
    if before.archived_at.is_some() {
        return Err(MerchantRefusal::LocationArchived.into());
    }
    let stands = LocationForm::of(&before.place, &before.external_ids);
    let merged = if before.version == seen { choices.merged(&typed, &stands) } else { None };
    let Some(merged) = merged else {
        // Sent twice, the second finds what was filled in for the first.
        if let Some(base) = versions::location_at(op, id, seen).await? {
            let place = completed(op, place, Some(&base)).await?;
            if alike(&LocationForm::of(&place, &ids), &stands) {
                return Ok(Saved { version: before.version, form: stands });
            }
        }
        return versions::location_conflict(op, id, before.version, seen, (&typed, &stands), choices).await;
    };
    let (place, ids) = merged.parse()?;
    let place = completed(op, place, Some(&before.place)).await?;
    let form = LocationForm::of(&place, &ids);
    let changes = differences(&form, &stands, None, LocationForm::FIELDS);
    if changes.is_empty() {
        return Ok(Saved { version: before.version, form: stands });
    }
    let now = op.now;
    let version = store::locations::update(op.conn(), id, &place, now).await?;
    external_ids::replace(op, Entity::Location(id), &ids).await?;
    versions::keep_location(op, merchant, id).await?;
    let fields: Vec<_> = changes.iter().map(|change| change.name.as_str()).collect();
    let detail = json!({ "merchant": merchant, "version": version, "fields": fields });
    journal::record(op, "location.saved", Subject::Location(id), detail).await?;
    Ok(Saved { version, form })
}

/// Takes the location out of use: no offer applies there any more. It can be restored.
pub async fn archive_location(op: &mut Op, merchant: MerchantId, id: LocationId) -> Result<()> {
    set_archived(op, merchant, id, true).await
}

/// Takes an archived location back into use.
pub async fn restore_location(op: &mut Op, merchant: MerchantId, id: LocationId) -> Result<()> {
    set_archived(op, merchant, id, false).await
}

async fn set_archived(op: &mut Op, merchant: MerchantId, id: LocationId, archived: bool) -> Result<()> {
    op.about(Subject::Location(id));
    op.demand(Permission::WriteMerchants)?;
    if store::locations::lock(op.conn(), merchant, id).await?.ok_or(AppError::NotFound)? == archived {
        return Ok(());
    }
    let now = op.now;
    let version = store::locations::set_archived(op.conn(), id, archived, now).await?;
    versions::keep_location(op, merchant, id).await?;
    let action = if archived { "location.archived" } else { "location.restored" };
    journal::record(op, action, Subject::Location(id), json!({ "merchant": merchant, "version": version })).await
}

/// The merchant's location, archived or not.
pub async fn get_location(op: &mut Op, merchant: MerchantId, id: LocationId) -> Result<Location> {
    op.demand(Permission::ReadCatalogue)?;
    Ok(read(op, merchant, id, false).await?.ok_or(AppError::NotFound)?)
}

/// The location as it stands; with `lock`, nobody else saves it before this operation ends.
pub(super) async fn read(op: &mut Op, merchant: MerchantId, id: LocationId, lock: bool) -> Result<Option<Location>> {
    if lock && store::locations::lock(op.conn(), merchant, id).await?.is_none() {
        return Ok(None);
    }
    store::locations::read(op.conn(), merchant, id).await
}

/// The place with the point and time zone of its postal code where it has none of its own.
async fn completed(op: &mut Op, mut place: NewLocation, before: Option<&NewLocation>) -> Result<NewLocation> {
    let code = places::find(op, &place.country, &place.postal_code).await?;
    if let Some(before) = before
        && moved(before, &place)
        && let Some(left) = places::find(op, &before.country, &before.postal_code).await?
    {
        // What stood for the old postal code goes with it, unless somebody had set it otherwise.
        if place.point == before.point && place.point == Some((left.latitude, left.longitude)) {
            place.point = None;
        }
        if code.is_some() && place.time_zone == before.time_zone && place.time_zone == left.time_zone {
            place.time_zone.clear();
        }
    }
    if place.point.is_none() {
        place.point = code.as_ref().map(|code| (code.latitude, code.longitude));
    }
    if place.time_zone.is_empty() {
        let unknown = "The time zone is missing, and this postal code is not known. Choose a zone such as America/New_York.";
        place.time_zone = code.ok_or_else(|| FieldErrors::of("time_zone", unknown))?.time_zone;
    }
    if !places::zone_exists(&place.time_zone) {
        let message = format!("There is no time zone “{}”; choose one such as America/New_York.", place.time_zone);
        return Err(FieldErrors::of("time_zone", message).into());
    }
    Ok(place)
}

fn moved(before: &NewLocation, now: &NewLocation) -> bool {
    let code = |place: &NewLocation| (place.country.clone(), plain_code(&place.country, &place.postal_code));
    code(before) != code(now)
}
