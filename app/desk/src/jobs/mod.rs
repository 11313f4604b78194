//! What the server does by itself: alarms, the queue, what the clock starts, every run, and one job.

mod list_page;
mod queue_page;
mod record_page;
mod words;

pub use list_page::ListPage;
pub use queue_page::QueuePage;
pub use record_page::RecordPage;
