//! Reads all of a backup folder and compares it with what the manifests say.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;

use super::error::{BackupError, Doing as _, Result};
use super::manifest::{Entry, Hashing, Manifest};
use super::repository::Repository;
use super::wal::{self, Segment};
use super::{CLUSTER, Progress, beside};

/// What a check has found to be whole.
#[derive(Debug)]
pub struct Checked {
    pub backups: Vec<Manifest>,
    /// Segments of the log.
    pub segments: usize,
    /// Files in shared folders.
    pub shared: usize,
}

/// Reads everything once. The first thing that is wrong is the error.
pub fn check(folder: &Path, shared: &[&str], progress: &mut dyn FnMut(Progress)) -> Result<Checked> {
    let repository = Repository::open(folder)?;
    let (backups, broken) = repository.backups()?;
    if let Some(error) = broken.into_iter().next() {
        return Err(error);
    }
    let total = backups.iter().map(Manifest::size).sum();
    let mut before = 0;
    for backup in &backups {
        let place = repository.folder_of(backup);
        read_archive(&place.join(CLUSTER), backup, |done, _, entry, _| {
            progress(Progress::Cluster { done: before + done, total });
            io::copy(entry, &mut io::sink()).map(drop)
        })?;
        before += backup.size();
        for entry in &backup.beside {
            check_file(&place.join(&entry.path), entry, backup)?;
        }
        check_needed_log(&repository.folder, backup)?;
    }
    let segments = check_log(&repository.folder, &backups, progress)?;
    let mut count = 0;
    for name in shared {
        progress(Progress::Beside);
        for (path, entry) in BTreeMap::from_iter(repository.listed(name)?) {
            check_hash(&repository.folder.join(name).join(path), &entry)?;
            count += 1;
        }
    }
    Ok(Checked { backups, segments, shared: count })
}

/// What to do with an entry of the archive: bytes before it, its path, its contents, whether it is a folder.
type Take<'a> = &'a mut dyn io::Read;

/// Reads the copy of a cluster and gives each file to `take`; fails where it is not what the manifest says.
pub(super) fn read_archive(
    place: &Path,
    backup: &Manifest,
    mut take: impl FnMut(u64, &str, Take<'_>, bool) -> io::Result<()>,
) -> Result<()> {
    let damaged = |detail: String| BackupError::Damaged { path: place.to_owned(), detail };
    let broken = |e: io::Error| damaged(format!("{e}."));
    let file = match File::open(place) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(BackupError::Missing { path: place.to_owned(), backup: backup.name.clone() });
        }
        Err(e) => return Err(e).doing("read", place),
    };
    let mut decoder = zstd::Decoder::new(file).doing("read", place)?;
    let (mut expected, mut done) = (backup.files.iter(), 0);
    let mut tar = tar::Archive::new(&mut decoder);
    for entry in tar.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).trim_end_matches('/').to_owned();
        if !beside::is_inside(&path) {
            return Err(damaged(format!("it holds {path}, which leads out of it.")));
        }
        if entry.header().entry_type().is_dir() {
            take(done, &path, &mut io::empty(), true).doing("write", Path::new(&path))?;
            continue;
        }
        let mut reader = Hashing::new(&mut entry);
        match take(done, &path, &mut reader, false) {
            Err(e) if matches!(e.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::Other) => {
                return Err(broken(e));
            }
            taken => taken.doing("write", Path::new(&path))?,
        }
        let read = reader.entry(&path);
        if expected.next() != Some(&read) {
            return Err(damaged(format!("{path} is not what was backed up.")));
        }
        done += read.size;
    }
    if let Some(missing) = expected.next() {
        return Err(damaged(format!("{} is missing in it.", missing.path)));
    }
    // The checksum of the whole stands at its end.
    io::copy(&mut decoder, &mut io::sink()).map_err(broken).map(drop)
}

/// Fails unless the log that a backup cannot do without is there.
pub(super) fn check_needed_log(folder: &Path, backup: &Manifest) -> Result<()> {
    let mut segment = backup.first_segment;
    loop {
        let path = wal::place_of(folder, &segment.to_string());
        if !path.is_file() {
            return Err(BackupError::Missing { path, backup: backup.name.clone() });
        }
        if segment == backup.last_segment {
            return Ok(());
        }
        segment = segment.next(backup.segment_size);
    }
}

fn check_log(folder: &Path, backups: &[Manifest], progress: &mut dyn FnMut(Progress)) -> Result<usize> {
    let names = wal::archived(folder)?;
    let segment_size = backups.first().map(|backup| backup.segment_size);
    for (done, name) in names.iter().enumerate() {
        progress(Progress::Log { done: done as u64, total: names.len() as u64 });
        let path = wal::place_of(folder, name);
        let size = wal::unpacked_size(&path)?;
        if name.parse::<Segment>().is_ok() && segment_size.is_some_and(|whole| whole != size) {
            return Err(BackupError::Damaged { path, detail: "it has not the size of a segment.".to_owned() });
        }
    }
    // Before the newest backup a gap harms only moments that lie before it; after it nothing is safe any more.
    if let Some(newest) = backups.last()
        && let Some(missing) = wal::gap(names.iter().cloned(), newest.first_segment, newest.segment_size)
    {
        return Err(BackupError::Gap(wal::place_of(folder, &missing.to_string())));
    }
    Ok(names.len())
}

fn check_file(path: &Path, entry: &Entry, backup: &Manifest) -> Result<()> {
    if !path.is_file() {
        return Err(BackupError::Missing { path: path.to_owned(), backup: backup.name.clone() });
    }
    check_hash(path, entry)
}

/// Fails unless a file is what was written.
pub(super) fn check_hash(path: &Path, entry: &Entry) -> Result<()> {
    let mut reader = Hashing::new(File::open(path).doing("read", path)?);
    io::copy(&mut reader, &mut io::sink()).doing("read", path)?;
    let detail = "it is not what was backed up.".to_owned();
    if reader.entry(&entry.path) == *entry { Ok(()) } else { Err(BackupError::Damaged { path: path.to_owned(), detail }) }
}
