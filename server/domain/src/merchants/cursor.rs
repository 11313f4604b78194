//! Where a page of a list goes on: after or before the row with this sort key and id.

use crate::{Error, Result};
use model::{Cursor, FieldErrors, Page, Timestamp};
use uuid::Uuid;

/// The place of one row in a sorted list; the id decides between equal keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub key: String,
    pub id: Uuid,
}

/// Which page of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Paging {
    First,
    After(Place),
    Before(Place),
}

impl Paging {
    /// From the `after` and `before` of a query, of which at most one is filled.
    pub fn parse(after: &str, before: &str) -> Result<Self> {
        match (after.trim(), before.trim()) {
            ("", "") => Ok(Self::First),
            (after, "") => Place::parse(after).map(Self::After),
            (_, before) => Place::parse(before).map(Self::Before),
        }
    }

    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::First => None,
            Self::After(place) | Self::Before(place) => Some(place),
        }
    }

    /// Rows are read in the opposite order, from the place backwards.
    pub fn backwards(&self) -> bool {
        matches!(self, Self::Before(_))
    }

    /// The page that `rows` make, read with a limit of one more than `size` in the order of reading.
    pub fn page<R, T>(
        &self,
        mut rows: Vec<R>,
        size: usize,
        place: impl Fn(&R) -> Place,
        item: impl Fn(R) -> Result<T>,
    ) -> Result<Page<T>> {
        let more = rows.len() > size;
        rows.truncate(size);
        if self.backwards() {
            rows.reverse();
        }
        let (earlier, later) = match self {
            Self::First => (false, more),
            Self::After(_) => (true, more),
            Self::Before(_) => (more, true),
        };
        let cursor = |row: Option<&R>| row.map(|row| place(row).cursor());
        Ok(Page {
            next: later.then(|| cursor(rows.last())).flatten(),
            previous: earlier.then(|| cursor(rows.first())).flatten(),
            items: rows.into_iter().map(item).collect::<Result<_>>()?,
        })
    }
}

impl Place {
    fn parse(cursor: &str) -> Result<Self> {
        let (key, id) = cursor.rsplit_once('~').ok_or_else(broken)?;
        Ok(Self { key: key.to_owned(), id: id.parse().map_err(|_| broken())? })
    }

    fn cursor(&self) -> Cursor {
        Cursor(format!("{}~{}", self.key, self.id))
    }

    /// The key of a list in order of time.
    pub fn time(&self) -> Result<Timestamp> {
        self.key.parse().map_err(|_| broken())
    }
}

fn broken() -> Error {
    FieldErrors::of("after", "This page of the list is not there; start from the first.").into()
}

/// A text as part of a `like` pattern, where it stands for itself.
pub(super) fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
