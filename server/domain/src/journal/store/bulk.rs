//! The journal of a history that is loaded at once.

use super::super::Subject;
use crate::Result;
use kit::copy::Rows;
use model::{AccountId, Timestamp};
use serde_json::Value;
use sqlx::PgConnection;

/// Rows of `audit_log` and `outbox`, as [`super::super::record`] would write them.
#[derive(Debug, Default)]
pub(crate) struct Bulk {
    audit: Rows,
    outbox: Rows,
}

impl Bulk {
    /// The tables that are filled.
    pub(crate) const TABLES: [&str; 2] = ["audit_log", "outbox"];

    /// Records a change by an account, or by the server itself.
    pub(crate) fn record(
        &mut self,
        (by, at): (Option<AccountId>, Timestamp),
        action: &'static str,
        subject: Subject,
        detail: &Value,
    ) {
        let (kind, id) = subject.parts();
        let (who, detail) = (if by.is_some() { "staff" } else { "server" }, detail.to_string());
        self.audit.row().time(at).maybe(by).text(who).text(action).text(kind).put(id).text(&detail);
        self.outbox.row().time(at).text(action).put(id).text(&detail);
    }

    pub(crate) async fn write(&mut self, conn: &mut PgConnection) -> Result<()> {
        let audit = "copy audit_log (at, actor, who, action, subject_kind, subject_id, detail) from stdin";
        self.audit.send(conn, audit).await?;
        self.outbox.send(conn, "copy outbox (at, topic, subject_id, body) from stdin").await?;
        Ok(())
    }
}
