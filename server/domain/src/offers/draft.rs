//! The draft: adding, saving, reading, listing.

use super::{check, lock, review, row::DraftRow, store};
use crate::{
    Error, Op, Result, accounts, catalogue, categories,
    journal::{self, Subject},
    merchants, pictures,
};
use model::{
    AppError, Conflict, FieldDiff, FieldErrors, MerchantId, OfferId, Page, Version,
    access::Permission,
    conflict::{Choices, Saved},
    merchants::NewLocation,
    offers::{FormOptions, LocationChoice, Offer, OfferForm, OfferQuery, OfferRow, Places, Publication, PublicationState},
};
use serde_json::json;

/// Adds an offer with its first draft.
pub async fn add(op: &mut Op, form: &OfferForm) -> Result<OfferId> {
    op.demand(Permission::WriteOffers)?;
    let content = form.parse()?;
    check::content(op, &content).await?;
    let id: OfferId = op.new_id();
    let short_id = op.new_short_id();
    let (now, by) = (op.now, op.account());
    store::insert(op.conn(), id, &short_id, &content, now).await?;
    let version = store::write_draft(op.conn(), id, &content, by, now).await?;
    let changes = OfferForm::of(&content).differences(&OfferForm::default());
    store::insert_change(op.conn(), id, version, by, now, &changes).await?;
    journal::record(op, "offer.added", Subject::Offer(id), json!({ "merchant": content.merchant })).await?;
    Ok(id)
}

/// Saves the draft that was made from version `seen`. If somebody saved in between, nothing is written and both versions
/// come back, field by field; the next save brings the choices between them.
pub async fn save(op: &mut Op, id: OfferId, seen: Version, form: &OfferForm, choices: &Choices) -> Result<Saved<OfferForm>> {
    op.about(Subject::Offer(id));
    op.demand(Permission::WriteOffers)?;
    // In the spelling of the saved one, so that 12.5 and 12.50 do not count as different.
    let typed = OfferForm::of(&form.parse()?);
    let before = lock(op, id).await?;
    let stands = OfferForm::of(&before.content()?);
    let merged = if before.version == seen.0 { choices.merged(&typed, &stands) } else { None };
    let Some(merged) = merged else {
        let conflict = conflict(op, &before, seen, &typed, &stands, choices).await?;
        // Both wrote the same, or one person sent it twice.
        if conflict.fields.is_empty() {
            return Ok(Saved { version: conflict.current, form: stands });
        }
        return Err(AppError::Conflict(Box::new(conflict)).into());
    };
    let content = merged.parse()?;
    let form = OfferForm::of(&content);
    let changes = form.differences(&stands);
    if changes.is_empty() {
        return Ok(Saved { version: Version(before.version), form: stands });
    }
    if content.merchant.0 != before.merchant_id {
        let message = "An offer stays with its merchant. Copy its text into a new offer instead.";
        return Err(FieldErrors::of("merchant", message).into());
    }
    check::content(op, &content).await?;
    let (now, by) = (op.now, op.account());
    let version = store::write_draft(op.conn(), id, &content, by, now).await?;
    store::insert_change(op.conn(), id, version, by, now, &changes).await?;
    let fields: Vec<_> = changes.iter().map(|change| change.name.as_str()).collect();
    journal::record(op, "offer.draft_saved", Subject::Offer(id), json!({ "version": version, "fields": fields })).await?;
    Ok(Saved { version: Version(version), form })
}

/// Saves the draft as [`save`] does and sends it for review: both, or neither. A save that settles a conflict is only saved:
/// what came of the choices is to be looked at first.
pub async fn save_and_send(
    op: &mut Op,
    id: OfferId,
    seen: Version,
    form: &OfferForm,
    choices: &Choices,
) -> Result<Saved<OfferForm>> {
    let saved = save(op, id, seen, form, choices).await?;
    if choices.settle() {
        return Ok(saved);
    }
    review::send_for_review(op, id, saved.version).await?;
    Ok(saved)
}

/// What was typed against what stands now, with what both started from.
async fn conflict(
    op: &mut Op,
    now: &DraftRow,
    seen: Version,
    typed: &OfferForm,
    stands: &OfferForm,
    choices: &Choices,
) -> Result<Conflict> {
    let others = store::changes_since(op.conn(), now.id.into(), seen.0).await?;
    let by = match others.last().and_then(|c| c.by.clone()) {
        Some(by) => by,
        // Asked again: nobody saved since.
        None => store::last_editor(op.conn(), now.id.into()).await?.unwrap_or_else(|| "Somebody else".to_owned()),
    };
    let at = others.last().map_or(now.updated_at, |c| c.at);
    // A field's value at `seen` is what stood before the first later change of it, else what stands now.
    let base = |field: &FieldDiff| {
        if seen == Version::NEVER {
            return None;
        }
        let first = others.iter().find_map(|c| c.changes.get(&field.name));
        let before = first.and_then(|change| change.get(0)).and_then(|value| value.as_str());
        Some(before.unwrap_or(&field.theirs).to_owned())
    };
    let mut fields = typed.differences(stands);
    for field in &mut fields {
        field.base = base(field);
    }
    choices.carry_over(&mut fields);
    Ok(Conflict { current: Version(now.version), by, at, fields })
}

/// The offer with its draft, revisions and publications.
pub async fn get(op: &mut Op, id: OfferId) -> Result<Offer> {
    op.demand(Permission::ReadCatalogue)?;
    let now = op.now;
    let draft = store::draft(op.conn(), id, false).await?.ok_or(AppError::NotFound)?;
    let content = draft.content()?;
    let merchant =
        merchants::summary(op, draft.merchant_id.into()).await?.ok_or_else(|| Error::fault("an offer without merchant"))?;
    let revisions = store::revisions(op.conn(), id).await?;
    let publications = store::publications(op.conn(), id, now).await?;
    let publications = publications
        .into_iter()
        .map(|p| {
            Ok(Publication {
                id: p.id.into(),
                revision_number: p.revision_number,
                state: p.state()?,
                from: p.from,
                until: p.until,
                by: p.by.unwrap_or_default(),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let publication = store::standing(op.conn(), id, now).await?;
    Ok(Offer {
        preview: catalogue::preview(op, &content, &draft.short_id, &merchant).await?,
        picture: pictures::shown(op, content.picture.as_ref()).await?,
        id,
        short_id: draft.short_id.clone(),
        version: Version(draft.version),
        merchant: draft.merchant_id.into(),
        merchant_name: merchant.name,
        merchant_status: merchant.status,
        value: content.value.shown(),
        publication,
        archived: publication == PublicationState::Archived,
        draft_ahead: draft.revision_draft_version != Some(draft.version),
        revisions: revisions.into_iter().map(review::shown).collect::<Result<_>>()?,
        publications,
        authors: store::authors_since_approval(op.conn(), id).await?,
        updated_at: draft.updated_at,
        updated_by: store::last_editor(op.conn(), id).await?.unwrap_or_default(),
        draft: OfferForm::of(&content),
    })
}

/// One page of the list of offers.
pub async fn list(op: &mut Op, query: &OfferQuery) -> Result<Page<OfferRow>> {
    op.demand(Permission::ReadCatalogue)?;
    let merchant = match query.merchant.trim() {
        "" => None,
        id => Some(
            id.parse()
                .map_err(|_| FieldErrors::of("merchant", "The merchant's id is none; choose the merchant from its page."))?,
        ),
    };
    let categories = match query.category.trim() {
        "" => None,
        slug => Some(categories::with_descendants(op, slug).await?.into_iter().map(|id| id.0).collect()),
    };
    let now = op.now;
    store::list(op.conn(), &store::Filter { query, merchant, categories, now }).await
}

/// What the lists of an offer's form offer, for an offer of this merchant. What its drafts name already is offered still when
/// its account is disabled or its location archived, and says so: a save must not drop what nobody took out.
pub async fn form_options(op: &mut Op, merchant: MerchantId) -> Result<FormOptions> {
    op.demand(Permission::ReadCatalogue)?;
    let label = |place: &NewLocation| match &place.name {
        Some(name) => format!("{name}, {}", place.address()),
        None => place.address(),
    };
    let used = merchants::locations_of(op, merchant, &Places::All).await?;
    let named = store::named_locations(op.conn(), merchant).await?;
    let archived = merchants::archived_among(op, merchant, &named).await?;
    let used = used.iter().map(|l| LocationChoice { id: l.id, label: label(&l.place), zone: l.place.time_zone.clone() });
    let archived = archived.iter().map(|l| LocationChoice {
        id: l.id,
        label: format!("{} (archived)", label(&l.place)),
        zone: l.place.time_zone.clone(),
    });
    let disabled = store::disabled_owners(op.conn(), merchant).await?;
    let mut owners = accounts::names(op).await?;
    owners.extend(disabled.into_iter().map(|(id, name)| (id, format!("{name} (disabled)"))));
    Ok(FormOptions { categories: categories::all(op).await?, locations: used.chain(archived).collect(), owners })
}
