//! Kept forms against real Postgres.

use super::*;
use crate::{Actor, Caller, Db};
use model::AccountId;
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

fn staff(id: u128) -> Caller {
    Caller::local(Actor::Staff { id: AccountId(Uuid::from_u128(id)), roles: Vec::new() })
}

/// Keeps a form of the first of two members of staff, made `age` ago.
async fn kept(db: &Db, age: TimeDelta) -> KeptFormId {
    let kept = db.write(staff(1), async |op| {
        op.now -= age;
        keep(op, json!({ "name": "Ada" }), &AppError::NotFound).await
    });
    kept.await.unwrap()
}

async fn two_accounts(pool: &PgPool) {
    let accounts = "insert into accounts (id, created_at) select id, now() from unnest($1::uuid[]) id";
    sqlx::query(accounts).bind([1, 2].map(Uuid::from_u128)).execute(pool).await.unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_form_is_given_back_once_and_to_nobody_else(pool: PgPool) {
    two_accounts(&pool).await;
    let db = Db::new(pool);
    let id = kept(&db, TimeDelta::zero()).await;
    assert_eq!(db.write(staff(2), async |op| take(op, id).await).await, Ok(None));
    let nobody = db.write(Caller::local(Actor::Nobody), async |op| take(op, id).await).await;
    assert_eq!(nobody, Err(AppError::Unauthenticated));
    let given = (json!({ "name": "Ada" }), AppError::NotFound);
    assert_eq!(db.write(staff(1), async |op| take(op, id).await).await, Ok(Some(given)));
    assert_eq!(db.write(staff(1), async |op| take(op, id).await).await, Ok(None));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_form_that_nobody_came_back_for_goes_within_the_hours(pool: PgPool) {
    two_accounts(&pool).await;
    let db = Db::new(pool);
    let (old, new) = (kept(&db, TimeDelta::minutes(61)).await, kept(&db, TimeDelta::minutes(59)).await);
    assert_eq!(db.write(Caller::local(Actor::Server), async |op| purge(op).await).await, Ok(1));
    assert_eq!(db.write(staff(1), async |op| take(op, old).await).await, Ok(None));
    assert!(db.write(staff(1), async |op| take(op, new).await).await.unwrap().is_some());
}
