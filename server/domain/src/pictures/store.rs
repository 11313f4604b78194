//! The SQL of `pictures`.

use crate::{Error, Result};
use kit::pictures::Made;
use model::{
    AccountId, Timestamp,
    pictures::{Focus, PictureHash, ShownPicture},
};
use sqlx::PgConnection;

/// Writes what is known of a picture; of one that is there already, when and by whom it was uploaded last.
pub(super) async fn insert(
    conn: &mut PgConnection,
    made: &Made,
    bytes: i64,
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<()> {
    let widths: Vec<i32> = made.widths.iter().map(|width| *width as i32).collect();
    sqlx::query!(
        "insert into pictures (hash, width, height, kind, transparent, widths, bytes, uploaded_by, uploaded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (hash) do update set uploaded_by = excluded.uploaded_by, uploaded_at = excluded.uploaded_at,
             unused_since = null",
        made.hash,
        made.width as i32,
        made.height as i32,
        made.sent_as,
        made.transparent,
        &widths,
        bytes,
        by.map(|id| id.0),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The picture without words and with its focal point in the middle.
pub(super) async fn find(conn: &mut PgConnection, hash: &PictureHash) -> Result<Option<ShownPicture>> {
    let row = sqlx::query!("select width, height, widths, transparent from pictures where hash = $1", hash.as_str())
        .fetch_optional(conn);
    let pixels = |n: i32| u32::try_from(n).map_err(|_| Error::fault("a picture of negative size"));
    row.await?
        .map(|row| {
            Ok(ShownPicture {
                hash: hash.clone(),
                width: pixels(row.width)?,
                height: pixels(row.height)?,
                widths: row.widths.into_iter().map(pixels).collect::<Result<_>>()?,
                transparent: row.transparent,
                focus: Focus::default(),
                alt: String::new(),
                logo: false,
            })
        })
        .transpose()
}

/// Those of the hashes that have a row.
pub(super) async fn known(conn: &mut PgConnection, hashes: &[String]) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!("select hash from pictures where hash = any($1)", hashes).fetch_all(conn).await?)
}

/// Notes of each picture since when nothing refers to it.
pub(super) async fn mark_unused(conn: &mut PgConnection, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update pictures p set unused_since = case when used then null else $1::timestamptz end
         from (
             select hash, exists (select from offers where picture = hash)
                 or exists (select from offer_revisions where picture = hash)
                 or exists (select from merchants where picture = hash)
                 or exists (select from merchant_revisions where picture = hash)
                 or exists (select from brands where logo = hash) as used
             from pictures
         ) seen
         where seen.hash = p.hash and used = (unused_since is not null)",
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes pictures that nothing has referred to since before a moment. What begins to refer to one meanwhile makes this fail,
/// and nothing is deleted.
pub(super) async fn delete_unused(conn: &mut PgConnection, before: Timestamp, limit: i64) -> Result<usize> {
    let done = sqlx::query!(
        "delete from pictures where hash in (
             select hash from pictures where unused_since < $1 order by unused_since limit $2 for update skip locked)",
        before,
        limit
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() as usize)
}
