//! Posted forms against real Postgres. What they add here is an account, the plainest record there is.

use super::*;
use crate::{Actor, Caller, Db};
use model::{AccountId, AppError, access::Role};
use sqlx::PgPool;
use std::time::Duration;

fn staff(id: u128) -> Caller {
    Caller::local(Actor::Staff { id: AccountId(Uuid::from_u128(id)), roles: vec![Role::Editor] })
}

async fn add_account(op: &mut Op) -> Result<AccountId> {
    let id: AccountId = op.new_id();
    sqlx::query("insert into accounts (id, created_at) values ($1, now())").bind(id.0).execute(op.conn()).await?;
    Ok(id)
}

/// Posts a form to add an account, which takes a moment.
async fn post(db: &Db, by: u128, key: Option<FormKey>, name: &str) -> std::result::Result<AccountId, AppError> {
    let add = async |op: &mut Op| {
        let id = add_account(op).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok(id)
    };
    db.write(staff(by), async |op| once(op, key, &name, add).await).await
}

async fn accounts(pool: &PgPool) -> i64 {
    sqlx::query_scalar("select count(*) from accounts").fetch_one(pool).await.unwrap()
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_form_posted_twice_adds_one_record_also_at_once(pool: PgPool) {
    let db = Db::new(pool.clone());
    let before = accounts(&pool).await;
    for round in 1..=10 {
        let (key, name) = (Some(FormKey::random()), format!("Account {round}"));
        let (one, other) = tokio::join!(post(&db, 1, key, &name), post(&db, 1, key, &name));
        assert_eq!(one, other);
        assert_eq!(post(&db, 1, key, &name).await, one, "and later");
        assert_eq!(accounts(&pool).await - before, round);
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn another_text_another_page_and_another_person_add_their_own(pool: PgPool) {
    let db = Db::new(pool.clone());
    let before = accounts(&pool).await;
    let key = Some(FormKey::random());
    let posted = [
        (1, key, "One"),
        (1, key, "Two"),
        (1, Some(FormKey::random()), "One"),
        (2, key, "One"),
        (1, None, "One"),
        (1, None, "One"),
    ];
    for (by, key, name) in posted {
        post(&db, by, key, name).await.unwrap();
    }
    assert_eq!(accounts(&pool).await - before, posted.len() as i64);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_form_that_was_refused_may_be_posted_again(pool: PgPool) {
    let db = Db::new(pool.clone());
    let key = Some(FormKey::random());
    let refused = db.write(staff(1), async |op| {
        once(op, key, &"One", async |op| {
            add_account(op).await?;
            Err::<AccountId, _>(AppError::NotFound.into())
        })
        .await
    });
    assert_eq!(refused.await, Err(AppError::NotFound));
    let added = post(&db, 1, key, "One").await.unwrap();
    assert_eq!(post(&db, 1, key, "One").await, Ok(added));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_posted_form_is_forgotten_after_a_day(pool: PgPool) {
    let db = Db::new(pool.clone());
    let (old, new) = (Some(FormKey::random()), Some(FormKey::random()));
    let (first, second) = (post(&db, 1, old, "One").await, post(&db, 1, new, "One").await);
    let yesterday = "update posted_forms set created_at = created_at - interval '25 hours' where record = $1";
    sqlx::query(yesterday).bind(first.as_ref().unwrap().0).execute(&pool).await.unwrap();
    assert_eq!(db.write(Caller::local(Actor::Server), async |op| purge(op).await).await, Ok(1));
    assert_ne!(post(&db, 1, old, "One").await, first);
    assert_eq!(post(&db, 1, new, "One").await, second);
}
