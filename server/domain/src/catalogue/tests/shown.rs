//! The offer's own page: everything a member needs, and nothing that is not theirs to know.

use super::world::*;
use crate::catalogue;
use model::{AccountId, Currency, Money, offers::*};
use sqlx::PgPool;
use uuid::Uuid;

#[sqlx::test(migrations = "../../migrations")]
async fn secrets_of_the_operator_never_reach_a_page(pool: PgPool) {
    let world = World::new(pool);
    let merchant = world.merchant("Corner Shop").await;
    let place = world.location(merchant, Some((40.75, -73.99))).await;
    let owner = AccountId(Uuid::from_u128(0xABCD_EF12));
    let base = OfferContent {
        limits: Limits { total: Some(424_242), budget: Some(Money::new(3_133_700, Currency::USD)), ..Limits::default() },
        contract: Contract {
            funding: Funding::Shared { merchant_basis_points: 6789 },
            from: "2026-01-01".parse().ok(),
            until: "2031-11-30".parse().ok(),
            owner: Some(owner),
            priority: 97,
        },
        ..content(merchant, "Public")
    };
    for redemption in
        [Redemption::SharedCode { code: "HUSH-77".into() }, Redemption::Link { url: "https://hidden.example.com/HUSH-77".into() }]
    {
        let offer = OfferContent { redemption, ..base.clone() };
        let (_, short_id) = world.publish(Published { locations: vec![place.clone()], ..live(offer) }).await;
        let page = world.offer(&short_id).await.unwrap();
        // Public addresses end in letters and digits of chance, which may look like a secret.
        let told = serde_json::to_string(&page).unwrap().replace(&page.card.address, "").replace(&page.merchant_address, "");
        for secret in
            ["HUSH", "hidden.example", "31337", "31,337", "424242", "6789", "67.89", "2031", "97", &owner.to_string(), "draft"]
        {
            assert!(!told.contains(secret), "{secret} is told: {told}");
        }
        assert_eq!(page.places.count, 1);
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn texts_are_sanitised_and_the_document_stays_in_its_script(pool: PgPool) {
    let world = World::new(pool);
    let merchant = world.merchant("</script><script>alert(1)</script>").await;
    let mut offer = content(merchant, "</script><!--<script>alert(2)</script>");
    offer.texts.terms = "One *per* table.<script>alert(3)</script>".into();
    offer.texts.exclusions = "<img src=x onerror=alert(4)>Drinks".into();
    offer.texts.how_to_redeem = "[Here](javascript:alert(5))".into();
    offer.texts.summary = "</script><svg onload=alert(6)>".into();
    let (_, short_id) = world.publish(live(offer)).await;
    let page = world.offer(&format!("whatever-{short_id}")).await.unwrap();
    assert_eq!(page.terms, "<p dir=\"auto\">One <em>per</em> table.</p>");
    assert_eq!(page.exclusions, "<p dir=\"auto\">Drinks</p>");
    assert!(!page.how_to_redeem.contains("javascript"), "{}", page.how_to_redeem);
    assert!(!page.json_ld.contains(['<', '>']), "{}", page.json_ld);
    let document: serde_json::Value = serde_json::from_str(&page.json_ld).unwrap();
    assert_eq!(document["@type"], "Offer");
    assert_eq!(document["offeredBy"]["name"], "</script><script>alert(1)</script>");
    assert_eq!(
        page.card.address,
        format!("script-script-alert-2-script-{short_id}"),
        "the canonical address, whatever was asked"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_first_places_are_the_nearest_and_all_are_counted(pool: PgPool) {
    let world = World::new(pool);
    world.zip("10001", 40.75, -73.99).await;
    let merchant = world.merchant("Chain").await;
    let mut locations = Vec::new();
    for n in 0..25 {
        locations.push(world.location(merchant, Some((45.0 - f64::from(n) * 0.1, -73.99))).await);
    }
    let closed = locations.pop().unwrap();
    let (_, short_id) = world.publish(Published { locations, ..live(content(merchant, "Chain")) }).await;
    let page = async |near: &'static str| {
        world.read(async |op| catalogue::offer_page(op, &short_id, near, "https://example.com").await).await.unwrap()
    };
    let near = page("10001").await;
    assert_eq!((near.places.shown.len(), near.places.count), (20, 24));
    assert_eq!(near.places.near.as_deref(), Some("City 10001, NY"));
    assert_eq!(near.places.shown[0].point, Some((42.7, -73.99)), "the place that is not in the offer does not count: {closed:?}");
    assert!(near.places.shown.windows(2).all(|w| w[0].distance_km <= w[1].distance_km));
    let lost = page("nowhere").await;
    assert_eq!(lost.places.shown.len(), 20);
    assert!(lost.places.notice.is_some());
    world.run("update locations set closed_from = '2020-01-01'").await;
    assert_eq!(page("").await.places.shown[0].closed.as_deref(), Some("Closed until further notice"));
    world.run("update locations set archived_at = now() where latitude < 44.5").await;
    assert_eq!(page("").await.places.count, 6);
}
