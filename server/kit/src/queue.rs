//! The job queue in Postgres: graphile_worker in its own schema. A job is added in the transaction of the change that
//! wants it and runs at least once; jobs of a worker that was killed run again after some ten seconds.
//!
//! graphile_worker binds a task to a type. Here tasks are values, so that whoever starts the program can list them: every
//! job has the one type [`Envelope`], which names the task.
//!
//! graphile_worker's tables are read and changed here and in the modules below alone.

mod cron;
mod record;
mod steer;

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use graphile_worker::{
    IntoTaskHandlerResult, JobSpec, Schema, TaskHandler, WorkerContext, WorkerOptions, WorkerRecoveryConfig,
    WorkerShutdownConfig, WorkerUtils,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::postgres::{PgConnection, PgPool};
use tracing::Instrument as _;

pub use self::cron::{Cron, last_due, next_due};
pub use self::record::{End, Ended, Record, Run};
pub use self::steer::{JobRow, JobState, Steered, TaskCount};

use crate::shutdown::Shutdown;

const SCHEMA: &str = "graphile_worker";

/// The queue's own log lines start with this target and hold the payloads of jobs, which may be secret: a program must
/// keep them out of its log. What is worth knowing is logged here.
pub const UNSAFE_LOG_TARGET: &str = "graphile_worker";

/// How long a job may go on after the word to stop.
const GRACE: Duration = Duration::from_secs(15);
/// How long to wait before trying again when Postgres is gone.
const RETRY: Duration = Duration::from_secs(1);
/// How long a try of a task may take unless the task says otherwise.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// Why the queue does not work.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    #[error("the job was not added: {0}")]
    Add(String),
    #[error("the job could not be changed: {0}")]
    Steer(String),
    #[error("the queue's tables could not be made: {0}")]
    Install(String),
    #[error("`{schedule}` is not a schedule for {task}: {reason}")]
    Schedule { task: &'static str, schedule: &'static str, reason: String },
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
}

/// A job to be done once somebody has time.
#[derive(Debug, Clone)]
pub struct NewJob {
    task: &'static str,
    payload: Value,
    spec: JobSpec,
}

impl NewJob {
    pub fn new(task: &'static str, payload: Value) -> NewJob {
        NewJob { task, payload, spec: JobSpec::default() }
    }

    /// Replaces the waiting job with the same key, so that there is only one.
    pub fn key(mut self, key: impl Into<String>) -> NewJob {
        self.spec.job_key = Some(key.into());
        self
    }

    /// Not before this time.
    pub fn run_at(mut self, at: DateTime<Utc>) -> NewJob {
        self.spec.run_at = Some(at);
        self
    }

    /// How often it is tried before it counts as failed, 25 times unless said. Each wait is longer than the last.
    pub fn max_attempts(mut self, attempts: u16) -> NewJob {
        self.spec.max_attempts = Some(i16::try_from(attempts).unwrap_or(i16::MAX));
        self
    }
}

/// How full the queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct QueueStats {
    /// Jobs that could run now.
    pub ready: i64,
    /// Jobs that run.
    pub running: i64,
    /// Jobs for later, those to be tried again included.
    pub scheduled: i64,
    /// Jobs that were tried as often as they may be.
    pub failed: i64,
}

/// The way into the queue.
#[derive(Clone)]
pub struct Queue {
    pool: PgPool,
    utils: WorkerUtils,
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Queue")
    }
}

impl Queue {
    pub fn new(pool: PgPool) -> Queue {
        let utils = WorkerUtils::new(&pool, Schema::from(SCHEMA));
        Queue { pool, utils }
    }

    /// Makes or renews the queue's own tables. Two processes must not do this at once.
    pub async fn install(&self) -> Result<(), QueueError> {
        self.utils.migrate().await.map_err(|e| QueueError::Install(e.to_string()))
    }

    /// Adds a job within the caller's transaction: it is there for workers once that commits.
    pub async fn add_job(&self, connection: &mut PgConnection, job: NewJob) -> Result<(), QueueError> {
        let envelope = Envelope { task: job.task.to_owned(), payload: job.payload };
        let mut utils = self.utils.clone().with_executor(connection);
        utils.add_job(envelope, job.spec).await.map_err(|e| QueueError::Add(e.to_string()))?;
        Ok(())
    }

    pub async fn stats(&self) -> Result<QueueStats, QueueError> {
        let counts = "select count(*) filter (where is_available and run_at <= now()) as ready,
                             count(*) filter (where locked_at is not null) as running,
                             count(*) filter (where is_available and run_at > now()) as scheduled,
                             count(*) filter (where locked_at is null and not is_available and r.id is null) as failed
                      from graphile_worker._private_jobs left join graphile_worker._private_job_retirements r using (id)";
        Ok(sqlx::query_as(counts).fetch_one(&self.pool).await?)
    }
}

/// What a task is told beside its payload.
#[derive(Debug, Clone)]
pub struct TaskContext {
    pub pool: PgPool,
    pub job_id: i64,
    /// 1 at the first try.
    pub attempt: i16,
    /// No other try follows if this one fails.
    pub is_last: bool,
}

type TaskFuture = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;
type TaskFn = Box<dyn Fn(Value, TaskContext) -> TaskFuture + Send + Sync>;

/// Something that a worker can do. It may be run more than once for one job and must be built for that.
pub struct Task {
    name: &'static str,
    limit: Duration,
    run: TaskFn,
}

impl Task {
    pub fn new<F, Fut>(name: &'static str, run: F) -> Task
    where
        F: Fn(Value, TaskContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), String>> + Send + 'static,
    {
        Task { name, limit: LIMIT, run: Box::new(move |payload, context| Box::pin(run(payload, context))) }
    }

    /// How long a try may take, ten minutes unless said. One that takes longer is cut off and counts as failed.
    pub fn limit(mut self, limit: Duration) -> Task {
        self.limit = limit;
        self
    }
}

/// Works on jobs until the word to stop, then lets those in hand finish. While Postgres is gone it tries again. Each run of
/// a task is told to `record`.
pub async fn run(
    pool: PgPool,
    tasks: Vec<Task>,
    crons: &[Cron],
    concurrency: usize,
    record: Arc<dyn Record>,
    shutdown: Shutdown,
) -> Result<(), QueueError> {
    let lines = crons.iter().map(cron::crontab).collect::<Result<Vec<_>, _>>()?;
    let tasks = Tasks { by_name: Arc::new(tasks.into_iter().map(|task| (task.name, task)).collect()), record };
    while !shutdown.is_requested() {
        let worked = async {
            cron::make_up(&pool, crons).await.map_err(|e| e.to_string())?;
            tokio::select! {
                worked = work(&pool, &tasks, &lines, concurrency, &shutdown) => worked,
                never = cron::keep_making_up(&pool, crons) => match never {},
            }
        };
        if let Err(error) = worked.await {
            tracing::warn!(error, "the worker lost Postgres and tries again");
            tokio::select! {
                () = tokio::time::sleep(RETRY) => {}
                () = shutdown.requested() => {}
            }
        }
    }
    Ok(())
}

async fn work(
    pool: &PgPool,
    tasks: &Tasks,
    crons: &[graphile_worker::Crontab],
    concurrency: usize,
    shutdown: &Shutdown,
) -> Result<(), String> {
    let stop = shutdown.clone();
    let worker = WorkerOptions::default()
        .pg_pool(pool.clone())
        .schema(SCHEMA)
        .concurrency(concurrency.max(1))
        .define_job::<Envelope>()
        .add_extension(tasks.clone())
        .with_crons(crons.to_vec())
        // Without this the jobs of a killed worker stay locked for four hours.
        .worker_recovery(
            WorkerRecoveryConfig::default()
                .heartbeat_interval(Duration::from_secs(2))
                .sweep_interval(Duration::from_secs(3))
                .sweep_threshold(Duration::from_secs(8))
                .recovery_delay(Duration::ZERO),
        )
        .worker_shutdown(
            WorkerShutdownConfig::default()
                .listen_os_shutdown_signals(false)
                .grace_period(GRACE)
                .interrupted_job_retry_delay(RETRY)
                .shutdown_signal(async move { stop.requested().await }),
        )
        .init()
        .await
        .map_err(|e| e.to_string())?;
    worker.run().await.map_err(|e| e.to_string())
}

/// What every job is: the name of its task and what that is given.
#[derive(Serialize, Deserialize)]
struct Envelope {
    task: String,
    payload: Value,
}

#[derive(Clone)]
struct Tasks {
    by_name: Arc<HashMap<&'static str, Task>>,
    record: Arc<dyn Record>,
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_name.keys()).finish()
    }
}

impl TaskHandler for Envelope {
    const IDENTIFIER: &'static str = "task";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let job = context.job();
        let (job_id, attempt, is_last) = (*job.id(), *job.attempts(), job.attempts() >= job.max_attempts());
        let span = tracing::info_span!("job", task = self.task, job_id, attempt);
        async move {
            let tasks = context.get_ext::<Tasks>().ok_or("the worker has no tasks")?;
            let run = Run { task: self.task, job_id, attempt, is_last, worker: context.worker_id().to_owned() };
            tasks.record.began(&run).await;
            let begun = std::time::Instant::now();
            let given = TaskContext { pool: context.pg_pool().clone(), job_id, attempt, is_last };
            let done = within_limit(tasks.by_name.get(run.task.as_str()), &run.task, self.payload, given).await;
            let seconds = begun.elapsed().as_secs_f64();
            match &done {
                Ok(()) => tracing::info!(seconds, "job done"),
                Err(error) if is_last => tracing::error!(seconds, error, "job failed for good"),
                Err(error) => tracing::warn!(seconds, error, "job failed and is tried again"),
            }
            let end = match &done {
                Ok(()) => End::Done,
                Err(_) if is_last => End::FailedForGood,
                Err(_) => End::Failed,
            };
            tasks.record.ended(&run, Ended { end, message: done.as_ref().err().map(String::as_str) }).await;
            done
        }
        .instrument(span)
        .await
    }
}

/// Runs a task for as long as it may take. It runs as a task of the runtime too, so that one that panics, or keeps its thread,
/// is told like any other that fails; when it is given up, it is dropped.
async fn within_limit(task: Option<&Task>, name: &str, payload: Value, given: TaskContext) -> Result<(), String> {
    let task = task.ok_or_else(|| format!("This worker knows no task {name}; start workers of the newest version."))?;
    let mut running = tokio::task::JoinSet::new();
    running.spawn((task.run)(payload, given).in_current_span());
    match tokio::time::timeout(task.limit, running.join_next()).await {
        Err(_) => Err(format!("It took longer than the {} that it may take, and was cut off.", in_words(task.limit))),
        Ok(Some(Ok(done))) => done,
        Ok(Some(Err(broken))) => {
            tracing::warn!(%broken, "the task broke");
            Err("It ended by a fault of the program, which the server's log tells.".to_owned())
        }
        Ok(None) => Err("It did not run.".to_owned()),
    }
}

/// `90 seconds`, `10 minutes`.
fn in_words(limit: Duration) -> String {
    match (limit.as_secs(), limit.subsec_millis()) {
        (0, thousandths) => format!("{thousandths} milliseconds"),
        (seconds, _) if seconds >= 120 && seconds % 60 == 0 => format!("{} minutes", seconds / 60),
        (seconds, _) => format!("{seconds} seconds"),
    }
}

#[cfg(test)]
mod tests;
