//! Log lines, on the standard error: text on a terminal, JSON elsewhere.

use std::io::IsTerminal as _;

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use crate::config::LogFormat;

/// Crates whose finer lines are fit for the log. Those of others may hold headers, and with them cookies.
const KNOWN: [&str; 9] = ["api", "desk", "domain", "kit", "member", "model", "sqlx", "tessera", "ui"];

/// Begins to log. `level` was checked when the settings were read.
pub fn begin(format: LogFormat, level: &str) {
    let is_terminal = std::io::stderr().is_terminal();
    let is_text = match format {
        LogFormat::Auto => is_terminal,
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    // It fails where somebody has begun already.
    let _ = subscriber(is_text, is_terminal, level, std::io::stderr).try_init();
}

fn subscriber<W>(is_text: bool, has_colours: bool, level: &str, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = fmt::layer().with_writer(writer).with_ansi(has_colours);
    let lines = if is_text { lines.boxed() } else { lines.json().flatten_event(true).with_current_span(false).boxed() };
    tracing_subscriber::registry().with(EnvFilter::new(level)).with(lines.with_filter(filter_fn(is_safe)))
}

/// Whether a line can be logged without a look at what it says.
fn is_safe(meta: &Metadata<'_>) -> bool {
    let target = meta.target();
    if target.starts_with(kit::queue::UNSAFE_LOG_TARGET) {
        return false;
    }
    // "already exists, skipping" and the like.
    if target == "sqlx::postgres::notice" && *meta.level() > Level::WARN {
        return false;
    }
    let name = target.split("::").next().unwrap_or_default();
    *meta.level() <= Level::INFO || KNOWN.contains(&name)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// The lines of a test.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("the lines").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(level: &str, work: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        tracing::subscriber::with_default(subscriber(false, false, level, move || writer.clone()), work);
        let text = lines.0.lock().expect("the lines").clone();
        String::from_utf8(text).expect("text")
    }

    #[test]
    fn a_jobs_payload_is_never_logged_whatever_the_level() {
        let text = logged("trace,graphile_worker=trace", || {
            tracing::error!(target: "graphile_worker::runner", payload = "secret", "Job max attempts reached");
            tracing::info!(target: "graphile_worker_queries::add_job", payload = "secret", "Job added to queue");
            tracing::info!(target: "kit::queue", "job done");
        });
        assert!(!text.contains("secret") && text.contains("job done"), "{text}");
    }

    #[test]
    fn the_finer_lines_of_other_crates_are_never_logged() {
        let text = logged("trace", || {
            tracing::debug!(target: "hyper::proto", cookie = "secret", "parsed headers");
            tracing::trace!(target: "tower_sessions_core::session", id = "secret", "loading");
            tracing::warn!(target: "hyper::proto", "connection lost");
            tracing::debug!(target: "domain::offers", "a finer line of ours");
        });
        assert!(!text.contains("secret") && text.contains("connection lost") && text.contains("a finer line of ours"), "{text}");
    }

    #[test]
    fn every_line_within_a_request_holds_its_id() {
        let text = logged("info", || {
            let request = tracing::info_span!("request", request_id = "0123456789");
            let _in_request = request.enter();
            let _deeper = tracing::info_span!("call").entered();
            tracing::info!("first");
            tracing::error!("second");
        });
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.lines().all(|line| line.contains("\"request_id\":\"0123456789\"")), "{text}");
    }
}
