//! Categories against real Postgres.

use super::*;
use crate::{Actor, Caller, Db};
use model::AppError;
use sqlx::PgPool;
use uuid::Uuid;

async fn add_one(db: &Db, parent: Option<CategoryId>, slug: &str, position: i32) -> std::result::Result<CategoryId, AppError> {
    let new = NewCategory { parent, slug: slug.into(), name: slug.to_uppercase(), icon: "tag".into(), position };
    db.write(Caller::local(Actor::CommandLine), async |op| add(op, new.clone()).await).await
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_tree_is_read_up_and_down(pool: PgPool) {
    let db = Db::new(pool);
    let shops = add_one(&db, None, "shops", 2).await.unwrap();
    let food = add_one(&db, None, "food", 1).await.unwrap();
    let pizza = add_one(&db, Some(food), "pizza", 1).await.unwrap();
    let slices = add_one(&db, Some(pizza), "slices", 1).await.unwrap();
    db.read(Caller::local(Actor::Nobody), async |op| {
        let slugs: Vec<_> = all(op).await?.into_iter().filter(|c| c.parent.is_none()).map(|c| c.slug).collect();
        assert_eq!(slugs, ["food", "shops"]);
        assert_eq!(with_ancestors(op, &[slices, pizza]).await?, [food, pizza, slices]);
        assert_eq!(with_descendants(op, "food").await?, [food, pizza, slices]);
        assert_eq!(with_descendants(op, "none").await?, []);
        assert!(exist(op, &[shops, pizza]).await? && exist(op, &[]).await?);
        assert!(!exist(op, &[shops, CategoryId(Uuid::from_u128(1))]).await?);
        Ok(())
    })
    .await
    .unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_slug_stands_once_and_an_addition_is_in_the_journal(pool: PgPool) {
    let db = Db::new(pool.clone());
    let food = add_one(&db, None, "food", 1).await.unwrap();
    let again = add_one(&db, None, "food", 2).await.unwrap_err();
    assert!(again.field_errors().at("slug").is_some(), "{again}");
    let orphan = add_one(&db, Some(CategoryId(Uuid::from_u128(1))), "orphan", 1).await.unwrap_err();
    assert!(orphan.field_errors().at("parent").is_some(), "{orphan}");
    let journal: Vec<(String, Uuid)> = sqlx::query_as("select action, subject_id from audit_log").fetch_all(&pool).await.unwrap();
    assert_eq!(journal, [("category.added".to_owned(), food.0)]);
}
