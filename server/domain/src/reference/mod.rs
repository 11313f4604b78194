//! What every installation begins with: the tree of categories, and where ZIP codes lie.
//!
//! Owns no table. What was changed or added since stays as it is: a table that holds anything is left alone.

mod data;
pub(crate) mod table;
#[cfg(test)]
mod tests;

use crate::{
    Op, Result,
    categories::{self, NewCategory},
    places,
};
pub(crate) use data::{Zip, categories, zips};
use model::{CategoryId, places::PostalCode};
use std::collections::HashMap;

/// Fills the tables that are empty. Run at start, by one process at a time.
pub async fn load_missing(op: &mut Op) -> Result<()> {
    if categories::all(op).await?.is_empty() {
        let tree = tree(op);
        categories::load(op, &tree).await?;
    }
    if places::is_empty(op).await? {
        places::load(op, &postal_codes()).await?;
    }
    Ok(())
}

/// The postal codes that every installation begins with.
pub(crate) fn postal_codes() -> Vec<PostalCode> {
    zips().into_iter().map(postal_code).collect()
}

/// The categories with new ids, each parent before its children.
fn tree(op: &Op) -> Vec<(CategoryId, NewCategory)> {
    let mut ids: HashMap<&str, CategoryId> = HashMap::new();
    let mut tree = Vec::new();
    for (position, category) in (0..).zip(data::categories()) {
        let id = op.new_id();
        let new = NewCategory {
            parent: category.parent.map(|slug| ids[slug]),
            slug: category.slug.to_owned(),
            name: category.name.to_owned(),
            icon: category.icon.to_owned(),
            position,
        };
        ids.insert(category.slug, id);
        tree.push((id, new));
    }
    tree
}

fn postal_code(zip: Zip) -> PostalCode {
    PostalCode {
        country: "US".to_owned(),
        code: zip.zip.to_owned(),
        city: zip.city.to_owned(),
        region: zip.state.to_owned(),
        latitude: zip.lat,
        longitude: zip.lon,
        time_zone: zip.zone.to_owned(),
    }
}
