//! What the server does by itself, as operators see it: jobs, their runs, what the clock starts, and alarms.

use crate::{AlarmId, Timestamp};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// A job of the queue. It keeps its number over all of its tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub i64);

impl JobId {
    /// As the audit log names it, where every record has a UUID.
    pub fn as_uuid(self) -> Uuid {
        Uuid::from_u64_pair(0, self.0.cast_unsigned())
    }

    /// From the audit log's name of it.
    pub fn of_uuid(uuid: Uuid) -> Self {
        Self(uuid.as_u64_pair().1.cast_signed())
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for JobId {
    type Err = std::num::ParseIntError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.trim().parse().map(Self)
    }
}

/// Declares a closed list with a word for the data base and addresses, and a label for people.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident $word:literal $label:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$of])* $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }
        }

        impl FromStr for $name {
            type Err = ();
            fn from_str(s: &str) -> Result<Self, ()> {
                Self::ALL.iter().copied().find(|one| one.word() == s.trim()).ok_or(())
            }
        }
    };
}

words! {
    /// Where a job of the queue stands.
    JobState {
        /// It could run now.
        Ready "ready" "Waiting",
        Running "running" "Running",
        /// It failed and is tried again.
        Retrying "retrying" "To be tried again",
        /// For later, not tried yet.
        Scheduled "scheduled" "For later",
        /// It was tried as often as it may be.
        Failed "failed" "Failed",
    }
}

words! {
    /// What became of one run.
    RunOutcome {
        Running "running" "Running",
        Done "done" "Done",
        /// It was tried again.
        Failed "failed" "Failed",
        FailedForGood "failed_for_good" "Failed for good",
        /// Its worker was stopped or killed in the middle; the job is taken over by another.
        Interrupted "interrupted" "Interrupted",
        /// An operator took the job out of the queue.
        Cancelled "cancelled" "Cancelled",
    }
}

words! {
    /// What an alarm is about.
    AlarmKind {
        /// Jobs of a task were tried as often as they may be.
        Failed "failed" "Failed for good",
        /// Jobs wait for too long.
        Old "old" "Waiting too long",
        /// A scheduled task did not get done in time.
        Late "late" "Late",
    }
}

/// How many jobs of a task stand where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskCounts {
    pub task: String,
    /// One number a state, in the order of [`JobState::ALL`].
    pub counts: Vec<i64>,
    /// Since when the oldest of those that wait could run.
    pub oldest_ready: Option<Timestamp>,
}

/// A task that the clock starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    pub task: String,
    /// Five fields as in crontab(5), UTC.
    pub schedule: String,
    pub last: Option<LastRun>,
    pub next: Option<Timestamp>,
    /// Its last time has passed, and it was not done since.
    pub is_late: bool,
}

/// The newest run of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastRun {
    pub job: JobId,
    pub at: Timestamp,
    pub outcome: RunOutcome,
}

/// Something that an operator should look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    pub id: AlarmId,
    pub kind: AlarmKind,
    /// The task; empty for the queue as a whole.
    pub about: String,
    pub since: Timestamp,
    /// When it was sent to whoever is to be told.
    pub told_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

impl Alarm {
    /// What is wrong, in one sentence.
    pub fn what(&self) -> String {
        let about = &self.about;
        match self.kind {
            AlarmKind::Failed => format!("Jobs of the task {about} failed for good."),
            AlarmKind::Old => "Jobs wait for too long.".to_owned(),
            AlarmKind::Late => format!("The scheduled task {about} was not done in time."),
        }
    }

    /// What to do about it, in one sentence.
    pub fn advice(&self) -> &'static str {
        match self.kind {
            AlarmKind::Failed => "See why, then try them again or cancel them.",
            AlarmKind::Old => "See whether a worker runs, and whether it keeps up.",
            AlarmKind::Late => "See whether a worker runs, and why the task fails.",
        }
    }
}

/// Everything at a glance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// Those that last, and those that ended lately, the newest first.
    pub alarms: Vec<Alarm>,
    /// Whether alarms are sent anywhere.
    pub sends_alarms: bool,
    /// Tasks that have jobs, by name.
    pub tasks: Vec<TaskCounts>,
    pub schedules: Vec<Schedule>,
    /// Tasks that have runs, by name.
    pub known_tasks: Vec<String>,
}

/// One try at a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRun {
    pub id: i64,
    pub job: JobId,
    pub task: String,
    /// 1 at the first try.
    pub attempt: i16,
    pub worker: String,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub outcome: RunOutcome,
    /// Why it failed.
    pub message: Option<String>,
}

impl JobRun {
    /// How long it took: `0.2 s`, `3 min 20 s`; nothing while it runs.
    pub fn took(&self) -> Option<String> {
        let milliseconds = (self.ended_at? - self.started_at).num_milliseconds();
        Some(match milliseconds {
            ..60_000 => format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100),
            _ => format!("{} min {} s", milliseconds / 60_000, milliseconds % 60_000 / 1000),
        })
    }
}

/// A job that stands in the queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueuedJob {
    pub id: JobId,
    pub task: String,
    pub state: JobState,
    /// Tries so far, the running one included.
    pub attempts: i16,
    pub max_attempts: i16,
    pub created_at: Timestamp,
    /// When it can run, or could have.
    pub run_at: Timestamp,
    /// Since when a worker has it.
    pub running_since: Option<Timestamp>,
    /// Names of what it was given. The values may be secret.
    pub fields: Vec<String>,
    /// Why its newest run failed.
    pub message: Option<String>,
}

/// A job with its runs, the newest first. It may have left the queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRecord {
    pub id: JobId,
    pub task: String,
    pub queued: Option<QueuedJob>,
    pub runs: Vec<JobRun>,
}

/// Which runs; empty fields match everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunQuery {
    pub task: String,
    pub outcome: String,
    pub after: String,
}

/// Which jobs of the queue; empty fields match everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobQuery {
    pub state: String,
    pub task: String,
    pub after: String,
}

/// Why an order to a job was not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum JobRefusal {
    #[error("This job is no longer in the queue: it was done or cancelled meanwhile.")]
    Gone,
    #[error("This job is running already; wait for its end.")]
    Running,
    #[error("Alarms are sent nowhere: set TESSERA_ALARM_WEBHOOK or TESSERA_ALARM_MAIL, and start the server again.")]
    NoChannel,
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn words_of_the_data_base_come_back_as_what_they_stand_for() {
        for state in JobState::ALL {
            assert_eq!(state.word().parse(), Ok(*state));
        }
        for outcome in RunOutcome::ALL {
            assert_eq!(outcome.word().parse(), Ok(*outcome));
        }
        assert_eq!("lost".parse::<RunOutcome>(), Err(()));
    }

    #[test]
    fn the_audit_logs_name_of_a_job_leads_back_to_it() {
        assert_eq!(JobId::of_uuid(JobId(42).as_uuid()), JobId(42));
    }

    #[test]
    fn the_time_that_a_run_took_reads_as_people_say_it() {
        let started_at = Timestamp::UNIX_EPOCH;
        let run = |milliseconds: Option<i64>| JobRun {
            id: 1,
            job: JobId(1),
            task: String::new(),
            attempt: 1,
            worker: String::new(),
            started_at,
            ended_at: milliseconds.map(|n| started_at + TimeDelta::milliseconds(n)),
            outcome: RunOutcome::Done,
            message: None,
        };
        assert_eq!(run(Some(1_250)).took().as_deref(), Some("1.2 s"));
        assert_eq!(run(Some(200_000)).took().as_deref(), Some("3 min 20 s"));
        assert_eq!(run(None).took(), None);
    }
}
