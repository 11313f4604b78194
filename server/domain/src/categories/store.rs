//! The SQL of `categories`.

use super::NewCategory;
use crate::Result;
use model::{CategoryId, categories::Category};
use sqlx::PgConnection;
use uuid::Uuid;

pub(super) async fn all(conn: &mut PgConnection) -> Result<Vec<Category>> {
    let rows = sqlx::query!("select id, parent_id, slug, name, icon from categories order by position, name, id")
        .fetch_all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Category {
            id: row.id.into(),
            parent: row.parent_id.map(Into::into),
            slug: row.slug,
            name: row.name,
            icon: row.icon,
        })
        .collect())
}

pub(super) async fn with_ancestors(conn: &mut PgConnection, ids: &[CategoryId]) -> Result<Vec<CategoryId>> {
    let ids = sqlx::query_scalar!(
        r#"with recursive up (id, parent_id) as (
               select id, parent_id from categories where id = any($1)
               union select c.id, c.parent_id from categories c join up on c.id = up.parent_id
           )
           select id as "id!" from up order by id"#,
        &plain(ids)
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(Into::into).collect())
}

pub(super) async fn with_descendants(conn: &mut PgConnection, slug: &str) -> Result<Vec<CategoryId>> {
    let ids = sqlx::query_scalar!(
        r#"with recursive down (id) as (
               select id from categories where slug = $1
               union select c.id from categories c join down on c.parent_id = down.id
           )
           select id as "id!" from down order by id"#,
        slug
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(Into::into).collect())
}

pub(super) async fn exist(conn: &mut PgConnection, ids: &[CategoryId]) -> Result<bool> {
    let all = sqlx::query_scalar!(
        r#"select not exists (
               select from unnest($1::uuid[]) as wanted (id) where not exists (select from categories c where c.id = wanted.id)
           ) as "all!""#,
        &plain(ids)
    )
    .fetch_one(conn)
    .await?;
    Ok(all)
}

pub(super) async fn insert(conn: &mut PgConnection, id: CategoryId, new: &NewCategory) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into categories (id, parent_id, slug, name, icon, position) values ($1, $2, $3, $4, $5, $6)",
        id.0,
        new.parent.map(|p| p.0),
        new.slug,
        new.name,
        new.icon,
        new.position
    )
    .execute(conn)
    .await?;
    Ok(())
}

fn plain(ids: &[CategoryId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.0).collect()
}
