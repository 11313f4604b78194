//! The SQL of merchants, brands and locations.

pub(super) mod locations;
pub(super) mod merchants;
