//! What an operation that fails leaves in the audit log, what it answers, and when its jobs are there, against real Postgres.

use super::*;
use crate::{journal::Subject, offers};
use model::{
    OfferId, RevisionId,
    audit::AuditQuery,
    merchants::MerchantRefusal,
    offers::{OfferRefusal, PublishForm},
};
use serde_json::Value;

fn staff(role: Role) -> Caller {
    Caller::local(Actor::Staff { id: AccountId(Uuid::from_u128(7)), roles: vec![role] })
}

/// Who, what, to which record and the detail of every row in the audit log, oldest first.
async fn rows(pool: &PgPool) -> Vec<(Option<Uuid>, String, Option<Uuid>, Value)> {
    sqlx::query_as("select actor, action, subject_id, detail from audit_log order by id").fetch_all(pool).await.unwrap()
}

/// An offer with a revision in review that nobody approved.
async fn sent_offer(pool: &PgPool) -> (OfferId, RevisionId) {
    for statement in [
        "insert into merchants (id, short_id, name, status, created_at, updated_at)
         values ('00000000-0000-0000-0000-000000000001', 'abcdefghjk', 'Joe''s', 'active', now(), now())",
        "insert into offers (id, short_id, merchant_id, created_at, updated_at,
             headline, currency, kind, place_scope, redemption, funding)
         values ('00000000-0000-0000-0000-000000000002', '0123456789', '00000000-0000-0000-0000-000000000001', now(), now(),
             '20% off', 'USD', 'percent_off', 'all', 'token', 'merchant')",
        "insert into offer_revisions (id, offer_id, number, draft_version, state, snapshot, content_hash, sent_at)
         values ('00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-000000000002', 1, 1,
             'in_review', '{}', sha256('x'), now())",
    ] {
        sqlx::query(statement).execute(pool).await.unwrap();
    }
    (OfferId(Uuid::from_u128(2)), RevisionId(Uuid::from_u128(3)))
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_tries_to_publish_what_nobody_approved_leaves_a_row_that_names_the_offer(pool: PgPool) {
    let (offer, revision) = sent_offer(&pool).await;
    let (db, form) = (Db::new(pool.clone()), PublishForm::default());
    let publish = async |role| db.write(staff(role), async |op| offers::publish(op, offer, revision, &form).await).await;
    assert_eq!(publish(Role::CampaignManager).await, Err(OfferRefusal::NotApproved.into()));
    assert_eq!(publish(Role::Editor).await, Err(AppError::Forbidden));
    let row = |action: &str, detail| (Some(Uuid::from_u128(7)), action.to_owned(), Some(offer.0), detail);
    let refused = row("offer.refused", json!({ "refusal": "NotApproved" }));
    let forbidden = row("access.refused", json!({ "permission": "PublishOffers" }));
    assert_eq!(rows(&pool).await, [refused, forbidden]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_refusal_leaves_one_row_whoever_noted_it(pool: PgPool) {
    let db = Db::new(pool.clone());
    let closed = db.read(staff(Role::Admin), async |_| Err::<(), _>(MerchantRefusal::Closed.into())).await;
    assert_eq!(closed, Err(MerchantRefusal::Closed.into()));
    let forbidden = db.write(staff(Role::Admin), async |_| Err::<(), _>(AppError::Forbidden.into())).await;
    assert_eq!(forbidden, Err(AppError::Forbidden));
    let demanded = db.write(staff(Role::Editor), async |op| op.demand(Permission::PublishOffers)).await;
    assert_eq!(demanded, Err(AppError::Forbidden));
    let noted = db.write(staff(Role::Admin), async |op| {
        op.note("offer.own_approval_refused", Some(Subject::Offer(OfferId(Uuid::from_u128(2)))), json!({}));
        Err::<(), _>(OfferRefusal::OwnWork.into())
    });
    assert_eq!(noted.await, Err(OfferRefusal::OwnWork.into()));
    let actions: Vec<_> = rows(&pool).await.into_iter().map(|(_, action, ..)| action).collect();
    assert_eq!(actions, ["merchant.refused", "access.refused", "access.refused", "offer.own_approval_refused"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn strangers_and_other_answers_leave_no_row(pool: PgPool) {
    let db = Db::new(pool.clone());
    let refuse =
        async |caller: Caller, error: AppError| db.write(caller, async |_| Err::<(), _>(error.into())).await.unwrap_err();
    refuse(Caller::local(Actor::Nobody), OfferRefusal::NotLive.into()).await;
    refuse(Caller::local(Actor::Nobody), AppError::Forbidden).await;
    refuse(staff(Role::Admin), AppError::NotFound).await;
    assert_eq!(rows(&pool).await, []);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_text_that_postgres_cannot_hold_is_the_callers_to_mend(pool: PgPool) {
    let db = Db::new(pool);
    let query = AuditQuery { actor: "ada\0@example.com".into(), ..AuditQuery::default() };
    let searched = db.read(staff(Role::Admin), async |op| journal::search(op, &query).await).await;
    let json = db.write(staff(Role::Admin), async |op| {
        journal::record_quietly(op, "account.signed_out", None, json!({ "name": "ada\0" })).await
    });
    for answer in [searched.map(|_| ()), json.await] {
        assert!(matches!(answer, Err(AppError::BadRequest(_))), "{answer:?}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_job_is_there_once_its_operation_has_committed_and_not_at_all_when_that_fails(pool: PgPool) {
    let queue = Queue::new(pool.clone());
    queue.install().await.unwrap();
    let db = Db::new(pool);
    let job = || NewJob::new("any", json!({}));
    let ready = async || queue.stats().await.unwrap().ready;

    let failed = db.write(staff(Role::Admin), async |op| {
        op.enqueue(job()).await?;
        Err::<(), _>(AppError::Forbidden.into())
    });
    assert_eq!(failed.await, Err(AppError::Forbidden));
    assert_eq!(db.read(staff(Role::Admin), async |op| op.enqueue(job()).await).await, Err(AppError::Internal));
    assert_eq!(ready().await, 0);

    assert_eq!(db.write(staff(Role::Admin), async |op| op.enqueue(job()).await).await, Ok(()));
    assert_eq!(ready().await, 1);
}
