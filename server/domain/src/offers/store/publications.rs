//! Publications: what was, is and will be live, and when.

use crate::{Error, Result};
use model::{AccountId, MerchantId, OfferId, PublicationId, RevisionId, Timestamp, offers::PublicationState};
use sqlx::{PgConnection, postgres::types::PgRange};
use std::ops::Bound;
use uuid::Uuid;

/// A publication as it stands in the data base.
pub(in crate::offers) struct PublicationRow {
    pub id: Uuid,
    pub revision_id: Uuid,
    pub revision_number: i32,
    pub state: String,
    /// Both none when it was cancelled before it started.
    pub from: Option<Timestamp>,
    /// The planned end, or the start of the next publication if that comes first.
    pub until: Option<Timestamp>,
    pub planned_until: Option<Timestamp>,
    pub by: Option<String>,
}

impl PublicationRow {
    pub fn state(&self) -> Result<PublicationState> {
        self.state.parse().map_err(|()| Error::fault(format!("unknown publication state {:?}", self.state)))
    }

    pub fn is(&self, state: PublicationState) -> bool {
        self.state == state.word()
    }
}

/// Publications of an offer, newest first, with where they stand at `now`.
pub(in crate::offers) async fn publications(
    conn: &mut PgConnection,
    offer: OfferId,
    now: Timestamp,
) -> Result<Vec<PublicationRow>> {
    let rows = sqlx::query_as!(
        PublicationRow,
        r#"select p.id, p.revision_id, r.number as revision_number, publication_standing(p.state, p.during, $2) as "state!",
                  lower(p.during) as "from", upper(p.during) as "until",
                  p.planned_until, a.name as "by?"
           from publications p
           join offer_revisions r on r.id = p.revision_id
           left join account_profiles a on a.account_id = p.published_by
           where p.offer_id = $1 order by p.published_at desc, p.id desc"#,
        offer.0,
        now
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Where the offer stands at `now`.
pub(in crate::offers) async fn standing(conn: &mut PgConnection, offer: OfferId, now: Timestamp) -> Result<PublicationState> {
    let word =
        sqlx::query_scalar!(r#"select offer_standing(id, archived_at, $2) as "word!" from offers where id = $1"#, offer.0, now)
            .fetch_one(conn)
            .await?;
    word.parse().map_err(|()| Error::fault(format!("unknown standing {word:?}")))
}

/// A publication to be written.
pub(in crate::offers) struct NewPublication<'a> {
    pub id: PublicationId,
    pub offer: OfferId,
    pub revision: RevisionId,
    pub content_hash: &'a [u8],
    pub state: PublicationState,
    pub from: Timestamp,
    pub until: Option<Timestamp>,
    pub planned_until: Option<Timestamp>,
    pub by: Option<AccountId>,
    pub at: Timestamp,
}

/// Writes a publication. That its hash is approved and its time free was asked before, with the offer's row held: what the data base
/// refuses here is a fault of ours.
pub(in crate::offers) async fn insert_publication(conn: &mut PgConnection, new: &NewPublication<'_>) -> Result<()> {
    sqlx::query!(
        "insert into publications (id, offer_id, revision_id, content_hash, state, during, planned_until, published_by, published_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new.id.0,
        new.offer.0,
        new.revision.0,
        new.content_hash,
        new.state.word(),
        PgRange { start: Bound::Included(new.from), end: new.until.map_or(Bound::Unbounded, Bound::Excluded) },
        new.planned_until,
        new.by.map(|id| id.0),
        new.at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a publication's time: at an instant, or earlier if it was paused or over by then. One that would not even have started
/// becomes empty.
pub(in crate::offers) async fn stop(
    conn: &mut PgConnection,
    id: PublicationId,
    at: Timestamp,
    state: PublicationState,
) -> Result<()> {
    sqlx::query!(
        "update publications set state = $3, during = case
             when lower(during) < least(upper(during), paused_at, $2) then tstzrange(lower(during), least(upper(during), paused_at, $2))
             else 'empty' end
         where id = $1",
        id.0,
        at,
        state.word(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Pauses a publication. Its time stays its own.
pub(in crate::offers) async fn pause(
    conn: &mut PgConnection,
    id: PublicationId,
    at: Timestamp,
    state: PublicationState,
) -> Result<()> {
    sqlx::query!("update publications set state = $3, paused_at = $2 where id = $1", id.0, at, state.word())
        .execute(conn)
        .await?;
    Ok(())
}

/// Moves the end of a publication that stands; none leaves it open.
pub(in crate::offers) async fn set_until(conn: &mut PgConnection, id: PublicationId, until: Option<Timestamp>) -> Result<()> {
    sqlx::query!("update publications set during = tstzrange(lower(during), $2) where id = $1", id.0, until)
        .execute(conn)
        .await?;
    Ok(())
}

pub(in crate::offers) async fn set_state(conn: &mut PgConnection, id: PublicationId, state: PublicationState) -> Result<()> {
    sqlx::query!("update publications set state = $2 where id = $1", id.0, state.word()).execute(conn).await?;
    Ok(())
}

/// A publication whose start or end has come without anybody's doing.
pub(in crate::offers) struct DueRow {
    pub id: Uuid,
    pub offer_id: Uuid,
    pub ended: bool,
}

/// Publications whose stored state lags behind the time. They and their offers are held; those that somebody else holds are left for
/// the next time.
pub(in crate::offers) async fn due(conn: &mut PgConnection, now: Timestamp, limit: i64) -> Result<Vec<DueRow>> {
    // Each kind has its index. The conditions stand there once more because a row may have changed until it is held.
    let rows = sqlx::query_as!(
        DueRow,
        r#"with due as (
               (select id from publications where state = 'scheduled' and lower(during) <= $1 order by lower(during) limit $2)
               union
               (select id from publications where state in ('scheduled', 'live', 'paused') and upper(during) <= $1
                order by upper(during) limit $2))
           select p.id, p.offer_id, coalesce(upper(p.during) <= $1, false) as "ended!"
           from publications p join offers o on o.id = p.offer_id
           where p.id in (select id from due)
             and (p.state = 'scheduled' and lower(p.during) <= $1
                  or p.state in ('scheduled', 'live', 'paused') and upper(p.during) <= $1)
           order by p.id limit $2 for update of o, p skip locked"#,
        now,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// The merchant's offers with a publication that is or will be live.
pub(in crate::offers) async fn published_offers_of(
    conn: &mut PgConnection,
    merchant: MerchantId,
    now: Timestamp,
) -> Result<Vec<OfferId>> {
    let ids = sqlx::query_scalar!(
        "select distinct o.id from offers o join publications p on p.offer_id = o.id
         where o.merchant_id = $1 and p.state in ('scheduled', 'live') and coalesce(upper(p.during) > $2, not isempty(p.during))
         order by 1",
        merchant.0,
        now
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(Into::into).collect())
}
