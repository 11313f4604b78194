//! Every saved version of a merchant and of a location: kept, compared, listed.

use super::{
    location, record,
    store::{self, versions::Kept},
};
use crate::{Error, Op, Result};
use model::{
    AppError, Conflict, FieldDiff, LocationId, MerchantId, Version,
    access::Permission,
    conflict::{Choices, Saved, differences},
    merchants::{ExternalId, FieldChange, LocationForm, MerchantForm, NewLocation, NewMerchant, SavedVersion},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// How many versions a history shows.
const SHOWN: i64 = 20;

/// A location as its revisions hold it.
#[derive(Serialize, Deserialize)]
struct LocationSnapshot {
    place: NewLocation,
    external_ids: Vec<ExternalId>,
    #[serde(default)]
    archived: bool,
}

/// A location as its history compares it: its form, and whether it was in use.
#[derive(Serialize)]
struct LocationState {
    #[serde(flatten)]
    form: LocationForm,
    archived: &'static str,
}

/// Keeps the merchant as it stands now as a revision.
pub(super) async fn keep_merchant(op: &mut Op, id: MerchantId) -> Result<()> {
    let merchant = record::read(op, id, false).await?.ok_or_else(|| Error::fault("the merchant just saved is not there"))?;
    let snapshot = serde_json::to_value(NewMerchant::from(&merchant))?;
    let (by, now) = (op.account(), op.now);
    let picture = merchant.picture.as_ref().map(|picture| picture.hash.as_str());
    store::versions::insert_merchant(op.conn(), id, merchant.version, (&snapshot, picture), by, now).await
}

/// Keeps the location as it stands now as a revision.
pub(super) async fn keep_location(op: &mut Op, merchant: MerchantId, id: LocationId) -> Result<()> {
    let saved =
        location::read(op, merchant, id, false).await?.ok_or_else(|| Error::fault("the location just saved is not there"))?;
    let snapshot = location_snapshot(saved.place, saved.external_ids, saved.archived_at.is_some())?;
    let (by, now) = (op.account(), op.now);
    store::versions::insert_location(op.conn(), id, saved.version, &snapshot, by, now).await
}

pub(super) fn location_snapshot(place: NewLocation, external_ids: Vec<ExternalId>, archived: bool) -> Result<serde_json::Value> {
    Ok(serde_json::to_value(LocationSnapshot { place, external_ids, archived })?)
}

/// The merchant's last saves, newest first.
pub async fn history(op: &mut Op, id: MerchantId) -> Result<Vec<SavedVersion>> {
    op.demand(Permission::ReadCatalogue)?;
    let kept = store::versions::of_merchant(op.conn(), id, SHOWN + 1).await?;
    compare(kept, merchant_form, MerchantForm::FIELDS)
}

/// The location's last saves, newest first.
pub async fn location_history(op: &mut Op, merchant: MerchantId, id: LocationId) -> Result<Vec<SavedVersion>> {
    op.demand(Permission::ReadCatalogue)?;
    location::read(op, merchant, id, false).await?.ok_or(AppError::NotFound)?;
    let kept = store::versions::of_location(op.conn(), id, SHOWN + 1).await?;
    compare(kept, location_state, &[LocationForm::FIELDS, &[("archived", "Archived")]].concat())
}

/// Each version with what it changed against the one before it.
fn compare<F: Serialize>(kept: Vec<Kept>, form: fn(&Kept) -> Result<F>, labels: &[(&str, &str)]) -> Result<Vec<SavedVersion>> {
    let forms = kept.iter().map(form).collect::<Result<Vec<_>>>()?;
    let versions = kept.into_iter().enumerate().take(SHOWN as usize).map(|(i, kept)| {
        let changed = forms.get(i + 1).map(|before| differences(&forms[i], before, None, labels)).unwrap_or_default();
        let changes = changed
            .into_iter()
            .map(|diff| FieldChange { name: diff.name, label: diff.label, before: diff.theirs, after: diff.mine })
            .collect();
        SavedVersion { version: kept.version, by: kept.by, at: kept.at, changes }
    });
    Ok(versions.collect())
}

/// Somebody else saved the merchant: both versions, or the one that stands when they are the same.
pub(super) async fn merchant_conflict(
    op: &mut Op,
    id: MerchantId,
    current: Version,
    seen: Version,
    (typed, stands): (&MerchantForm, &MerchantForm),
    choices: &Choices,
) -> Result<Saved<MerchantForm>> {
    let last = store::versions::merchant_at(op.conn(), id, current).await?;
    let base = store::versions::merchant_at(op.conn(), id, seen).await?;
    let base = base.as_ref().map(merchant_form).transpose()?;
    settle(last, stands, differences(typed, stands, base.as_ref(), MerchantForm::FIELDS), choices)
}

/// Somebody else saved the location: both versions, or the one that stands when they are the same.
pub(super) async fn location_conflict(
    op: &mut Op,
    id: LocationId,
    current: Version,
    seen: Version,
    (typed, stands): (&LocationForm, &LocationForm),
    choices: &Choices,
) -> Result<Saved<LocationForm>> {
    let last = store::versions::location_at(op.conn(), id, current).await?;
    let base = store::versions::location_at(op.conn(), id, seen).await?;
    let base = base.as_ref().map(location_form).transpose()?;
    settle(last, stands, differences(typed, stands, base.as_ref(), LocationForm::FIELDS), choices)
}

/// The location's place as it stood in a version.
pub(super) async fn location_at(op: &mut Op, id: LocationId, version: Version) -> Result<Option<NewLocation>> {
    let kept = store::versions::location_at(op.conn(), id, version).await?;
    kept.map(|kept| snapshot::<LocationSnapshot>(&kept).map(|snapshot| snapshot.place)).transpose()
}

fn settle<F: Clone>(last: Option<Kept>, stands: &F, mut fields: Vec<FieldDiff>, choices: &Choices) -> Result<Saved<F>> {
    let last = last.ok_or_else(|| Error::fault("a record stands without a revision of its version"))?;
    if fields.is_empty() {
        return Ok(Saved { version: last.version, form: stands.clone() });
    }
    choices.carry_over(&mut fields);
    Err(AppError::Conflict(Box::new(Conflict { current: last.version, by: last.by, at: last.at, fields })).into())
}

fn merchant_form(kept: &Kept) -> Result<MerchantForm> {
    snapshot::<NewMerchant>(kept).map(|merchant| MerchantForm::of(&merchant))
}

fn location_form(kept: &Kept) -> Result<LocationForm> {
    location_state(kept).map(|state| state.form)
}

fn location_state(kept: &Kept) -> Result<LocationState> {
    let LocationSnapshot { place, external_ids, archived } = snapshot(kept)?;
    Ok(LocationState { form: LocationForm::of(&place, &external_ids), archived: if archived { "yes" } else { "no" } })
}

fn snapshot<T: DeserializeOwned>(kept: &Kept) -> Result<T> {
    Ok(serde_json::from_value(kept.snapshot.clone())?)
}
