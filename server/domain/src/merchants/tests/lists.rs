//! The lists: filters, order, and pages there and back.

use super::*;
use crate::categories::{self, NewCategory};
use model::{
    CategoryId, Page,
    merchants::{LocationQuery, MerchantQuery, MerchantRow},
};
use std::collections::BTreeSet;

async fn category(db: &Db, parent: Option<CategoryId>, slug: &str) -> CategoryId {
    let new = NewCategory { parent, slug: slug.into(), name: slug.to_uppercase(), icon: "tag".into(), position: 0 };
    db.write(server(), async |op| categories::add(op, new.clone()).await).await.unwrap()
}

async fn asked(db: &Db, query: &MerchantQuery) -> Page<MerchantRow> {
    db.read(server(), async |op| list(op, query).await).await.unwrap()
}

async fn names(db: &Db, query: MerchantQuery) -> Vec<String> {
    asked(db, &query).await.items.into_iter().map(|row| row.name).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn merchants_are_found_by_name_status_and_category(pool: PgPool) {
    let db = Db::new(pool.clone());
    let food = category(&db, None, "food").await;
    let pizza = category(&db, Some(food), "pizza").await;
    let shops = category(&db, None, "shops").await;
    let filed = |name: &str, status: &str, categories: &[CategoryId]| MerchantForm {
        status: status.into(),
        categories: categories.iter().map(ToString::to_string).collect(),
        brand: "Alpha Group".into(),
        ..form(name)
    };
    for merchant in [
        filed("Zoë's Café", "active", &[food]),
        filed("Joe's Pizza", "suspended", &[pizza, shops]),
        filed("100% Wool", "active", &[shops]),
        filed("Ace of Clubs", "prospect", &[]),
    ] {
        add_merchant(&db, &merchant).await.unwrap();
    }
    let q = |q: &str| MerchantQuery { q: q.into(), ..Default::default() };
    assert_eq!(names(&db, q("")).await, ["100% Wool", "Ace of Clubs", "Joe's Pizza", "Zoë's Café"]);
    assert_eq!(names(&db, q("zoe's CAFE")).await, ["Zoë's Café"], "neither case nor accents count");
    assert_eq!(names(&db, q("0%")).await, [""; 0], "two letters find the beginnings of words");
    assert_eq!(names(&db, q("00%")).await, ["100% Wool"], "a percent sign stands for itself");
    assert_eq!(names(&db, q("o%o")).await, [""; 0]);
    assert_eq!(names(&db, q("pi")).await, ["Joe's Pizza"]);
    assert_eq!(names(&db, q("c")).await, ["Ace of Clubs", "Zoë's Café"]);
    let status = |status: &str| MerchantQuery { status: status.into(), ..Default::default() };
    assert_eq!(names(&db, status("active")).await, ["100% Wool", "Zoë's Café"]);
    let under = |category: &str| MerchantQuery { category: category.into(), ..Default::default() };
    assert_eq!(names(&db, under("food")).await, ["Joe's Pizza", "Zoë's Café"], "children count too");
    assert_eq!(names(&db, under("pizza")).await, ["Joe's Pizza"]);
    assert_eq!(names(&db, under("nothing")).await, [""; 0]);
    let sorted = |sort: &str| MerchantQuery { sort: sort.into(), ..Default::default() };
    assert_eq!(names(&db, sorted("-name")).await, ["Zoë's Café", "Joe's Pizza", "Ace of Clubs", "100% Wool"]);
    assert_eq!(names(&db, sorted("updated")).await, ["Ace of Clubs", "100% Wool", "Joe's Pizza", "Zoë's Café"]);
    assert_eq!(names(&db, sorted("-updated")).await, ["Zoë's Café", "Joe's Pizza", "100% Wool", "Ace of Clubs"]);

    let row = asked(&db, &q("joe")).await.items.remove(0);
    assert_eq!((row.brand.as_deref(), row.category.as_deref()), (Some("Alpha Group"), Some("PIZZA, SHOPS")));
    assert_eq!((row.status, row.locations, row.offers), (MerchantStatus::Suspended, 0, 0));
    for (broken, field) in [
        (MerchantQuery { status: "asleep".into(), ..Default::default() }, "status"),
        (MerchantQuery { after: "x".into(), ..Default::default() }, "after"),
        (MerchantQuery { before: format!("{}~x", Uuid::nil()), ..Default::default() }, "after"),
        (MerchantQuery { sort: "updated".into(), after: format!("x~{}", Uuid::nil()), ..Default::default() }, "after"),
    ] {
        let refused = db.read(server(), async |op| list(op, &broken).await).await.unwrap_err();
        assert!(refused.field_errors().at(field).is_some(), "{broken:?}: {refused:?}");
    }
}

/// Names and times that are equal across pages, and a name that holds the separator of cursors.
async fn many(pool: &PgPool) {
    sqlx::query(
        "insert into merchants (id, short_id, name, status, created_at, updated_at)
         select gen_random_uuid(), lpad(n::text, 10, '0'), case when n % 3 = 0 then 'Same' when n % 3 = 1 then 'A~b' else 'N' || n end,
                'active', now(), timestamptz '2026-01-01' + (n % 4) * interval '1.000001 second'
         from generate_series(1, 130) n",
    )
    .execute(pool)
    .await
    .unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn paging_to_the_end_and_back_gives_each_merchant_once(pool: PgPool) {
    let db = Db::new(pool.clone());
    many(&pool).await;
    for sort in ["name", "-name", "updated", "-updated"] {
        let (mut there, mut query) = (Vec::new(), MerchantQuery { sort: sort.into(), ..Default::default() });
        let mut page = asked(&db, &query).await;
        assert_eq!(page.previous, None, "{sort}: the first page has none before it");
        loop {
            there.push(page.items.iter().map(|row| row.id).collect::<Vec<_>>());
            let Some(next) = page.next else { break };
            query.after = next.0;
            page = asked(&db, &query).await;
        }
        let all: BTreeSet<_> = there.iter().flatten().collect();
        assert_eq!((there.len(), all.len(), there.concat().len()), (3, 130, 130), "{sort}");

        let mut back = vec![page.items.iter().map(|row| row.id).collect::<Vec<_>>()];
        let mut query = MerchantQuery { sort: sort.into(), ..Default::default() };
        while let Some(previous) = page.previous {
            query.before = previous.0;
            page = asked(&db, &query).await;
            assert!(page.next.is_some(), "{sort}: one came from there");
            back.push(page.items.iter().map(|row| row.id).collect());
        }
        back.reverse();
        assert_eq!(back, there, "{sort}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn paging_through_locations_gives_each_once_by_city(pool: PgPool) {
    let db = Db::new(pool.clone());
    let merchant = add_merchant(&db, &form("Chain")).await.unwrap();
    let other = add_merchant(&db, &form("Other")).await.unwrap();
    for id in [merchant, other] {
        sqlx::query(
            "insert into locations (id, merchant_id, street, city, region, postal_code, country, time_zone, created_at, updated_at)
             select gen_random_uuid(), $1, n || ' Main Street', case when n % 2 = 0 then 'Albany' else 'Öslo ' || n % 5 end, 'NY',
                    '1000' || n, 'US', 'UTC', now(), now() from generate_series(1, 120) n",
        )
        .bind(id.0)
        .execute(&pool)
        .await
        .unwrap();
    }
    let asked =
        async |query: &LocationQuery| db.read(server(), async |op| list_locations(op, merchant, query).await).await.unwrap();
    let (mut found, mut query) = (Vec::new(), LocationQuery::default());
    loop {
        let page = asked(&query).await;
        found.extend(page.items.into_iter().map(|l| (l.place.city, l.id)));
        match page.next {
            Some(next) => query.after = next.0,
            None => break,
        }
    }
    let all: BTreeSet<_> = found.iter().map(|(_, id)| id).collect();
    assert_eq!((found.len(), all.len()), (120, 120));
    assert!(found.is_sorted_by(|(a, _), (b, _)| a <= b), "by city");

    let one = asked(&LocationQuery { q: "17 main".into(), ..Default::default() }).await;
    let streets: Vec<_> = one.items.iter().map(|l| l.place.street.as_str()).collect();
    assert_eq!(streets.len(), 2, "17 and 117: {streets:?}");
    let id = one.items[0].id;
    db.write(server(), async |op| archive_location(op, merchant, id).await).await.unwrap();
    let archived = asked(&LocationQuery { archived: "yes".into(), ..Default::default() }).await;
    assert_eq!(archived.items.iter().map(|l| l.id).collect::<Vec<_>>(), [id]);
    assert_eq!(asked(&LocationQuery { q: "17 main".into(), ..Default::default() }).await.items.len(), 1);
}
