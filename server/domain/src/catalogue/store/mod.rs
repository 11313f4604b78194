//! The SQL of `listings` and `listing_places`: writing them here, reading them in the files beside.

pub(crate) mod bulk;
pub(super) mod cards;
pub(super) mod matches;
pub(super) mod pages;
pub(super) mod site_map;
pub(super) mod versions;

use super::{Cover, NewListing, online, search_text};
use crate::Result;
use model::{PublicationId, Timestamp, categories::Category};
use sqlx::PgConnection;
use uuid::Uuid;

pub(super) async fn delete(conn: &mut PgConnection, publication: PublicationId) -> Result<()> {
    sqlx::query!("delete from listings where publication_id = $1", publication.0).execute(conn).await?;
    Ok(())
}

/// Deletes some of the listings that are over. Those that somebody else is deleting are left to them.
pub(super) async fn purge(conn: &mut PgConnection, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "delete from listings where publication_id in (
             select publication_id from listings where shown_until <= $1 order by shown_until limit 20 for update skip locked)",
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn insert(conn: &mut PgConnection, new: &NewListing, cover: &Cover, ancestry: &[&Category]) -> Result<()> {
    let content = &new.content;
    let categories: Vec<Uuid> = ancestry.iter().map(|category| category.id.0).collect();
    sqlx::query!(
        "insert into listings (publication_id, offer_id, merchant_id, revision_id, client_id, short_id, headline, value, kind, icon,
             hue, online, priority, category_ids, valid_until, shown_from, shown_until, search,
             picture, picture_x, picture_y, picture_alt)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, coalesce($17::timestamptz, 'infinity'),
             to_tsvector('simple', plain($18::text)) || to_tsvector('english', plain($18::text)),
             $19, $20, $21, $22)",
        new.publication.0,
        new.offer.0,
        content.merchant.0,
        new.revision.0,
        content.client.map(|id| id.0),
        new.short_id,
        content.texts.headline,
        content.value.shown(),
        content.value.kind().word(),
        cover.icon,
        cover.hue,
        online(content),
        content.contract.priority,
        &categories,
        content.validity.until,
        new.shown_from,
        new.shown_until,
        search_text(content, ancestry),
        content.picture.as_ref().map(|picture| picture.hash.as_str()),
        content.picture.as_ref().map(|picture| picture.focus.x as i16),
        content.picture.as_ref().map(|picture| picture.focus.y as i16),
        content.picture.as_ref().map(|picture| picture.alt.as_str()),
    )
    .execute(&mut *conn)
    .await?;
    insert_places(conn, new).await
}

async fn insert_places(conn: &mut PgConnection, new: &NewListing) -> Result<()> {
    let ids: Vec<Uuid> = new.locations.iter().map(|location| location.id.0).collect();
    sqlx::query!(
        "insert into listing_places (publication_id, location_id) select $1, id from unnest($2::uuid[]) as place (id)",
        new.publication.0,
        &ids
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Shows a listing until `at` at the latest.
pub(super) async fn cut(conn: &mut PgConnection, publication: PublicationId, at: Timestamp) -> Result<()> {
    sqlx::query!("update listings set shown_until = least(shown_until, $2) where publication_id = $1", publication.0, at)
        .execute(conn)
        .await?;
    Ok(())
}
