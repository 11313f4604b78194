//! The backup folder as a whole: whose it is, who writes in it, which backups it holds.

use std::collections::{HashMap, HashSet};
use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::error::{BackupError, Doing as _, Result};
use super::manifest::{Entry, Manifest, sync_folder, write_file};
use super::{beside, wal};
use crate::cluster::Layout;
use crate::cluster::error::io_error;

const MARKER: &str = "repository.json";
const UNFINISHED: &str = ".partial";

/// Whose backups a folder holds.
#[derive(Serialize, Deserialize)]
struct Marker {
    format: u32,
    system: String,
}

pub(super) struct Repository {
    pub folder: PathBuf,
    /// Held by the one who writes; goes with its process.
    _lock: Option<File>,
}

impl Repository {
    /// Opens a folder to read in it.
    pub fn open(folder: &Path) -> Result<Repository> {
        if !folder.join(MARKER).is_file() {
            return Err(BackupError::NoBackup(folder.to_owned()));
        }
        let folder = fs::canonicalize(folder).doing("read", folder)?;
        Ok(Repository { folder, _lock: None })
    }

    /// Opens a folder to write the backups of one cluster in it, or makes it.
    pub fn open_for(folder: &Path, layout: &Layout, system: &str) -> Result<Repository> {
        let is_root = rustix::process::geteuid().is_root();
        if !folder.is_dir() {
            // Root's is passable, since Postgres' user must reach its part of it.
            let mode = if is_root { 0o711 } else { 0o700 };
            DirBuilder::new().recursive(true).mode(mode).create(folder).doing("make the folder", folder)?;
        }
        let folder = fs::canonicalize(folder).doing("read", folder)?;
        let lock = lock(&folder)?;
        let marker = folder.join(MARKER);
        if marker.is_file() {
            let text = fs::read(&marker).doing("read", &marker)?;
            let known: Marker = serde_json::from_slice(&text)
                .map_err(|e| BackupError::Damaged { path: marker.clone(), detail: format!("{e}.") })?;
            if known.format > Manifest::format() {
                return Err(BackupError::NewerFormat(marker));
            }
            if known.system != system {
                return Err(BackupError::OtherSystem(folder));
            }
        }
        let repository = Repository { folder, _lock: Some(lock) };
        make_private(&repository.base())?;
        layout.account.private_folder(&wal::folder_in(&repository.folder))?;
        if !marker.is_file() {
            let text = serde_json::to_vec(&Marker { format: Manifest::format(), system: system.to_owned() });
            write_file(&marker, &text.map_err(std::io::Error::from).doing("write", &marker)?)?;
            sync_folder(&repository.folder)?;
        }
        Ok(repository)
    }

    pub fn base(&self) -> PathBuf {
        self.folder.join("base")
    }

    /// The folder of one backup.
    pub fn folder_of(&self, backup: &Manifest) -> PathBuf {
        self.base().join(&backup.name)
    }

    /// A name for a backup that is begun, and the folder to write it in. What was cut off is swept away before.
    pub fn begin(&self, wanted: &str) -> Result<(String, PathBuf)> {
        for name in self.names()?.iter().filter(|name| name.ends_with(UNFINISHED)) {
            let cut_off = self.base().join(name);
            fs::remove_dir_all(&cut_off).doing("remove", &cut_off)?;
        }
        let candidates = std::iter::once(wanted.to_owned()).chain((2..).map(|n| format!("{wanted}-{n}")));
        let name = candidates.into_iter().find(|name| !self.base().join(name).exists()).unwrap_or_default();
        let unfinished = self.base().join(format!("{name}{UNFINISHED}"));
        make_private(&unfinished)?;
        Ok((name, unfinished))
    }

    /// Makes a backup of what was written: from here on it counts.
    pub fn finish(&self, unfinished: &Path, backup: &Manifest) -> Result<()> {
        backup.write(unfinished)?;
        sync_folder(unfinished)?;
        fs::rename(unfinished, self.folder_of(backup)).doing("move", unfinished)?;
        sync_folder(&self.base())
    }

    /// The whole backups, the oldest first, and what is wrong with others.
    pub fn backups(&self) -> Result<(Vec<Manifest>, Vec<BackupError>)> {
        let (mut whole, mut broken) = (Vec::new(), Vec::new());
        for name in self.names()?.iter().filter(|name| !name.ends_with(UNFINISHED)) {
            match Manifest::read(&self.base().join(name)) {
                // Its folder may have been given another name.
                Ok(read) => whole.push(Manifest { name: name.clone(), ..read }),
                Err(error) => broken.push(error),
            }
        }
        whole.sort_by_key(|backup| backup.ended_at);
        Ok((whole, broken))
    }

    /// What the lists of all backups say of a shared folder.
    pub fn listed(&self, shared: &str) -> Result<HashMap<String, Entry>> {
        let mut known = HashMap::new();
        for name in self.names()?.iter().filter(|name| !name.ends_with(UNFINISHED)) {
            let list = self.base().join(name).join(list_of(shared));
            if list.is_file() {
                known.extend(beside::read_list(&list)?.into_iter().map(|entry| (entry.path.clone(), entry)));
            }
        }
        Ok(known)
    }

    /// Removes the oldest backups beyond `keep`, then what only they needed.
    pub fn prune(&self, keep: usize, shared: &[&str]) -> Result<Vec<String>> {
        let (backups, _) = self.backups()?;
        let (old, kept) = backups.split_at(backups.len().saturating_sub(keep.max(1)));
        for backup in old {
            // It stops being a backup before it loses anything.
            let (folder, doomed) = (self.folder_of(backup), self.base().join(format!("{}{UNFINISHED}", backup.name)));
            fs::rename(&folder, &doomed).doing("move", &folder)?;
            sync_folder(&self.base())?;
            fs::remove_dir_all(&doomed).doing("remove", &doomed)?;
        }
        if let Some(oldest) = kept.iter().map(|backup| backup.first_segment).min_by_key(|segment| segment.place()) {
            wal::prune(&self.folder, oldest)?;
        }
        for folder in shared {
            let needed: HashSet<String> = self.listed(folder)?.into_keys().collect();
            beside::prune(&self.folder.join(folder), &needed)?;
        }
        Ok(old.iter().map(|backup| backup.name.clone()).collect())
    }

    fn names(&self) -> Result<Vec<String>> {
        let base = self.base();
        let mut names = Vec::new();
        for entry in fs::read_dir(&base).doing("read", &base)? {
            names.extend(entry.doing("read", &base)?.file_name().into_string().ok());
        }
        names.sort_unstable();
        Ok(names)
    }
}

/// The list of a shared folder, in the folder of a backup.
pub(super) fn list_of(shared: &str) -> String {
    format!("{shared}.list")
}

/// Keeps a second writer out for as long as the file is held.
fn lock(folder: &Path) -> Result<File> {
    let path = folder.join("lock");
    let file = File::options().write(true).create(true).truncate(false).open(&path).doing("open", &path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(BackupError::Busy(folder.to_owned())),
        Err(e) => Err(io_error("lock", &path, e.into()).into()),
    }
}

/// Makes a folder that nobody else can enter.
pub(super) fn make_private(folder: &Path) -> Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(e).doing("make the folder", folder),
        _ => Ok(()),
    }
}
