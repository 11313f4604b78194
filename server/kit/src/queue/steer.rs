//! What is in the queue, and the ways to steer it.

use chrono::{DateTime, Utc};
use graphile_worker::worker_utils::types::RescheduleJobOptions;
use sqlx::postgres::PgConnection;

use super::{Queue, QueueError};

/// Where a job in the queue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// Could run now.
    Ready,
    /// For later, not tried yet.
    Scheduled,
    /// It failed and is tried again later.
    Retrying,
    Running,
    /// It was tried as often as it may be.
    Failed,
}

impl JobState {
    const ALL: [JobState; 5] = [JobState::Ready, JobState::Scheduled, JobState::Retrying, JobState::Running, JobState::Failed];

    /// The word in the statements below.
    fn word(self) -> &'static str {
        match self {
            JobState::Ready => "ready",
            JobState::Scheduled => "scheduled",
            JobState::Retrying => "retrying",
            JobState::Running => "running",
            JobState::Failed => "failed",
        }
    }
}

impl TryFrom<String> for JobState {
    type Error = String;

    fn try_from(word: String) -> Result<JobState, String> {
        JobState::ALL.into_iter().find(|state| state.word() == word).ok_or_else(|| format!("no job is {word}"))
    }
}

/// A job in the queue. Of its payload, which may be secret, only the names of the fields.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct JobRow {
    pub id: i64,
    pub task: String,
    #[sqlx(try_from = "String")]
    pub state: JobState,
    /// Tries so far, the running one included.
    pub attempts: i16,
    pub max_attempts: i16,
    pub created_at: DateTime<Utc>,
    /// When it can run, or could have.
    pub run_at: DateTime<Utc>,
    /// Since when a worker has it.
    pub locked_at: Option<DateTime<Utc>>,
    pub locked_by: Option<String>,
    pub fields: Vec<String>,
}

/// How many jobs of a task there are.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct TaskCount {
    pub task: String,
    pub ready: i64,
    pub scheduled: i64,
    pub retrying: i64,
    pub running: i64,
    pub failed: i64,
    /// Since when the oldest of the ready ones could run.
    pub oldest_ready: Option<DateTime<Utc>>,
}

/// What became of an order to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steered {
    Done,
    /// A worker has it, so only what follows could be changed.
    Running,
    /// It is not in the queue (any more).
    Gone,
}

/// The queue as it stands. A job that was replaced or cancelled while a worker had it is out of the queue, though its row may
/// stay for a while: graphile_worker marks it as retired.
const JOBS: &str = "select j.id, j.payload->>'task' as task,
        case when j.locked_at is not null then 'running'
             when j.attempts >= j.max_attempts then 'failed'
             when j.run_at <= now() then 'ready'
             when j.attempts > 0 then 'retrying' else 'scheduled' end as state,
        j.attempts, j.max_attempts, j.created_at, j.run_at, j.locked_at, j.locked_by, j.payload
    from graphile_worker._private_jobs j
    where j.locked_at is not null
       or not exists (select from graphile_worker._private_job_retirements r where r.id = j.id)";

const FIELDS: &str = "id, coalesce(task, '') as task, state, attempts, max_attempts, created_at, run_at, locked_at, locked_by,
    array(select name from json_object_keys(
        case when json_typeof(payload->'payload') = 'object' then payload->'payload' else '{}' end) as name) as fields";

impl Queue {
    /// Jobs, the newest first, in one state or in all, of one task or of all, after the job that a page ended with.
    pub async fn jobs(
        &self,
        connection: &mut PgConnection,
        state: Option<JobState>,
        task: Option<&str>,
        after: Option<i64>,
        limit: i64,
    ) -> Result<Vec<JobRow>, QueueError> {
        let sql = format!(
            "select {FIELDS} from ({JOBS}) jobs
             where ($1::text is null or state = $1) and ($2::text is null or task = $2) and ($3::bigint is null or id < $3)
             order by id desc limit $4"
        );
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(state.map(JobState::word)).bind(task).bind(after).bind(limit);
        Ok(query.fetch_all(connection).await?)
    }

    pub async fn job(&self, connection: &mut PgConnection, id: i64) -> Result<Option<JobRow>, QueueError> {
        let sql = format!("select {FIELDS} from ({JOBS}) jobs where id = $1");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(connection).await?)
    }

    /// The jobs that workers have.
    pub async fn running(&self, connection: &mut PgConnection) -> Result<Vec<i64>, QueueError> {
        let sql = "select id from graphile_worker._private_jobs where locked_at is not null";
        Ok(sqlx::query_scalar(sql).fetch_all(connection).await?)
    }

    /// How many jobs there are of each task that has any, by name.
    pub async fn counts(&self, connection: &mut PgConnection) -> Result<Vec<TaskCount>, QueueError> {
        let sql = format!(
            "select coalesce(task, '') as task,
                    count(*) filter (where state = 'ready') as ready,
                    count(*) filter (where state = 'scheduled') as scheduled,
                    count(*) filter (where state = 'retrying') as retrying,
                    count(*) filter (where state = 'running') as running,
                    count(*) filter (where state = 'failed') as failed,
                    min(run_at) filter (where state = 'ready') as oldest_ready
             from ({JOBS}) jobs group by task order by task"
        );
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(connection).await?)
    }

    /// Makes a job ready at once. One that failed for good gets all of its tries anew.
    pub async fn retry(&self, connection: &mut PgConnection, id: i64) -> Result<Steered, QueueError> {
        let Some(job) = self.job(connection, id).await? else { return Ok(Steered::Gone) };
        let attempts = (job.state == JobState::Failed).then_some(0);
        let options = RescheduleJobOptions { run_at: Some(crate::clock::now()), attempts, ..Default::default() };
        let mut utils = self.utils.clone().with_executor(&mut *connection);
        let changed = utils.reschedule_jobs(&[id], options).await.map_err(|e| QueueError::Steer(e.to_string()))?;
        self.what_became(connection, id, !changed.is_empty()).await
    }

    /// Takes a job out of the queue. One that a worker has goes on to the end of its try and is not tried again.
    pub async fn cancel(&self, connection: &mut PgConnection, id: i64) -> Result<Steered, QueueError> {
        let mut utils = self.utils.clone().with_executor(&mut *connection);
        let removed = utils.complete_jobs(&[id]).await.map_err(|e| QueueError::Steer(e.to_string()))?;
        if removed.is_empty() {
            // What graphile_worker's `remove_job` does with a job in hand, which it finds by its key alone.
            let retire = "with retired as (
                    update graphile_worker._private_jobs set key = null, attempts = max_attempts, updated_at = now()
                    where id = $1 and locked_at is not null returning id)
                insert into graphile_worker._private_job_retirements (id) select id from retired on conflict do nothing";
            sqlx::query(retire).bind(id).execute(&mut *connection).await?;
        }
        self.what_became(connection, id, !removed.is_empty()).await
    }

    async fn what_became(&self, connection: &mut PgConnection, id: i64, is_done: bool) -> Result<Steered, QueueError> {
        if is_done {
            return Ok(Steered::Done);
        }
        let is_there = self.job(connection, id).await?.is_some();
        Ok(if is_there { Steered::Running } else { Steered::Gone })
    }

    /// Removes the rows of jobs that are out of the queue. Returns how many there were.
    pub async fn clear_retired(&self, connection: &mut PgConnection) -> Result<usize, QueueError> {
        let sql = "select j.id from graphile_worker._private_jobs j join graphile_worker._private_job_retirements r using (id)
                   where j.locked_at is null limit 10000";
        let ids: Vec<i64> = sqlx::query_scalar(sql).fetch_all(&mut *connection).await?;
        let mut utils = self.utils.clone().with_executor(connection);
        let cleared = utils.complete_jobs(&ids).await.map_err(|e| QueueError::Steer(e.to_string()))?;
        Ok(cleared.len())
    }
}
