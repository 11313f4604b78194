//! The pages of merchants: the list, the record with its places, a location.

mod fields;
mod history;
mod list_page;
mod location_page;
mod location_state;
mod new_location_page;
mod new_page;
mod places;
mod record_page;
pub(crate) mod words;

pub use list_page::ListPage;
pub use location_page::LocationPage;
pub use new_location_page::NewLocationPage;
pub use new_page::NewPage;
pub use record_page::RecordPage;
