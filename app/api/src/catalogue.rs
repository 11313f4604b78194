//! What members see. These doors are open to everybody.

#[cfg(feature = "ssr")]
use crate::server::{context, read};
use leptos::prelude::*;
use model::{
    AppError,
    catalogue::{Home, MerchantPage, OfferPage, OfferResults, OfferSearch},
    codec::Json,
};

/// The start page.
#[server(prefix = "/api", output = Json)]
pub async fn start_page() -> Result<Home, AppError> {
    read(async |op| domain::catalogue::home(op).await).await
}

#[server(prefix = "/api", output = Json)]
pub async fn find_offers(search: OfferSearch) -> Result<OfferResults, AppError> {
    read(async |op| domain::catalogue::search(op, &search).await).await
}

/// A live offer by its public address; `near` is a ZIP code to sort its places by, or empty.
#[server(prefix = "/api", output = Json)]
pub async fn offer_at(address: String, near: String) -> Result<OfferPage, AppError> {
    let site = context().settings.public_url.clone();
    read(async |op| domain::catalogue::offer_page(op, &address, &near, &site).await).await
}

/// An active merchant by its public address; `near` as for an offer.
#[server(prefix = "/api", output = Json)]
pub async fn merchant_at(address: String, near: String) -> Result<MerchantPage, AppError> {
    let site = context().settings.public_url.clone();
    read(async |op| domain::catalogue::merchant_page(op, &address, &near, &site).await).await
}

/// Answers the page with a lasting redirect to its canonical address, a path of this site. A browser may not keep it: a name that
/// is changed back would lead in a circle.
#[cfg(feature = "ssr")]
pub fn move_to(path: &str) {
    use crate::server::{ResponseOptions, StatusCode};
    use http::{HeaderValue, header};
    if let (Some(response), Ok(location)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(path)) {
        response.set_status(StatusCode::MOVED_PERMANENTLY);
        response.insert_header(header::LOCATION, location);
        response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
}

/// Answers the page with the status of an address that leads nowhere.
#[cfg(feature = "ssr")]
pub fn lead_nowhere() {
    use crate::server::{ResponseOptions, StatusCode};
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::NOT_FOUND);
    }
}
