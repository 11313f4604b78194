//! The lists of an offer's form.

use super::*;
use model::offers::FormOptions;

async fn options(world: &World, merchant: MerchantId) -> FormOptions {
    world.db.read(staff(EDITOR), async |op| form_options(op, merchant).await).await.unwrap()
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_a_draft_names_is_still_offered_when_it_is_out_of_use(pool: PgPool) {
    let world = World::new(pool).await;
    let (owner, place) = (AccountId(Uuid::from_u128(SECOND_EDITOR)), world.places[0]);
    let form = OfferForm {
        place_scope: "some".into(),
        locations: world.places.iter().map(ToString::to_string).collect(),
        owner: owner.to_string(),
        ..world.form()
    };
    let id = world.add(&form).await.unwrap();
    out_of_use(&world, owner, place).await;

    let offered = options(&world, world.merchant).await;
    let label = |id: LocationId| offered.locations.iter().find(|l| l.id == id).map(|l| l.label.as_str());
    assert_eq!(label(place), Some("1 Main Street, Springfield, NY 10001 (archived)"));
    assert_eq!(label(world.places[1]), Some("1 Main Street, Springfield, NY 10001"));
    assert!(offered.owners.contains(&(owner, "Edgar (disabled)".to_owned())), "{:?}", offered.owners);

    // The form that holds all that its lists offer keeps both in the next save.
    world.retitle(EDITOR, id, "25% off").await;
    let draft = world.get(id).await.draft;
    assert_eq!((draft.owner, draft.locations.len()), (owner.to_string(), 2));
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_out_of_use_and_named_nowhere_is_not_offered(pool: PgPool) {
    let world = World::new(pool).await;
    world.add(&world.form()).await.unwrap();
    let (owner, place) = (AccountId(Uuid::from_u128(SECOND_EDITOR)), world.places[0]);
    out_of_use(&world, owner, place).await;
    let offered = options(&world, world.merchant).await;
    assert_eq!(offered.locations.iter().map(|l| l.id).collect::<Vec<_>>(), [world.places[1]]);
    assert!(offered.owners.iter().all(|(id, _)| *id != owner), "{:?}", offered.owners);
}

async fn out_of_use(world: &World, owner: AccountId, place: LocationId) {
    sqlx::query("update accounts set disabled_at = now() where id = $1").bind(owner.0).execute(&world.pool).await.unwrap();
    sqlx::query("update locations set archived_at = now() where id = $1").bind(place.0).execute(&world.pool).await.unwrap();
}
