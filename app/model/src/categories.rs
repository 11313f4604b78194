//! The tree of categories that merchants and offers are filed under.

use crate::CategoryId;
use serde::{Deserialize, Serialize};

/// One category. Trees are small (hundreds), so pages hold them whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    pub id: CategoryId,
    pub parent: Option<CategoryId>,
    /// Unique; stands in addresses such as `?category=pizza`.
    pub slug: String,
    pub name: String,
    /// The name of an icon of the kit.
    pub icon: String,
}

/// The categories as a list for a form, children after their parent: (id, indented name).
pub fn options(categories: &[Category]) -> Vec<(String, String)> {
    let mut options = Vec::new();
    for top in categories.iter().filter(|c| c.parent.is_none()) {
        options.push((top.id.to_string(), top.name.clone()));
        for child in categories.iter().filter(|c| c.parent == Some(top.id)) {
            options.push((child.id.to_string(), format!("{} – {}", top.name, child.name)));
        }
    }
    options
}
