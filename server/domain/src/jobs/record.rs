//! Runs, written down as they begin and end.

use super::store;
use crate::{Actor, Caller, Db, Op, Result};
use async_trait::async_trait;
use chrono::TimeDelta;
use kit::{
    queue::{End, Ended, Record, Run},
    secret::Masked,
};
use model::{access::Permission, jobs::RunOutcome};

/// Letters of a message that are kept.
const LONGEST: usize = 500;
/// Rows that one transaction removes.
const BATCH: i64 = 10_000;

/// Writes runs down, each beginning and each end in a small transaction of its own: what a task does must not wait for it, and
/// what is written must stand when the task fails.
pub struct Runs(Db);

impl Runs {
    pub fn new(db: Db) -> Self {
        Self(db)
    }
}

#[async_trait]
impl Record for Runs {
    async fn began(&self, run: &Run) {
        // A fault is in the log already; a run that nobody could write down is better than none.
        let _ = self.0.write(Caller::local(Actor::Server), async |op| begin(op, run).await).await;
    }

    async fn ended(&self, run: &Run, ended: Ended<'_>) {
        let _ = self.0.write(Caller::local(Actor::Server), async |op| end(op, run, ended).await).await;
    }
}

/// A job has one run at a time: what is open of it is of a worker that was killed.
async fn begin(op: &mut Op, run: &Run) -> Result<()> {
    let now = op.now;
    store::interrupt(op.conn(), run.job_id, now).await?;
    store::begin(op.conn(), run, now).await
}

async fn end(op: &mut Op, run: &Run, ended: Ended<'_>) -> Result<()> {
    let outcome = match ended.end {
        End::Done => RunOutcome::Done,
        End::Failed => RunOutcome::Failed,
        End::FailedForGood => RunOutcome::FailedForGood,
    };
    let (now, message) = (op.now, ended.message.map(fit));
    store::end(op.conn(), run, now, outcome, message.as_deref()).await
}

/// A message that is fit to be kept and shown: bounded, on one line, with no password of an address in it.
fn fit(message: &str) -> String {
    let words = message.split_whitespace().map(|word| match word.find("://") {
        Some(_) => Masked::new(word).to_string(),
        None => word.chars().filter(|letter| !letter.is_control()).collect(),
    });
    let line = words.collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

/// Removes what is older than so many days, a batch; returns how many rows. Run once a day, until it returns 0.
pub async fn purge(op: &mut Op, days: u16) -> Result<u64> {
    op.demand(Permission::Operate)?;
    let before = op.now - TimeDelta::days(days.into());
    let runs = store::purge_runs(op.conn(), before, BATCH).await?;
    let alarms = store::purge_alarms(op.conn(), before).await?;
    let (queue, connection) = op.queue();
    let retired = queue.clear_retired(connection).await?;
    Ok(runs + alarms + retired as u64)
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn a_message_is_bounded_and_holds_no_password_of_an_address() {
        assert_eq!(fit("No\nlines\0 here."), "No lines here.");
        assert_eq!(fit("postgres://u:hidden@db/x is gone."), "postgres://u:***@db/x is gone.");
        let long = fit(&"ä".repeat(2_000));
        assert_eq!(long.chars().count(), 501);
    }
}
