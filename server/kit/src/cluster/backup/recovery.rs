//! Lets Postgres replay the log over a copy of the cluster.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::base::ask;
use super::error::{BackupError, Result};
use super::repository::Repository;
use super::{Progress, Restore};
use crate::cluster::archiving::shell_word;
use crate::cluster::error::ClusterError;
use crate::cluster::postmaster::last_line;
use crate::cluster::wire::{self, Answer, Connection};
use crate::cluster::{Layout, SUPERUSER};

const STEP: Duration = Duration::from_millis(200);
/// Postgres' word that it saw no transaction after the moment asked for.
const ENDED_BEFORE: &str = "before configured recovery target was reached";

/// Which log to replay.
pub(super) struct Way {
    pub timeline: u32,
    /// Something is missing in it, which may lie behind the moment asked for.
    pub has_gap: bool,
}

/// What was replayed.
pub(super) struct Recovered {
    pub reached: Option<DateTime<Utc>>,
    /// The log ended before the moment asked for.
    pub log_ended: bool,
}

/// Replays up to the moment asked for, makes an ordinary cluster of it and stops it.
pub(super) fn run(
    mut side: Layout,
    repository: &Repository,
    asked: &Restore,
    others: &[PathBuf],
    way: &Way,
    progress: &mut dyn FnMut(Progress),
) -> Result<Recovered> {
    progress(Progress::Replay);
    side.recovery = settings(repository, asked, others, way.timeline)?;
    let begun = std::fs::metadata(&side.log).map_or(0, |meta| meta.len());
    let outcome = replay(&side, begun).map(|()| false).or_else(|error| match error {
        // All that there is lies before the moment asked for, so all of it is wanted.
        BackupError::Recovery(said) if said.contains(ENDED_BEFORE) && !way.has_gap => {
            side.recovery.retain(|(name, _)| name != "recovery_target_time");
            replay(&side, begun).map(|()| true)
        }
        BackupError::Recovery(said) if said.contains(ENDED_BEFORE) => Err(BackupError::EndsEarly),
        other => Err(other),
    });
    let ended = outcome.and_then(|log_ended| Ok(Recovered { reached: reached(&side)?, log_ended }));
    side.recovery.clear();
    side.stop()?;
    side.write_archive_settings()?;
    ended
}

fn settings(repository: &Repository, asked: &Restore, others: &[PathBuf], timeline: u32) -> Result<Vec<(String, String)>> {
    let mut command = format!("{} wal-fetch {} %f %p", shell_word(&asked.program)?, shell_word(&repository.folder)?);
    for other in others {
        command.push(' ');
        command.push_str(&shell_word(other)?);
    }
    let mut settings = vec![
        ("restore_command", command),
        ("recovery_target_timeline", timeline.to_string()),
        ("recovery_target_action", "promote".to_owned()),
        // Nobody is let in before it is done; and it may have had more connections than it has now.
        ("hot_standby", "off".to_owned()),
    ];
    if let Some(to) = asked.to {
        settings.push(("recovery_target_time", to.format("%Y-%m-%d %H:%M:%S%.6f+00").to_string()));
    }
    Ok(settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Starts Postgres and returns when it lets sessions in: then it has come to the end of what it was to replay.
fn replay(side: &Layout, log_begins: u64) -> Result<()> {
    side.clear_orphans()?;
    match side.start() {
        Ok(()) => {}
        Err(ClusterError::Start { .. }) => return Err(BackupError::Recovery(said(side, log_begins))),
        Err(other) => return Err(other.into()),
    }
    loop {
        match wire::ask(&side.socket(), SUPERUSER) {
            Answer::Ready => return Ok(()),
            _ if side.postmaster().is_none() => return Err(BackupError::Recovery(said(side, log_begins))),
            _ => std::thread::sleep(STEP),
        }
    }
}

/// Why it ended: what the program said that Postgres calls for segments, else what Postgres said.
fn said(side: &Layout, log_begins: u64) -> String {
    let text = std::fs::read(&side.log).unwrap_or_default();
    let text = String::from_utf8_lossy(text.get(log_begins as usize..).unwrap_or_default()).into_owned();
    let complaint = text.lines().rev().find_map(|line| line.split_once("wal-fetch: ")).map(|(_, said)| said.to_owned());
    complaint.unwrap_or_else(|| last_line(&side.log))
}

fn reached(side: &Layout) -> Result<Option<DateTime<Utc>>> {
    let mut session = Connection::open(&side.socket(), SUPERUSER, "postgres")?;
    let format = "YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"";
    let sql = format!("select to_char(pg_last_xact_replay_timestamp() at time zone 'UTC', '{format}')");
    Ok(ask(&mut session, &sql)?.parse().ok())
}
