//! The SQL of merchants, brands and locations.

pub(super) mod bulk;
pub(super) mod list;
pub(super) mod locations;
pub(super) mod merchants;
pub(super) mod versions;
