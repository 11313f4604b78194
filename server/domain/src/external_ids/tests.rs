//! External ids against real Postgres.

use super::*;
use crate::{Actor, Caller, Db};
use model::{AppError, Refusal};
use sqlx::PgPool;

fn ids(pairs: &[(&str, &str)]) -> Vec<ExternalId> {
    pairs.iter().map(|(source, value)| ExternalId { source: (*source).into(), value: (*value).into() }).collect()
}

fn merchant(n: u128) -> Entity {
    Entity::Merchant(MerchantId(Uuid::from_u128(n)))
}

async fn give(db: &Db, entity: Entity, pairs: &[(&str, &str)]) -> std::result::Result<Vec<ExternalId>, AppError> {
    db.write(Caller::local(Actor::Server), async |op| {
        replace(op, entity, &ids(pairs)).await?;
        of(op, entity).await
    })
    .await
}

const TAKEN: AppError = AppError::Refused(Refusal::Merchant(MerchantRefusal::ExternalIdTaken));

#[sqlx::test(migrations = "../../migrations")]
async fn an_id_of_a_source_names_one_record_of_a_kind(pool: PgPool) {
    let db = Db::new(pool);
    let place = Entity::Location(LocationId(Uuid::from_u128(3)));
    assert_eq!(give(&db, merchant(1), &[("crm", "7"), ("pos", "7")]).await, Ok(ids(&[("crm", "7"), ("pos", "7")])));
    assert_eq!(give(&db, merchant(2), &[("crm", "8"), ("crm", "7")]).await, Err(TAKEN));
    assert_eq!(give(&db, merchant(2), &[("crm", "8")]).await, Ok(ids(&[("crm", "8")])), "the refusal left nothing behind");
    assert_eq!(give(&db, place, &[("crm", "7")]).await, Ok(ids(&[("crm", "7")])), "another kind has ids of its own");
    assert_eq!(give(&db, merchant(1), &[("pos", "7"), ("pos", "9")]).await, Ok(ids(&[("pos", "7"), ("pos", "9")])));
    assert_eq!(give(&db, merchant(2), &[("crm", "7")]).await, Ok(ids(&[("crm", "7")])), "what was given up is free");
}

#[sqlx::test(migrations = "../../migrations")]
async fn of_two_who_give_the_same_ids_at_once_one_is_refused(pool: PgPool) {
    let db = Db::new(pool);
    for round in 0..5_u128 {
        // In opposite orders: without an order of its own, each would wait for what the other holds.
        let values: Vec<_> = (0..300).map(|n| format!("{round}-{n}")).collect();
        let up: Vec<_> = values.iter().map(|value| ("crm", value.as_str())).collect();
        let down: Vec<_> = up.iter().rev().copied().collect();
        let (one, other) = tokio::join!(give(&db, merchant(100 + round), &up), give(&db, merchant(200 + round), &down));
        let refused = [one, other].into_iter().filter(|outcome| *outcome == Err(TAKEN)).count();
        assert_eq!(refused, 1, "round {round}");
    }
}
