//! Merchants whose history is known beforehand, loaded at once: the rows are those that the use cases would have written.

use super::{
    record, store,
    store::bulk::{MerchantRow, Tables},
    versions,
};
use crate::{
    Error, Op, Result,
    external_ids::{self, Entity},
    journal::{self, Subject},
    op,
};
use model::{
    AccountId, AppError, BrandId, FieldErrors, LocationId, MerchantId, Timestamp, Version,
    conflict::differences,
    merchants::{Brand, Location, LocationForm, MerchantForm, MerchantStatus, NewMerchant},
    places::PostalCode,
};
use serde_json::json;
use std::collections::HashMap;
use uuid::Uuid;

/// Who does something, and when.
type Act = (AccountId, Timestamp);

/// What is to be loaded.
#[derive(Debug, Default)]
pub(crate) struct Bulk {
    tables: Tables,
    external_ids: external_ids::Bulk,
}

impl Bulk {
    /// The tables that are filled, but for the journal's.
    pub(crate) fn tables() -> impl Iterator<Item = &'static str> {
        Tables::TABLES.into_iter().chain(external_ids::Bulk::TABLES)
    }

    pub(crate) async fn write(&mut self, op: &mut Op) -> Result<()> {
        self.tables.write(op.conn()).await?;
        self.external_ids.write(op.conn()).await
    }
}

/// Brands by the names that forms give them.
pub(crate) type Brands = HashMap<String, Brand>;

/// Finds or makes the brands of these names.
pub(crate) async fn brands(op: &mut Op, names: impl IntoIterator<Item = &str>) -> Result<Brands> {
    let mut brands = Brands::new();
    for name in names {
        if !brands.contains_key(name)
            && let Some(id) = record::brand(op, Some(name)).await?
        {
            let name = name.to_owned();
            brands.insert(name, store::merchants::brand_at(op.conn(), id).await?);
        }
    }
    Ok(brands)
}

/// A merchant whose history is being told.
#[derive(Debug)]
pub(crate) struct Told {
    pub id: MerchantId,
    /// In order of their making.
    pub locations: Vec<Location>,
    short_id: String,
    version: Version,
    brand: Option<BrandId>,
    merchant: NewMerchant,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Told {
    /// As [`super::add`], in categories that are there.
    pub(crate) fn add(
        bulk: &mut Bulk,
        journal: &mut journal::Bulk,
        (by, at): Act,
        form: &MerchantForm,
        brands: &Brands,
    ) -> Result<Self> {
        let mut merchant = form.parse()?;
        let brand = merchant.brand.as_deref().map(|name| brands.get(name).ok_or_else(|| Error::fault("a brand is missing")));
        let brand = brand.transpose()?;
        merchant.brand = brand.map(|brand| brand.name.clone());
        let told = Self {
            id: MerchantId(Uuid::now_v7()),
            locations: Vec::new(),
            short_id: op::short_id(),
            version: Version(1),
            brand: brand.map(|brand| brand.id),
            merchant,
            created_at: at,
            updated_at: at,
        };
        bulk.external_ids.give(Entity::Merchant(told.id), &told.merchant.external_ids);
        told.keep(bulk, (by, at))?;
        let detail = json!({ "status": told.merchant.status });
        journal.record((Some(by), at), "merchant.added", Subject::Merchant(told.id), &detail);
        Ok(told)
    }

    /// As [`super::add_location`], where the postal codes are known.
    pub(crate) fn add_location(
        &mut self,
        bulk: &mut Bulk,
        journal: &mut journal::Bulk,
        (by, at): Act,
        form: &LocationForm,
        codes: &HashMap<String, PostalCode>,
    ) -> Result<()> {
        let (mut place, external_ids) = form.parse()?;
        let unknown = || FieldErrors::of("postal_code", "This postal code is not known.");
        let code = codes.get(&place.postal_code).ok_or_else(|| AppError::from(unknown()))?;
        place.point = place.point.or(Some((code.latitude, code.longitude)));
        if place.time_zone.is_empty() {
            place.time_zone.clone_from(&code.time_zone);
        }
        let id = LocationId(Uuid::now_v7());
        bulk.external_ids.give(Entity::Location(id), &external_ids);
        let snapshot = versions::location_snapshot(place.clone(), external_ids.clone(), false)?.to_string();
        bulk.tables.location_revision(id, Version(1), &snapshot, (Some(by), at));
        journal.record((Some(by), at), "location.added", Subject::Location(id), &json!({ "merchant": self.id }));
        let (merchant, version) = (self.id, Version(1));
        let location = Location { id, merchant, version, place, external_ids, updated_at: at, archived_at: None };
        bulk.tables.location(&location)?;
        self.locations.push(location);
        Ok(())
    }

    /// As [`super::save`] with another status and nothing else.
    pub(crate) fn set_status(
        &mut self,
        bulk: &mut Bulk,
        journal: &mut journal::Bulk,
        (by, at): Act,
        status: MerchantStatus,
    ) -> Result<()> {
        self.merchant.status.may_become(status)?;
        let before = MerchantForm::of(&self.merchant);
        let from = std::mem::replace(&mut self.merchant.status, status);
        let changes = differences(&MerchantForm::of(&self.merchant), &before, None, MerchantForm::FIELDS);
        if changes.is_empty() {
            return Ok(());
        }
        self.version.0 += 1;
        self.updated_at = at;
        self.keep(bulk, (by, at))?;
        let fields: Vec<_> = changes.iter().map(|change| change.name.as_str()).collect();
        let detail = json!({ "version": self.version, "fields": fields });
        journal.record((Some(by), at), "merchant.saved", Subject::Merchant(self.id), &detail);
        journal.record((Some(by), at), record::moved_to(status), Subject::Merchant(self.id), &json!({ "from": from }));
        Ok(())
    }

    fn keep(&self, bulk: &mut Bulk, (by, at): Act) -> Result<()> {
        let snapshot = serde_json::to_string(&self.merchant)?;
        bulk.tables.merchant_revision(self.id, self.version, &snapshot, (Some(by), at));
        Ok(())
    }

    /// Writes the record as it stands now.
    pub(crate) fn finish(self, bulk: &mut Bulk) {
        bulk.tables.merchant(&MerchantRow {
            id: self.id,
            short_id: &self.short_id,
            version: self.version,
            brand: self.brand,
            merchant: &self.merchant,
            created_at: self.created_at,
            updated_at: self.updated_at,
        });
    }
}
