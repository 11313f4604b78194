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

/// The categories as a list for a form, children after their parent: (id, the names from the top down).
pub fn options(categories: &[Category]) -> Vec<(String, String)> {
    listed(categories, |category| category.id.to_string())
}

/// The same by slug, for the filters of lists.
pub fn slug_options(categories: &[Category]) -> Vec<(String, String)> {
    listed(categories, |category| category.slug.clone())
}

fn listed(categories: &[Category], key: fn(&Category) -> String) -> Vec<(String, String)> {
    let mut rows = Vec::with_capacity(categories.len());
    below(categories, None, "", &mut |category, name| rows.push((key(category), name.to_owned())));
    rows
}

fn below(categories: &[Category], parent: Option<CategoryId>, above: &str, row: &mut impl FnMut(&Category, &str)) {
    for category in categories.iter().filter(|c| c.parent == parent) {
        let name = if above.is_empty() { category.name.clone() } else { format!("{above} – {}", category.name) };
        row(category, &name);
        below(categories, Some(category.id), &name, row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn children_stand_after_their_parent_at_any_depth() {
        let category = |id: u128, parent: Option<u128>, name: &str| Category {
            id: CategoryId(Uuid::from_u128(id)),
            parent: parent.map(|id| CategoryId(Uuid::from_u128(id))),
            slug: name.to_lowercase(),
            name: name.into(),
            icon: "tag".into(),
        };
        let tree = [
            category(3, Some(2), "Slices"),
            category(4, None, "Shops"),
            category(2, Some(1), "Pizza"),
            category(1, None, "Food"),
        ];
        let names: Vec<_> = options(&tree).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["Shops", "Food", "Food – Pizza", "Food – Pizza – Slices"]);
        assert_eq!(slug_options(&tree)[2], ("pizza".to_owned(), "Food – Pizza".to_owned()));
    }
}
