//! What the clock starts, and whether it did.

use super::store::{self, ScheduleRow};
use crate::{Op, Result};
use chrono::TimeDelta;
use kit::queue::{Cron, last_due, next_due};
use model::{Timestamp, access::Permission, jobs::Schedule};

/// How long after its time a scheduled task may be done: longer than a run may take, with room for a second try.
const GRACE: TimeDelta = TimeDelta::minutes(15);

/// Writes down what this program has the clock start. Run at each start; a schedule that is new or changed counts from now.
pub async fn register(op: &mut Op, crons: &[Cron]) -> Result<()> {
    op.demand(Permission::Operate)?;
    let (tasks, schedules): (Vec<_>, Vec<_>) = crons.iter().map(|cron| (cron.task.to_owned(), cron.schedule.to_owned())).unzip();
    let now = op.now;
    store::register(op.conn(), &tasks, &schedules, now).await
}

pub(super) async fn list(op: &mut Op) -> Result<Vec<Schedule>> {
    let now = op.now;
    let rows = store::schedules(op.conn()).await?;
    let schedule = |row: ScheduleRow| Schedule {
        next: next_due(&row.schedule, now),
        is_late: late(&row, now).is_some(),
        task: row.task,
        schedule: row.schedule,
        last: row.last,
    };
    Ok(rows.into_iter().map(schedule).collect())
}

/// The clock of the machine that had the task begun may be so much ahead of the one that did it.
const SKEW: TimeDelta = TimeDelta::minutes(1);

/// Since when a scheduled task is late: the last of its times that it should have been done by now, and was not.
pub(super) fn late(row: &ScheduleRow, now: Timestamp) -> Option<Timestamp> {
    let due = last_due(&row.schedule, now - GRACE)?;
    (due >= row.since && row.done_at.is_none_or(|done| done < due - SKEW)).then_some(due)
}
