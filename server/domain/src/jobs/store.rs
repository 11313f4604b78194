//! The SQL of `job_runs`, `job_schedules` and `alarms`.

use super::RunFilter;
use crate::{Error, Op, Result};
use chrono::TimeDelta;
use kit::queue::{JobRow, Run};
use model::{
    AlarmId, MailId, Timestamp,
    jobs::{Alarm, AlarmKind, JobId, JobRun, LastRun, RunOutcome},
};
use sqlx::{PgConnection, QueryBuilder, Row, postgres::PgRow};
use uuid::Uuid;

/// Only one process looks for alarms at a time; any number that nothing else locks.
const LOOKING: i64 = 0x7465_7373_6572_6102;

pub(super) async fn begin(conn: &mut PgConnection, run: &Run, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into job_runs (job_id, task, attempt, worker, started_at) values ($1, $2, $3, $4, $5)",
        run.job_id,
        run.task,
        run.attempt,
        run.worker,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends what is open of a job.
pub(super) async fn interrupt(conn: &mut PgConnection, job: i64, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update job_runs set outcome = 'interrupted', ended_at = greatest(started_at, $2) where job_id = $1 and ended_at is null",
        job,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends what is open of jobs that no worker has. A run that has just ended may be told a moment after its job is let go.
pub(super) async fn interrupt_lost(conn: &mut PgConnection, running: &[i64], now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update job_runs set outcome = 'interrupted', ended_at = $2
         where ended_at is null and job_id <> all ($1) and started_at < $3",
        running,
        now,
        now - TimeDelta::seconds(30)
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn end(
    conn: &mut PgConnection,
    run: &Run,
    now: Timestamp,
    outcome: RunOutcome,
    message: Option<&str>,
) -> Result<()> {
    sqlx::query!(
        "update job_runs set outcome = $3, message = $4, ended_at = greatest(started_at, $5)
         where job_id = $1 and worker = $2 and ended_at is null",
        run.job_id,
        run.worker,
        outcome.word(),
        message,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A row that says how a job that was never at work ended.
pub(super) async fn note_cancelled(op: &mut Op, job: &JobRow) -> Result<()> {
    let now = op.now;
    sqlx::query!(
        "insert into job_runs (job_id, task, attempt, worker, started_at, ended_at, outcome)
         values ($1, $2, $3, '', $4, $4, 'cancelled')",
        job.id,
        job.task,
        job.attempts,
        now
    )
    .execute(op.conn())
    .await?;
    Ok(())
}

pub(super) async fn runs(conn: &mut PgConnection, filter: &RunFilter, limit: i64) -> Result<Vec<JobRun>> {
    let mut sql = QueryBuilder::new(
        "select id, job_id, task, attempt, worker, started_at, ended_at, outcome, message from job_runs where true",
    );
    if let Some(task) = &filter.task {
        sql.push(" and task between ").push_bind(task).push(" and ").push_bind(task);
    }
    if let Some(outcome) = filter.outcome {
        sql.push(" and outcome between ").push_bind(outcome.word()).push(" and ").push_bind(outcome.word());
    }
    if let Some(before) = filter.before {
        sql.push(" and id < ").push_bind(before);
    }
    // A range of one value and the order of the very index that finds it: with `=` and the order of the id the planner may walk
    // over all runs, which is long when few are asked for.
    let order = match (&filter.task, filter.outcome) {
        (Some(_), Some(_)) => "task, outcome, id desc",
        (Some(_), None) => "task, id desc",
        (None, Some(_)) => "outcome, id desc",
        (None, None) => "id desc",
    };
    sql.push(" order by ").push(order).push(" limit ").push_bind(limit);
    sql.build().fetch_all(conn).await?.iter().map(run).collect()
}

fn run(row: &PgRow) -> Result<JobRun> {
    Ok(JobRun {
        id: row.try_get("id")?,
        job: JobId(row.try_get("job_id")?),
        task: row.try_get("task")?,
        attempt: row.try_get("attempt")?,
        worker: row.try_get("worker")?,
        started_at: row.try_get("started_at")?,
        ended_at: row.try_get("ended_at")?,
        outcome: outcome(row.try_get("outcome")?)?,
        message: row.try_get("message")?,
    })
}

fn outcome(word: &str) -> Result<RunOutcome> {
    word.parse().map_err(|()| Error::fault(format!("no run ends as {word}")))
}

pub(super) async fn runs_of(conn: &mut PgConnection, job: JobId, limit: i64) -> Result<Vec<JobRun>> {
    let rows = sqlx::query!(
        "select id, job_id, task, attempt, worker, started_at, ended_at, outcome, message
         from job_runs where job_id = $1 order by id desc limit $2",
        job.0,
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(JobRun {
                id: row.id,
                job: JobId(row.job_id),
                task: row.task,
                attempt: row.attempt,
                worker: row.worker,
                started_at: row.started_at,
                ended_at: row.ended_at,
                outcome: outcome(&row.outcome)?,
                message: row.message,
            })
        })
        .collect()
}

/// Why the newest ended run of each job failed.
pub(super) async fn messages(conn: &mut PgConnection, jobs: &[i64]) -> Result<Vec<(i64, String)>> {
    let rows = sqlx::query!(
        r#"select j.id as "id!", last.message as "message!"
           from unnest($1::bigint[]) as j (id)
           cross join lateral (
               select message from job_runs r where r.job_id = j.id and r.ended_at is not null order by r.id desc limit 1) last
           where last.message is not null"#,
        jobs
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.message)).collect())
}

/// Every task that ever ran, from one index, a step a task.
pub(super) async fn known_tasks(conn: &mut PgConnection) -> Result<Vec<String>> {
    let tasks = sqlx::query_scalar!(
        r#"with recursive known as (
               (select task from job_runs order by task limit 1)
               union all
               select (select r.task from job_runs r where r.task > known.task order by r.task limit 1)
               from known where known.task is not null)
           select task as "task!" from known where task is not null"#
    )
    .fetch_all(conn)
    .await?;
    Ok(tasks)
}

pub(super) async fn purge_runs(conn: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64> {
    let purged = sqlx::query!(
        "delete from job_runs where id in (
             select id from job_runs where started_at < $1 order by id limit $2 for update skip locked)",
        before,
        limit
    )
    .execute(conn)
    .await?;
    Ok(purged.rows_affected())
}

pub(super) async fn register(conn: &mut PgConnection, tasks: &[String], schedules: &[String], now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into job_schedules as s (task, schedule, since)
         select new.task, new.schedule, $3 from unnest($1::text[], $2::text[]) as new (task, schedule) order by new.task
         on conflict (task) do update set schedule = excluded.schedule, since = excluded.since
         where s.schedule <> excluded.schedule",
        tasks,
        schedules,
        now
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("delete from job_schedules where task <> all ($1)", tasks).execute(conn).await?;
    Ok(())
}

/// A schedule with what is known of its runs.
pub(super) struct ScheduleRow {
    pub task: String,
    pub schedule: String,
    /// Since when it is known.
    pub since: Timestamp,
    pub last: Option<LastRun>,
    /// When the newest run that was done began.
    pub done_at: Option<Timestamp>,
}

/// The schedules by name. The ranges of one value are those of [`runs`].
pub(super) async fn schedules(conn: &mut PgConnection) -> Result<Vec<ScheduleRow>> {
    let rows = sqlx::query!(
        r#"select s.task, s.schedule, s.since, last.job_id as "job_id?", last.started_at as "started_at?",
                  last.outcome as "outcome?", done.started_at as "done_at?"
           from job_schedules s
           left join lateral (
               select job_id, started_at, outcome from job_runs r
               where r.task between s.task and s.task order by r.task, r.id desc limit 1) last on true
           left join lateral (
               select started_at from job_runs r
               where r.task between s.task and s.task and r.outcome between 'done' and 'done'
               order by r.task, r.outcome, r.id desc limit 1) done on true
           order by s.task"#
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let last = match (row.job_id, row.started_at, row.outcome) {
                (Some(job), Some(at), Some(word)) => Some(LastRun { job: JobId(job), at, outcome: outcome(&word)? }),
                _ => None,
            };
            Ok(ScheduleRow { task: row.task, schedule: row.schedule, since: row.since, last, done_at: row.done_at })
        })
        .collect()
}

/// Whether no other process looks for alarms until this transaction ends.
pub(super) async fn may_look(conn: &mut PgConnection) -> Result<bool> {
    let got = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "got!""#, LOOKING).fetch_one(conn).await?;
    Ok(got)
}

pub(super) async fn raise(conn: &mut PgConnection, id: AlarmId, kind: AlarmKind, about: &str, since: Timestamp) -> Result<()> {
    sqlx::query!("insert into alarms (id, kind, about, since) values ($1, $2, $3, $4)", id.0, kind.word(), about, since)
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps which mails tell the state that an alarm is in.
pub(super) async fn note_mails(conn: &mut PgConnection, id: AlarmId, mails: &[MailId]) -> Result<()> {
    let mails: Vec<Uuid> = mails.iter().map(|mail| mail.0).collect();
    sqlx::query!("update alarms set mails = $2 where id = $1", id.0, &mails).execute(conn).await?;
    Ok(())
}

pub(super) async fn mails(conn: &mut PgConnection, id: AlarmId) -> Result<Vec<MailId>> {
    let mails = sqlx::query_scalar!("select mails from alarms where id = $1", id.0).fetch_one(conn).await?;
    Ok(mails.into_iter().map(MailId).collect())
}

pub(super) async fn end_alarm(conn: &mut PgConnection, id: AlarmId, now: Timestamp) -> Result<()> {
    sqlx::query!("update alarms set ended_at = greatest(since, $2) where id = $1", id.0, now).execute(conn).await?;
    Ok(())
}

struct AlarmRow {
    id: Uuid,
    kind: String,
    about: String,
    since: Timestamp,
    told_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
}

fn alarm(row: AlarmRow) -> Result<Alarm> {
    let kind = row.kind.parse().map_err(|()| Error::fault(format!("no alarm is {}", row.kind)))?;
    let AlarmRow { id, about, since, told_at, ended_at, .. } = row;
    Ok(Alarm { id: AlarmId(id), kind, about, since, told_at, ended_at })
}

/// The alarms that last.
pub(super) async fn lasting(conn: &mut PgConnection) -> Result<Vec<Alarm>> {
    let rows = sqlx::query_as!(AlarmRow, "select id, kind, about, since, told_at, ended_at from alarms where ended_at is null")
        .fetch_all(conn)
        .await?;
    rows.into_iter().map(alarm).collect()
}

/// The alarms that last and the newest that ended, in this order.
pub(super) async fn alarms(conn: &mut PgConnection) -> Result<Vec<Alarm>> {
    let mut rows = lasting(conn).await?;
    rows.sort_by_key(|alarm| std::cmp::Reverse(alarm.since));
    let ended = sqlx::query_as!(
        AlarmRow,
        "select id, kind, about, since, told_at, ended_at from alarms where ended_at is not null
         order by since desc, id desc limit 5"
    )
    .fetch_all(conn)
    .await?;
    rows.extend(ended.into_iter().map(alarm).collect::<Result<Vec<_>>>()?);
    Ok(rows)
}

/// An alarm whose state was not told yet.
pub(super) async fn untold(conn: &mut PgConnection, id: AlarmId) -> Result<Option<Alarm>> {
    let row = sqlx::query_as!(
        AlarmRow,
        "select id, kind, about, since, told_at, ended_at from alarms
         where id = $1 and case when ended_at is null then told_at is null else end_told_at is null end",
        id.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(alarm).transpose()
}

/// The alarms whose state was not told yet, but for those about one task and those that ended before a moment. Those that last
/// come first, and of all the newest.
pub(super) async fn all_untold(conn: &mut PgConnection, but: &str, ended_before: Timestamp) -> Result<Vec<AlarmId>> {
    let ids = sqlx::query_scalar!(
        "select id from alarms
         where about <> $1 and case when ended_at is null then told_at is null else end_told_at is null end
           and coalesce(ended_at > $2, true) order by ended_at is not null, since desc limit 100",
        but,
        ended_before
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(AlarmId).collect())
}

/// Notes that the state of an alarm was told: otherwise, or by one of its mails. False if none of them was sent yet.
pub(super) async fn note_told(
    conn: &mut PgConnection,
    id: AlarmId,
    otherwise: bool,
    is_end: bool,
    now: Timestamp,
) -> Result<bool> {
    let noted = sqlx::query!(
        "update alarms set told_at = coalesce(told_at, $3), end_told_at = case when $2 then $3 else end_told_at end
         where id = $1 and ($4 or exists (select from mails where id = any(alarms.mails) and state = 'sent'))",
        id.0,
        is_end,
        now,
        otherwise
    )
    .execute(conn)
    .await?;
    Ok(noted.rows_affected() > 0)
}

pub(super) async fn purge_alarms(conn: &mut PgConnection, before: Timestamp) -> Result<u64> {
    let purged = sqlx::query!("delete from alarms where ended_at < $1", before).execute(conn).await?;
    Ok(purged.rows_affected())
}
