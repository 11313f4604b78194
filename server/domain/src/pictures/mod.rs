//! Pictures: what is known of each that was uploaded, and their files.
//!
//! Owns `pictures`. The files stand in a store beside the data base, in a folder of the picture's hash: they are written before
//! the row that speaks of them, and deleted after it. Whoever shows a picture refers to its row, which therefore stays.

mod store;
#[cfg(test)]
mod tests;

use crate::{
    Caller, Db, Error, Op, Result,
    journal::{self, Subject},
};
use chrono::TimeDelta;
use kit::{
    blobs::{BlobError, Blobs},
    pictures::Made,
};
use model::{
    AppError, FieldErrors,
    access::Permission,
    pictures::{Focus, Picture, PictureHash, PictureOf, ShownPicture, UPLOAD_FILE},
};
use serde_json::json;

/// For so long a picture that nothing shows is kept.
const UNUSED: TimeDelta = TimeDelta::days(7);
/// For so long files that no row speaks of are kept: their row may be about to be written, or an older copy of the data base was
/// restored, and the newer one is kept aside or at work on the same files.
const STRAY: TimeDelta = TimeDelta::days(30);
/// Pictures looked at in one operation.
const BATCH: usize = 500;

/// A picture that was uploaded for something, its files stored.
#[derive(Debug)]
pub struct Upload {
    pub made: Made,
    /// What it shows.
    pub alt: String,
    /// The hash of the picture that stood there when the file was chosen, or nothing.
    pub before: String,
}

/// Refuses who may not upload a picture for this, before their file is read.
pub async fn may_upload(op: &mut Op, of: PictureOf, about: Subject) -> Result<()> {
    op.about(about);
    op.demand(match of {
        PictureOf::Offer => Permission::WriteOffers,
        PictureOf::Merchant | PictureOf::Brand => Permission::WriteMerchants,
    })
}

/// Stores a picture's files, the same ones again if they are there. Not inside an operation: it may take a while.
pub async fn store_files(blobs: &Blobs, made: &Made) -> std::result::Result<(), BlobError> {
    for file in &made.files {
        blobs.put(&made.hash, &format!("{}.{}", file.width, file.ending), file.bytes.clone()).await?;
    }
    Ok(())
}

/// Notes a picture whose files are stored, unless the one that was replaced is not the one that stands: `stands`. A part of the
/// use cases that show it, which have asked for the permission.
pub async fn keep(op: &mut Op, upload: &Upload, stands: Option<&PictureHash>, about: Subject) -> Result<Picture> {
    if upload.before != stands.map(PictureHash::as_str).unwrap_or_default() {
        let message =
            "Somebody changed the picture meanwhile. Look at the one that is there now; if yours is better, upload it again.";
        return Err(FieldErrors::of(UPLOAD_FILE, message).into());
    }
    let made = &upload.made;
    let hash: PictureHash = made.hash.parse().map_err(|_| Error::fault("a picture was made without a hash"))?;
    let (by, now) = (op.account(), op.now);
    let bytes = made.files.iter().map(|file| file.bytes.len() as i64).sum();
    store::insert(op.conn(), made, bytes, by, now).await?;
    let detail = json!({
        "picture": hash, "sent_as": made.sent_as, "width": made.width, "height": made.height, "bytes": bytes,
    });
    journal::record_quietly(op, "picture.uploaded", Some(about), detail).await?;
    Ok(Picture { hash, focus: Focus::default(), alt: upload.alt.clone() })
}

/// Whether the picture is there still. Asks for no permission, like the next two.
pub async fn exists(op: &mut Op, hash: &PictureHash) -> Result<bool> {
    Ok(store::find(op.conn(), hash).await?.is_some())
}

/// A picture with all that a page needs to show it.
pub async fn shown(op: &mut Op, picture: Option<&Picture>) -> Result<Option<ShownPicture>> {
    let Some(picture) = picture else { return Ok(None) };
    let found = store::find(op.conn(), &picture.hash).await?;
    Ok(found.map(|found| ShownPicture { focus: picture.focus, alt: picture.alt.clone(), ..found }))
}

/// A logo, which is shown whole.
pub async fn shown_logo(op: &mut Op, logo: Option<(PictureHash, String)>) -> Result<Option<ShownPicture>> {
    let picture = logo.map(|(hash, alt)| Picture { hash, focus: Focus::default(), alt });
    Ok(shown(op, picture.as_ref()).await?.map(|found| ShownPicture { logo: true, ..found }))
}

/// The columns of a picture in use as one thing. A constraint keeps them together.
pub(crate) fn from_columns(hash: Option<&str>, x: Option<i16>, y: Option<i16>, alt: Option<&str>) -> Result<Option<Picture>> {
    let (Some(hash), Some(alt)) = (hash, alt) else { return Ok(None) };
    let thousandths = |n: Option<i16>| n.and_then(|n| u16::try_from(n).ok());
    let middle = Focus::default();
    Ok(Some(Picture {
        hash: hash.parse().map_err(|_| Error::fault("a column holds what is no hash of a picture"))?,
        focus: Focus { x: thousandths(x).unwrap_or(middle.x), y: thousandths(y).unwrap_or(middle.y) },
        alt: alt.to_owned(),
    }))
}

/// Forgets pictures that nothing has shown for some days, nor any revision ever; then deletes the files that nobody speaks of.
/// Returns how many pictures' files went.
pub async fn purge(db: &Db, caller: Caller, blobs: &Blobs) -> std::result::Result<usize, String> {
    let told = |error: AppError| error.to_string();
    db.write(caller.clone(), async |op| mark_unused(op).await).await.map_err(told)?;
    while db.write(caller.clone(), async |op| forget_unused(op).await).await.map_err(told)? == BATCH {}
    let stray = kit::clock::now() - STRAY;
    let mut gone = 0;
    for folders in blobs.folders_from_before(stray).await.map_err(|error| error.to_string())?.chunks(BATCH) {
        let known = db.read(caller.clone(), async |op| store::known(op.conn(), folders).await).await.map_err(told)?;
        for folder in folders.iter().filter(|folder| folder.parse::<PictureHash>().is_ok() && !known.contains(folder)) {
            // It may have been uploaded again meanwhile.
            let is_gone = blobs.delete_folder_from_before(folder, stray).await.map_err(|error| error.to_string())?;
            gone += usize::from(is_gone);
        }
    }
    Ok(gone)
}

/// Notes which pictures nothing shows now.
async fn mark_unused(op: &mut Op) -> Result<()> {
    let now = op.now;
    store::mark_unused(op.conn(), now).await
}

/// Forgets a batch of pictures that nothing has shown for long; returns how many.
async fn forget_unused(op: &mut Op) -> Result<usize> {
    let before = op.now - UNUSED;
    store::delete_unused(op.conn(), before, BATCH as i64).await
}
