//! Limits against real Postgres.

use super::*;
use crate::{Actor, Caller, Db};
use sqlx::PgPool;
use std::collections::HashSet;

const LIMIT: Limit = Limit { most: 3, window: TimeDelta::minutes(15) };

/// Counts one try, `after` the test began, and answers whether and how it was too many.
async fn try_at(db: &Db, key: &str, after: TimeDelta) -> Option<Excess> {
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
    let excess = try_at(&db, "a", TimeDelta::minutes(5)).await.unwrap();
    assert!((590..=600).contains(&excess.retry_after), "{excess:?}");
    assert!(excess.is_first);
    assert_eq!(try_at(&db, "b", TimeDelta::minutes(5)).await, None, "another key has its own count");
    let again = try_at(&db, "a", TimeDelta::minutes(14)).await.unwrap();
    assert!(!again.is_first, "only the first too many is worth a row in the audit log");
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

/// Counts one try from an address and answers whether it was let through.
async fn is_let_through(db: &Db, address: &str) -> bool {
    let caller = Caller { address: Some(address.parse().unwrap()), ..Caller::local(Actor::Nobody) };
    db.write(caller, async |op| count_from_networks(op, "try", LIMIT).await).await.unwrap().is_none()
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_ipv6_client_cannot_multiply_its_tries_by_its_networks(pool: PgPool) {
    let db = Db::new(pool);
    let let_through = async |addresses: Vec<String>| {
        let mut count = 0;
        for address in addresses {
            count += u32::from(is_let_through(&db, &address).await);
        }
        count
    };
    let of_one_64 = (0..10).map(|n| format!("2001:db8:1::{n:x}")).collect();
    assert_eq!(let_through(of_one_64).await, LIMIT.most);
    let of_one_56 = (0..20).map(|n| format!("2001:db8:2:{n:x}::1")).collect();
    assert_eq!(let_through(of_one_56).await, 2 * LIMIT.most);
    let of_one_48 = (0..40).map(|n| format!("2001:db8:3:{:x}::1", n * 0x100)).collect();
    assert_eq!(let_through(of_one_48).await, 4 * LIMIT.most);
    assert!(is_let_through(&db, "2001:db8:4::1").await, "another network has counts of its own");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_client_past_its_limit_does_not_use_up_that_of_its_neighbours(pool: PgPool) {
    let db = Db::new(pool);
    for _ in 0..20 {
        is_let_through(&db, "2001:db8::1").await;
    }
    assert!(is_let_through(&db, "2001:db8:0:1::1").await);
}

#[test]
fn an_address_is_counted_by_the_networks_around_it() {
    let networks_of = |address: &str| networks(Some(address.parse().unwrap()));
    let names: Vec<_> = networks_of("2001:db8:1:234:5:6:7:8").into_iter().map(|network| network.name).collect();
    assert_eq!(names, ["2001:db8:1:234::/64", "2001:db8:1:200::/56", "2001:db8:1::/48"]);
    assert_eq!(networks_of("::ffff:192.0.2.7"), networks_of("192.0.2.7"));
    assert_ne!(networks_of("192.0.2.7"), networks_of("192.0.2.8"));
}
