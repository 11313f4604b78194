//! `tessera worker`.

use kit::shutdown::Shutdown;

use super::serve::{listen_for_metrics, stop_on_signals};
use super::{Failure, Start};
use crate::config::Settings;
use crate::jobs;

/// Works on background jobs until it is told to stop.
pub async fn work(settings: Settings) -> Result<(), Failure> {
    let shutdown = stop_on_signals()?;
    let post = jobs::Post::of(&settings)?;
    let start = Start::begin(settings).await?;
    let worked = work_on_jobs(&start, post, &shutdown).await;
    shutdown.request();
    start.end().await?;
    tracing::info!("stopped");
    worked
}

async fn work_on_jobs(start: &Start, post: jobs::Post, shutdown: &Shutdown) -> Result<(), Failure> {
    start.watch_cluster(shutdown);
    listen_for_metrics(start, shutdown).await?;
    tracing::info!("working on background jobs");
    jobs::run(start, post, shutdown.clone()).await?;
    Ok(())
}
