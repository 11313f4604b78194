//! Offers: drafts, revisions, publications.

#[cfg(feature = "ssr")]
use crate::server::{read, write, write_form};
#[cfg(feature = "ssr")]
use domain::offers;
use leptos::prelude::*;
use model::{
    AccountId, AppError, MerchantId, OfferId, Page, RevisionId, Version,
    conflict::Choices,
    offers::{LocationChoice, Offer, OfferForm, OfferQuery, OfferRow, PublishForm, RevisionDetail},
};

#[server(prefix = "/desk/api")]
pub async fn list_offers(query: OfferQuery) -> Result<Page<OfferRow>, AppError> {
    read(async |op| offers::list(op, &query).await).await
}

#[server(prefix = "/desk/api")]
pub async fn load_offer(id: OfferId) -> Result<Offer, AppError> {
    read(async |op| offers::get(op, id).await).await
}

#[server(prefix = "/desk/api")]
pub async fn load_revision(id: RevisionId) -> Result<RevisionDetail, AppError> {
    read(async |op| offers::revision(op, id).await).await
}

/// The merchant's locations, to choose from.
#[server(prefix = "/desk/api")]
pub async fn location_choices(merchant: MerchantId) -> Result<Vec<LocationChoice>, AppError> {
    read(async |op| offers::location_choices(op, merchant).await).await
}

/// Staff who can own a contract.
#[server(prefix = "/desk/api")]
pub async fn owner_choices() -> Result<Vec<(AccountId, String)>, AppError> {
    read(async |op| offers::owner_choices(op).await).await
}

/// Adds an offer and leads to its page.
#[server(prefix = "/desk/api")]
pub async fn add_offer(form: OfferForm) -> Result<OfferId, AppError> {
    let id = write_form(&form, async |op| offers::add(op, &form).await).await?;
    leptos_axum::redirect(&format!("/desk/offers/{id}"));
    Ok(id)
}

/// Saves the draft that was made from version `seen`, with the choices of a conflict if there was one.
#[server(prefix = "/desk/api")]
pub async fn save_offer(id: OfferId, seen: Version, form: OfferForm, #[server(default)] choices: Choices) -> Result<Version, AppError> {
    write_form(&form, async |op| offers::save(op, id, seen, &form, &choices).await).await
}

#[server(prefix = "/desk/api")]
pub async fn send_for_review(id: OfferId, seen: Version) -> Result<RevisionId, AppError> {
    write(async |op| offers::send_for_review(op, id, seen).await).await
}

#[server(prefix = "/desk/api")]
pub async fn approve_revision(id: RevisionId) -> Result<(), AppError> {
    write(async |op| offers::approve(op, id).await).await
}

#[server(prefix = "/desk/api")]
pub async fn ask_for_changes(id: RevisionId, reason: String) -> Result<(), AppError> {
    write(async |op| offers::ask_for_changes(op, id, &reason).await).await
}

#[server(prefix = "/desk/api")]
pub async fn publish_offer(id: OfferId, revision: RevisionId, #[server(default)] window: PublishForm) -> Result<(), AppError> {
    write(async |op| offers::publish(op, id, revision, &window).await).await
}

#[server(prefix = "/desk/api")]
pub async fn pause_offer(id: OfferId) -> Result<(), AppError> {
    write(async |op| offers::pause(op, id).await).await
}

#[server(prefix = "/desk/api")]
pub async fn resume_offer(id: OfferId) -> Result<(), AppError> {
    write(async |op| offers::resume(op, id).await).await
}

#[server(prefix = "/desk/api")]
pub async fn end_offer(id: OfferId) -> Result<(), AppError> {
    write(async |op| offers::end(op, id).await).await
}

#[server(prefix = "/desk/api")]
pub async fn archive_offer(id: OfferId) -> Result<(), AppError> {
    write(async |op| offers::archive(op, id).await).await
}
