//! Lays a backup and the log after it into a data folder.
//!
//! Everything is done beside the place where the cluster will stand, and moved there last, when it has come up and was
//! stopped again: until then the data folder is as it was. The lock of `cluster.lock` is held meanwhile, so that nobody
//! starts anything.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::base::system_of;
use super::check::{check_hash, check_needed_log, read_archive};
use super::error::{BackupError, Doing as _, Result};
use super::manifest::{Manifest, sync_folder};
use super::recovery::Way;
use super::repository::{Repository, make_private};
use super::timeline::Log;
use super::{CLUSTER, Progress, Restore, Restored, beside, recovery, wal};
use crate::clock;
use crate::cluster::error::io_error;
use crate::cluster::{ClusterOptions, Layout};

/// Where the cluster is put together, in the data folder.
const UNFINISHED: &str = "postgres.restore";
/// Names the socket of the Postgres that replays the log. It lives on when a restore is killed, and whoever opens the data folder
/// then must not take it for the cluster's own.
const PORT: u16 = 5433;

/// Restores into the data folder of `options`. Blocks until the cluster stands there, whole and stopped.
pub fn restore(options: &ClusterOptions, asked: &Restore, progress: &mut dyn FnMut(Progress)) -> Result<Restored> {
    let repository = Repository::open(&asked.folder)?;
    let backup = choose(&repository, asked)?;
    let layout = options.lay_out_for(Some(backup.major))?;
    let (_starting, _users) = take_over(&layout)?;
    let is_there = layout.pgdata.exists();
    if is_there && !asked.replace {
        return Err(BackupError::Occupied(layout.folder.clone()));
    }
    // One that nobody uses any more, but that nobody stopped.
    layout.stop()?;

    let others = other_logs(&layout, &backup, asked)?;
    let (way, leaves_newer) = find_way(&repository, &backup, asked, &others)?;
    hand_over(&layout, &repository, &backup)?;
    layout.check_access("-x", "run", &asked.program)?;
    layout.check_access("-r", "read", &wal::folder_in(&repository.folder))?;

    let side = Layout { pgdata: layout.folder.join(UNFINISHED), port: PORT, ..options.lay_out_for(Some(backup.major))? };
    let recovered = unpack(&side, &repository, &backup, progress)
        .and_then(|()| recovery::run(side, &repository, asked, &others, &way, progress));
    if recovered.is_err() {
        // It only takes room, and the next try sweeps it too.
        let _ = fs::remove_dir_all(layout.folder.join(UNFINISHED));
    }
    let recovered = recovered?;

    progress(Progress::Beside);
    let lost = lay_shared(&layout, &repository, asked)?;
    let aside = put_in_place(&layout, &repository, &backup, is_there)?;
    // A second cluster must not write into the same folder as the first: the next backup says where the log goes.
    layout.archive_into(None)?;
    Ok(Restored { backup: backup.name, reached: recovered.reached, log_ended: recovered.log_ended, leaves_newer, aside, lost })
}

/// The backup to begin with.
fn choose(repository: &Repository, asked: &Restore) -> Result<Manifest> {
    let (mut backups, broken) = repository.backups()?;
    if let Some(name) = &asked.backup {
        let no_such = || BackupError::NoSuchBackup { folder: asked.folder.clone(), name: name.clone() };
        let backup = backups.into_iter().find(|backup| backup.name == *name).ok_or_else(no_such)?;
        return match asked.to {
            Some(to) if to < backup.ended_at => Err(BackupError::BackupTooLate { name: backup.name, ended_at: backup.ended_at }),
            _ => Ok(backup),
        };
    }
    let Some(oldest) = backups.first().map(|backup| backup.ended_at) else {
        return Err(broken.into_iter().next().unwrap_or_else(|| BackupError::NoBackup(asked.folder.clone())));
    };
    for error in broken {
        tracing::warn!(%error, "a backup cannot be used");
    }
    backups.retain(|backup| asked.to.is_none_or(|to| backup.ended_at <= to));
    backups.pop().ok_or_else(|| BackupError::TooEarly { asked: asked.to.unwrap_or_default(), oldest })
}

/// Keeps everybody else away from the data folder.
fn take_over(layout: &Layout) -> Result<(File, File)> {
    let (starting, users) = (layout.lock_file("cluster.lock")?, layout.lock_file("cluster.users")?);
    for lock in [&starting, &users] {
        match flock(lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(BackupError::InUse(layout.folder.clone())),
            Err(e) => return Err(io_error("lock", &layout.folder, e.into()).into()),
        }
    }
    Ok((starting, users))
}

/// The folders of logs that survived: that of the data folder which is replaced, and the one that was named. Both hold what
/// was not archived yet, if they are of the same data base.
fn other_logs(layout: &Layout, backup: &Manifest, asked: &Restore) -> Result<Vec<PathBuf>> {
    let is_ours = |pgdata: &Path| system_of(pgdata).is_ok_and(|system| system == backup.system);
    let mut logs = Vec::new();
    if is_ours(&layout.pgdata) {
        logs.push(layout.pgdata.join("pg_wal"));
    }
    if let Some(named) = &asked.log_of {
        let candidates = [named.join("postgres"), named.clone()];
        let pgdata = candidates.into_iter().find(|pgdata| is_ours(pgdata));
        let pgdata = pgdata.ok_or_else(|| BackupError::ForeignLog(named.clone()))?;
        let log = fs::canonicalize(pgdata.join("pg_wal")).doing("read", &pgdata)?;
        layout.check_access("-r", "read", &log)?;
        logs.push(log);
    }
    Ok(logs)
}

/// Sees to it that the log is there, and says which way to follow, and whether it leaves out a newer one.
fn find_way(repository: &Repository, backup: &Manifest, asked: &Restore, others: &[PathBuf]) -> Result<(Way, bool)> {
    check_needed_log(&repository.folder, backup)?;
    let log = Log::look(&repository.folder, others)?;
    let gap = log.gap(backup);
    if let Some(missing) = gap.filter(|_| asked.to.is_none()) {
        return Err(BackupError::Gap(wal::place_of(&repository.folder, &missing.to_string())));
    }
    let (timeline, leaves_newer) = log.timeline(backup)?;
    Ok((Way { timeline, has_gap: gap.is_some() }, leaves_newer))
}

/// Gives the log to Postgres' user of this machine, who reads it: a folder that came from another one belongs to somebody
/// else.
fn hand_over(layout: &Layout, repository: &Repository, backup: &Manifest) -> Result<()> {
    let wal = wal::folder_in(&repository.folder);
    let segment = wal::place_of(&repository.folder, &backup.first_segment.to_string());
    if [&wal, &segment].iter().all(|path| layout.check_access("-r", "read", path).is_ok()) {
        return Ok(());
    }
    for entry in fs::read_dir(&wal).doing("read", &wal)? {
        layout.account.give(&entry.doing("read", &wal)?.path())?;
    }
    Ok(layout.account.give(&wal)?)
}

/// Unpacks the copy of the cluster, comparing each file with the manifest, and hands it to Postgres' user.
fn unpack(side: &Layout, repository: &Repository, backup: &Manifest, progress: &mut dyn FnMut(Progress)) -> Result<()> {
    let root = &side.pgdata;
    // What a try that was killed has left may still be a server at work.
    side.stop()?;
    if root.exists() {
        fs::remove_dir_all(root).doing("remove", root)?;
    }
    // Nobody else passes until all is there.
    make_private(root)?;
    let total = backup.size();
    let place = repository.folder_of(backup).join(CLUSTER);
    read_archive(&place, backup, |done, path, contents, is_folder| {
        progress(Progress::Cluster { done, total });
        let target = root.join(path);
        if is_folder {
            fs::DirBuilder::new().mode(0o700).create(&target)?;
        } else {
            let mut file = File::options().write(true).create_new(true).mode(0o600).open(&target)?;
            io::copy(contents, &mut file)?;
        }
        side.account.give(&target).map_err(|e| io::Error::new(io::ErrorKind::PermissionDenied, e))
    })?;
    let signal = root.join("recovery.signal");
    File::create(&signal).doing("write", &signal)?;
    side.account.give(&signal)?;
    Ok(side.account.give(root)?)
}

/// Lays the files of the shared folders that any backup lists: those that came later are needed by what the log brings.
/// Returns those that the folder of backups holds no longer as they were.
fn lay_shared(layout: &Layout, repository: &Repository, asked: &Restore) -> Result<Vec<PathBuf>> {
    let mut lost = Vec::new();
    for name in asked.beside.folders {
        let (source, target) = (repository.folder.join(name), layout.folder.join(name));
        lost.extend(beside::lay_folder(&source, &target, repository.listed(name)?.values())?);
    }
    Ok(lost)
}

/// Moves the restored cluster to its place, and what stood there aside. Returns where that is now.
fn put_in_place(layout: &Layout, repository: &Repository, backup: &Manifest, is_there: bool) -> Result<Vec<PathBuf>> {
    let (mut aside, stamp) = (Vec::new(), clock::now().format("%Y%m%dT%H%M%S%.3fZ"));
    let mut move_aside = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let target = path.with_file_name(format!("{name}.before-{stamp}"));
        fs::rename(path, &target).doing("move", path)?;
        aside.push(target);
        Ok::<_, BackupError>(())
    };
    for entry in backup.beside.iter().filter(|entry| !entry.path.ends_with(".list")) {
        let (from, to) = (repository.folder_of(backup).join(&entry.path), layout.folder.join(&entry.path));
        check_hash(&from, entry)?;
        if fs::read(&to).ok() == Some(fs::read(&from).doing("read", &from)?) {
            continue;
        }
        if to.exists() {
            move_aside(&to)?;
        }
        beside::copy_whole(&from, &to, &entry.path)?;
    }
    if is_there {
        move_aside(&layout.pgdata)?;
    }
    let finished = layout.folder.join(UNFINISHED);
    fs::rename(&finished, &layout.pgdata).doing("move", &finished)?;
    sync_folder(&layout.folder)?;
    Ok(aside)
}
