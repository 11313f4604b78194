//! The pages of offers: the list, the record with its draft, a revision under review.

mod actions;
mod categories;
mod changes;
mod fields;
mod history;
mod list_page;
mod new_page;
mod preview;
mod publish_form;
mod record_page;
mod revision_page;
mod words;

pub use list_page::ListPage;
pub use new_page::NewPage;
pub use record_page::RecordPage;
pub use revision_page::RevisionPage;
