//! Offers: drafts that people edit, revisions that are reviewed, publications that members see.
//!
//! Owns `offers`, `offer_locations`, `offer_categories`, `offer_changes`, `offer_revisions`, `offer_approvals`, `publications`.
//! An approval binds to the hash of a revision; only an approved hash can be published, and the data base holds that too.

pub(crate) mod bulk;
mod check;
mod draft;
mod follow;
mod picture;
mod publish;
mod review;
mod row;
mod store;
#[cfg(test)]
mod tests;
mod timetable;
mod window;

pub use draft::{add, form_options, get, list, save, save_and_send};
pub use follow::{follow_locations, have_followed_locations};
pub use picture::{put_picture, take_picture_away};
pub use publish::{archive, end, pause, publish, resume, settle_due};
pub use review::{approve, ask_for_changes, revision, send_for_review};

use crate::{Op, Result};
use model::{AppError, OfferId, offers::OfferRefusal};
use row::DraftRow;

/// The draft, with its row held until the operation ends. Archived offers are read-only.
async fn lock(op: &mut Op, id: OfferId) -> Result<DraftRow> {
    let draft = store::draft(op.conn(), id, true).await?.ok_or(AppError::NotFound)?;
    op.after_waiting();
    match draft.archived_at {
        Some(_) => Err(OfferRefusal::Archived.into()),
        None => Ok(draft),
    }
}
