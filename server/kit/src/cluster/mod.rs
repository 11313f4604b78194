//! A private Postgres in a data folder: found, made, started, shared by every process that opens the folder, and
//! stopped by the last one that leaves.
//!
//! The folder holds `postgres/` (the cluster), `run/` (its Unix socket, there is no TCP), `postgres.conf`, `postgres.log`,
//! what `archiving` keeps, and two lock files: `cluster.lock` is held while somebody starts or stops the server, and every user
//! holds a shared lock on `cluster.users`. The kernel drops both when a process dies, so a killed user leaves nothing
//! to clean up.

mod account;
mod archiving;
#[cfg(feature = "server")]
pub mod backup;
mod error;
mod options;
mod postmaster;
mod process;
mod programs;
mod wire;

#[cfg(test)]
mod tests;

use std::fs::{File, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

pub use error::ClusterError;
pub use options::{ClusterOptions, default_data_dir};
pub use programs::Programs;

use account::Account;
use error::io_error;

/// The superuser of the cluster; whoever reaches the private socket is trusted.
const SUPERUSER: &str = "tessera";
/// The port only names the socket file, `.s.PGSQL.5432`: there is no TCP.
const PORT: u16 = 5432;

/// Postgres' own folder inside the data folder.
const PGDATA: &str = "postgres";
/// What is set for it, beside that.
const SETTINGS: &str = "postgres.conf";
/// Its log, beside that too.
const LOG: &str = "postgres.log";

/// A share in the running Postgres of one data folder. Dropping it gives the share back, and the last share stops the
/// server.
#[derive(Debug)]
pub struct Cluster {
    layout: Layout,
    /// Held shared for as long as this process uses the cluster; `None` once it has left.
    users: Option<File>,
}

/// Where everything of one cluster is, and how its programs are run.
#[derive(Debug)]
struct Layout {
    /// The data folder, absolute and without symbolic links.
    folder: PathBuf,
    /// Postgres' own data folder.
    pgdata: PathBuf,
    /// The folder of the socket.
    socket_dir: PathBuf,
    /// Names the socket in that folder.
    port: u16,
    log: PathBuf,
    account: Account,
    programs: Programs,
    settings: Vec<(String, String)>,
    /// The program that archives, where whoever opens the cluster is it.
    archiver: Option<PathBuf>,
    /// Settings of a recovery under way.
    recovery: Vec<(String, String)>,
}

impl Cluster {
    /// Adopts the running Postgres of `data_dir`, else starts it, else makes it. Blocks until it answers.
    pub fn open(data_dir: impl AsRef<Path>) -> Result<Cluster, ClusterError> {
        ClusterOptions::new(data_dir).open()
    }

    fn open_with(options: &ClusterOptions) -> Result<Cluster, ClusterError> {
        let layout = options.lay_out()?;
        let starting = layout.lock_starting()?;
        let users = layout.lock_file("cluster.users")?;
        flock(&users, FlockOperation::LockShared).map_err(|e| io_error("lock", &layout.folder, e.into()))?;
        let cluster = Cluster { layout, users: Some(users) };
        let ready = cluster.layout.ensure_running();
        // Dropping a share takes the same lock.
        drop(starting);
        ready?;
        Ok(cluster)
    }

    /// Brings Postgres back when it is gone, for instance after somebody killed it, and returns when it answers.
    pub fn ensure_running(&self) -> Result<(), ClusterError> {
        let _starting = self.layout.lock_starting()?;
        self.layout.ensure_running()
    }

    /// Whether the server's process lives: a look that costs nothing, for somebody who looks often.
    pub fn is_running(&self) -> bool {
        self.layout.seems_to_live()
    }

    /// The URL of a data base in this cluster, for sqlx and libpq; the data base is made if it is absent.
    pub fn url(&self, database: &str) -> Result<String, ClusterError> {
        let refused = |detail: String| ClusterError::Statement { detail };
        let mut connection = wire::Connection::open(&self.layout.socket(), SUPERUSER, "postgres").map_err(refused_by)?;
        let known = connection
            .query(&format!("select 1 from pg_database where datname = '{}'", database.replace('\'', "''")))
            .map_err(refused_by)?;
        if known.is_empty() {
            let made = connection.query(&format!("create database \"{}\"", database.replace('"', "\"\"")));
            match made {
                Ok(_) => {}
                // Another process made it in between.
                Err(wire::WireError::Server { code, .. }) if code == "42P04" || code == "23505" => {}
                Err(other) => return Err(refused(other.to_string())),
            }
        }
        Ok(format!(
            "postgresql:///{}?host={}&port={PORT}&user={SUPERUSER}&sslmode=disable",
            percent_encode(database),
            percent_encode(&self.layout.socket_dir.to_string_lossy()),
        ))
    }

    /// Runs the statements of a script in one transaction, which psql is not needed for; npm's package has none.
    pub fn run_script(&self, database: &str, script: &str) -> Result<(), ClusterError> {
        wire::Connection::open(&self.layout.socket(), SUPERUSER, database)
            .and_then(|mut connection| connection.query(script))
            .map(drop)
            .map_err(refused_by)
    }

    /// The folder of the private socket.
    pub fn socket_dir(&self) -> &Path {
        &self.layout.socket_dir
    }

    /// The Postgres programs in use, for instance to find `psql` or `pg_dump`.
    pub fn programs(&self) -> &Programs {
        &self.layout.programs
    }

    /// Gives the share back and stops Postgres if it was the last one.
    pub fn close(mut self) -> Result<(), ClusterError> {
        self.leave()
    }

    fn leave(&mut self) -> Result<(), ClusterError> {
        let Some(users) = self.users.take() else {
            return Ok(());
        };
        let _starting = self.layout.lock_starting()?;
        match flock(&users, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => self.layout.stop(),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(()),
            Err(e) => Err(io_error("lock", &self.layout.folder, e.into())),
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = self.leave() {
            tracing::warn!(%error, "the private Postgres was not left cleanly");
        }
    }
}

fn refused_by(error: wire::WireError) -> ClusterError {
    ClusterError::Statement { detail: error.to_string() }
}

impl Layout {
    fn socket(&self) -> PathBuf {
        self.socket_dir.join(format!(".s.PGSQL.{}", self.port))
    }

    /// A file to lock. Whoever can open it can hold it for ever: nobody else may, not even one that is there already.
    fn lock_file(&self, name: &str) -> Result<File, ClusterError> {
        let path = self.folder.join(name);
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(&path).map_err(|e| io_error("open", &path, e))?;
        file.set_permissions(Permissions::from_mode(0o600)).map_err(|e| io_error("close off", &path, e))?;
        Ok(file)
    }

    /// Waits until nobody else starts or stops this cluster, and keeps others waiting until the file is dropped.
    fn lock_starting(&self) -> Result<File, ClusterError> {
        let file = self.lock_file("cluster.lock")?;
        loop {
            match flock(&file, FlockOperation::LockExclusive) {
                Ok(()) => return Ok(file),
                Err(rustix::io::Errno::INTR) => continue,
                Err(e) => return Err(io_error("lock", &self.folder, e.into())),
            }
        }
    }
}

/// Percent-encodes everything but letters, digits and `-._~`.
fn percent_encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte as char),
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}
