//! The journal against real Postgres.

use super::*;
use crate::{Actor, Caller, Db};
use serde_json::json;
use sqlx::PgPool;
use std::time::Duration;

/// Waits until readers are given all that was recorded: other tests' transactions in the same cluster hold them back.
pub(crate) async fn all_readable(pool: &PgPool) {
    let readable = "select coalesce(max(transaction) < pg_snapshot_xmin(pg_current_snapshot()), true) from outbox";
    while !sqlx::query_scalar::<_, bool>(readable).fetch_one(pool).await.unwrap() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_audit_log_takes_rows_and_never_gives_them_up(pool: PgPool) {
    let db = Db::new(pool.clone());
    let offer = OfferId(Uuid::from_u128(7));
    db.write(Caller::local(Actor::Server), async |op| {
        record(op, "offer.published", Subject::Offer(offer), json!({ "n": 1 })).await
    })
    .await
    .unwrap();
    let months: Vec<String> = sqlx::query_scalar(
        "select inhrelid::regclass::text from pg_inherits where inhparent in ('audit_log'::regclass, 'outbox'::regclass)",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert!(months.len() >= 10, "four months and a rest for each table: {months:?}");
    let mut attempts = Vec::new();
    for table in ["audit_log", "outbox"] {
        attempts.push(format!("update {table} set at = now()"));
        attempts.push(format!("delete from {table}"));
        attempts.push(format!("truncate {table}"));
    }
    attempts.extend(months.iter().map(|month| format!("truncate {month}")));
    for statement in attempts {
        let error = sqlx::query(sqlx::AssertSqlSafe(statement.clone())).execute(&pool).await.expect_err(&statement);
        assert!(error.to_string().contains("append-only"), "{statement}: {error}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_refusal_is_kept_though_the_operation_is_rolled_back(pool: PgPool) {
    let db = Db::new(pool.clone());
    let refused = db.write(Caller::local(Actor::Nobody), async |op| search(op, &AuditQuery::default()).await).await;
    assert_eq!(refused, Err(model::AppError::Unauthenticated));
    let staff = Caller::local(Actor::Staff { id: AccountId(Uuid::from_u128(1)), roles: vec![model::access::Role::Editor] });
    let refused = db
        .write(staff, async |op| {
            record(op, "offer.published", Subject::Offer(OfferId(Uuid::from_u128(7))), json!({})).await?;
            op.demand(Permission::PublishOffers)
        })
        .await;
    assert_eq!(refused, Err(model::AppError::Forbidden));
    let page = db.read(Caller::local(Actor::Server), async |op| search(op, &AuditQuery::default()).await).await.unwrap();
    let actions: Vec<_> = page.items.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(actions, ["access.refused"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_late_commit_is_read_too(pool: PgPool) {
    let db = Db::new(pool.clone());
    let offer = |n: u128| OfferId(Uuid::from_u128(n));
    let server = || Caller::local(Actor::Server);
    let write = async |n: u128| {
        db.write(server(), async |op| record(op, "offer.published", Subject::Offer(offer(n)), json!({})).await).await.unwrap();
    };
    let read = async || {
        let events = db.write(server(), async |op| read_on(op, "test", &["offer.published"], 100).await).await.unwrap();
        events.into_iter().map(|event| event.subject.as_u128()).collect::<Vec<_>>()
    };
    write(1).await;
    all_readable(&pool).await;
    // The slow writer takes its row's number first and commits last.
    let mut slow = pool.begin().await.unwrap();
    sqlx::query("insert into outbox (at, topic, subject_id, body) values (now(), 'offer.published', $1, '{}')")
        .bind(Uuid::from_u128(2))
        .execute(&mut *slow)
        .await
        .unwrap();
    write(3).await;
    assert_eq!(read().await, [1], "what could still be overtaken waits");
    slow.commit().await.unwrap();
    all_readable(&pool).await;
    assert_eq!(read().await, [2, 3]);
    assert_eq!(read().await, []);
}
