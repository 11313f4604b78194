//! The tree of categories.
//!
//! Owns `categories`. Anybody may read it.

mod store;
#[cfg(test)]
mod tests;

use crate::{Op, Result, error::violates, journal};
use model::{CategoryId, FieldErrors, access::Permission, categories::Category};
use serde_json::json;

/// A category to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCategory {
    pub parent: Option<CategoryId>,
    /// Unique; stands in addresses.
    pub slug: String,
    pub name: String,
    /// The name of an icon of the kit.
    pub icon: String,
    /// Its place among its siblings, smallest first.
    pub position: i32,
}

/// All categories, siblings in their order.
pub async fn all(op: &mut Op) -> Result<Vec<Category>> {
    store::all(op.conn()).await
}

/// The categories and everything above them, each once.
pub async fn with_ancestors(op: &mut Op, ids: &[CategoryId]) -> Result<Vec<CategoryId>> {
    store::with_ancestors(op.conn(), ids).await
}

/// The category of this slug and everything below it; empty when there is none.
pub async fn with_descendants(op: &mut Op, slug: &str) -> Result<Vec<CategoryId>> {
    store::with_descendants(op.conn(), slug).await
}

/// Whether there is a category for every one of the ids.
pub async fn exist(op: &mut Op, ids: &[CategoryId]) -> Result<bool> {
    store::exist(op.conn(), ids).await
}

/// Adds a category.
pub async fn add(op: &mut Op, new: NewCategory) -> Result<CategoryId> {
    op.demand(Permission::ManageAccounts)?;
    let id = op.new_id();
    match store::insert(op.conn(), id, &new).await {
        Err(error) if violates(&error, "categories_slug_key") => {
            return Err(FieldErrors::of("slug", "There is already a category with this slug.").into());
        }
        Err(error) if violates(&error, "categories_parent_id_fkey") => {
            return Err(FieldErrors::of("parent", "The category above this one is not there.").into());
        }
        outcome => outcome?,
    }
    journal::record(op, "category.added", journal::Subject::Category(id), json!({ "slug": new.slug })).await?;
    Ok(id)
}

/// Adds a whole tree, parents before their children, as one entry of the audit log: what an installation begins with.
pub async fn load(op: &mut Op, tree: &[(CategoryId, NewCategory)]) -> Result<()> {
    op.demand(Permission::ManageAccounts)?;
    for (id, new) in tree {
        store::insert(op.conn(), *id, new).await?;
    }
    journal::record_quietly(op, "categories.loaded", None, json!({ "count": tree.len() })).await
}
