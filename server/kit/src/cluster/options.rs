//! Where a private Postgres is kept and how it is set up.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::account::Account;
use super::error::{ClusterError, io_error};
use super::{Cluster, LOG, Layout, PGDATA, PORT, Programs};

/// `sun_path` holds 108 bytes on Linux and 104 on macOS, one of them the closing zero.
const LONGEST_SOCKET: usize = if cfg!(target_os = "macos") { 103 } else { 107 };

/// How to open the private Postgres of a data folder.
#[derive(Debug, Clone)]
pub struct ClusterOptions {
    data_dir: PathBuf,
    pg_bin: Option<PathBuf>,
    extra_folders: Vec<PathBuf>,
    settings: Vec<(String, String)>,
    archiver: Option<PathBuf>,
}

impl ClusterOptions {
    pub fn new(data_dir: impl AsRef<Path>) -> ClusterOptions {
        let data_dir = data_dir.as_ref().to_owned();
        ClusterOptions { data_dir, pg_bin: None, extra_folders: Vec::new(), settings: Vec::new(), archiver: None }
    }

    /// The folder of the Postgres programs; without one, `PG_BIN` counts, else the newest that is found.
    pub fn pg_bin(mut self, folder: Option<PathBuf>) -> ClusterOptions {
        self.pg_bin = folder;
        self
    }

    /// Further folders in which npm's `@embedded-postgres` may be installed.
    pub fn extra_folders(mut self, folders: impl IntoIterator<Item = PathBuf>) -> ClusterOptions {
        self.extra_folders.extend(folders);
        self
    }

    /// A line of `postgresql.conf`, for instance `("max_connections", "200")`; it counts from the next start.
    pub fn setting(mut self, name: &str, value: &str) -> ClusterOptions {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The program that answers to `wal-archive` and `wal-fetch`: see [`super::backup`].
    pub fn archiver(mut self, program: PathBuf) -> ClusterOptions {
        self.archiver = Some(program);
        self
    }

    /// Trades every guarantee of keeping data for speed: for tests whose data nobody wants.
    pub fn throw_away(self) -> ClusterOptions {
        let fast = [("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off"), ("archive_mode", "off")];
        fast.into_iter().fold(self, |options, (name, value)| options.setting(name, value))
    }

    /// Adopts the running Postgres of the folder, else starts it, else makes it. Blocks until it answers.
    pub fn open(&self) -> Result<Cluster, ClusterError> {
        Cluster::open_with(self)
    }

    /// Makes the folders and finds the programs; starts nothing.
    pub(super) fn lay_out(&self) -> Result<Layout, ClusterError> {
        let written = written_by(&self.data_dir.join(PGDATA))?;
        self.lay_out_for(written)
    }

    /// Like [`ClusterOptions::lay_out`], for data that was written by a certain major version.
    pub(super) fn lay_out_for(&self, written: Option<u32>) -> Result<Layout, ClusterError> {
        let account = Account::choose()?;
        let folder = make_data_dir(&self.data_dir)?;
        account.check_reach(&folder)?;
        let pgdata = folder.join(PGDATA);
        let programs = Programs::find_for(written, self.pg_bin.clone(), &self.extra_folders)?;
        if let Some(written) = written.filter(|major| *major != programs.major()) {
            return Err(ClusterError::OtherVersion { folder, written, found: programs.major() });
        }
        let socket_dir = make_socket_dir(&folder, &account)?;
        let log = folder.join(LOG);
        let (settings, archiver) = (self.settings.clone(), self.archiver.clone());
        let recovery = Vec::new();
        Ok(Layout { folder, pgdata, socket_dir, port: PORT, log, account, programs, settings, archiver, recovery })
    }
}

/// The data folder: `TESSERA_DATA_DIR`, else `/var/lib/tessera` as root, else the user's XDG data folder.
pub fn default_data_dir() -> Result<PathBuf, ClusterError> {
    let folder_in = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = folder_in("TESSERA_DATA_DIR") {
        return Ok(folder);
    }
    if rustix::process::geteuid().is_root() {
        return Ok(PathBuf::from("/var/lib/tessera"));
    }
    folder_in("XDG_DATA_HOME")
        .filter(|folder| folder.is_absolute())
        .or_else(|| folder_in("HOME").map(|home| home.join(".local/share")))
        .map(|data| data.join("tessera"))
        .ok_or(ClusterError::NoHome)
}

/// Makes the data folder. Root's is passable, since Postgres runs as another user inside it.
fn make_data_dir(data_dir: &Path) -> Result<PathBuf, ClusterError> {
    if !data_dir.is_dir() {
        if let Some(above) = data_dir.parent() {
            fs::create_dir_all(above).map_err(|e| io_error("make the folder", above, e))?;
        }
        let mode = if rustix::process::geteuid().is_root() { 0o711 } else { 0o700 };
        match fs::DirBuilder::new().mode(mode).create(data_dir) {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(io_error("make the folder", data_dir, e)),
        }
    }
    fs::canonicalize(data_dir).map_err(|e| io_error("read", data_dir, e))
}

/// The major version that wrote the cluster, if there is one.
fn written_by(pgdata: &Path) -> Result<Option<u32>, ClusterError> {
    let file = pgdata.join("PG_VERSION");
    match fs::read_to_string(&file) {
        Ok(text) => Ok(text.trim().parse().ok()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(io_error("read", &file, e)),
    }
}

/// The folder of the socket: in the data folder, or, where that makes the path too long, a short one in `/tmp` whose
/// name every process works out alike.
fn make_socket_dir(folder: &Path, account: &Account) -> Result<PathBuf, ClusterError> {
    let near = folder.join("run");
    let socket = near.join(format!(".s.PGSQL.{PORT}"));
    if socket.as_os_str().len() <= LONGEST_SOCKET {
        account.private_folder(&near)?;
        return Ok(near);
    }
    let short = PathBuf::from(format!("/tmp/tessera-{:016x}", fnv1a(folder.as_os_str().as_encoded_bytes())));
    match fs::DirBuilder::new().mode(0o700).create(&short) {
        Ok(()) => account.give(&short)?,
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(e) => return Err(io_error("make the folder", &short, e)),
    }
    // Anybody may write in /tmp: take the folder only if it is ours and closed to others.
    let meta = fs::symlink_metadata(&short).map_err(|e| io_error("read", &short, e))?;
    if !meta.is_dir() || !account.owns(&meta) || meta.permissions().mode() & 0o077 != 0 {
        return Err(ClusterError::ForeignSocketFolder(short));
    }
    Ok(short)
}

/// FNV-1a: the same in every process and version of the program, unlike the standard library's hashers.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
