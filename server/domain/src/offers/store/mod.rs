//! The SQL of offers, revisions and publications.

pub(super) mod bulk;
mod drafts;
mod lists;
mod publications;
mod revisions;

pub(super) use drafts::*;
pub(super) use lists::*;
pub(super) use publications::*;
pub(super) use revisions::*;
