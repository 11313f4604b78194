//! What stands beside the cluster in the data folder and belongs to a backup: folders whose files never change once they
//! are there, since their names say what is in them, and single small files.
//!
//! A file of such a folder is copied once for all backups. Each backup holds a list of those it has, a line each: SHA-256,
//! size in bytes, path.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::check::check_hash;
use super::error::{BackupError, Doing as _, Result};
use super::manifest::{Entry, Hashing, sync_folder, write_file};
use super::repository::{list_of, make_private};

const UNFINISHED: &str = ".partial";

/// What to take along, by name in the data folder.
#[derive(Debug, Clone, Copy)]
pub struct Beside {
    pub folders: &'static [&'static str],
    pub files: &'static [&'static str],
}

/// Copies what stands beside a data base that is backed up by other means. Returns how many files were new.
pub fn copy_beside(data: &Path, folder: &Path, beside: &Beside) -> Result<usize> {
    fs::create_dir_all(folder).doing("make the folder", folder)?;
    copy_files(data, beside.files, folder)?;
    let mut fresh = 0;
    for name in beside.folders {
        let list = folder.join(list_of(name));
        let known = if list.is_file() { read_list(&list)? } else { Vec::new() };
        let known = known.into_iter().map(|entry| (entry.path.clone(), entry)).collect();
        make_private(&folder.join(name))?;
        fresh += copy_folder(&data.join(name), &folder.join(name), &known, &list)?.0;
    }
    Ok(fresh)
}

/// Lays it back into a data folder. A small file that differs is replaced only when that is wanted. Returns the files of folders
/// that are missing or damaged in the backup.
pub fn lay_beside(folder: &Path, data: &Path, beside: &Beside, replace: bool) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(data).doing("make the folder", data)?;
    for name in beside.files {
        let (from, to) = (folder.join(name), data.join(name));
        if !from.is_file() || fs::read(&from).ok() == fs::read(&to).ok() {
            continue;
        }
        if to.exists() && !replace {
            return Err(BackupError::OtherFile(to));
        }
        copy_whole(&from, &to, name)?;
    }
    let mut lost = Vec::new();
    for name in beside.folders {
        let list = folder.join(list_of(name));
        let listed = if list.is_file() { read_list(&list)? } else { Vec::new() };
        lost.extend(lay_folder(&folder.join(name), &data.join(name), &listed)?);
    }
    Ok(lost)
}

/// Copies the files of a folder out of the backup's, unless they are there. Returns those that are missing or damaged there: one
/// picture must not keep everything else from coming back, and is not left where it might be taken for whole.
pub(super) fn lay_folder<'a>(source: &Path, target: &Path, listed: impl IntoIterator<Item = &'a Entry>) -> Result<Vec<PathBuf>> {
    let mut lost = Vec::new();
    for entry in listed {
        let (from, to) = (source.join(&entry.path), target.join(&entry.path));
        if fs::metadata(&to).is_ok_and(|meta| meta.len() == entry.size) {
            continue;
        }
        make_private(target)?;
        if check_hash(&from, entry).is_err() {
            lost.push(from);
        } else {
            copy_whole(&from, &to, &entry.path)?;
        }
    }
    Ok(lost)
}

/// Copies the small files into the folder of one backup.
pub(super) fn copy_files(data: &Path, names: &[&str], target: &Path) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for name in names {
        let source = data.join(name);
        let mut reader = match File::open(&source) {
            Ok(file) => Hashing::new(file),
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(e).doing("read", &source),
        };
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut reader, &mut bytes).doing("read", &source)?;
        write_file(&target.join(name), &bytes)?;
        entries.push(reader.entry(name));
    }
    Ok(entries)
}

/// Copies what is new in a folder of the data folder into the same of the backup folder, and writes the list of all
/// that is there into `list`. `known` is what earlier lists say. Returns how many files were new, and the list's entry.
/// A file that has become shorter was cut off by some fault, since these never change: the copy of before is kept.
pub(super) fn copy_folder(
    source: &Path,
    target: &Path,
    known: &HashMap<String, Entry>,
    list: &Path,
) -> Result<(usize, Option<Entry>)> {
    if !source.is_dir() {
        return Ok((0, None));
    }
    let (mut fresh, mut lines) = (0, String::new());
    let mut touched = HashSet::new();
    for path in files_under(source)? {
        let place = target.join(&path);
        let size = match fs::metadata(source.join(&path)) {
            Ok(meta) => meta.len(),
            // Somebody removed it since the folder was read.
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(e).doing("read", &source.join(&path)),
        };
        let stands = |entry: &Entry| fs::metadata(&place).is_ok_and(|meta| meta.len() == entry.size);
        let entry = match known.get(&path).filter(|entry| entry.size >= size && stands(entry)) {
            Some(entry) => {
                if entry.size > size {
                    let path = source.join(&path);
                    tracing::warn!(path = %path.display(), "the file is damaged; the backups keep the whole one of before");
                }
                entry.clone()
            }
            None => {
                fresh += 1;
                touched.extend(place.parent().map(Path::to_owned));
                copy_whole(&source.join(&path), &place, &path)?
            }
        };
        lines.push_str(&format!("{} {} {}\n", entry.sha256, entry.size, entry.path));
    }
    touched.iter().try_for_each(|folder| sync_folder(folder))?;
    write_file(list, lines.as_bytes())?;
    let name = list.file_name().unwrap_or_default().to_string_lossy();
    let mut reader = Hashing::new(lines.as_bytes());
    io::copy(&mut reader, &mut io::sink()).doing("read", list)?;
    Ok((fresh, Some(reader.entry(&name))))
}

/// Copies one file so that nobody ever sees half of it.
pub(super) fn copy_whole(source: &Path, place: &Path, path: &str) -> Result<Entry> {
    if let Some(above) = place.parent() {
        fs::create_dir_all(above).doing("make the folder", above)?;
    }
    let unfinished = PathBuf::from(format!("{}{UNFINISHED}", place.display()));
    let mut reader = Hashing::new(File::open(source).doing("read", source)?);
    let copied = || {
        let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        io::copy(&mut reader, &mut file)?;
        file.sync_all()?;
        fs::rename(&unfinished, place)
    };
    let copied = { copied }();
    if copied.is_err() {
        // What is left of it only takes room.
        let _ = fs::remove_file(&unfinished);
    }
    copied.doing("write", place)?;
    Ok(reader.entry(path))
}

/// Reads a list.
pub(super) fn read_list(list: &Path) -> Result<Vec<Entry>> {
    let text = fs::read_to_string(list).doing("read", list)?;
    let parse = |line: &str| {
        let mut parts = line.splitn(3, ' ');
        let (sha256, size, path) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?, parts.next()?.to_owned());
        is_inside(&path).then_some(Entry { path, size, sha256 })
    };
    let damaged = || BackupError::Damaged { path: list.to_owned(), detail: "a line cannot be read.".to_owned() };
    text.lines().map(|line| parse(line).ok_or_else(damaged)).collect()
}

/// Removes from a folder of the backup folder what no list names.
pub(super) fn prune(target: &Path, needed: &HashSet<String>) -> Result<()> {
    if !target.is_dir() {
        return Ok(());
    }
    for path in all_under(target)?.into_iter().filter(|path| !needed.contains(path)) {
        let place = target.join(path);
        fs::remove_file(&place).doing("remove", &place)?;
    }
    Ok(())
}

/// Whether a relative path stays in its folder.
pub(super) fn is_inside(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

/// The paths of all finished files, in order: what is being written has a name with a dot before it, with a `#` in it, as
/// object_store's, or with a telling end.
pub(super) fn files_under(folder: &Path) -> Result<Vec<String>> {
    let is_whole = |path: &String| {
        let hidden = path.split('/').any(|part| part.starts_with('.'));
        !hidden && !path.contains('#') && !path.ends_with(UNFINISHED) && !path.ends_with(".tmp")
    };
    Ok(all_under(folder)?.into_iter().filter(is_whole).collect())
}

fn all_under(folder: &Path) -> Result<Vec<String>> {
    let (mut found, mut waiting) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).doing("read", &next)? {
            let entry = entry.doing("read", &next)?;
            let kind = entry.file_type().doing("read", &next)?;
            let path = entry.path();
            if kind.is_dir() {
                waiting.push(path);
            } else if kind.is_file() {
                // Names that are no text, or that would break a line, are not ours.
                let inner = path.strip_prefix(folder).ok().and_then(Path::to_str);
                found.extend(inner.filter(|inner| !inner.contains('\n')).map(str::to_owned));
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}
