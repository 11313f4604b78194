//! Revisions: sent for review, approved, or sent back with a reason.

use super::{check, lock, store};
use crate::{
    Error, Op, Result, catalogue,
    journal::{self, Subject},
    merchants,
};
use kit::secret::{self, hex};
use model::{
    AppError, Conflict, OfferId, RevisionId, Version,
    access::Permission,
    offers::{OfferContent, OfferForm, OfferRefusal, Revision, RevisionDetail, RevisionState, parse_reason},
};
use serde_json::json;
use store::RevisionRow;

/// Makes a revision of the draft at version `seen` and sends it for review; what was in review before is superseded. What one
/// has just sent oneself is not sent twice.
pub async fn send_for_review(op: &mut Op, id: OfferId, seen: Version) -> Result<RevisionId> {
    op.about(Subject::Offer(id));
    op.demand(Permission::WriteOffers)?;
    let draft = lock(op, id).await?;
    if draft.version != seen.0 {
        let by = store::last_editor(op.conn(), id).await?.unwrap_or_default();
        let conflict = Conflict { current: Version(draft.version), by, at: draft.updated_at, fields: Vec::new() };
        return Err(AppError::Conflict(Box::new(conflict)).into());
    }
    if draft.revision_draft_version == Some(draft.version) {
        let by = op.account();
        if let Some(sent) = store::in_review(op.conn(), id, draft.version, by).await? {
            return Ok(sent);
        }
        return Err(OfferRefusal::NothingNew.into());
    }
    let content = draft.content()?;
    content.ready_for_review()?;
    check::content(op, &content).await?;
    check::applies_somewhere(op, &content).await?;

    store::supersede(op.conn(), id, &[RevisionState::InReview, RevisionState::ChangesAsked]).await?;
    let snapshot = serde_json::to_string(&content)?;
    let revision = store::NewRevision {
        id: op.new_id(),
        offer: id,
        draft_version: draft.version,
        content_hash: secret::sha256(&snapshot),
        snapshot: &snapshot,
        picture: content.picture.as_ref().map(|picture| picture.hash.as_str()),
        sent_by: op.account(),
        sent_at: op.now,
    };
    let number = store::insert_revision(op.conn(), &revision).await?;
    let detail = json!({ "revision": revision.id, "number": number, "hash": hex(&revision.content_hash) });
    journal::record(op, "offer.sent_for_review", Subject::Offer(id), detail).await?;
    Ok(revision.id)
}

/// Approves a revision: from now on its hash, and no other, can be published. Nobody approves what they changed.
pub async fn approve(op: &mut Op, id: RevisionId) -> Result<()> {
    op.demand(Permission::ReviewOffers)?;
    let revision = in_hand(op, id).await?;
    let state = state(&revision)?.approve()?;
    let offer: OfferId = revision.offer_id.into();
    let authors = store::authors_since_approval(op.conn(), offer).await?;
    if op.account().is_some_and(|me| authors.contains(&me)) {
        op.note("offer.own_approval_refused", Some(Subject::Offer(offer)), json!({ "revision": id }));
        return Err(OfferRefusal::OwnWork.into());
    }
    verify(&revision)?;
    store::supersede(op.conn(), offer, &[RevisionState::Approved]).await?;
    let (by, at) = (op.account(), op.now);
    store::decide(op.conn(), &revision, &store::Decision { state, by, at, note: None }).await?;
    let detail = json!({ "revision": id, "number": revision.number, "hash": hex(&revision.content_hash) });
    journal::record(op, "offer.approved", Subject::Offer(offer), detail).await
}

/// Sends a revision back with what should change.
pub async fn ask_for_changes(op: &mut Op, id: RevisionId, reason: &str) -> Result<()> {
    op.demand(Permission::ReviewOffers)?;
    let reason = parse_reason(reason)?;
    let revision = in_hand(op, id).await?;
    let state = state(&revision)?.ask_for_changes()?;
    let (by, at) = (op.account(), op.now);
    store::decide(op.conn(), &revision, &store::Decision { state, by, at, note: Some(&reason) }).await?;
    let detail = json!({ "revision": id, "number": revision.number });
    journal::record(op, "offer.changes_asked", Subject::Offer(revision.offer_id.into()), detail).await
}

/// A revision with its content, beside the approved one before it.
pub async fn revision(op: &mut Op, id: RevisionId) -> Result<RevisionDetail> {
    op.demand(Permission::ReadCatalogue)?;
    let offer = store::offer_of(op.conn(), id).await?.ok_or(AppError::NotFound)?;
    let all = store::revisions(op.conn(), offer).await?;
    let at = all.iter().position(|r| r.id == id.0).ok_or(AppError::NotFound)?;
    // Decided and not sent back: approved now, or approved before a newer one was.
    let was_approved = |r: &&RevisionRow| r.decided_at.is_some() && r.note.is_none();
    let before = all[at + 1..].iter().find(was_approved).map(content).transpose()?;
    let row = &all[at];
    let content = content(row)?;
    let draft = store::draft(op.conn(), offer, false).await?.ok_or(AppError::NotFound)?;
    let merchant = merchants::summary(op, content.merchant).await?.ok_or_else(|| Error::fault("an offer without merchant"))?;
    Ok(RevisionDetail {
        preview: catalogue::preview(op, &content, &draft.short_id, &merchant).await?,
        offer,
        content: OfferForm::of(&content),
        value: content.value.shown(),
        before: before.as_ref().map(OfferForm::of),
        revision: shown_ref(row)?,
    })
}

/// A revision whose offer's row is held, so that a decision and a new revision cannot pass each other.
async fn in_hand(op: &mut Op, id: RevisionId) -> Result<RevisionRow> {
    let offer = store::offer_of(op.conn(), id).await?.ok_or(AppError::NotFound)?;
    op.about(Subject::Offer(offer));
    lock(op, offer).await?;
    find(op, offer, id).await
}

/// A revision of this offer; another offer's is not found.
pub(super) async fn find(op: &mut Op, offer: OfferId, id: RevisionId) -> Result<RevisionRow> {
    let all = store::revisions(op.conn(), offer).await?;
    all.into_iter().find(|r| r.id == id.0).ok_or_else(|| AppError::NotFound.into())
}

pub(super) fn state(revision: &RevisionRow) -> Result<RevisionState> {
    revision.state.parse().map_err(|()| Error::fault("unknown revision state"))
}

pub(super) fn content(revision: &RevisionRow) -> Result<OfferContent> {
    Ok(serde_json::from_str(&revision.snapshot)?)
}

/// The snapshot must still be what its hash was made of.
pub(super) fn verify(revision: &RevisionRow) -> Result<()> {
    if secret::sha256(&revision.snapshot)[..] == revision.content_hash[..] {
        Ok(())
    } else {
        Err(Error::fault(format!("the snapshot of revision {} is not what its hash says", revision.id)))
    }
}

pub(super) fn shown(row: RevisionRow) -> Result<Revision> {
    shown_ref(&row)
}

fn shown_ref(row: &RevisionRow) -> Result<Revision> {
    Ok(Revision {
        id: row.id.into(),
        number: row.number,
        state: state(row)?,
        hash: hex(&row.content_hash[..6]),
        sent_by: row.sent_by.clone().unwrap_or_default(),
        sent_at: row.sent_at,
        decided_by: row.decided_by.clone(),
        decided_at: row.decided_at,
        note: row.note.clone(),
    })
}
