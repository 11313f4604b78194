//! Lists are paged by cursor: the place after the last row seen, never a number of rows to skip.

use serde::{Deserialize, Serialize};

/// Where a page of a list goes on, opaque to callers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Names the page after this one, if there is one.
    pub next: Option<Cursor>,
    /// Names the page before this one, if there is one.
    pub previous: Option<Cursor>,
}

impl<T> Page<T> {
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next, previous: self.previous }
    }
}
