//! Saving a merchant: versions, conflicts, brands, external ids, status.

use super::*;
use model::{Refusal, merchants::MerchantRefusal};

#[sqlx::test(migrations = "../../migrations")]
async fn the_second_of_two_editors_sees_both_versions_and_chooses(pool: PgPool) {
    let db = Db::new(pool.clone());
    let (ada, bob) = (editor(&pool, "Ada").await, editor(&pool, "Bob").await);
    let id = add_merchant(&db, &form("Joe's")).await.unwrap();
    let adas = MerchantForm { name: "Joe's Pizza".into(), website: "https://joes.example".into(), ..form("Joe's") };
    let bobs = MerchantForm { name: " Joseph ".into(), brand: "Joe's".into(), ..form("Joe's") };
    assert_eq!(save_as(&db, &ada, id, 1, &adas).await, Ok(Version(2)));

    let AppError::Conflict(conflict) = save_as(&db, &bob, id, 1, &bobs).await.unwrap_err() else { panic!("no conflict") };
    assert_eq!((conflict.current, conflict.by.as_str()), (Version(2), "Ada"));
    let fields: Vec<_> =
        conflict.fields.iter().map(|f| (f.name.as_str(), f.mine.as_str(), f.theirs.as_str(), f.suggested())).collect();
    assert_eq!(
        fields,
        [
            ("name", "Joseph", "Joe's Pizza", ""),
            ("brand", "Joe's", "", "mine"),
            ("website", "", "https://joes.example", "theirs"),
        ]
    );
    assert_eq!(read_merchant(&db, id).await.name, "Joe's Pizza", "nothing of the second save was written");

    let choose = |keep: &[(&str, &str)]| Choices {
        asked: "name,brand,website".into(),
        keep: keep.iter().map(|(field, side)| ((*field).to_owned(), (*side).to_owned())).collect(),
    };
    let half = choose(&[("name", "mine")]);
    let again = save_with(&db, &bob, id, 2, &bobs, &half).await;
    let AppError::Conflict(again) = again.unwrap_err() else { panic!("a field without choice is asked again") };
    let suggested: Vec<_> = again.fields.iter().map(|f| (f.name.as_str(), f.suggested())).collect();
    assert_eq!(suggested, [("name", "mine"), ("brand", ""), ("website", "")], "nothing is chosen for the person");
    let all = choose(&[("name", "mine"), ("brand", "mine"), ("website", "theirs")]);
    assert_eq!(save_with(&db, &bob, id, 2, &bobs, &all).await, Ok(Version(3)));
    let merchant = read_merchant(&db, id).await;
    assert_eq!((merchant.name.as_str(), merchant.website.as_deref()), ("Joseph", Some("https://joes.example")));
    assert_eq!(merchant.brand.unwrap().name, "Joe's");
}

#[sqlx::test(migrations = "../../migrations")]
async fn of_two_saves_at_the_same_moment_one_is_told_of_the_other(pool: PgPool) {
    let db = Db::new(pool.clone());
    let (ada, bob) = (editor(&pool, "Ada").await, editor(&pool, "Bob").await);
    let id = add_merchant(&db, &form("Joe's")).await.unwrap();
    for seen in 1..=10 {
        let (adas, bobs) = (form(&format!("Ada {seen}")), form(&format!("Bob {seen}")));
        let (one, other) = tokio::join!(save_as(&db, &ada, id, seen, &adas), save_as(&db, &bob, id, seen, &bobs));
        let outcomes = [one, other];
        assert_eq!(outcomes.iter().filter(|o| **o == Ok(Version(seen + 1))).count(), 1, "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(|o| matches!(o, Err(AppError::Conflict(_)))).count(), 1, "{outcomes:?}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_same_change_made_twice_is_no_conflict(pool: PgPool) {
    let db = Db::new(pool.clone());
    let ada = editor(&pool, "Ada").await;
    let id = add_merchant(&db, &form("Joe's")).await.unwrap();
    assert_eq!(save_as(&db, &ada, id, 1, &form("Joe")).await, Ok(Version(2)));
    assert_eq!(save_as(&db, &ada, id, 1, &form(" Joe ")).await, Ok(Version(2)));
    assert_eq!(save_as(&db, &ada, id, 2, &form("Joe")).await, Ok(Version(2)), "nothing changed, nothing saved");
    assert_eq!(told(&pool, id.0).await, ["merchant.added", "merchant.saved"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn each_save_has_its_revision_and_its_row_in_the_journal(pool: PgPool) {
    let db = Db::new(pool.clone());
    let ada = editor(&pool, "Ada").await;
    let id = add_merchant(&db, &form("Joe's")).await.unwrap();
    save_as(&db, &ada, id, 1, &form("Joe")).await.unwrap();
    let suspended = MerchantForm { status: "suspended".into(), ..form("Joe") };
    save_as(&db, &ada, id, 2, &suspended).await.unwrap();
    let broken = save_as(&db, &ada, id, 3, &form("")).await.unwrap_err();
    assert!(broken.field_errors().at("name").is_some());

    assert_eq!(told(&pool, id.0).await, ["merchant.added", "merchant.saved", "merchant.saved", "merchant.suspended"]);
    let history = db.read(server(), async |op| history(op, id).await).await.unwrap();
    let versions: Vec<_> = history.iter().map(|v| (v.version.0, v.by.as_str())).collect();
    assert_eq!(versions, [(3, "Ada"), (2, "Ada"), (1, "The server")]);
    let changes: Vec<_> =
        history.iter().flat_map(|v| &v.changes).map(|c| (c.name.as_str(), c.before.as_str(), c.after.as_str())).collect();
    assert_eq!(changes, [("status", "active", "suspended"), ("name", "Joe's", "Joe")]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_closed_merchant_stays_closed_and_can_still_be_corrected(pool: PgPool) {
    let db = Db::new(pool.clone());
    let ada = editor(&pool, "Ada").await;
    let id = add_merchant(&db, &form("Joe's")).await.unwrap();
    let closed = |name: &str| MerchantForm { status: "closed".into(), ..form(name) };
    for _ in 0..2 {
        db.write(ada.clone(), async |op| close(op, id).await).await.unwrap();
        assert_eq!(read_merchant(&db, id).await.version, Version(2), "once is enough");
    }
    assert_eq!(read_merchant(&db, id).await.name, "Joe's");
    let refused = save_as(&db, &ada, id, 2, &form("Joe's")).await;
    assert_eq!(refused, Err(AppError::Refused(Refusal::Merchant(MerchantRefusal::Closed))));
    assert_eq!(save_as(&db, &ada, id, 2, &closed("Joe")).await, Ok(Version(3)));
    assert_eq!(db.read(server(), async |op| lock(op, id).await).await, Ok(MerchantStatus::Closed));
    assert_eq!(told(&pool, id.0).await, ["merchant.added", "merchant.saved", "merchant.closed", "merchant.saved"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_status_that_somebody_relies_on_does_not_change_before_they_are_done(pool: PgPool) {
    let db = Db::new(pool.clone());
    let ada = editor(&pool, "Ada").await;
    let id = add_merchant(&db, &form("Joe's")).await.unwrap();
    let suspended = MerchantForm { status: "suspended".into(), ..form("Joe's") };
    let (locked, wait) = (tokio::sync::Notify::new(), std::time::Duration::from_millis(300));
    let relying = db.write(server(), async |op| {
        assert_eq!(lock(op, id).await?, MerchantStatus::Active);
        locked.notify_one();
        tokio::time::sleep(wait).await;
        lock(op, id).await
    });
    let suspending = async {
        locked.notified().await;
        save_as(&db, &ada, id, 1, &suspended).await
    };
    let (relied, saved) = tokio::join!(relying, suspending);
    assert_eq!((relied, saved), (Ok(MerchantStatus::Active), Ok(Version(2))));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_brand_is_made_once_by_any_number_at_a_time(pool: PgPool) {
    let db = Db::new(pool.clone());
    for round in 0..10 {
        let spelled = |name: &str| MerchantForm { brand: name.into(), ..form("Branch") };
        let (plain, accented) = (spelled(&format!("Cafe {round}")), spelled(&format!("CAFÉ {round}")));
        let (one, other) = tokio::join!(add_merchant(&db, &plain), add_merchant(&db, &accented));
        let (one, other) = (read_merchant(&db, one.unwrap()).await, read_merchant(&db, other.unwrap()).await);
        assert_eq!(one.brand.unwrap().id, other.brand.unwrap().id, "round {round}");
    }
    let brands: i64 = sqlx::query_scalar("select count(*) from brands").fetch_one(&pool).await.unwrap();
    let told: i64 =
        sqlx::query_scalar("select count(*) from audit_log where action = 'brand.added'").fetch_one(&pool).await.unwrap();
    assert_eq!((brands, told), (10, 10));
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_external_id_belongs_to_one_merchant_also_when_two_ask_at_once(pool: PgPool) {
    let db = Db::new(pool.clone());
    let with = |name: &str, ids: &str| MerchantForm { external_ids: ids.into(), ..form(name) };
    let taken = AppError::Refused(Refusal::Merchant(MerchantRefusal::ExternalIdTaken));
    let id = add_merchant(&db, &with("One", "crm: 1")).await.unwrap();
    assert_eq!(add_merchant(&db, &with("Two", "crm: 1\nerp: 2")).await, Err(taken.clone()));
    for round in 0..10 {
        let (one, other) = (with("A", &format!("crm: r{round}")), with("B", &format!("crm: r{round}")));
        let (one, other) = tokio::join!(add_merchant(&db, &one), add_merchant(&db, &other));
        assert_eq!([&one, &other].into_iter().filter(|o| **o == Err(taken.clone())).count(), 1, "{one:?} {other:?}");
    }
    let names: Vec<String> =
        sqlx::query_scalar("select name from merchants where name in ('One', 'Two')").fetch_all(&pool).await.unwrap();
    assert_eq!(names, ["One"], "a refused merchant is not there");
    let merchant = read_merchant(&db, id).await;
    assert_eq!(merchant.external_ids.iter().map(|x| x.value.as_str()).collect::<Vec<_>>(), ["1"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_category_that_is_none_is_a_message_at_its_field(pool: PgPool) {
    let db = Db::new(pool.clone());
    let stray = MerchantForm { categories: vec![Uuid::from_u128(1).to_string()], ..form("Joe's") };
    let refused = add_merchant(&db, &stray).await.unwrap_err();
    assert!(refused.field_errors().at("categories").is_some(), "{refused:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_may_only_read_does_not_write(pool: PgPool) {
    let db = Db::new(pool.clone());
    let id = add_merchant(&db, &form("Joe's")).await.unwrap();
    let location = db.write(server(), async |op| add_location(op, id, &place("1 Main Street")).await).await.unwrap();
    for role in Role::ALL.into_iter().filter(|role| !role.grants(model::access::Permission::WriteMerchants)) {
        let caller = Caller::local(Actor::Staff { id: AccountId(Uuid::now_v7()), roles: vec![role] });
        let saved = save_as(&db, &caller, id, 1, &form("Joe")).await;
        let added = db.write(caller.clone(), async |op| add(op, &form("Joe")).await).await.map(|_| ());
        let placed = db.write(caller.clone(), async |op| add_location(op, id, &place("2 Main Street")).await).await.map(|_| ());
        let moved = db
            .write(caller.clone(), async |op| {
                save_location(op, id, location, Version(1), &place("2 Main Street"), &Choices::default()).await
            })
            .await;
        let archived = db.write(caller.clone(), async |op| archive_location(op, id, location).await).await;
        let restored = db.write(caller.clone(), async |op| restore_location(op, id, location).await).await;
        let closed = db.write(caller.clone(), async |op| close(op, id).await).await.map(|_| ());
        let outcomes = [saved.map(|_| ()), closed, added, placed, moved.map(|_| ()), archived, restored];
        assert!(outcomes.iter().all(|o| *o == Err(AppError::Forbidden)), "{role}: {outcomes:?}");
        assert!(db.read(caller, async |op| get(op, id).await).await.is_ok(), "{role} reads");
    }
    let nobody = db.read(Caller::local(Actor::Nobody), async |op| get(op, id).await).await;
    assert_eq!(nobody, Err(AppError::Unauthenticated));
}
