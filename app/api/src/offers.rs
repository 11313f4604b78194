//! Offers: drafts, revisions, publications.

#[cfg(feature = "ssr")]
use crate::server::{lead_back, read, write, write_form};
#[cfg(feature = "ssr")]
use domain::{Op, offers, posted_forms};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::conflict::Edited;
use model::{
    AppError, FormKey, MerchantId, OfferId, Page, PublicationId, RevisionId, Version,
    codec::Json,
    conflict::{Choices, Saved},
    offers::{FormOptions, Offer, OfferForm, OfferQuery, OfferRow, PublishForm, RevisionDetail},
};

#[server(prefix = "/desk/api", output = Json)]
pub async fn list_offers(query: OfferQuery) -> Result<Page<OfferRow>, AppError> {
    read(async |op| offers::list(op, &query).await).await
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn load_offer(id: OfferId) -> Result<Offer, AppError> {
    read(async |op| offers::get(op, id).await).await
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn load_revision(id: RevisionId) -> Result<RevisionDetail, AppError> {
    read(async |op| offers::revision(op, id).await).await
}

/// What the lists of an offer's form offer.
#[server(prefix = "/desk/api", output = Json)]
pub async fn load_form_options(merchant: MerchantId) -> Result<FormOptions, AppError> {
    read(async |op| offers::form_options(op, merchant).await).await
}

/// Adds an offer and leads to its page.
#[server(prefix = "/desk/api", output = Json)]
pub async fn add_offer(#[server(default)] key: Option<FormKey>, form: OfferForm) -> Result<OfferId, AppError> {
    let add = async |op: &mut Op| offers::add(op, &form).await;
    let id = write_form(&form, async |op| posted_forms::once(op, key, &form, add).await).await?;
    leptos_axum::redirect(&format!("/desk/offers/{id}"));
    Ok(id)
}

/// Saves the draft that was made from version `seen`, with the choices of a conflict if there was one; with `send` it is sent
/// for review too, and nothing is saved when that is refused.
#[server(prefix = "/desk/api", output = Json)]
pub async fn save_offer(
    id: OfferId,
    seen: Version,
    form: OfferForm,
    #[server(default)] choices: Choices,
    #[server(default)] send: bool,
) -> Result<Saved<OfferForm>, AppError> {
    let edited = Edited { sends: send, ..Edited::of(seen, form, &choices) };
    let saved = write_form(&edited, async |op| match send {
        true => offers::save_and_send(op, id, seen, &edited.form, &choices).await,
        false => offers::save(op, id, seen, &edited.form, &choices).await,
    });
    let saved = saved.await?;
    lead_back(&format!("/desk/offers/{id}"));
    Ok(saved)
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn approve_revision(id: RevisionId) -> Result<(), AppError> {
    write(async |op| offers::approve(op, id).await).await
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn ask_for_changes(id: RevisionId, reason: String) -> Result<(), AppError> {
    write_form(&reason, async |op| offers::ask_for_changes(op, id, &reason).await).await
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn publish_offer(id: OfferId, revision: RevisionId, #[server(default)] window: PublishForm) -> Result<(), AppError> {
    write_form(&window, async |op| offers::publish(op, id, revision, &window).await).await
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn pause_offer(id: OfferId) -> Result<(), AppError> {
    write(async |op| offers::pause(op, id).await).await
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn resume_offer(id: OfferId) -> Result<(), AppError> {
    write(async |op| offers::resume(op, id).await).await
}

/// Ends one publication of the offer, or cancels it before it starts.
#[server(prefix = "/desk/api", output = Json)]
pub async fn end_offer(id: OfferId, publication: PublicationId) -> Result<(), AppError> {
    write(async |op| offers::end(op, id, publication).await).await
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn archive_offer(id: OfferId) -> Result<(), AppError> {
    write(async |op| offers::archive(op, id).await).await
}
