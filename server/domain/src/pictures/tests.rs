//! Pictures against real Postgres and a real folder: used, kept, and purged.

use super::*;
use crate::{Actor, merchants, offers};
use model::{
    AccountId, MerchantId, OfferId,
    access::Role,
    conflict::Choices,
    merchants::MerchantForm,
    offers::{OfferContent, OfferForm, PublishForm},
};
use sqlx::PgPool;
use std::path::PathBuf;
use uuid::Uuid;

/// A data base, and a folder of its own for files.
struct World {
    db: Db,
    pool: PgPool,
    blobs: Blobs,
    folder: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

const EDITOR: u128 = 1;
const REVIEWER: u128 = 2;

fn staff(id: u128) -> Caller {
    let role = if id == EDITOR { Role::Editor } else { Role::Reviewer };
    Caller::local(Actor::Staff { id: AccountId(Uuid::from_u128(id)), roles: vec![role] })
}

fn server() -> Caller {
    Caller::local(Actor::Server)
}

/// An upload of a picture of one shade, in place of none.
async fn upload(shade: u8, alt: &str) -> Upload {
    let made = kit::pictures::make(one_pixel(shade)).await.expect("a picture");
    Upload { made, alt: alt.to_owned(), before: String::new() }
}

/// A PNG of one grey pixel, its data a stored block of zlib: this crate encodes nothing by itself.
fn one_pixel(shade: u8) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let mut sum = u32::MAX;
        for byte in kind.iter().chain(data) {
            sum ^= u32::from(*byte);
            for _ in 0..8 {
                sum = if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 };
            }
        }
        [&(data.len() as u32).to_be_bytes()[..], kind, data, &(!sum).to_be_bytes()].concat()
    };
    let raw = [0, shade];
    let (low, high) =
        raw.iter().fold((1_u32, 0_u32), |(low, high), byte| (low + u32::from(*byte), high + low + u32::from(*byte)));
    let data = [&[0x78, 0x01, 0x01, 2, 0, 0xFD, 0xFF], &raw[..], &(high << 16 | low).to_be_bytes()].concat();
    let head = [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0];
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &head), chunk(b"IDAT", &data), chunk(b"IEND", &[])].concat()
}

impl World {
    async fn new(pool: PgPool) -> Self {
        for (id, name) in [(EDITOR, "Edith"), (REVIEWER, "Rita")] {
            let insert = "with a as (insert into accounts (id, created_at) values ($1, now()))
                 insert into account_profiles values ($1, $2, $2 || '@example.com')";
            sqlx::query(insert).bind(Uuid::from_u128(id)).bind(name).execute(&pool).await.unwrap();
        }
        let category =
            "insert into categories values ('00000000-0000-0000-0000-00000000012c', null, 'food', 'Food', 'utensils', 0)";
        sqlx::query(category).execute(&pool).await.unwrap();
        let folder = std::env::temp_dir().join(format!("tessera-pictures-{}", Uuid::now_v7()));
        Self { db: Db::new(pool.clone()), pool, blobs: Blobs::in_folder(&folder).unwrap(), folder }
    }

    async fn merchant(&self) -> MerchantId {
        let form = MerchantForm { name: "Café".into(), brand: "Beans".into(), status: "active".into(), ..Default::default() };
        self.db.write(server(), async |op| merchants::add(op, &form).await).await.unwrap()
    }

    async fn offer(&self, merchant: MerchantId) -> OfferId {
        let form = OfferForm {
            merchant: merchant.to_string(),
            headline: "Two for one".into(),
            summary: "Two.".into(),
            terms: "One.".into(),
            how_to_redeem: "Show.".into(),
            kind: "percent_off".into(),
            percent: "20".into(),
            currency: "USD".into(),
            place_scope: "online".into(),
            online_url: "https://shop.example.com".into(),
            zone: "America/New_York".into(),
            categories: vec![Uuid::from_u128(300).to_string()],
            valid_from: "2026-01-01T00:00".into(),
            redemption: "token".into(),
            funding: "merchant".into(),
            ..Default::default()
        };
        self.db.write(staff(EDITOR), async |op| offers::add(op, &form).await).await.unwrap()
    }

    async fn put(&self, offer: OfferId, upload: &Upload) -> std::result::Result<(), AppError> {
        store_files(&self.blobs, &upload.made).await.unwrap();
        self.db.write(staff(EDITOR), async |op| offers::put_picture(op, offer, upload).await).await
    }

    async fn draft(&self, offer: OfferId) -> model::offers::Offer {
        self.db.read(server(), async |op| offers::get(op, offer).await).await.unwrap()
    }

    /// Sends the draft, has it approved and publishes it.
    async fn publish(&self, offer: OfferId) {
        let seen = self.draft(offer).await.version;
        let sent = self.db.write(staff(EDITOR), async |op| offers::send_for_review(op, offer, seen).await).await.unwrap();
        self.db.write(staff(REVIEWER), async |op| offers::approve(op, sent).await).await.unwrap();
        let form = PublishForm::default();
        self.db.write(server(), async |op| offers::publish(op, offer, sent, &form).await).await.unwrap();
    }

    async fn card(&self) -> Option<ShownPicture> {
        let home = self.db.read(Caller::local(Actor::Nobody), async |op| crate::catalogue::home(op).await).await.unwrap();
        home.newest[0].picture.clone()
    }

    /// Lets everything in the data base have been uploaded so many days ago, and the files too.
    async fn age(&self, days: i32) {
        let older = "update pictures set uploaded_at = uploaded_at - make_interval(days => $1), unused_since = unused_since - make_interval(days => $1)";
        sqlx::query(older).bind(days).execute(&self.pool).await.unwrap();
        let then = std::time::SystemTime::from(kit::clock::now() - TimeDelta::days(days.into()));
        for folder in std::fs::read_dir(&self.folder).unwrap() {
            for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
                std::fs::File::options().write(true).open(file.unwrap().path()).unwrap().set_modified(then).unwrap();
            }
        }
    }

    async fn purge(&self) -> usize {
        purge(&self.db, server(), &self.blobs).await.unwrap()
    }

    async fn stored(&self, upload: &Upload) -> bool {
        let file = &upload.made.files[0];
        self.blobs.get(&upload.made.hash, &format!("{}.{}", file.width, file.ending)).await.unwrap().is_some()
    }

    async fn rows(&self, upload: &Upload) -> i64 {
        let rows = "select count(*) from pictures where hash = $1";
        sqlx::query_scalar(rows).bind(&upload.made.hash).fetch_one(&self.pool).await.unwrap()
    }

    async fn actions(&self, id: Uuid) -> Vec<String> {
        let actions = "select action from audit_log where subject_id = $1 order by id";
        sqlx::query_scalar(actions).bind(id).fetch_all(&self.pool).await.unwrap()
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_uploaded_picture_is_a_field_of_the_draft_with_its_history(pool: PgPool) {
    let world = World::new(pool).await;
    let merchant = world.merchant().await;
    let offer = world.offer(merchant).await;
    let first = upload(10, "A cup").await;
    world.put(offer, &first).await.unwrap();
    let draft = world.draft(offer).await;
    assert_eq!((draft.draft.picture.as_str(), draft.draft.picture_alt.as_str()), (first.made.hash.as_str(), "A cup"));
    assert_eq!(draft.preview.card.picture.map(|picture| picture.alt).as_deref(), Some("A cup"));
    assert_eq!(world.actions(offer.0).await, ["offer.added", "picture.uploaded", "offer.draft_saved"]);

    // Who saved from the version before is asked, field by field.
    let stale = OfferForm { headline: "Three for two".into(), picture: String::new(), ..draft.draft.clone() };
    let seen = model::Version(draft.version.0 - 1);
    let saved = world.db.write(staff(EDITOR), async |op| offers::save(op, offer, seen, &stale, &Choices::default()).await);
    let Err(AppError::Conflict(conflict)) = saved.await else { panic!("a conflict") };
    let asked: Vec<_> = conflict.fields.iter().map(|field| (field.name.as_str(), field.suggested())).collect();
    assert!(asked.contains(&("picture", "theirs")) && asked.contains(&("headline", "mine")), "{asked:?}");

    // Who chose a file while another one was put there is told.
    let late = upload(20, "Another cup").await;
    let refused = world.put(offer, &late).await.unwrap_err();
    assert!(refused.to_string().starts_with("Somebody changed the picture meanwhile"), "{refused}");
    let second = Upload { before: first.made.hash.clone(), ..late };
    world.put(offer, &second).await.unwrap();
    assert_eq!(world.draft(offer).await.draft.picture, second.made.hash);

    world.db.write(staff(EDITOR), async |op| offers::take_picture_away(op, offer).await).await.unwrap();
    assert_eq!(world.draft(offer).await.picture, None);
    let refused = world.db.write(staff(REVIEWER), async |op| offers::put_picture(op, offer, &first).await).await;
    assert_eq!(refused, Err(AppError::Forbidden));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_picture_that_was_never_uploaded_cannot_be_named(pool: PgPool) {
    let world = World::new(pool).await;
    let offer = world.offer(world.merchant().await).await;
    let draft = world.draft(offer).await;
    let mut form = draft.draft;
    form.picture = "0f".repeat(32);
    form.picture_alt = "Nothing".into();
    let saved =
        world.db.write(staff(EDITOR), async |op| offers::save(op, offer, draft.version, &form, &Choices::default()).await);
    assert!(saved.await.unwrap_err().field_errors().at("picture").is_some());
}

#[sqlx::test(migrations = "../../migrations")]
async fn members_see_the_offers_picture_else_the_merchants_else_the_brands_logo(pool: PgPool) {
    let world = World::new(pool).await;
    let merchant = world.merchant().await;
    let offer = world.offer(merchant).await;
    world.publish(offer).await;
    assert_eq!(world.card().await, None, "the cover is made");

    let logo = upload(10, "Logo of Beans").await;
    store_files(&world.blobs, &logo.made).await.unwrap();
    world.db.write(staff(EDITOR), async |op| merchants::put_logo(op, merchant, &logo).await).await.unwrap();
    let shown = world.card().await.expect("the logo");
    assert!(shown.logo && shown.alt == "Logo of Beans");

    let shop = upload(20, "The shop").await;
    store_files(&world.blobs, &shop.made).await.unwrap();
    world.db.write(staff(EDITOR), async |op| merchants::put_picture(op, merchant, &shop).await).await.unwrap();
    let shown = world.card().await.expect("the merchant's");
    assert!(!shown.logo && shown.alt == "The shop");

    let cup = upload(30, "A cup").await;
    world.put(offer, &cup).await.unwrap();
    assert_eq!(world.card().await.map(|shown| shown.alt).as_deref(), Some("The shop"), "a draft is not shown");
    world.publish(offer).await;
    let shown = world.card().await.expect("the offer's");
    assert_eq!((shown.hash.as_str(), shown.alt.as_str()), (cup.made.hash.as_str(), "A cup"));

    world.db.write(staff(EDITOR), async |op| merchants::take_logo_away(op, merchant).await).await.unwrap();
    world.db.write(staff(EDITOR), async |op| merchants::take_picture_away(op, merchant).await).await.unwrap();
    let actions = world.actions(merchant.0).await;
    assert_eq!(actions.iter().filter(|action| *action == "merchant.saved").count(), 2, "{actions:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_nothing_shows_is_purged_after_some_days_and_never_what_a_revision_names(pool: PgPool) {
    let world = World::new(pool).await;
    let offer = world.offer(world.merchant().await).await;
    let (published, dropped, in_draft) = (upload(10, "A").await, upload(20, "B").await, upload(30, "C").await);
    world.put(offer, &published).await.unwrap();
    world.publish(offer).await;
    let second = Upload { before: published.made.hash.clone(), ..dropped };
    world.put(offer, &second).await.unwrap();
    let third = Upload { before: second.made.hash.clone(), ..in_draft };
    world.put(offer, &third).await.unwrap();
    // Files whose upload was refused at last have no row.
    let stray = upload(40, "D").await;
    store_files(&world.blobs, &stray.made).await.unwrap();

    assert_eq!(world.purge().await, 0, "all are new");
    world.age(8).await;
    assert_eq!(world.purge().await, 0, "the data base may be an older copy");
    assert_eq!(world.rows(&second).await, 0, "nothing shows it");
    assert!(world.stored(&stray).await && world.stored(&second).await);
    world.age(31).await;
    assert_eq!(world.purge().await, 2, "files without a row");
    assert!(!world.stored(&stray).await && !world.stored(&second).await);
    assert!(world.stored(&published).await, "a revision names it");
    assert!(world.stored(&third).await, "the draft shows it");

    // Uploaded again, what was purged is back.
    let again = Upload { before: third.made.hash.clone(), ..upload(20, "B").await };
    world.put(offer, &again).await.unwrap();
    assert_eq!(world.purge().await, 0, "the one in its place is unused since now");
    assert!(world.stored(&again).await && world.stored(&third).await);
    world.put(offer, &Upload { before: again.made.hash.clone(), ..upload(30, "C").await }).await.unwrap();
    world.age(31).await;
    assert_eq!(world.purge().await, 0, "used again in time, and the other only now out of use");
}

#[test]
fn a_revision_without_a_picture_keeps_its_hash() {
    let form = OfferForm {
        merchant: Uuid::from_u128(1).to_string(),
        headline: "Two for one".into(),
        kind: "percent_off".into(),
        percent: "20".into(),
        currency: "USD".into(),
        place_scope: "all".into(),
        redemption: "token".into(),
        funding: "merchant".into(),
        ..Default::default()
    };
    let content: OfferContent = form.parse().unwrap();
    let text = serde_json::to_string(&content).unwrap();
    assert!(text.ends_with(r#""priority":0}}"#), "{text}");
    assert_eq!(serde_json::from_str::<OfferContent>(&text).unwrap(), content);
}
