//! What runs by the clock.

use std::convert::Infallible;
use std::time::Duration;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use graphile_worker::{Crontab, TaskHandler as _, parse_crontab};
use serde_json::{Value, json};
use sqlx::postgres::PgPool;

use super::{Envelope, QueueError};

/// A task that runs by the clock, once for all workers, with `{}` as its payload.
///
/// A time that passed while no worker was up is made up for as soon as one is: by one run, however many times were missed. A
/// run that still waits, or waits to be tried again, when its next time comes is replaced by that one, and one that is at work then
/// is finished first: runs of one task neither pile up nor stand in the way of each other.
#[derive(Debug, Clone, Copy)]
pub struct Cron {
    pub task: &'static str,
    /// Five fields as in crontab(5), in UTC, for instance `*/5 * * * *`.
    pub schedule: &'static str,
}

/// The line of a schedule in graphile_worker's form. Its own `fill` is not used: that adds a job for each time that was missed,
/// and a worker that is quick does them all, one after the other.
pub(super) fn crontab(cron: &Cron) -> Result<Crontab, QueueError> {
    let refused = |reason: String| QueueError::Schedule { task: cron.task, schedule: cron.schedule, reason };
    let line = format!("{} {} ?id={task}&job_key={}", cron.schedule, Envelope::IDENTIFIER, key(cron), task = cron.task);
    let mut crontab = parse(&line).ok_or_else(|| refused("it is not one line of five fields".to_owned()))?;
    crontab.payload = Some(payload(cron));
    crontab.options.queue = Some(key(cron));
    Ok(crontab)
}

/// There is one waiting job of a schedule, and one at work: it is the name of their queue too.
fn key(cron: &Cron) -> String {
    format!("cron.{}", cron.task)
}

fn payload(cron: &Cron) -> Value {
    json!(Envelope { task: cron.task.to_owned(), payload: json!({}) })
}

/// How often that is looked for while a worker is at work.
const LOOK: Duration = Duration::from_secs(60);

/// Makes up for times that are missed while workers are up: graphile_worker begins with the minute after it has started, and goes
/// on to the next when it could not add a job.
pub(super) async fn keep_making_up(pool: &PgPool, crons: &[Cron]) -> Infallible {
    loop {
        tokio::time::sleep(LOOK).await;
        if let Err(error) = make_up(pool, crons).await {
            tracing::warn!(%error, "nobody looked for missed times of scheduled tasks");
        }
    }
}

/// Adds a job for each schedule that had a time since a worker last saw one, up to this moment.
pub(super) async fn make_up(pool: &PgPool, crons: &[Cron]) -> Result<(), QueueError> {
    let now = crate::clock::now();
    for cron in crons {
        let Some(due) = last_due(cron.schedule, now) else { continue };
        // Of several workers that start at once, one finds it missed.
        let sql = "with missed as (
                update graphile_worker._private_known_crontabs set last_execution = $2
                where identifier = $1 and coalesce(last_execution, known_since) < $2 returning identifier)
            select graphile_worker.add_job($3, payload := cast($4 as json), queue_name := $5, run_at := $2, job_key := $5) from missed";
        let query = sqlx::query(sql).bind(cron.task).bind(due).bind(Envelope::IDENTIFIER);
        query.bind(payload(cron)).bind(key(cron)).execute(pool).await?;
    }
    Ok(())
}

/// How far a time of a schedule is looked for.
const HORIZON: TimeDelta = TimeDelta::days(366);

/// The last time of a schedule at or before a moment; none within a year, or if it is no schedule.
pub fn last_due(schedule: &str, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let minute = at.duration_trunc(TimeDelta::minutes(1)).ok()?;
    find(schedule, minute, -1)
}

/// The first time of a schedule after a moment; none within a year, or if it is no schedule.
pub fn next_due(schedule: &str, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let minute = after.duration_trunc(TimeDelta::minutes(1)).ok()? + TimeDelta::minutes(1);
    find(schedule, minute, 1)
}

fn find(schedule: &str, from: DateTime<Utc>, step: i64) -> Option<DateTime<Utc>> {
    let crontab = parse(&format!("{schedule} task"))?;
    let minutes = (0..HORIZON.num_minutes()).map(|n| from + TimeDelta::minutes(n * step));
    minutes.into_iter().find(|minute| crontab.should_run_at(&minute.naive_utc()))
}

fn parse(line: &str) -> Option<Crontab> {
    let mut parsed = parse_crontab(line).ok()?;
    parsed.pop().filter(|_| parsed.is_empty())
}
