//! The archived log: segments of Postgres' write-ahead log, compressed, each under its own name and `.zst`.
//!
//! The first two functions are what Postgres calls, through the program's `wal-archive` and `wal-fetch`.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::{BackupError, Doing as _, Result};
use super::manifest::sync_folder;

/// A segment that was switched early is mostly zeros, so the cheapest level does.
const LEVEL: i32 = 1;
const SUFFIX: &str = ".zst";
const UNFINISHED: &str = ".partial";

/// The folder of the segments in a backup folder.
pub(super) fn folder_in(folder: &Path) -> PathBuf {
    folder.join("wal")
}

/// Where a file of the log stands in a backup folder.
pub(super) fn place_of(folder: &Path, name: &str) -> PathBuf {
    folder_in(folder).join(format!("{name}{SUFFIX}"))
}

/// Brings a finished file of the log into a backup folder: `Ok` means that it is there for good, so Postgres may forget
/// it. A folder that is not there, for instance because its disk is away, is not made.
pub fn archive_segment(folder: &Path, path: &Path, name: &str) -> Result<()> {
    check_name(name)?;
    let place = place_of(folder, name);
    let source = File::open(path).doing("read", path)?;
    // Postgres asks again for what it does not know to be done, for instance after a crash.
    if place.exists() {
        return if is_same(&place, source)? { sync_folder(&folder_in(folder)) } else { Err(BackupError::Taken(place)) };
    }
    let unfinished = folder_in(folder).join(format!(".{name}{UNFINISHED}"));
    let mut options = File::options();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished).doing("write", &unfinished)?;
    if let Err(error) = compress(source, file).doing("write", &place) {
        // What is left of it only takes room.
        let _ = fs::remove_file(&unfinished);
        return Err(error);
    }
    fs::rename(&unfinished, &place).doing("write", &place)?;
    sync_folder(&folder_in(folder))
}

/// Lays a file of the log where Postgres wants it: from the backup folder, else as it stands in one of `others`. Says
/// whether there was such a file.
pub fn fetch_segment(folder: &Path, others: &[PathBuf], name: &str, target: &Path) -> Result<bool> {
    check_name(name)?;
    let place = place_of(folder, name);
    let found = match File::open(&place) {
        Ok(file) => unpack(file, &place, target).map(|()| true)?,
        Err(e) if e.kind() == io::ErrorKind::NotFound => false,
        Err(e) => return Err(e).doing("read", &place),
    };
    if found {
        return Ok(true);
    }
    for other in others.iter().map(|other| other.join(name)) {
        match fs::copy(&other, target) {
            Ok(_) => return Ok(true),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(e).doing("read", &other),
        }
    }
    Ok(false)
}

fn compress(mut source: File, target: File) -> io::Result<()> {
    let mut encoder = zstd::Encoder::new(target, LEVEL)?;
    encoder.include_checksum(true)?;
    io::copy(&mut source, &mut encoder)?;
    let mut file = encoder.finish()?;
    file.flush()?;
    file.sync_all()
}

fn unpack(file: File, place: &Path, target: &Path) -> Result<()> {
    let mut reader = decoder(file, place)?;
    let mut output = File::create(target).doing("write", target)?;
    let mut block = vec![0; 1 << 16];
    loop {
        let count = reader.read(&mut block).map_err(|e| damaged(place, &e))?;
        if count == 0 {
            return Ok(());
        }
        output.write_all(&block[..count]).doing("write", target)?;
    }
}

/// An archived file that is text.
pub(super) fn read(place: &Path) -> Result<String> {
    let file = File::open(place).doing("read", place)?;
    io::read_to_string(decoder(file, place)?).map_err(|e| damaged(place, &e))
}

/// Bytes of an archived file when it is unpacked; fails when it is damaged.
pub(super) fn unpacked_size(place: &Path) -> Result<u64> {
    let file = File::open(place).doing("read", place)?;
    io::copy(&mut decoder(file, place)?, &mut io::sink()).map_err(|e| damaged(place, &e))
}

pub(super) fn is_same(place: &Path, mut source: File) -> Result<bool> {
    let archived = File::open(place).doing("read", place)?;
    let (mut left, mut right) = (Vec::new(), Vec::new());
    decoder(archived, place)?.read_to_end(&mut left).map_err(|e| damaged(place, &e))?;
    source.read_to_end(&mut right).doing("read", place)?;
    Ok(left == right)
}

fn decoder(file: File, place: &Path) -> Result<zstd::Decoder<'static, io::BufReader<File>>> {
    zstd::Decoder::new(file).doing("read", place)
}

fn damaged(place: &Path, error: &io::Error) -> BackupError {
    BackupError::Damaged { path: place.to_owned(), detail: format!("{error}.") }
}

/// Postgres' names are plain; anything else would lead out of the folder.
fn check_name(name: &str) -> Result<()> {
    let plain = !name.is_empty() && !name.starts_with('.') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
    if plain { Ok(()) } else { Err(BackupError::BadName(name.to_owned())) }
}

/// Every file of the log that is archived, by its own name, in order.
pub(super) fn archived(folder: &Path) -> Result<Vec<String>> {
    let wal = folder_in(folder);
    let mut names = Vec::new();
    for entry in fs::read_dir(&wal).doing("read", &wal)? {
        let name = entry.doing("read", &wal)?.file_name();
        names.extend(name.to_str().and_then(|name| name.strip_suffix(SUFFIX)).map(str::to_owned));
    }
    names.sort_unstable();
    Ok(names)
}

/// Removes the segments that no backup from `oldest` on needs. The files that tell where timelines part are kept.
pub(super) fn prune(folder: &Path, oldest: Segment) -> Result<()> {
    for name in archived(folder)? {
        // Names of half segments and of backups begin with a segment's.
        let is_done = name.get(..24).and_then(|name| name.parse::<Segment>().ok()).is_some_and(|s| s.place() < oldest.place());
        if is_done {
            let place = place_of(folder, &name);
            fs::remove_file(&place).doing("remove", &place)?;
        }
    }
    Ok(())
}

/// The first segment after `from` that is not among the names though later ones are, on whatever timeline.
pub(super) fn gap(names: impl Iterator<Item = String>, from: Segment, size: u64) -> Option<Segment> {
    let mut wanted = from;
    let mut segments: Vec<Segment> = names.filter_map(|name| name.parse().ok()).collect();
    segments.sort_unstable_by_key(Segment::place);
    for segment in segments.into_iter().filter(|segment| segment.place() >= from.place()) {
        if segment.place() > wanted.place() {
            return Some(wanted);
        }
        if segment.place() == wanted.place() {
            wanted = Segment { timeline: segment.timeline, ..wanted.next(size) };
        }
    }
    None
}

/// Reads a place in the log, such as `0/2000138`.
pub(super) fn position(lsn: &str) -> Option<u64> {
    let (high, low) = lsn.split_once('/')?;
    Some(u64::from_str_radix(high, 16).ok()? << 32 | u64::from_str_radix(low, 16).ok()?)
}

/// The name of a segment: timeline, and its place in the log as two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Segment {
    timeline: u32,
    log: u32,
    number: u32,
}

impl Segment {
    /// The segment that holds the byte before `position`, which is how far something reaches.
    pub(super) fn before(timeline: u32, position: u64, size: u64) -> Segment {
        let (index, in_log) = (position.saturating_sub(1) / size, (1_u64 << 32) / size);
        Segment { timeline, log: (index / in_log) as u32, number: (index % in_log) as u32 }
    }

    /// The segment that holds the byte at `position`.
    pub(super) fn holding(timeline: u32, position: u64, size: u64) -> Segment {
        Segment::before(timeline, position + 1, size)
    }

    /// Orders segments whatever their timelines.
    pub(super) fn place(&self) -> (u32, u32) {
        (self.log, self.number)
    }

    pub(super) fn timeline(&self) -> u32 {
        self.timeline
    }

    pub(super) fn next(self, size: u64) -> Segment {
        if u64::from(self.number) + 1 < (1_u64 << 32) / size {
            Segment { number: self.number + 1, ..self }
        } else {
            Segment { log: self.log + 1, number: 0, ..self }
        }
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08X}{:08X}{:08X}", self.timeline, self.log, self.number)
    }
}

impl FromStr for Segment {
    type Err = String;

    fn from_str(name: &str) -> std::result::Result<Segment, String> {
        let part = |range: std::ops::Range<usize>| u32::from_str_radix(name.get(range)?, 16).ok();
        match (part(0..8), part(8..16), part(16..24)) {
            (Some(timeline), Some(log), Some(number)) if name.len() == 24 => Ok(Segment { timeline, log, number }),
            _ => Err(format!("{name} is no segment's name")),
        }
    }
}

impl From<Segment> for String {
    fn from(segment: Segment) -> String {
        segment.to_string()
    }
}

impl TryFrom<String> for Segment {
    type Error = String;

    fn try_from(name: String) -> std::result::Result<Segment, String> {
        name.parse()
    }
}
