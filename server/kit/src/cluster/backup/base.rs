//! Makes a backup of a running cluster.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::error::{BackupError, Doing as _, Result};
use super::manifest::{Entry, Hashing, Manifest};
use super::repository::{Repository, list_of, make_private};
use super::wal::{self, Segment};
use super::{BackedUp, Backup, CLUSTER, Progress, beside};
use crate::clock;
use crate::cluster::archiving::Archiving;
use crate::cluster::wire::Connection;
use crate::cluster::{Cluster, Layout, SUPERUSER};

/// A checkpoint of a large busy data base takes its time, and so may another statement behind it.
const LONGEST_STATEMENT: Duration = Duration::from_secs(6 * 3600);
/// How long nothing of the log may arrive.
const LONGEST_SILENCE: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(100);
/// Data pages compress well at any level; a higher one costs more time than it saves room.
const LEVEL: i32 = 3;

/// Not in a backup, by the manual: what belongs to the running server, or is made anew by the next.
const LEFT_OUT: [&str; 11] = [
    "postmaster.pid",
    "postmaster.opts",
    "backup_label",
    "backup_label.old",
    "tablespace_map",
    "tablespace_map.old",
    "recovery.signal",
    "standby.signal",
    "current_logfiles",
    "current_logfiles.tmp",
    "postgresql.auto.conf.tmp",
];
/// Folders of which only the name is kept.
const EMPTY: [&str; 8] =
    ["pg_wal", "pg_replslot", "pg_dynshmem", "pg_notify", "pg_serial", "pg_snapshots", "pg_stat_tmp", "pg_subtrans"];
/// Beginnings of names that are left out wherever they stand.
const PASSING: [&str; 2] = ["pgsql_tmp", "pg_internal.init"];

impl Cluster {
    /// Makes a backup while the server works, and sees to it that the log goes to the same folder from now on. Blocks until
    /// it is whole on disk.
    pub fn back_up(&self, asked: &Backup, progress: &mut dyn FnMut(Progress)) -> Result<BackedUp> {
        let layout = &self.layout;
        let mut session = Connection::open_patient(&layout.socket(), SUPERUSER, "postgres", LONGEST_STATEMENT)?;
        check_server(&mut session)?;
        let repository = Repository::open_for(&asked.folder, layout, &system_of(&layout.pgdata)?)?;
        check_reach(layout, &repository, &asked.program)?;
        let archiving = Archiving { folder: repository.folder.clone(), program: asked.program.clone() };
        let log_went_to = lead_log(layout, &mut session, &archiving)?;

        let begun_at = clock::now();
        let (name, unfinished) = repository.begin(&begun_at.format("%Y%m%dT%H%M%SZ").to_string())?;
        let made = copy(layout, &mut session, &repository, &unfinished, progress).and_then(|copied| {
            let (fresh, beside) = copy_beside(layout, &repository, &unfinished, asked, progress)?;
            let Copied { files, first, last, size, ended_at } = copied;
            let manifest = Manifest {
                format: Manifest::format(),
                name,
                system: system_of(&layout.pgdata)?,
                major: layout.programs.major(),
                first_segment: first,
                last_segment: last,
                segment_size: size,
                begun_at,
                ended_at,
                files,
                beside,
            };
            repository.finish(&unfinished, &manifest)?;
            Ok((manifest, fresh))
        });
        if made.is_err() {
            // What is left of it only takes room, and the next backup sweeps it too.
            let _ = fs::remove_dir_all(&unfinished);
        }
        let (manifest, fresh) = made?;
        let removed = repository.prune(asked.keep, asked.beside.folders)?;
        Ok(BackedUp { manifest, fresh, removed, log_went_to })
    }
}

/// The number that Postgres gave the cluster when it was made: the first eight bytes of its control file.
pub(super) fn system_of(pgdata: &Path) -> Result<String> {
    let control = pgdata.join("global/pg_control");
    let mut bytes = [0; 8];
    match File::open(&control) {
        Ok(mut file) => file.read_exact(&mut bytes).doing("read", &control)?,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(BackupError::NothingThere(pgdata.to_owned())),
        Err(e) => return Err(e).doing("read", &control),
    }
    Ok(u64::from_ne_bytes(bytes).to_string())
}

fn check_server(session: &mut Connection) -> Result<()> {
    if ask(session, "show archive_mode")? != "on" {
        return Err(BackupError::ArchivingOff);
    }
    // The two that every cluster has stand in its own folder.
    if ask(session, "select count(*) from pg_tablespace")? != "2" {
        return Err(BackupError::Tablespaces);
    }
    Ok(())
}

/// Sees to it that Postgres' user can run the program and write the log, which would else be noticed only much later.
fn check_reach(layout: &Layout, repository: &Repository, program: &Path) -> Result<()> {
    layout.check_access("-x", "run", program)?;
    layout.check_access("-w", "write in", &wal::folder_in(&repository.folder))
}

impl Layout {
    /// Asks as Postgres' user, whose rights are not this process'.
    pub(super) fn check_access(&self, test: &str, action: &'static str, path: &Path) -> Result<()> {
        let mut command = self.account.command(Path::new("test"));
        let allowed = command.arg(test).arg(path).status().doing("run", Path::new("test"))?.success();
        let (user, path) = (self.account.name().to_owned(), path.to_owned());
        if allowed { Ok(()) } else { Err(BackupError::Unreachable { user, action, path }) }
    }
}

/// Lets the log go to the folder from now on, and returns where it went before if that was another. A cluster that comes
/// from a backup brings the story of its timelines along.
fn lead_log(layout: &Layout, session: &mut Connection, archiving: &Archiving) -> Result<Option<PathBuf>> {
    // Each restore begins a timeline with a higher number.
    let timeline = ask(session, "select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)")?;
    let newer = |name: &String| name.get(..8).is_some_and(|archived| archived > timeline.as_str());
    if wal::archived(&archiving.folder)?.iter().any(newer) {
        return Err(BackupError::OtherBranch(archiving.folder.clone()));
    }
    let pg_wal = layout.pgdata.join("pg_wal");
    let stories =
        fs::read_dir(&pg_wal).doing("read", &pg_wal)?.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    for name in stories.filter(|name| name.ends_with(".history")) {
        let (story, place) = (pg_wal.join(&name), wal::place_of(&archiving.folder, &name));
        if place.exists() && !wal::is_same(&place, File::open(&story).doing("read", &story)?)? {
            return Err(BackupError::OtherBranch(archiving.folder.clone()));
        }
        // As Postgres' user: root does not write where another user could have laid a link.
        let mut command = layout.account.command(&archiving.program);
        let output = command.arg("wal-archive").arg(&archiving.folder).arg(&story).arg(&name).output();
        let output = output.doing("run", &archiving.program)?;
        if !output.status.success() {
            let detail = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(BackupError::LogStuck { folder: archiving.folder.clone(), detail });
        }
    }
    let before = layout.archiving()?;
    layout.archive_into(Some(archiving))?;
    let (wanted, begun) = (archiving.command()?, Instant::now());
    while ask(session, "show archive_command")? != wanted {
        if begun.elapsed() > LONGEST_SILENCE {
            let detail = "PostgreSQL does not take over its new settings.".to_owned();
            return Err(BackupError::LogStuck { folder: archiving.folder.clone(), detail });
        }
        std::thread::sleep(STEP);
    }
    Ok(before.map(|before| before.folder).filter(|folder| *folder != archiving.folder))
}

/// What a copy is, beside its bytes.
struct Copied {
    files: Vec<Entry>,
    first: Segment,
    last: Segment,
    size: u64,
    ended_at: chrono::DateTime<chrono::Utc>,
}

/// Copies the cluster between the two words that Postgres wants to hear from one session, and waits for the log between
/// them.
fn copy(
    layout: &Layout,
    session: &mut Connection,
    repository: &Repository,
    unfinished: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<Copied> {
    let size = ask(session, "select setting from pg_settings where name = 'wal_segment_size'")?.parse().unwrap_or(16 << 20);
    ask(session, "select pg_backup_start('backup', fast => true)")?;
    let place = unfinished.join(CLUSTER);
    let (mut archive, mut files) = (Archive::create(&place)?, Vec::new());
    let found = find_files(&layout.pgdata)?;
    let (mut done, total) = (0, found.iter().map(|found| found.size).sum());
    for found in found {
        progress(Progress::Cluster { done, total });
        if found.is_folder {
            archive.add_folder(&found.path)?;
        } else if let Some(entry) = archive.add_file(&layout.pgdata, &found.path)? {
            files.push(entry);
        }
        done += found.size;
    }
    progress(Progress::Cluster { done: total, total });

    let stopped = session.query("select lsn, labelfile, spcmapfile from pg_backup_stop(wait_for_archive => false)")?;
    let ended_at = clock::now();
    let said = |column: usize| stopped.first().and_then(|row| row.get(column).cloned().flatten()).unwrap_or_default();
    let (label, map) = (said(1), said(2));
    files.push(archive.add_bytes("backup_label", label.as_bytes())?);
    if !map.is_empty() {
        files.push(archive.add_bytes("tablespace_map", map.as_bytes())?);
    }
    archive.finish()?;

    let unclear = || BackupError::Damaged { path: place.clone(), detail: "PostgreSQL does not say where it begins.".to_owned() };
    let first: Segment = first_segment(&label).ok_or_else(unclear)?;
    let last = Segment::before(first.timeline(), wal::position(&said(0)).ok_or_else(unclear)?, size);
    progress(Progress::WaitForLog);
    wait_for_log(layout, session, &repository.folder, first, last, size)?;
    Ok(Copied { files, first, last, size, ended_at })
}

/// Reads `START WAL LOCATION: 0/2000028 (file 000000010000000000000002)`.
fn first_segment(label: &str) -> Option<Segment> {
    let line = label.lines().find(|line| line.starts_with("START WAL LOCATION:"))?;
    line.split_once("(file ")?.1.strip_suffix(')')?.parse().ok()
}

/// Waits until every segment from the first to the last is archived.
fn wait_for_log(
    layout: &Layout,
    session: &mut Connection,
    folder: &Path,
    first: Segment,
    last: Segment,
    size: u64,
) -> Result<()> {
    let (mut wanted, mut heard, mut count) = (first, Instant::now(), String::new());
    loop {
        while wal::place_of(folder, &wanted.to_string()).exists() {
            if wanted == last {
                return Ok(());
            }
            wanted = wanted.next(size);
        }
        // Older segments come first, where the folder was away for a while.
        let archived = ask(session, "select archived_count from pg_stat_archiver")?;
        if archived != count {
            (heard, count) = (Instant::now(), archived);
        }
        if heard.elapsed() > LONGEST_SILENCE {
            let said = last_complaint(&layout.log).unwrap_or_else(|| format!("{} says why.", layout.log.display()));
            return Err(BackupError::LogStuck { folder: folder.to_owned(), detail: said });
        }
        std::thread::sleep(STEP);
    }
}

/// What the program said last when Postgres called it.
pub(super) fn last_complaint(log: &Path) -> Option<String> {
    let text = fs::read(log).ok()?;
    let text = String::from_utf8_lossy(&text);
    text.lines().rev().find_map(|line| line.split_once("wal-archive: ")).map(|(_, said)| said.to_owned())
}

fn copy_beside(
    layout: &Layout,
    repository: &Repository,
    unfinished: &Path,
    asked: &Backup,
    progress: &mut dyn FnMut(Progress),
) -> Result<(usize, Vec<Entry>)> {
    progress(Progress::Beside);
    let (mut fresh, mut entries) = (0, beside::copy_files(&layout.folder, asked.beside.files, unfinished)?);
    for name in asked.beside.folders {
        let target = repository.folder.join(name);
        make_private(&target)?;
        let list = unfinished.join(list_of(name));
        let (new, entry) = beside::copy_folder(&layout.folder.join(name), &target, &repository.listed(name)?, &list)?;
        fresh += new;
        entries.extend(entry);
    }
    Ok((fresh, entries))
}

/// The one value of a statement.
pub(super) fn ask(session: &mut Connection, sql: &str) -> Result<String> {
    let rows = session.query(sql)?;
    Ok(rows.into_iter().next().and_then(|row| row.into_iter().next()).flatten().unwrap_or_default())
}

/// A file or folder of the cluster, by its path in it.
struct Found {
    path: String,
    is_folder: bool,
    size: u64,
}

/// Everything that belongs to a backup. What goes away meanwhile is not looked for: the log says that it goes.
fn find_files(pgdata: &Path) -> Result<Vec<Found>> {
    let (mut found, mut waiting) = (Vec::new(), vec![String::new()]);
    while let Some(above) = waiting.pop() {
        let folder = pgdata.join(&above);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(e).doing("read", &folder),
        };
        for entry in entries {
            let entry = entry.doing("read", &folder)?;
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
            let is_top = above.is_empty();
            let path = if is_top { name.clone() } else { format!("{above}/{name}") };
            if PASSING.iter().any(|start| name.starts_with(start)) || (is_top && LEFT_OUT.contains(&name.as_str())) {
                continue;
            }
            let meta = match entry.metadata() {
                Ok(meta) => meta,
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                Err(e) => return Err(e).doing("read", &entry.path()),
            };
            if meta.is_dir() {
                if !(is_top && EMPTY.contains(&name.as_str())) {
                    waiting.push(path.clone());
                }
                found.push(Found { path, is_folder: true, size: 0 });
            } else if meta.is_file() {
                found.push(Found { path, is_folder: false, size: meta.len() });
            }
        }
    }
    // A folder comes before what is in it.
    found.sort_unstable_by(|left, right| left.path.cmp(&right.path));
    Ok(found)
}

/// A compressed tar file that is being written.
struct Archive {
    place: PathBuf,
    tar: tar::Builder<zstd::Encoder<'static, File>>,
}

impl Archive {
    fn create(place: &Path) -> Result<Archive> {
        let open = || {
            let file = File::options().write(true).create_new(true).mode(0o600).open(place)?;
            let mut encoder = zstd::Encoder::new(file, LEVEL)?;
            encoder.include_checksum(true)?;
            Ok(tar::Builder::new(encoder))
        };
        Ok(Archive { place: place.to_owned(), tar: open().doing("write", place)? })
    }

    fn add_folder(&mut self, path: &str) -> Result<()> {
        let mut header = header(0, 0o700);
        header.set_entry_type(tar::EntryType::Directory);
        self.tar.append_data(&mut header, path, io::empty()).doing("write", &self.place)
    }

    /// Adds a file as long as it is now: what it grows by or loses meanwhile is in the log. `None` when it is gone.
    fn add_file(&mut self, pgdata: &Path, path: &str) -> Result<Option<Entry>> {
        let source = pgdata.join(path);
        let file = match File::open(&source) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e).doing("read", &source),
        };
        if path == "global/pg_control" {
            let bytes = read_steadily(&file).doing("read", &source)?;
            return self.add_bytes(path, &bytes).map(Some);
        }
        let size = file.metadata().doing("read", &source)?.len();
        self.add(path, size, file.take(size).chain(io::repeat(0)).take(size)).map(Some)
    }

    fn add_bytes(&mut self, path: &str, bytes: &[u8]) -> Result<Entry> {
        self.add(path, bytes.len() as u64, bytes)
    }

    fn add(&mut self, path: &str, size: u64, from: impl Read) -> Result<Entry> {
        let mut reader = Hashing::new(from);
        self.tar.append_data(&mut header(size, 0o600), path, &mut reader).doing("write", &self.place)?;
        Ok(reader.entry(path))
    }

    fn finish(self) -> Result<()> {
        let finish = || {
            let mut file = self.tar.into_inner()?.finish()?;
            file.flush()?;
            file.sync_all()
        };
        finish().doing("write", &self.place)
    }
}

fn header(size: u64, mode: u32) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(mode);
    header
}

/// Reads a small file that is written in place until two looks agree: nothing mends the control file if it was caught half
/// written.
fn read_steadily(file: &File) -> io::Result<Vec<u8>> {
    let look = || {
        let mut bytes = vec![0; file.metadata()?.len() as usize];
        file.read_exact_at(&mut bytes, 0)?;
        Ok::<_, io::Error>(bytes)
    };
    let mut seen = look()?;
    loop {
        std::thread::sleep(Duration::from_millis(2));
        let again = look()?;
        if again == seen {
            return Ok(seen);
        }
        seen = again;
    }
}
