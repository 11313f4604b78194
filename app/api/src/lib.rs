//! Server functions: the one way from a page to the domain, a line or two each.
//!
//! Desk doors answer under `/desk/api`, where the staff session is read; doors for everybody under `/api`.

pub mod accounts;
pub mod audit;
pub mod catalogue;
pub mod categories;
pub mod jobs;
pub mod kept;
pub mod mail;
pub mod merchants;
pub mod offers;
pub mod places;
pub mod second_factor;
pub mod sessions;

#[cfg(feature = "ssr")]
pub mod server;
