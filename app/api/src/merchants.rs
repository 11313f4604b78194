//! Merchants and their locations.

#[cfg(feature = "ssr")]
use crate::server::{lead_back, read, write, write_form};
#[cfg(feature = "ssr")]
use domain::{Op, merchants, posted_forms};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::conflict::Edited;
use model::{
    AppError, FormKey, LocationId, MerchantId, Page, Version,
    codec::Json,
    conflict::{Choices, Saved},
    merchants::{Location, LocationForm, LocationQuery, Merchant, MerchantForm, MerchantQuery, MerchantRow, SavedVersion},
};

#[server(prefix = "/desk/api", output = Json)]
pub async fn list_merchants(query: MerchantQuery) -> Result<Page<MerchantRow>, AppError> {
    read(async |op| merchants::list(op, &query).await).await
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn load_merchant(id: MerchantId) -> Result<Merchant, AppError> {
    read(async |op| merchants::get(op, id).await).await
}

/// The merchant's last saves, newest first.
#[server(prefix = "/desk/api", output = Json)]
pub async fn merchant_history(id: MerchantId) -> Result<Vec<SavedVersion>, AppError> {
    read(async |op| merchants::history(op, id).await).await
}

/// Adds a merchant and leads to its page.
#[server(prefix = "/desk/api", output = Json)]
pub async fn add_merchant(#[server(default)] key: Option<FormKey>, form: MerchantForm) -> Result<MerchantId, AppError> {
    let add = async |op: &mut Op| merchants::add(op, &form).await;
    let id = write_form(&form, async |op| posted_forms::once(op, key, &form, add).await).await?;
    leptos_axum::redirect(&format!("/desk/merchants/{id}"));
    Ok(id)
}

/// Saves the form that was made from version `seen`, with the choices of a conflict if there was one.
#[server(prefix = "/desk/api", output = Json)]
pub async fn save_merchant(
    id: MerchantId,
    seen: Version,
    form: MerchantForm,
    #[server(default)] choices: Choices,
) -> Result<Saved<MerchantForm>, AppError> {
    let edited = Edited::of(seen, form, &choices);
    let saved = write_form(&edited, async |op| merchants::save(op, id, seen, &edited.form, &choices).await).await?;
    lead_back(&format!("/desk/merchants/{id}"));
    Ok(saved)
}

/// Closes the merchant for good.
#[server(prefix = "/desk/api", output = Json)]
pub async fn close_merchant(id: MerchantId) -> Result<(), AppError> {
    write(async |op| merchants::close(op, id).await).await?;
    lead_back(&format!("/desk/merchants/{id}"));
    Ok(())
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn list_locations(merchant: MerchantId, query: LocationQuery) -> Result<Page<Location>, AppError> {
    read(async |op| merchants::list_locations(op, merchant, &query).await).await
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn load_location(merchant: MerchantId, id: LocationId) -> Result<Location, AppError> {
    read(async |op| merchants::get_location(op, merchant, id).await).await
}

/// The location's last saves, newest first.
#[server(prefix = "/desk/api", output = Json)]
pub async fn location_history(merchant: MerchantId, id: LocationId) -> Result<Vec<SavedVersion>, AppError> {
    read(async |op| merchants::location_history(op, merchant, id).await).await
}

/// Adds a location and leads back to the merchant.
#[server(prefix = "/desk/api", output = Json)]
pub async fn add_location(
    #[server(default)] key: Option<FormKey>,
    merchant: MerchantId,
    form: LocationForm,
) -> Result<LocationId, AppError> {
    let add = async |op: &mut Op| merchants::add_location(op, merchant, &form).await;
    let id = write_form(&form, async |op| posted_forms::once(op, key, &(merchant, &form), add).await).await?;
    leptos_axum::redirect(&format!("/desk/merchants/{merchant}"));
    Ok(id)
}

/// Saves the form that was made from version `seen`, with the choices of a conflict if there was one.
#[server(prefix = "/desk/api", output = Json)]
pub async fn save_location(
    merchant: MerchantId,
    id: LocationId,
    seen: Version,
    form: LocationForm,
    #[server(default)] choices: Choices,
) -> Result<Saved<LocationForm>, AppError> {
    let edited = Edited::of(seen, form, &choices);
    let saved =
        write_form(&edited, async |op| merchants::save_location(op, merchant, id, seen, &edited.form, &choices).await).await?;
    lead_back(&format!("/desk/merchants/{merchant}/locations/{id}"));
    Ok(saved)
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn archive_location(merchant: MerchantId, id: LocationId) -> Result<(), AppError> {
    write(async |op| merchants::archive_location(op, merchant, id).await).await?;
    lead_back(&format!("/desk/merchants/{merchant}/locations/{id}"));
    Ok(())
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn restore_location(merchant: MerchantId, id: LocationId) -> Result<(), AppError> {
    write(async |op| merchants::restore_location(op, merchant, id).await).await?;
    lead_back(&format!("/desk/merchants/{merchant}/locations/{id}"));
    Ok(())
}
