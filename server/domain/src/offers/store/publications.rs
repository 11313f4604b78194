//! Publications: what was, is and will be live, and when.

use crate::{Error, Result, error::violates};
use model::{
    AccountId, MerchantId, OfferId, PublicationId, RevisionId, Timestamp,
    offers::{OfferRefusal, PublicationState},
};
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
    pub until: Option<Timestamp>,
    pub planned_until: Option<Timestamp>,
    pub by: Option<String>,
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
    pub by: Option<AccountId>,
    pub at: Timestamp,
}

pub(in crate::offers) async fn insert_publication(conn: &mut PgConnection, new: &NewPublication<'_>) -> Result<()> {
    let inserted = sqlx::query!(
        "insert into publications (id, offer_id, revision_id, content_hash, state, during, planned_until, published_by, published_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new.id.0,
        new.offer.0,
        new.revision.0,
        new.content_hash,
        new.state.word(),
        PgRange { start: Bound::Included(new.from), end: new.until.map_or(Bound::Unbounded, Bound::Excluded) },
        new.until,
        new.by.map(|id| id.0),
        new.at,
    )
    .execute(conn)
    .await;
    match inserted {
        Ok(_) => Ok(()),
        Err(error) if violates(&error, "one_publication_at_a_time") => Err(OfferRefusal::Overlaps.into()),
        // No approval of this hash: the rule was asked before, so this is a fault of ours.
        Err(error) => Err(Error::from(error)),
    }
}

/// Ends a publication's time at an instant; one that would not even have started becomes empty.
pub(in crate::offers) async fn cut(
    conn: &mut PgConnection,
    id: PublicationId,
    at: Timestamp,
    state: PublicationState,
) -> Result<()> {
    sqlx::query!(
        "update publications set state = $3, during = case when lower(during) < $2 then tstzrange(lower(during), $2) else 'empty' end where id = $1",
        id.0,
        at,
        state.word(),
    )
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

/// Publications whose stored state lags behind the time; locked, and skipped by other workers.
pub(in crate::offers) async fn due(conn: &mut PgConnection, now: Timestamp, limit: i64) -> Result<Vec<DueRow>> {
    let rows = sqlx::query_as!(
        DueRow,
        r#"select id, offer_id, coalesce(upper(during) <= $1, false) as "ended!" from publications
           where (state = 'scheduled' and lower(during) <= $1) or (state in ('scheduled', 'live') and upper(during) <= $1)
           order by id limit $2 for update skip locked"#,
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
