//! Locations: saving, postal codes, zones, archive, and where an offer applies.

use super::*;
use crate::places;
use model::{Refusal, merchants::MerchantRefusal};

async fn merchant_with(db: &Db, places: &[LocationForm]) -> (MerchantId, Vec<LocationId>) {
    let merchant = add_merchant(db, &form("Chain")).await.unwrap();
    let mut ids = Vec::new();
    for place in places {
        ids.push(db.write(server(), async |op| add_location(op, merchant, place).await).await.unwrap());
    }
    (merchant, ids)
}

async fn read_location(db: &Db, merchant: MerchantId, id: LocationId) -> Answer<Location> {
    db.read(server(), async |op| get_location(op, merchant, id).await).await
}

async fn save_place(
    db: &Db,
    who: &Caller,
    (merchant, id): (MerchantId, LocationId),
    seen: i64,
    form: &LocationForm,
) -> Answer<Version> {
    let saved =
        db.write(who.clone(), async |op| save_location(op, merchant, id, Version(seen), form, &Choices::default()).await).await;
    saved.map(|saved| saved.version)
}

fn code(code: &str, latitude: f64, time_zone: &str) -> PostalCode {
    PostalCode {
        country: "US".into(),
        code: code.into(),
        city: "Somewhere".into(),
        region: "NY".into(),
        latitude,
        longitude: -73.0,
        time_zone: time_zone.into(),
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_left_empty_comes_from_the_postal_code(pool: PgPool) {
    let db = Db::new(pool.clone());
    let codes = [code("10001", 40.5, "America/New_York"), code("60601", 41.5, "America/Chicago")];
    db.write(server(), async |op| places::load(op, &codes).await).await.unwrap();
    let bare = LocationForm { latitude: "".into(), longitude: "".into(), time_zone: "".into(), ..place("1 Main Street") };
    let (merchant, ids) = merchant_with(&db, std::slice::from_ref(&bare)).await;
    let location = read_location(&db, merchant, ids[0]).await.unwrap();
    assert_eq!(location.place.point, Some((40.5, -73.0)));
    assert_eq!(location.place.time_zone, "America/New_York");

    // The form shows what it was given; moved to another code point and zone follow, as nobody had set them.
    let moved = LocationForm { postal_code: "60601-1234".into(), ..LocationForm::of(&location.place, &[]) };
    save_place(&db, &server(), (merchant, ids[0]), 1, &moved).await.unwrap();
    let again = save_place(&db, &server(), (merchant, ids[0]), 1, &moved).await;
    assert_eq!(again, Ok(Version(2)), "sent twice it finds what was filled in");
    let location = read_location(&db, merchant, ids[0]).await.unwrap();
    assert_eq!(location.place.point, Some((41.5, -73.0)));
    assert_eq!(location.place.time_zone, "America/Chicago");

    // What somebody set stays.
    let (latitude, time_zone) = ("41.6".into(), "America/Denver".into());
    let set = LocationForm { latitude, time_zone, ..LocationForm::of(&location.place, &[]) };
    save_place(&db, &server(), (merchant, ids[0]), 2, &set).await.unwrap();
    let back = LocationForm { postal_code: "10001".into(), ..set };
    save_place(&db, &server(), (merchant, ids[0]), 3, &back).await.unwrap();
    let location = read_location(&db, merchant, ids[0]).await.unwrap();
    assert_eq!((location.place.point, location.place.time_zone.as_str()), (Some((41.6, -73.0)), "America/Denver"));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_zone_that_does_not_exist_is_a_message_at_its_field(pool: PgPool) {
    let db = Db::new(pool.clone());
    let merchant = add_merchant(&db, &form("Chain")).await.unwrap();
    for zone in ["America/Nowhere", ""] {
        let stray = LocationForm { time_zone: zone.into(), ..place("1 Main Street") };
        let refused = db.write(server(), async |op| add_location(op, merchant, &stray).await).await.unwrap_err();
        assert!(refused.field_errors().at("time_zone").is_some(), "{zone:?}: {refused:?}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_location_of_another_merchant_is_not_there(pool: PgPool) {
    let db = Db::new(pool.clone());
    let (mine, _) = merchant_with(&db, &[]).await;
    let (theirs, ids) = merchant_with(&db, &[place("1 Main Street")]).await;
    let id = ids[0];
    let read = read_location(&db, mine, id).await.map(|_| ());
    let saved = save_place(&db, &server(), (mine, id), 1, &place("2 Main Street")).await.map(|_| ());
    let archived = db.write(server(), async |op| archive_location(op, mine, id).await).await;
    let history = db.read(server(), async |op| location_history(op, mine, id).await).await.map(|_| ());
    let nowhere = MerchantId(Uuid::from_u128(1));
    let added = db.write(server(), async |op| add_location(op, nowhere, &place("1 Main Street")).await).await.map(|_| ());
    let listed = db.read(server(), async |op| list_locations(op, nowhere, &Default::default()).await).await.map(|_| ());
    for outcome in [read, saved, archived, history, added, listed] {
        assert_eq!(outcome, Err(AppError::NotFound));
    }
    let unknown = LocationId(Uuid::from_u128(2));
    let foreign = db.read(server(), async |op| foreign_locations(op, mine, &[id, unknown]).await).await.unwrap();
    assert_eq!(foreign, [id, unknown]);
    let own = db.read(server(), async |op| foreign_locations(op, theirs, &[id]).await).await.unwrap();
    assert_eq!(own, []);
}

#[sqlx::test(migrations = "../../migrations")]
async fn two_editors_of_a_location_both_see_their_versions(pool: PgPool) {
    let db = Db::new(pool.clone());
    let (ada, bob) = (editor(&pool, "Ada").await, editor(&pool, "Bob").await);
    let (merchant, ids) = merchant_with(&db, &[place("1 Main Street")]).await;
    let place_of = |phone: &str, hours: &str| LocationForm { phone: phone.into(), hours: hours.into(), ..place("1 Main Street") };
    assert_eq!(save_place(&db, &ada, (merchant, ids[0]), 1, &place_of("212 555 0100", "")).await, Ok(Version(2)));
    let refused = save_place(&db, &bob, (merchant, ids[0]), 1, &place_of("", "mon-fri 09:00-17:00")).await.unwrap_err();
    let AppError::Conflict(conflict) = refused else { panic!("no conflict: {refused:?}") };
    let fields: Vec<_> = conflict.fields.iter().map(|f| (f.name.as_str(), f.mine.as_str(), f.theirs.as_str())).collect();
    assert_eq!(fields, [("phone", "", "212 555 0100"), ("hours", "Mon-Fri 09:00-17:00", "")]);
    assert_eq!(conflict.by, "Ada");
    assert_eq!(told(&pool, ids[0].0).await, ["location.added", "location.saved"]);
    let history = db.read(server(), async |op| location_history(op, merchant, ids[0]).await).await.unwrap();
    assert_eq!(history.iter().map(|v| v.version.0).collect::<Vec<_>>(), [2, 1]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_archived_location_takes_no_changes_until_it_is_restored(pool: PgPool) {
    let db = Db::new(pool.clone());
    let (merchant, ids) = merchant_with(&db, &[place("1 Main Street"), place("2 Main Street")]).await;
    for _ in 0..2 {
        db.write(server(), async |op| archive_location(op, merchant, ids[0]).await).await.unwrap();
    }
    let refused = save_place(&db, &server(), (merchant, ids[0]), 1, &place("3 Main Street")).await;
    assert_eq!(refused, Err(AppError::Refused(Refusal::Merchant(MerchantRefusal::LocationArchived))));
    let applies = async |places: Places| {
        let found = db.read(server(), async |op| locations_of(op, merchant, &places).await).await.unwrap();
        found.into_iter().map(|l| l.id).collect::<Vec<_>>()
    };
    assert_eq!(applies(Places::All).await, [ids[1]]);
    assert_eq!(applies(Places::Some { locations: ids.clone() }).await, [ids[1]]);
    let foreign = db.read(server(), async |op| foreign_locations(op, merchant, &ids).await).await.unwrap();
    assert_eq!(foreign, [], "an archived location is still the merchant's");

    db.write(server(), async |op| restore_location(op, merchant, ids[0]).await).await.unwrap();
    assert_eq!(applies(Places::All).await, ids);
    assert_eq!(save_place(&db, &server(), (merchant, ids[0]), 3, &place("3 Main Street")).await, Ok(Version(4)));
    let told = told(&pool, ids[0].0).await;
    assert_eq!(told, ["location.added", "location.archived", "location.restored", "location.saved"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn taking_a_location_out_of_use_and_back_are_versions_of_it(pool: PgPool) {
    let db = Db::new(pool.clone());
    let ada = editor(&pool, "Ada").await;
    let (merchant, ids) = merchant_with(&db, &[place("1 Main Street")]).await;
    db.write(ada.clone(), async |op| archive_location(op, merchant, ids[0]).await).await.unwrap();
    assert_eq!(read_location(&db, merchant, ids[0]).await.unwrap().version, Version(2));
    db.write(ada.clone(), async |op| restore_location(op, merchant, ids[0]).await).await.unwrap();

    let history = db.read(server(), async |op| location_history(op, merchant, ids[0]).await).await.unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|saved| {
            let changes: Vec<_> = saved.changes.iter().map(|c| (c.name.as_str(), c.before.as_str(), c.after.as_str())).collect();
            (saved.version.0, saved.by.as_str(), changes)
        })
        .collect();
    let expected =
        [(3, "Ada", vec![("archived", "yes", "no")]), (2, "Ada", vec![("archived", "no", "yes")]), (1, "The server", vec![])];
    assert_eq!(told, expected);

    // Whoever had the form open before sees what they typed beside what stands now; nothing is written over unseen.
    let stale = save_place(&db, &ada, (merchant, ids[0]), 1, &place("3 Main Street")).await;
    assert!(matches!(stale, Err(AppError::Conflict(_))), "{stale:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_offer_applies_where_its_places_say(pool: PgPool) {
    let db = Db::new(pool.clone());
    let at = |city: &str, region: &str, postal: &str| LocationForm {
        city: city.into(),
        region: region.into(),
        postal_code: postal.into(),
        ..place("1 Main Street")
    };
    let (merchant, ids) = merchant_with(
        &db,
        &[
            at("New York", "NY", "10001"),
            at("Montréal", "QC", "H2X 1Y4"),
            at("Albany", "NY", "12207"),
            at("Boston", "MA", "02108"),
        ],
    )
    .await;
    merchant_with(&db, &[at("New York", "NY", "10001")]).await;
    let applies = async |places: Places| {
        let found = db.read(server(), async |op| locations_of(op, merchant, &places).await).await.unwrap();
        found.into_iter().map(|l| ids.iter().position(|id| *id == l.id).expect("another merchant's")).collect::<Vec<_>>()
    };
    let rule = |regions: &[&str], cities: &[&str], prefixes: &[&str]| {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect();
        Places::Rule { regions: words(regions), cities: words(cities), postal_prefixes: words(prefixes) }
    };
    assert_eq!(applies(Places::All).await, [0, 1, 2, 3]);
    assert_eq!(applies(Places::Some { locations: vec![ids[3], ids[1]] }).await, [1, 3]);
    assert_eq!(applies(rule(&["ny"], &[], &[])).await, [0, 2]);
    assert_eq!(applies(rule(&[], &["montreal"], &["h2"])).await, [1]);
    assert_eq!(applies(rule(&["MA"], &["Albany"], &["100", "9"])).await, [0, 2, 3], "one of the words is enough");
    assert_eq!(applies(rule(&[], &[], &["_", "%"])).await, [0_usize; 0]);
    assert_eq!(applies(Places::Online { url: "https://a.example".into(), regions: vec![] }).await, [0_usize; 0]);
}
