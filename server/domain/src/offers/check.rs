//! The rules of an offer's content that need the data base.

use super::store;
use crate::{Op, Result, categories, merchants, pictures, places};
use model::{
    AppError, Currency, FieldErrors,
    merchants::{Location, MerchantStatus},
    offers::{OfferContent, Places},
    time::ZoneMode,
};

/// Refuses a content that names what is not there or not the merchant's.
pub(super) async fn content(op: &mut Op, content: &OfferContent) -> Result<()> {
    let mut errors = FieldErrors::default();
    match merchants::summary(op, content.merchant).await? {
        None => return Err(FieldErrors::of("merchant", "This merchant is not there any more; choose another.").into()),
        Some(merchant) if merchant.status == MerchantStatus::Closed => {
            errors.push("merchant", "This merchant is closed for good; it cannot have offers.");
        }
        Some(_) => {}
    }
    if let Some(client) = content.client
        && !store::client_exists(op.conn(), client).await?
    {
        errors.push("client", "This client is not there. Make the offer one for every client.");
    }
    if let Some(picture) = &content.picture
        && !pictures::exists(op, &picture.hash).await?
    {
        errors.push("picture", "This picture is not there any more; upload it again.");
    }
    if let Places::Some { locations } = &content.places {
        let foreign = merchants::foreign_locations(op, content.merchant, locations).await?;
        if !foreign.is_empty() {
            let which = if foreign.len() == 1 { "One location is" } else { "Some locations are" };
            errors.push("locations", format!("{which} not of this merchant. Choose among its own."));
        }
    }
    if !content.categories.is_empty() && !categories::exist(op, &content.categories).await? {
        errors.push("categories", "One of these categories is not there any more; choose again.");
    }
    if let ZoneMode::OneZone { zone } = &content.validity.zone
        && !places::zone_exists(zone)
    {
        errors.push("zone", format!("“{zone}” is no time zone; choose one such as America/New_York."));
    }
    if let Some(owner) = content.contract.owner
        && !crate::accounts::exists(op, owner).await?
    {
        errors.push("owner", "This account is not there; choose another owner.");
    }
    currency(op, content, &mut errors).await?;
    if errors.is_empty() { Ok(()) } else { Err(errors.into()) }
}

/// An offer's currency is that of the country its locations are in.
async fn currency(op: &mut Op, content: &OfferContent, errors: &mut FieldErrors) -> Result<()> {
    let locations = merchants::locations_of(op, content.merchant, &content.places).await?;
    if let Some(foreign) = locations.iter().find(|location| !pays_in(location, content.currency)) {
        let country = &foreign.place.country;
        let message = match Currency::of_country(country) {
            Some(currency) => {
                format!(
                    "A location is in {country}, where amounts are in {currency}. Make an offer of its own for each currency."
                )
            }
            None => {
                format!("A location is in {country}, whose currency is not known. Correct its country or choose other locations.")
            }
        };
        errors.push("currency", message);
    }
    Ok(())
}

fn pays_in(location: &Location, currency: Currency) -> bool {
    Currency::of_country(&location.place.country) == Some(currency)
}

/// Where an offer applies: the locations that match and pay in its currency, for one may have opened abroad since it was approved.
/// Refuses an offer that would apply nowhere.
pub(super) async fn applies_somewhere(op: &mut Op, content: &OfferContent) -> Result<Vec<Location>> {
    if matches!(content.places, Places::Online { .. }) {
        return Ok(Vec::new());
    }
    let mut locations = merchants::locations_of(op, content.merchant, &content.places).await?;
    locations.retain(|location| pays_in(location, content.currency));
    if locations.is_empty() {
        let message = format!(
            "No location of the merchant that pays in {} matches, so members could use it nowhere. Add a location or choose others.",
            content.currency
        );
        return Err(AppError::Invalid(FieldErrors::of("place_scope", message)).into());
    }
    Ok(locations)
}
