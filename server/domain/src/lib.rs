//! Every rule and every SQL statement, a folder a module: `mod.rs` holds the use cases, `store` the module's own SQL.
//!
//! **Module order.** A module calls those above it in this list, as functions in the same [`Op`], and never one below it;
//! news goes to later modules through the outbox. A test reads the sources and holds this order and who writes which table.

mod error;
mod op;

// The module order, lowest first.
pub mod journal;
pub mod limits;
pub mod keys;
pub mod mail;
pub mod accounts;
pub mod kept_forms;
pub mod posted_forms;
pub mod places;
pub mod categories;
pub mod reference;
pub mod external_ids;
pub mod pictures;
pub mod merchants;
pub mod catalogue;
pub mod offers;
pub mod jobs;
pub mod demo;

#[cfg(test)]
mod structure;

pub use error::{Error, Result};
pub use op::{Actor, Caller, Db, Op};

/// Every step of the schema, oldest first.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
