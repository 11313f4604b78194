//! External ids that are loaded at once.

use super::super::Entity;
use crate::Result;
use kit::copy::Rows;
use model::merchants::ExternalId;
use sqlx::PgConnection;

/// Rows of `external_ids`.
#[derive(Debug, Default)]
pub(crate) struct Bulk {
    ids: Rows,
}

impl Bulk {
    pub(crate) const TABLES: [&str; 1] = ["external_ids"];

    pub(crate) fn give(&mut self, entity: Entity, ids: &[ExternalId]) {
        let (kind, entity) = entity.parts();
        for id in ids {
            self.ids.row().text(&id.source).text(kind).text(&id.value).put(entity);
        }
    }

    pub(crate) async fn write(&mut self, conn: &mut PgConnection) -> Result<()> {
        self.ids.send(conn, "copy external_ids (source, kind, value, entity_id) from stdin").await?;
        Ok(())
    }
}
