//! The background jobs of the program: what it can do, and what it does by the clock.

use kit::queue::{self, Cron, QueueError, Task};
use kit::shutdown::Shutdown;

use crate::commands::Start;
use crate::session;

/// Works on jobs until the word to stop.
pub fn run(start: &Start, shutdown: Shutdown) -> impl Future<Output = Result<(), QueueError>> + Send + use<> {
    let (pool, concurrency) = (start.pool.clone(), usize::from(start.settings.worker_concurrency));
    async move { queue::run(pool, tasks(), &crons(), concurrency, shutdown).await }
}

fn tasks() -> Vec<Task> {
    vec![Task::new("purge_sessions", |_, context| async move {
        let ended = session::store(context.pool).purge_expired().await.map_err(|e| e.to_string())?;
        tracing::info!(ended, "ended sessions removed");
        Ok(())
    })]
}

fn crons() -> Vec<Cron> {
    vec![Cron { task: "purge_sessions", schedule: "17 * * * *" }]
}
