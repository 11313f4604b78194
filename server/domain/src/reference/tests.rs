//! What an installation begins with, in a data base.

use super::*;
use crate::{Actor, Caller, Db};
use sqlx::PgPool;

async fn load(db: &Db) {
    db.write(Caller::local(Actor::Server), async |op| load_missing(op).await).await.unwrap();
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_empty_data_base_gets_categories_and_postal_codes_once(pool: PgPool) {
    let db = Db::new(pool.clone());
    for _ in 0..2 {
        load(&db).await;
        assert_eq!(count(&pool, "select count(*) from categories").await, 90);
        assert_eq!(count(&pool, "select count(*) from categories where parent_id is null").await, 13);
        assert_eq!(count(&pool, "select count(*) from postal_codes").await, 41_904);
        assert_eq!(count(&pool, "select count(*) from audit_log where action = 'categories.loaded'").await, 1);
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn categories_that_somebody_made_are_left_alone(pool: PgPool) {
    let db = Db::new(pool.clone());
    let own = NewCategory { parent: None, slug: "own".into(), name: "Our own".into(), icon: "tag".into(), position: 1 };
    db.write(Caller::local(Actor::CommandLine), async |op| categories::add(op, own.clone()).await).await.unwrap();
    load(&db).await;
    assert_eq!(count(&pool, "select count(*) from categories").await, 1);
}
