//! The use cases of merchants against real Postgres.

mod editing;
mod lists;
mod locations;

use super::*;
use crate::{Actor, Caller, Db};
use model::{
    AccountId, AppError, Version,
    access::Role,
    conflict::Choices,
    merchants::{LocationForm, Merchant, MerchantForm},
    places::PostalCode,
};
use sqlx::PgPool;
use uuid::Uuid;

type Answer<T> = std::result::Result<T, AppError>;

/// An editor with an account.
async fn editor(pool: &PgPool, name: &str) -> Caller {
    let id = Uuid::now_v7();
    sqlx::query("insert into accounts (id, created_at) values ($1, now())").bind(id).execute(pool).await.unwrap();
    sqlx::query("insert into account_profiles (account_id, name, email) values ($1, $2, $2 || '@example.com')")
        .bind(id)
        .bind(name)
        .execute(pool)
        .await
        .unwrap();
    Caller::local(Actor::Staff { id: AccountId(id), roles: vec![Role::Editor] })
}

fn server() -> Caller {
    Caller::local(Actor::Server)
}

fn form(name: &str) -> MerchantForm {
    MerchantForm { name: name.into(), status: "active".into(), ..Default::default() }
}

fn place(street: &str) -> LocationForm {
    LocationForm {
        street: street.into(),
        city: "New York".into(),
        region: "NY".into(),
        postal_code: "10001".into(),
        country: "US".into(),
        latitude: "40.7".into(),
        longitude: "-73.9".into(),
        time_zone: "America/New_York".into(),
        ..Default::default()
    }
}

async fn add_merchant(db: &Db, form: &MerchantForm) -> Answer<MerchantId> {
    db.write(server(), async |op| add(op, form).await).await
}

async fn read_merchant(db: &Db, id: MerchantId) -> Merchant {
    db.read(server(), async |op| get(op, id).await).await.unwrap()
}

async fn save_as(db: &Db, who: &Caller, id: MerchantId, seen: i64, form: &MerchantForm) -> Answer<Version> {
    save_with(db, who, id, seen, form, &Choices::default()).await
}

async fn save_with(db: &Db, who: &Caller, id: MerchantId, seen: i64, form: &MerchantForm, choices: &Choices) -> Answer<Version> {
    db.write(who.clone(), async |op| save(op, id, Version(seen), form, choices).await).await.map(|saved| saved.version)
}

/// What the journal says was done to a record, oldest first: in the audit log, and the same in the outbox.
async fn told(pool: &PgPool, subject: Uuid) -> Vec<String> {
    let done = "select action from audit_log where subject_id = $1 and action not like '%refused' order by id";
    let audit: Vec<String> = sqlx::query_scalar(done).bind(subject).fetch_all(pool).await.unwrap();
    let outbox: Vec<String> = sqlx::query_scalar("select topic from outbox where subject_id = $1 order by id")
        .bind(subject)
        .fetch_all(pool)
        .await
        .unwrap();
    assert_eq!(audit, outbox);
    audit
}
