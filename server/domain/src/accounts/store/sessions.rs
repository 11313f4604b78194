//! The SQL of sessions, as their people tell them apart.

use crate::Result;
use model::{AccountId, SessionId, Timestamp};
use sqlx::PgConnection;
use uuid::Uuid;

/// A session that is open.
pub(in crate::accounts) struct Session {
    /// The hash of what its cookie holds.
    pub id: Vec<u8>,
    pub public_id: Uuid,
    pub address: Option<String>,
    pub agent: Option<String>,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
}

/// The open sessions of an account, the one used last first. One of an earlier epoch opens nothing and is left out.
pub(in crate::accounts) async fn open(conn: &mut PgConnection, id: AccountId, now: Timestamp) -> Result<Vec<Session>> {
    let sessions = sqlx::query_as!(
        Session,
        "select s.id, s.public_id, s.address, s.agent, s.created_at, s.seen_at
         from staff_sessions s join accounts a on a.id = s.owner
         where s.owner = $1 and s.expires_at > $2 and coalesce((s.data ->> 'epoch')::bigint, 0) = a.session_epoch
         order by s.seen_at desc, s.id limit 100",
        id.0,
        now
    )
    .fetch_all(conn)
    .await?;
    Ok(sessions)
}

/// Ends one session of an account; false when there is none of that name.
pub(in crate::accounts) async fn end(conn: &mut PgConnection, id: AccountId, session: SessionId) -> Result<bool> {
    let ended =
        sqlx::query!("delete from staff_sessions where owner = $1 and public_id = $2", id.0, session.0).execute(conn).await?;
    Ok(ended.rows_affected() == 1)
}
