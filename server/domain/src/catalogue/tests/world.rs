//! A small world to publish in: merchants, places and offers as the other modules leave them in the data base.

use crate::{Actor, Caller, Db, Op, catalogue, catalogue::NewListing};
use chrono::TimeDelta;
use model::{
    AppError, CategoryId, ClientId, Currency, LocationId, MerchantId, OfferId, PublicationId, RevisionId, Timestamp, Version,
    catalogue::{OfferCard, OfferPage, OfferResults, OfferSearch},
    merchants::{Location, NewLocation},
    offers::*,
    time::{Weekdays, ZoneMode},
};
use sqlx::PgPool;
use uuid::Uuid;

pub(super) struct World {
    pub db: Db,
    pool: PgPool,
}

/// An offer to publish: its content and when it shows.
#[derive(Clone)]
pub(super) struct Published {
    pub content: OfferContent,
    pub from: Timestamp,
    pub until: Option<Timestamp>,
    pub locations: Vec<Location>,
}

pub(super) fn now() -> Timestamp {
    kit::clock::now()
}

pub(super) fn hours(n: i64) -> TimeDelta {
    TimeDelta::hours(n)
}

pub(super) fn content(merchant: MerchantId, headline: &str) -> OfferContent {
    OfferContent {
        merchant,
        client: None,
        texts: Texts { headline: headline.to_owned(), ..Texts::default() },
        currency: Currency::USD,
        value: OfferValue::PercentOff { basis_points: 2000 },
        conditions: Conditions::default(),
        places: Places::All,
        categories: Vec::new(),
        tags: Vec::new(),
        validity: Validity {
            zone: ZoneMode::EachLocation,
            from: None,
            until: None,
            days: Weekdays::ALL,
            hours: None,
            blackout: Vec::new(),
        },
        redemption: Redemption::Token,
        limits: Limits::default(),
        contract: Contract { funding: Funding::Merchant, from: None, until: None, owner: None, priority: 0 },
        picture: None,
    }
}

/// An offer that went live an hour ago and has no end.
pub(super) fn live(content: OfferContent) -> Published {
    Published { content, from: now() - hours(1), until: None, locations: Vec::new() }
}

impl World {
    pub(super) fn new(pool: PgPool) -> Self {
        Self { db: Db::new(pool.clone()), pool }
    }

    pub(super) async fn merchant(&self, name: &str) -> MerchantId {
        let id = Uuid::now_v7();
        sqlx::query("insert into merchants (id, short_id, name, status, created_at, updated_at) values ($1, $2, $3, 'active', now(), now())")
            .bind(id)
            .bind(short_id())
            .bind(name)
            .execute(&self.pool)
            .await
            .unwrap();
        MerchantId(id)
    }

    pub(super) async fn category(&self, slug: &str, parent: Option<CategoryId>) -> CategoryId {
        let id = Uuid::now_v7();
        let insert = "insert into categories (id, parent_id, slug, name, icon, position)
             values ($1, $2, $3, initcap($3), 'icon-of-' || $3, (select count(*) from categories))";
        sqlx::query(insert).bind(id).bind(parent.map(|p| p.0)).bind(slug).execute(&self.pool).await.unwrap();
        CategoryId(id)
    }

    pub(super) async fn zip(&self, code: &str, latitude: f64, longitude: f64) {
        let insert = "insert into postal_codes (country, code, city, region, latitude, longitude, time_zone)
             values ('US', $1, 'City ' || $1, 'NY', $2, $3, 'America/New_York')";
        sqlx::query(insert).bind(code).bind(latitude).bind(longitude).execute(&self.pool).await.unwrap();
    }

    pub(super) async fn location(&self, merchant: MerchantId, point: Option<(f64, f64)>) -> Location {
        let id = LocationId(Uuid::now_v7());
        let insert =
            "insert into locations (id, merchant_id, street, city, region, postal_code, country, latitude, longitude, time_zone,
                 created_at, updated_at)
             values ($1, $2, '1 Main Street', 'Springfield', 'NY', '10001', 'US', $3, $4, 'America/New_York', now(), now())";
        sqlx::query(insert)
            .bind(id.0)
            .bind(merchant.0)
            .bind(point.map(|p| p.0))
            .bind(point.map(|p| p.1))
            .execute(&self.pool)
            .await
            .unwrap();
        Location {
            id,
            merchant,
            version: Version(1),
            external_ids: Vec::new(),
            place: NewLocation {
                name: None,
                street: "1 Main Street".into(),
                city: "Springfield".into(),
                region: "NY".into(),
                postal_code: "10001".into(),
                country: "US".into(),
                point,
                phone: None,
                hours: Vec::new(),
                time_zone: "America/New_York".into(),
                closed: None,
            },
            updated_at: now(),
            archived_at: None,
        }
    }

    pub(super) async fn client(&self) -> ClientId {
        let id = Uuid::now_v7();
        sqlx::query("insert into clients (id, name, created_at) values ($1, $1::text, now())")
            .bind(id)
            .execute(&self.pool)
            .await
            .unwrap();
        ClientId(id)
    }

    pub(super) async fn run(&self, statement: &'static str) {
        sqlx::query(statement).execute(&self.pool).await.unwrap();
    }

    /// Makes an offer with an approved revision and a publication, and lists it.
    pub(super) async fn publish(&self, published: Published) -> (PublicationId, String) {
        let listing = self.publication(published).await;
        let (publication, short_id) = (listing.publication, listing.short_id.clone());
        self.list(listing).await;
        (publication, short_id)
    }

    pub(super) async fn list(&self, listing: NewListing) {
        self.db.write(Caller::local(Actor::Server), async |op| catalogue::list(op, listing.clone()).await).await.unwrap();
    }

    /// The rows that the module of offers would write, without listing them.
    pub(super) async fn publication(&self, published: Published) -> NewListing {
        let Published { content, from, until, locations } = published;
        let (offer, revision, publication) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
        let (short_id, hash) = (short_id(), vec![7_u8; 32]);
        let url = |is: bool| is.then_some("https://shop.example.com");
        let insert =
            "insert into offers (id, short_id, merchant_id, created_at, updated_at, headline, currency, kind, place_scope,
                 online_url, redemption, funding)
             values ($1, $2, $3, now(), now(), $4, 'USD', $5, $6, $7, 'token', 'merchant')";
        sqlx::query(insert)
            .bind(offer)
            .bind(&short_id)
            .bind(content.merchant.0)
            .bind("the draft, which nobody may see")
            .bind(content.value.kind().word())
            .bind(content.places.scope().word())
            .bind(url(content.places.scope() == PlaceScope::Online))
            .execute(&self.pool)
            .await
            .unwrap();
        sqlx::query(
            "insert into offer_revisions (id, offer_id, number, draft_version, state, snapshot, content_hash, sent_at)
             values ($1, $2, 1, 1, 'approved', $3, $4, now())",
        )
        .bind(revision)
        .bind(offer)
        .bind(sqlx::types::Json(&content))
        .bind(&hash)
        .execute(&self.pool)
        .await
        .unwrap();
        sqlx::query("insert into offer_approvals (revision_id, content_hash, at) values ($1, $2, now())")
            .bind(revision)
            .bind(&hash)
            .execute(&self.pool)
            .await
            .unwrap();
        sqlx::query(
            "insert into publications (id, offer_id, revision_id, content_hash, state, during, published_at)
             values ($1, $2, $3, $4, 'live', tstzrange($5, $6), now())",
        )
        .bind(publication)
        .bind(offer)
        .bind(revision)
        .bind(&hash)
        .bind(from)
        .bind(until)
        .execute(&self.pool)
        .await
        .unwrap();
        NewListing {
            publication: PublicationId(publication),
            offer: OfferId(offer),
            revision: RevisionId(revision),
            short_id,
            content,
            shown_from: from,
            shown_until: until,
            locations,
        }
    }

    /// As a stranger on the site.
    pub(super) async fn read<T>(&self, work: impl AsyncFnOnce(&mut Op) -> crate::Result<T>) -> Result<T, AppError> {
        self.db.read(Caller::local(Actor::Nobody), work).await
    }

    pub(super) async fn search(&self, search: OfferSearch) -> OfferResults {
        self.read(async |op| catalogue::search(op, &search).await).await.expect("a search never fails")
    }

    pub(super) async fn find(&self, q: &str) -> Vec<String> {
        headlines(&self.search(OfferSearch { q: q.into(), ..OfferSearch::default() }).await.cards)
    }

    pub(super) async fn offer(&self, address: &str) -> Result<OfferPage, AppError> {
        self.read(async |op| catalogue::offer_page(op, address, "", "https://example.com").await).await
    }
}

pub(super) fn headlines(cards: &[OfferCard]) -> Vec<String> {
    cards.iter().map(|card| card.headline.clone()).collect()
}

fn short_id() -> String {
    let letters = model::slug::SHORT_ID_ALPHABET;
    (0..10).map(|_| letters[rand::random_range(0..letters.len())] as char).collect()
}
