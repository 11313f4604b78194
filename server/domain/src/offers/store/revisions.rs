//! Revisions and approvals.

use crate::Result;
use model::{AccountId, OfferId, RevisionId, Timestamp, offers::RevisionState};
use sqlx::PgConnection;
use uuid::Uuid;

/// A revision as it stands in the data base.
pub(in crate::offers) struct RevisionRow {
    pub id: Uuid,
    pub offer_id: Uuid,
    pub number: i32,
    pub state: String,
    pub snapshot: String,
    pub content_hash: Vec<u8>,
    pub sent_at: Timestamp,
    pub sent_by: Option<String>,
    pub decided_at: Option<Timestamp>,
    pub decided_by: Option<String>,
    pub note: Option<String>,
}

/// Revisions of an offer, newest first.
pub(in crate::offers) async fn revisions(conn: &mut PgConnection, offer: OfferId) -> Result<Vec<RevisionRow>> {
    let rows = sqlx::query_as!(
        RevisionRow,
        r#"select r.id, r.offer_id, r.number, r.state, r.snapshot::text as "snapshot!", r.content_hash,
                  r.sent_at, s.name as "sent_by?", r.decided_at, d.name as "decided_by?", r.note
           from offer_revisions r
           left join account_profiles s on s.account_id = r.sent_by
           left join account_profiles d on d.account_id = r.decided_by
           where r.offer_id = $1 order by r.number desc"#,
        offer.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// The offer that a revision belongs to.
pub(in crate::offers) async fn offer_of(conn: &mut PgConnection, revision: RevisionId) -> Result<Option<OfferId>> {
    let id = sqlx::query_scalar!("select offer_id from offer_revisions where id = $1", revision.0).fetch_optional(conn).await?;
    Ok(id.map(Into::into))
}

/// The revision of this version of the draft that somebody sent and that waits for review.
pub(in crate::offers) async fn in_review(
    conn: &mut PgConnection,
    offer: OfferId,
    draft_version: i64,
    sent_by: Option<AccountId>,
) -> Result<Option<RevisionId>> {
    let id = sqlx::query_scalar!(
        "select id from offer_revisions
         where offer_id = $1 and draft_version = $2 and state = 'in_review' and sent_by = $3",
        offer.0,
        draft_version,
        sent_by.map(|by| by.0)
    )
    .fetch_optional(conn)
    .await?;
    Ok(id.map(Into::into))
}

/// A revision to be written.
pub(in crate::offers) struct NewRevision<'a> {
    pub id: RevisionId,
    pub offer: OfferId,
    pub draft_version: i64,
    pub snapshot: &'a str,
    /// The hash of the snapshot's picture, which stays as long as the revision.
    pub picture: Option<&'a str>,
    pub content_hash: [u8; 32],
    pub sent_by: Option<AccountId>,
    pub sent_at: Timestamp,
}

/// Writes a revision under the next number; the caller holds the offer's row.
pub(in crate::offers) async fn insert_revision(conn: &mut PgConnection, new: &NewRevision<'_>) -> Result<i32> {
    let number = sqlx::query_scalar!(
        r#"insert into offer_revisions (id, offer_id, number, draft_version, state, snapshot, content_hash, sent_by, sent_at, picture)
           values ($1, $2, 1 + (select count(*) from offer_revisions where offer_id = $2)::integer, $3, 'in_review',
                   cast($4::text as json), $5, $6, $7, $8)
           returning number"#,
        new.id.0,
        new.offer.0,
        new.draft_version,
        new.snapshot,
        &new.content_hash[..],
        new.sent_by.map(|id| id.0),
        new.sent_at,
        new.picture,
    )
    .fetch_one(&mut *conn)
    .await?;
    set_newest(conn, new.offer, RevisionState::InReview, Some(new.draft_version)).await?;
    Ok(number)
}

/// Supersedes the offer's revisions that stand in one of the given states.
pub(in crate::offers) async fn supersede(conn: &mut PgConnection, offer: OfferId, states: &[RevisionState]) -> Result<()> {
    let states: Vec<String> = states.iter().map(|state| state.word().to_owned()).collect();
    let next = RevisionState::Superseded.word();
    sqlx::query!("update offer_revisions set state = $3 where offer_id = $1 and state = any($2)", offer.0, &states, next)
        .execute(conn)
        .await?;
    Ok(())
}

/// A reviewer's decision.
pub(in crate::offers) struct Decision<'a> {
    pub state: RevisionState,
    pub by: Option<AccountId>,
    pub at: Timestamp,
    pub note: Option<&'a str>,
}

pub(in crate::offers) async fn decide(conn: &mut PgConnection, revision: &RevisionRow, decision: &Decision<'_>) -> Result<()> {
    sqlx::query!(
        "update offer_revisions set state = $2, decided_by = $3, decided_at = $4, note = $5 where id = $1",
        revision.id,
        decision.state.word(),
        decision.by.map(|id| id.0),
        decision.at,
        decision.note,
    )
    .execute(&mut *conn)
    .await?;
    if decision.state == RevisionState::Approved {
        sqlx::query!(
            "insert into offer_approvals (revision_id, content_hash, account_id, at) values ($1, $2, $3, $4)",
            revision.id,
            &revision.content_hash,
            decision.by.map(|id| id.0),
            decision.at,
        )
        .execute(&mut *conn)
        .await?;
    }
    set_newest(conn, revision.offer_id.into(), decision.state, None).await
}

/// Keeps the newest revision's state beside the draft, for lists.
async fn set_newest(conn: &mut PgConnection, offer: OfferId, state: RevisionState, draft_version: Option<i64>) -> Result<()> {
    sqlx::query!(
        "update offers set revision_state = $2, revision_draft_version = coalesce($3, revision_draft_version) where id = $1",
        offer.0,
        state.word(),
        draft_version,
    )
    .execute(conn)
    .await?;
    Ok(())
}
