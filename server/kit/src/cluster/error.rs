//! What can go wrong with the private Postgres, each in one sentence for the operator.

use std::path::{Path, PathBuf};

/// Why the private Postgres cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    #[error(
        "No PostgreSQL {oldest} or later was found: install it (on Debian: apt install postgresql; on macOS: brew \
         install postgresql@17), name the folder of its programs in PG_BIN, or set DATABASE_URL to use a server of your own."
    )]
    NoPrograms { oldest: u32 },
    #[error("PG_BIN is {}, which does not hold a working initdb, pg_ctl and postgres.", .0.display())]
    BadPgBin(PathBuf),
    #[error(
        "The data in {} was written by PostgreSQL {written}, but only version {found} was found: install PostgreSQL \
         {written} (on Debian: apt install postgresql-{written}), or name the folder of its programs in PG_BIN.",
        .folder.display()
    )]
    OtherVersion { folder: PathBuf, written: u32, found: u32 },
    #[error("PostgreSQL does not run as root: create a user named postgres (on Debian: adduser --system --group postgres).")]
    NoAccount,
    #[error(
        "The user {user}, as whom PostgreSQL runs, cannot reach {}: choose a data folder elsewhere with TESSERA_DATA_DIR, \
         or make every folder above it passable.",
        .folder.display()
    )]
    Unreachable { user: String, folder: PathBuf },
    #[error("{} is needed for PostgreSQL's socket but belongs to somebody else: remove it.", .0.display())]
    ForeignSocketFolder(PathBuf),
    #[error("There is no home folder to keep the data in: set TESSERA_DATA_DIR.")]
    NoHome,
    #[error("Cannot {action} {}: {source}.", .path.display())]
    Io { action: &'static str, path: PathBuf, source: std::io::Error },
    #[error("There is no room left to write {}: make some, and do it again.", .0.display())]
    Full(PathBuf),
    #[error("The name of {} holds a line break or bytes that are no text: choose another one.", .0.display())]
    OddPath(PathBuf),
    #[error("PostgreSQL could not make a new cluster in {}: {detail}", .folder.display())]
    Initdb { folder: PathBuf, detail: String },
    #[error("PostgreSQL did not start: {detail} (its log is {})", .log.display())]
    Start { detail: String, log: PathBuf },
    #[error("PostgreSQL did not stop: {detail}")]
    Stop { detail: String },
    #[error("The private PostgreSQL refused a statement: {detail}")]
    Statement { detail: String },
}

pub(super) fn io_error(action: &'static str, path: &Path, source: std::io::Error) -> ClusterError {
    if matches!(source.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded) {
        return ClusterError::Full(path.to_owned());
    }
    ClusterError::Io { action, path: path.to_owned(), source }
}
