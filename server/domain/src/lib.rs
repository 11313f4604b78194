//! Every rule and every SQL statement, a folder a module: `mod.rs` holds the use cases, `store.rs` the module's own SQL.
//!
//! **Module order.** A module calls those above it in this list, as functions in the same [`Op`], and never one below it;
//! news goes to later modules through the outbox. A test reads the sources and holds this order and who writes which table.

mod error;
mod op;

// The module order, lowest first.
pub mod accounts;
pub mod catalogue;
pub mod categories;
pub mod demo;
pub mod external_ids;
pub mod journal;
pub mod kept_forms;
pub mod limits;
pub mod merchants;
pub mod offers;
pub mod places;

pub use error::{Error, Result};
pub use op::{Actor, Caller, Db, Op};

/// Every step of the schema, oldest first.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
