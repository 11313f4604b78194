//! Offers against real Postgres.

mod editing;
mod following;
mod listing;
mod options;
mod publishing;
mod reviewing;
mod timetable;

use super::*;
use crate::{Actor, Caller, Db};
use model::{
    AccountId, LocationId, MerchantId, PublicationId, RevisionId, Version,
    access::Role,
    conflict::Choices,
    offers::{Offer, OfferForm, PublicationState, PublishForm},
};
use sqlx::PgPool;
use uuid::Uuid;

type Answer<T> = std::result::Result<T, AppError>;

/// Two merchants with two locations each, one category, and staff of every kind.
struct World {
    db: Db,
    pool: PgPool,
    merchant: MerchantId,
    places: Vec<LocationId>,
    /// A location of another merchant.
    foreign: LocationId,
    category: Uuid,
}

const EDITOR: u128 = 1;
const SECOND_EDITOR: u128 = 2;
const REVIEWER: u128 = 3;
const CAMPAIGNS: u128 = 4;
const ADMIN: u128 = 5;

fn staff(id: u128) -> Caller {
    let role = match id {
        EDITOR | SECOND_EDITOR => Role::Editor,
        REVIEWER => Role::Reviewer,
        CAMPAIGNS => Role::CampaignManager,
        _ => Role::Admin,
    };
    Caller::local(Actor::Staff { id: AccountId(Uuid::from_u128(id)), roles: vec![role] })
}

impl World {
    async fn new(pool: PgPool) -> Self {
        for (id, name) in [(EDITOR, "Edith"), (SECOND_EDITOR, "Edgar"), (REVIEWER, "Rita"), (CAMPAIGNS, "Carl"), (ADMIN, "Ada")] {
            sqlx::query("with a as (insert into accounts (id, created_at) values ($1, now())) insert into account_profiles values ($1, $2, $2 || '@example.com')")
                .bind(Uuid::from_u128(id))
                .bind(name)
                .execute(&pool)
                .await
                .unwrap();
        }
        let (merchants, category) = ([Uuid::from_u128(100), Uuid::from_u128(200)], Uuid::from_u128(300));
        let mut locations = Vec::new();
        for merchant in merchants {
            sqlx::query("insert into merchants (id, short_id, name, status, created_at, updated_at) values ($1, right($1::text, 10), 'Joe''s Pizza', 'active', now(), now())")
                .bind(merchant)
                .execute(&pool)
                .await
                .unwrap();
            for (n, zone) in ["America/New_York", "America/Los_Angeles"].into_iter().enumerate() {
                let id = Uuid::from_u128(merchant.as_u128() + 1 + n as u128);
                sqlx::query("insert into locations (id, merchant_id, street, city, region, postal_code, country, latitude, longitude, time_zone, created_at, updated_at) values ($1, $2, '1 Main Street', 'Springfield', 'NY', '10001', 'US', 40.75, -73.99, $3, now(), now())")
                    .bind(id)
                    .bind(merchant)
                    .bind(zone)
                    .execute(&pool)
                    .await
                    .unwrap();
                locations.push(LocationId(id));
            }
        }
        sqlx::query("insert into categories values ($1, null, 'food', 'Food', 'utensils', 0)")
            .bind(category)
            .execute(&pool)
            .await
            .unwrap();
        let foreign = locations[2];
        locations.truncate(2);
        Self { db: Db::new(pool.clone()), pool, merchant: merchants[0].into(), places: locations, foreign, category }
    }

    fn form(&self) -> OfferForm {
        OfferForm {
            merchant: self.merchant.to_string(),
            headline: "20% off any large pizza".into(),
            summary: "A fifth off every large pizza.".into(),
            terms: "One per table.".into(),
            how_to_redeem: "Show your token.".into(),
            kind: "percent_off".into(),
            percent: "20".into(),
            currency: "USD".into(),
            place_scope: "all".into(),
            categories: vec![self.category.to_string()],
            valid_from: "2026-01-01T00:00".into(),
            redemption: "token".into(),
            funding: "merchant".into(),
            ..Default::default()
        }
    }

    async fn add(&self, form: &OfferForm) -> Answer<OfferId> {
        self.db.write(staff(EDITOR), async |op| add(op, form).await).await
    }

    async fn save(&self, by: u128, id: OfferId, seen: Version, form: &OfferForm) -> Answer<Version> {
        self.db.write(staff(by), async |op| save(op, id, seen, form, &Choices::default()).await).await.map(|saved| saved.version)
    }

    async fn get(&self, id: OfferId) -> Offer {
        self.db.read(staff(ADMIN), async |op| get(op, id).await).await.unwrap()
    }

    async fn send(&self, id: OfferId) -> Answer<RevisionId> {
        let seen = self.get(id).await.version;
        self.db.write(staff(EDITOR), async |op| send_for_review(op, id, seen).await).await
    }

    async fn approve(&self, by: u128, revision: RevisionId) -> Answer<()> {
        self.db.write(staff(by), async |op| approve(op, revision).await).await
    }

    async fn publish(&self, id: OfferId, revision: RevisionId) -> Answer<()> {
        self.publish_in(id, revision, PublishForm::default()).await
    }

    async fn publish_in(&self, id: OfferId, revision: RevisionId, form: PublishForm) -> Answer<()> {
        self.db.write(staff(CAMPAIGNS), async |op| publish(op, id, revision, &form).await).await
    }

    async fn end(&self, id: OfferId, publication: PublicationId) -> Answer<()> {
        self.db.write(staff(CAMPAIGNS), async |op| end(op, id, publication).await).await
    }

    /// The newest publication that stands in this state.
    async fn standing(&self, id: OfferId, state: PublicationState) -> PublicationId {
        let offer = self.get(id).await;
        offer.publications.iter().find(|p| p.state == state).unwrap_or_else(|| panic!("none is {state}")).id
    }

    /// Changes the headline as an editor who has seen the newest version.
    async fn retitle(&self, by: u128, id: OfferId, headline: &str) -> Version {
        let offer = self.get(id).await;
        let form = OfferForm { headline: headline.into(), ..offer.draft };
        self.save(by, id, offer.version, &form).await.unwrap()
    }

    /// A new offer with an approved revision.
    async fn approved(&self) -> (OfferId, RevisionId) {
        let id = self.add(&self.form()).await.unwrap();
        let revision = self.send(id).await.unwrap();
        self.approve(REVIEWER, revision).await.unwrap();
        (id, revision)
    }

    /// Headlines that members see now.
    async fn shown(&self) -> Vec<String> {
        sqlx::query_scalar("select headline from listings where shown_from <= now() and now() < shown_until order by headline")
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }

    async fn actions(&self, id: OfferId) -> Vec<String> {
        sqlx::query_scalar("select action from audit_log where subject_id = $1 order by id")
            .bind(id.0)
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }
}

fn refused(refusal: OfferRefusal) -> AppError {
    AppError::Refused(refusal.into())
}
