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
async fn a_month_that_began_without_its_partition_does_not_stop_the_months_after_it(pool: PgPool) {
    let db = Db::new(pool.clone());
    // As it is after months without a running server: partitions are gone by, and a first row was written.
    let partitions = "select format('drop table %s', inhrelid::regclass) from pg_inherits
        where inhparent = 'audit_log'::regclass and inhrelid <> 'audit_log_rest'::regclass";
    let drops: Vec<String> = sqlx::query_scalar(partitions).fetch_all(&pool).await.unwrap();
    for drop in drops {
        sqlx::query(sqlx::AssertSqlSafe(drop)).execute(&pool).await.unwrap();
    }
    let server = || Caller::local(Actor::Server);
    db.write(server(), async |op| record_quietly(op, "session.began", None, json!({})).await).await.unwrap();
    db.write(server(), async |op| prepare_months(op).await).await.unwrap();
    let months = "select count(*) from pg_inherits where inhparent = 'audit_log'::regclass";
    let months: i64 = sqlx::query_scalar(months).fetch_one(&pool).await.unwrap();
    assert_eq!(months, 4, "the rest, and three months to come");
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

/// Reads on and moves behind what was read. Gives the subjects.
async fn pass(db: &Db, limit: i64) -> Vec<u128> {
    let events = db.write(Caller::local(Actor::Server), async |op| {
        let events = read_on(op, "test", limit).await?;
        if let Some(last) = events.last() {
            move_on(op, "test", last).await?;
        }
        Ok(events)
    });
    events.await.unwrap().into_iter().map(|event| event.subject.as_u128()).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_event_comes_again_until_it_is_passed(pool: PgPool) {
    let db = Db::new(pool.clone());
    let server = || Caller::local(Actor::Server);
    for n in 1..=3 {
        let offer = OfferId(Uuid::from_u128(n));
        db.write(server(), async |op| record(op, "offer.published", Subject::Offer(offer), json!({})).await).await.unwrap();
    }
    all_readable(&pool).await;
    for _ in 0..2 {
        let events = db.write(server(), async |op| read_on(op, "test", 2).await).await.unwrap();
        assert_eq!(events.iter().map(|event| event.subject.as_u128()).collect::<Vec<_>>(), [1, 2]);
    }
    assert_eq!(pass(&db, 2).await, [1, 2]);
    assert_eq!(pass(&db, 2).await, [3]);
    assert_eq!(pass(&db, 2).await, []);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_reader_restored_into_another_cluster_reads_what_it_had_not_and_then_on(pool: PgPool) {
    let db = Db::new(pool.clone());
    let write = async |n: u128| {
        let offer = OfferId(Uuid::from_u128(n));
        db.write(Caller::local(Actor::Server), async |op| record(op, "offer.published", Subject::Offer(offer), json!({})).await)
            .await
            .unwrap();
    };
    // The old cluster had counted further than this one will for long. Its reader had not come to the last event.
    let old = "insert into outbox (at, transaction, topic, subject_id, body)
        select now(), transaction::text::xid8, 'offer.published', subject, '{}'
        from (values (9000000000000, uuid '00000000-0000-0000-0000-000000000001'),
                     (9000000000001, '00000000-0000-0000-0000-000000000002')) as old (transaction, subject)";
    sqlx::query(old).execute(&pool).await.unwrap();
    sqlx::query("insert into outbox_readers select 'test', transaction, id from outbox where transaction = '9000000000000'")
        .execute(&pool)
        .await
        .unwrap();
    write(3).await;
    let readable =
        "select max(transaction) < pg_snapshot_xmin(pg_current_snapshot()) from outbox where transaction < '9000000000000'";
    while !sqlx::query_scalar::<_, bool>(readable).fetch_one(&pool).await.unwrap() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(pass(&db, 100).await, [2]);
    assert_eq!(pass(&db, 100).await, [3]);
    assert_eq!(pass(&db, 100).await, []);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_audit_log_pages_by_time_and_gives_each_row_once(pool: PgPool) {
    let db = Db::new(pool.clone());
    // Three rows a moment, so that the number has to decide, and written in another order than they happened.
    let rows = "insert into audit_log (at, who, action)
        select timestamptz '2026-01-01' + (n * 7 % 120 / 3) * interval '1.000001 second', 'server', 'offer.published'
        from generate_series(0, 119) n";
    sqlx::query(rows).execute(&pool).await.unwrap();
    let (mut query, mut pages) = (AuditQuery::default(), Vec::new());
    loop {
        let page = db.read(Caller::local(Actor::Server), async |op| search(op, &query).await).await.unwrap();
        pages.push(page.items.iter().map(|row| (row.at, row.id)).collect::<Vec<_>>());
        match page.next {
            Some(next) => query.after = next.0,
            None => break,
        }
    }
    let found = pages.concat();
    assert_eq!((pages.len(), found.len()), (3, 120));
    assert!(found.is_sorted_by(|a, b| a > b), "newest first, each once");
    for broken in ["x", "17", "2026-01-01~1", "2026-01-01T00:00:00Z~x"] {
        let query = AuditQuery { after: broken.into(), ..AuditQuery::default() };
        let refused = db.read(Caller::local(Actor::Server), async |op| search(op, &query).await).await.unwrap_err();
        assert!(refused.field_errors().at("after").is_some(), "{broken}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_late_commit_is_read_too(pool: PgPool) {
    let db = Db::new(pool.clone());
    let offer = |n: u128| OfferId(Uuid::from_u128(n));
    let server = || Caller::local(Actor::Server);
    let write = async |n: u128| {
        db.write(server(), async |op| record(op, "offer.published", Subject::Offer(offer(n)), json!({})).await).await.unwrap();
    };
    let read = async || pass(&db, 100).await;
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

#[sqlx::test(migrations = "../../migrations")]
async fn the_beginning_of_an_action_finds_all_that_begin_so_newest_first(pool: PgPool) {
    let db = Db::new(pool);
    let editor = AccountId(Uuid::from_u128(7));
    let staff = || Caller::local(Actor::Staff { id: editor, roles: vec![model::access::Role::Admin] });
    let actions = ["offer.added", "offer.ended", "offers.counted", "merchant.added", "offer.added", "offer_of", "a%b"];
    for action in actions {
        db.write(staff(), async |op| record(op, action, Subject::Account(editor), json!({})).await).await.unwrap();
    }
    let found = async |action: &str, actor: &str| {
        let query = AuditQuery { action: action.into(), actor: actor.into(), ..AuditQuery::default() };
        let page = db.read(staff(), async |op| search(op, &query).await).await.unwrap();
        page.items.into_iter().map(|row| row.action).collect::<Vec<_>>()
    };
    assert_eq!(found("offer.", "").await, ["offer.added", "offer.ended", "offer.added"]);
    assert_eq!(found("offer.added", "").await, ["offer.added", "offer.added"]);
    assert_eq!(found("m", "").await, ["merchant.added"]);
    assert_eq!(found("a%", "").await, ["a%b"]);
    assert_eq!(found("none", "").await, Vec::<String>::new());
    assert_eq!(found("offer.", "nobody@example.com").await, Vec::<String>::new());
}
