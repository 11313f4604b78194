//! Log lines, on the standard error: text on a terminal, JSON elsewhere.

use std::io::IsTerminal as _;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use crate::config::LogFormat;

/// Crates whose finer lines are fit for the log. Those of others may hold headers, and with them cookies.
const KNOWN: [&str; 9] = ["api", "desk", "domain", "kit", "member", "model", "sqlx", "tessera", "ui"];

/// Begins to log. `level` was checked when the settings were read.
pub fn begin(format: LogFormat, level: &str) {
    let filter = EnvFilter::new(level);
    let safe = filter_fn(is_safe);
    let text = match format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let lines = if text { lines.boxed() } else { lines.json().flatten_event(true).with_current_span(false).boxed() };
    // It fails where a test has begun already.
    let _ = tracing_subscriber::registry().with(filter).with(lines.with_filter(safe)).try_init();
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
