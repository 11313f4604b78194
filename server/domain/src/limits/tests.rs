//! Limits against real Postgres.

use super::*;
use crate::{Actor, Caller, Db};
use sqlx::PgPool;
use std::collections::HashSet;

const LIMIT: Limit = Limit { most: 3, window: TimeDelta::minutes(15) };

/// Counts one try, `after` the test began, and answers how long to wait.
async fn try_at(db: &Db, key: &str, after: TimeDelta) -> Option<u32> {
    let counted = db.write(Caller::local(Actor::Nobody), async |op| {
        op.now += after;
        count(op, key, LIMIT).await
    });
    counted.await.unwrap()
}

#[sqlx::test(migrations = "../../migrations")]
async fn one_try_too_many_is_told_the_seconds_that_are_left(pool: PgPool) {
    let db = Db::new(pool);
    for _ in 0..3 {
        assert_eq!(try_at(&db, "a", TimeDelta::zero()).await, None);
    }
    let wait = try_at(&db, "a", TimeDelta::minutes(5)).await.unwrap();
    assert!((590..=600).contains(&wait), "{wait}");
    assert_eq!(try_at(&db, "b", TimeDelta::minutes(5)).await, None, "another key has its own count");
    assert!(try_at(&db, "a", TimeDelta::minutes(14)).await.is_some());
    assert_eq!(try_at(&db, "a", TimeDelta::minutes(16)).await, None, "a new window");
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_cleared_is_counted_anew(pool: PgPool) {
    let db = Db::new(pool);
    for _ in 0..3 {
        try_at(&db, "a", TimeDelta::zero()).await;
    }
    db.write(Caller::local(Actor::Nobody), async |op| clear(op, "a").await).await.unwrap();
    assert_eq!(try_at(&db, "a", TimeDelta::zero()).await, None);
}

#[sqlx::test(migrations = "../../migrations")]
async fn tries_at_the_same_time_cannot_slip_through_together(pool: PgPool) {
    let db = Db::new(pool);
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { try_at(&db, "a", TimeDelta::zero()).await })
        })
        .collect();
    let mut let_through = 0;
    for one in tries {
        let_through += u32::from(one.await.unwrap().is_none());
    }
    assert_eq!(let_through, LIMIT.most);
}

#[sqlx::test(migrations = "../../migrations")]
async fn old_windows_are_purged_and_no_key_stands_in_clear(pool: PgPool) {
    let db = Db::new(pool.clone());
    try_at(&db, "ada@example.com", TimeDelta::days(-2)).await;
    try_at(&db, "new", TimeDelta::zero()).await;
    let keys: HashSet<Vec<u8>> =
        sqlx::query_scalar("select key from attempts").fetch_all(&pool).await.unwrap().into_iter().collect();
    assert_eq!(keys, HashSet::from([sha256("ada@example.com").to_vec(), sha256("new").to_vec()]));
    assert_eq!(db.write(Caller::local(Actor::Server), async |op| purge(op).await).await, Ok(1));
    let left: Vec<Vec<u8>> = sqlx::query_scalar("select key from attempts").fetch_all(&pool).await.unwrap();
    assert_eq!(left, [sha256("new").to_vec()]);
}

#[test]
fn an_ipv6_client_is_counted_by_its_network() {
    let network_of = |address: &str| network(address.parse().unwrap());
    assert_eq!(network_of("2001:db8:1:2:3:4:5:6"), network_of("2001:db8:1:2:ffff::1"));
    assert_ne!(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:3::1"));
    assert_eq!(network_of("::ffff:192.0.2.7"), network_of("192.0.2.7"));
    assert_ne!(network_of("192.0.2.7"), network_of("192.0.2.8"));
}
