//! The catalogue's version, read from Postgres after each request has come, once for all who ask meanwhile.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::catalogue::{self, Version};
use domain::{Actor, Caller, Db};
use tokio::sync::Mutex;

/// Reads the version, one statement at a time.
pub struct Versions {
    db: Db,
    /// The number of the newest request.
    asked: AtomicU64,
    last: Mutex<Option<Reading>>,
}

/// What was read, and the newest request that had come before the statement was sent.
#[derive(Clone, Copy)]
struct Reading {
    newest: u64,
    /// None when Postgres did not answer: whoever waited for that need not wait for it again.
    version: Option<Version>,
}

impl Versions {
    pub fn new(db: Db) -> Versions {
        Versions { db, asked: AtomicU64::new(0), last: Mutex::new(None) }
    }

    /// The version by a statement that is sent after this call; none when Postgres does not answer, which is logged.
    pub async fn now(&self) -> Option<Version> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut last = self.last.lock().await;
        // Whoever had the turn before may have read it for this request too.
        if let Some(reading) = last.filter(|reading| reading.newest >= number) {
            return reading.version;
        }
        let newest = self.asked.load(Ordering::SeqCst);
        let version = self.db.read(Caller::local(Actor::Nobody), catalogue::version).await.ok();
        *last = Some(Reading { newest, version });
        version
    }
}
