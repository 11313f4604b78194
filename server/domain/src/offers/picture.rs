//! The picture of an offer's draft: uploaded and taken away beside the form, and saved like any of its fields.

use super::{draft, lock};
use crate::{
    Op, Result,
    journal::Subject,
    pictures::{self, Upload},
};
use model::{OfferId, Version, access::Permission, conflict::Choices, offers::OfferForm, pictures::Picture};

/// Shows an uploaded picture in place of the draft's.
pub async fn put_picture(op: &mut Op, id: OfferId, upload: &Upload) -> Result<()> {
    op.about(Subject::Offer(id));
    op.demand(Permission::WriteOffers)?;
    let stands = lock(op, id).await?.content()?.picture;
    let picture = pictures::keep(op, upload, stands.as_ref().map(|picture| &picture.hash), Subject::Offer(id)).await?;
    save(op, id, Some(&picture)).await
}

/// Takes the draft's picture away, if it has one.
pub async fn take_picture_away(op: &mut Op, id: OfferId) -> Result<()> {
    op.about(Subject::Offer(id));
    op.demand(Permission::WriteOffers)?;
    save(op, id, None).await
}

/// Saves the draft as it stands, but for its picture.
async fn save(op: &mut Op, id: OfferId, picture: Option<&Picture>) -> Result<()> {
    let before = lock(op, id).await?;
    let mut form = OfferForm::of(&before.content()?);
    form.set_picture(picture);
    draft::save(op, id, Version(before.version), &form, &Choices::default()).await.map(drop)
}
