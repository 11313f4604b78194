//! Metrics for Prometheus, served beside the site at an address of their own.

use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::header::CONTENT_TYPE;
use kit::queue::Queue;
use kit::shutdown::Shutdown;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use sqlx::PgPool;
use tokio::net::TcpListener;

use crate::health::log_stuck_since;

/// Upper bounds of the latency histogram, in seconds.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// How long a scrape waits for each thing that it asks the data base.
const PATIENCE: Duration = Duration::from_secs(2);

/// Notes one answered request. `route` is the pattern that matched, never the path itself, which anybody can make up.
pub fn note_request(route: &str, method: &'static str, status: u16, seconds: f64) {
    let labels = [("route", route.to_owned()), ("method", method.to_owned()), ("status", status.to_string())];
    counter!("http_requests_total", &labels).increment(1);
    histogram!("http_request_duration_seconds", &labels).record(seconds);
}

#[derive(Clone)]
struct Scrape {
    handle: PrometheusHandle,
    pool: PgPool,
    queue: Queue,
}

/// Serves the metrics until the word to stop.
pub fn serve(listener: TcpListener, pool: PgPool, queue: Queue, shutdown: Shutdown) -> Result<(), BuildError> {
    let scrape = Scrape { handle: recorder()?, pool, queue };
    let app = Router::new().route("/metrics", get(render)).with_state(scrape);
    tokio::spawn(async move {
        let served = axum::serve(listener, app).with_graceful_shutdown(async move { shutdown.requested().await }).await;
        if let Err(error) = served {
            tracing::error!(%error, "the metrics are no longer served");
        }
    });
    Ok(())
}

/// The one recorder of the process.
fn recorder() -> Result<PrometheusHandle, BuildError> {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let handle = PrometheusBuilder::new().set_buckets(&BUCKETS)?.install_recorder()?;
    describe_counter!("http_requests_total", "Requests answered, by route, method and status");
    describe_histogram!("http_request_duration_seconds", "Seconds until the head of the answer");
    describe_gauge!("db_up", "Whether the data base answered the scrape");
    describe_gauge!("db_pool_connections", "Connections of the pool, by state");
    describe_gauge!("db_pool_max_connections", "Most connections of the pool");
    describe_gauge!("db_log_stuck_seconds", "Seconds since the data base's log reached the backups last, 0 when all is well");
    describe_gauge!("queue_jobs", "Background jobs, by state");
    describe_counter!("member_pages_total", "Member pages answered that can be kept, by source: kept or made");
    Ok(HANDLE.get_or_init(|| handle).clone())
}

async fn render(State(scrape): State<Scrape>) -> ([(http::HeaderName, &'static str); 1], String) {
    let (all, idle) = (f64::from(scrape.pool.size()), scrape.pool.num_idle() as f64);
    gauge!("db_pool_connections", "state" => "idle").set(idle);
    gauge!("db_pool_connections", "state" => "used").set((all - idle).max(0.0));
    gauge!("db_pool_max_connections").set(f64::from(scrape.pool.options().get_max_connections()));
    let stats = tokio::time::timeout(PATIENCE, scrape.queue.stats()).await;
    let stats = stats.ok().and_then(Result::ok);
    gauge!("db_up").set(if stats.is_some() { 1.0 } else { 0.0 });
    if let Some(stats) = stats {
        let states =
            [("ready", stats.ready), ("running", stats.running), ("scheduled", stats.scheduled), ("failed", stats.failed)];
        for (state, count) in states {
            gauge!("queue_jobs", "state" => state).set(count as f64);
        }
    }
    let stuck = tokio::time::timeout(PATIENCE, log_stuck_since(&scrape.pool)).await;
    if let Ok(Ok(since)) = stuck {
        let seconds = since.map_or(0.0, |since| (kit::clock::now() - since).num_seconds().max(1) as f64);
        gauge!("db_log_stuck_seconds").set(seconds);
    }
    scrape.handle.run_upkeep();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], scrape.handle.render())
}
