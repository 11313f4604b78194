//! Who is told of each run of a task.

use async_trait::async_trait;

/// One run of a task: a try at a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub task: String,
    pub job_id: i64,
    /// 1 at the first try. A try that a killed worker began does not count.
    pub attempt: i16,
    /// No other try follows if this one fails.
    pub is_last: bool,
    /// The worker's name, made anew at each start.
    pub worker: String,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Done,
    /// It is tried again.
    Failed,
    FailedForGood,
}

/// The end of a run.
#[derive(Debug, Clone, Copy)]
pub struct Ended<'a> {
    pub end: End,
    /// Why it failed: what the task said, in full.
    pub message: Option<&'a str>,
}

/// Is told of runs. A run whose worker is killed, or stopped before it was done, has no end.
#[async_trait]
pub trait Record: Send + Sync {
    async fn began(&self, run: &Run);
    async fn ended(&self, run: &Run, ended: Ended<'_>);
}
