//! The SQL of `external_ids`.

pub(crate) mod bulk;

use crate::Result;
use model::merchants::ExternalId;
use sqlx::PgConnection;
use uuid::Uuid;

pub(super) async fn of(conn: &mut PgConnection, kind: &str, id: Uuid) -> Result<Vec<ExternalId>> {
    let ids = sqlx::query_as!(
        ExternalId,
        "select source, value from external_ids where kind = $1 and entity_id = $2 order by source, value",
        kind,
        id
    )
    .fetch_all(conn)
    .await?;
    Ok(ids)
}

pub(super) async fn remove_others(conn: &mut PgConnection, kind: &str, id: Uuid, keep: &[ExternalId]) -> Result<()> {
    let (sources, values) = columns(keep);
    sqlx::query!(
        "delete from external_ids x where kind = $1 and entity_id = $2 and not exists (
             select from unnest($3::text[], $4::text[]) as keep (source, value)
             where keep.source = x.source and keep.value = x.value)",
        kind,
        id,
        &sources,
        &values
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Inserts what is free. In order, so that two operations with the same ids wait for each other instead of locking up.
pub(super) async fn insert(conn: &mut PgConnection, kind: &str, id: Uuid, ids: &[ExternalId]) -> Result<()> {
    let (sources, values) = columns(ids);
    sqlx::query!(
        "insert into external_ids (source, kind, value, entity_id)
         select source, $1, value, $2 from unnest($3::text[], $4::text[]) as new (source, value) order by source, value
         on conflict (source, kind, value) do nothing",
        kind,
        id,
        &sources,
        &values
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn count(conn: &mut PgConnection, kind: &str, id: Uuid) -> Result<i64> {
    let count =
        sqlx::query_scalar!(r#"select count(*) as "count!" from external_ids where kind = $1 and entity_id = $2"#, kind, id)
            .fetch_one(conn)
            .await?;
    Ok(count)
}

fn columns(ids: &[ExternalId]) -> (Vec<String>, Vec<String>) {
    ids.iter().map(|id| (id.source.clone(), id.value.clone())).unzip()
}
