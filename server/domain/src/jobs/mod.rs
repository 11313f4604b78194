//! Background jobs as operators see them: what stands in the queue, what ran and how it ended, what the clock starts, and the
//! alarms that tell when something of it goes wrong.
//!
//! Owns `job_runs`, `job_schedules` and `alarms`. The queue's own tables belong to `kit::queue`.

mod alarms;
mod record;
mod schedules;
mod store;
#[cfg(test)]
mod tests;

pub use alarms::{Channels, TELL, Telling, Watch, check, note_told, send_test, test_text, untellable, untold};
pub use record::{Runs, purge};
pub use schedules::register;

use crate::{
    Op, Result,
    journal::{self, Subject},
};
use kit::queue::{self, JobRow, Steered};
use model::{
    AppError, Cursor, FieldErrors, Page,
    access::Permission,
    jobs::{JobId, JobQuery, JobRecord, JobRefusal, JobRun, JobState, Overview, QueuedJob, RunOutcome, RunQuery, TaskCounts},
};
use serde_json::json;
use std::{collections::BTreeMap, str::FromStr};

const PAGE: i64 = 50;
/// Runs of one job on its page. A job has at most as many tries, unless an operator gives it more.
const RUNS_OF_A_JOB: i64 = 100;

/// Everything at a glance, and the runs that were asked for, newest first.
pub async fn look(op: &mut Op, query: &RunQuery, channels: &Channels) -> Result<(Overview, Page<JobRun>)> {
    op.demand(Permission::Operate)?;
    let filter = RunFilter {
        task: some(&query.task),
        outcome: choice::<RunOutcome>("outcome", &query.outcome)?,
        before: place(&query.after)?,
    };
    let (queue, connection) = op.queue();
    let tasks = queue.counts(connection).await?.into_iter().map(counts).collect();
    let schedules = schedules::list(op).await?;
    let overview = Overview {
        alarms: store::alarms(op.conn()).await?,
        sends_alarms: !channels.is_empty(),
        tasks,
        schedules,
        known_tasks: store::known_tasks(op.conn()).await?,
    };
    let runs = store::runs(op.conn(), &filter, PAGE + 1).await?;
    Ok((overview, page(runs, |run| run.id)))
}

/// Jobs of the queue, newest first.
pub async fn list(op: &mut Op, query: &JobQuery) -> Result<Page<QueuedJob>> {
    op.demand(Permission::Operate)?;
    let (state, task) = (choice::<JobState>("state", &query.state)?.map(state_in_queue), some(&query.task));
    let after = place(&query.after)?;
    let (queue, connection) = op.queue();
    let rows = queue.jobs(connection, state, task.as_deref(), after, PAGE + 1).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut messages: BTreeMap<i64, String> = store::messages(op.conn(), &ids).await?.into_iter().collect();
    let jobs = rows.into_iter().map(|row| queued(messages.remove(&row.id), row)).collect();
    Ok(page(jobs, |job: &QueuedJob| job.id.0))
}

/// One job, in the queue or not any more, with its runs. `id` is what stands in the address.
pub async fn load(op: &mut Op, id: &str) -> Result<JobRecord> {
    op.demand(Permission::Operate)?;
    let id: JobId = id.parse().map_err(|_| AppError::NotFound)?;
    let (queue, connection) = op.queue();
    let row = queue.job(connection, id.0).await?;
    let runs = store::runs_of(op.conn(), id, RUNS_OF_A_JOB).await?;
    let message = store::messages(op.conn(), &[id.0]).await?.pop().map(|(_, message)| message);
    let queued = row.map(|row| queued(message, row));
    let task = queued.as_ref().map(|job| &job.task).or(runs.first().map(|run| &run.task)).ok_or(AppError::NotFound)?.clone();
    Ok(JobRecord { id, task, queued, runs })
}

/// Makes a job run now. One that failed for good gets all of its tries anew.
pub async fn retry(op: &mut Op, id: JobId) -> Result<()> {
    op.about(Subject::Job(id));
    op.demand(Permission::Operate)?;
    let (queue, connection) = op.queue();
    let task = queue.job(connection, id.0).await?.ok_or(JobRefusal::Gone)?.task;
    match queue.retry(connection, id.0).await? {
        Steered::Done => journal::record(op, "job.retried", Subject::Job(id), json!({ "task": task })).await,
        Steered::Running => Err(JobRefusal::Running.into()),
        Steered::Gone => Err(JobRefusal::Gone.into()),
    }
}

/// Takes a job out of the queue. One that runs goes on to the end of its run and is not tried again.
pub async fn cancel(op: &mut Op, id: JobId) -> Result<()> {
    op.about(Subject::Job(id));
    op.demand(Permission::Operate)?;
    let (queue, connection) = op.queue();
    let job = queue.job(connection, id.0).await?.ok_or(JobRefusal::Gone)?;
    let steered = queue.cancel(connection, id.0).await?;
    match steered {
        // Nothing of the job would be left to look at.
        Steered::Done => store::note_cancelled(op, &job).await?,
        Steered::Running => {}
        Steered::Gone => return Err(JobRefusal::Gone.into()),
    }
    let detail = json!({ "task": job.task, "running": steered == Steered::Running });
    journal::record(op, "job.cancelled", Subject::Job(id), detail).await
}

/// A checked [`RunQuery`].
struct RunFilter {
    task: Option<String>,
    outcome: Option<RunOutcome>,
    /// The run that a page goes on after.
    before: Option<i64>,
}

fn some(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn choice<T: FromStr>(field: &str, text: &str) -> Result<Option<T>> {
    let chosen = some(text).map(|word| word.parse());
    chosen.transpose().map_err(|_| FieldErrors::of(field, "Choose one of the list.").into())
}

fn place(after: &str) -> Result<Option<i64>> {
    let read = some(after).map(|id| id.parse());
    read.transpose().map_err(|_| FieldErrors::of("after", "This page of the list is not there; start from the first.").into())
}

fn page<T>(mut items: Vec<T>, id: impl Fn(&T) -> i64) -> Page<T> {
    let more = items.len() as i64 > PAGE;
    items.truncate(PAGE as usize);
    let next = items.last().filter(|_| more).map(|last| Cursor(id(last).to_string()));
    Page { items, next, previous: None }
}

fn counts(row: queue::TaskCount) -> TaskCounts {
    let count = |state: &JobState| match state {
        JobState::Ready => row.ready,
        JobState::Running => row.running,
        JobState::Retrying => row.retrying,
        JobState::Scheduled => row.scheduled,
        JobState::Failed => row.failed,
    };
    TaskCounts { counts: JobState::ALL.iter().map(count).collect(), oldest_ready: row.oldest_ready, task: row.task }
}

fn queued(message: Option<String>, row: JobRow) -> QueuedJob {
    QueuedJob {
        id: JobId(row.id),
        task: row.task,
        state: state(row.state),
        attempts: row.attempts,
        max_attempts: row.max_attempts,
        created_at: row.created_at,
        run_at: row.run_at,
        running_since: row.locked_at,
        fields: row.fields,
        message,
    }
}

fn state(state: queue::JobState) -> JobState {
    match state {
        queue::JobState::Ready => JobState::Ready,
        queue::JobState::Scheduled => JobState::Scheduled,
        queue::JobState::Retrying => JobState::Retrying,
        queue::JobState::Running => JobState::Running,
        queue::JobState::Failed => JobState::Failed,
    }
}

fn state_in_queue(state: JobState) -> queue::JobState {
    match state {
        JobState::Ready => queue::JobState::Ready,
        JobState::Scheduled => queue::JobState::Scheduled,
        JobState::Retrying => queue::JobState::Retrying,
        JobState::Running => queue::JobState::Running,
        JobState::Failed => queue::JobState::Failed,
    }
}
