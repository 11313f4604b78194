//! The audit log's page.

mod list_page;

pub use list_page::ListPage;
