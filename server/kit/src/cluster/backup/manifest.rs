//! What a backup says of itself.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::error::{BackupError, Doing as _, Result};
use super::wal::Segment;
use crate::secret::hex;

const FILE: &str = "manifest.json";
/// In the form of `sha256sum`.
const CHECKSUM: &str = "manifest.json.sha256";
const FORMAT: u32 = 1;

/// One backup: written last, so that whatever has one is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// When it was begun, in UTC; also the name of its folder.
    pub name: String,
    /// The number that Postgres gave the cluster when it was made.
    pub system: String,
    /// The major version of Postgres, which alone can read it.
    pub major: u32,
    /// The first and last segment of the log that it cannot do without.
    pub first_segment: Segment,
    pub last_segment: Segment,
    /// Bytes of a segment.
    pub segment_size: u64,
    pub begun_at: DateTime<Utc>,
    /// Moments from here on can be restored from it.
    pub ended_at: DateTime<Utc>,
    /// The files of the cluster, as they stand in `pgdata.tar.zst`, which holds them in this order.
    pub files: Vec<Entry>,
    /// Files beside it.
    pub beside: Vec<Entry>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub path: String,
    pub size: u64,
    /// Of its bytes, in hexadecimal digits.
    pub sha256: String,
}

impl Manifest {
    pub(super) fn format() -> u32 {
        FORMAT
    }

    /// Bytes of the data base's files.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|entry| entry.size).sum()
    }

    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let file = folder.join(FILE);
        let text = serde_json::to_vec(self).map_err(io::Error::from).doing("write", &file)?;
        let checksum = format!("{}  {FILE}\n", hex(&Sha256::digest(&text)));
        write_file(&folder.join(CHECKSUM), checksum.as_bytes())?;
        write_file(&file, &text)
    }

    pub(super) fn read(folder: &Path) -> Result<Manifest> {
        let file = folder.join(FILE);
        let damaged = |detail: &str| BackupError::Damaged { path: file.clone(), detail: detail.to_owned() };
        let text = fs::read(&file).doing("read", &file)?;
        let checksum = fs::read_to_string(folder.join(CHECKSUM)).doing("read", &folder.join(CHECKSUM))?;
        if checksum.split(' ').next() != Some(&hex(&Sha256::digest(&text))) {
            return Err(damaged("its checksum differs."));
        }
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let unreadable = |e: serde_json::Error| damaged(&format!("{e}."));
        if serde_json::from_slice::<Format>(&text).map_err(unreadable)?.format > FORMAT {
            return Err(BackupError::NewerFormat(file.clone()));
        }
        serde_json::from_slice(&text).map_err(unreadable)
    }
}

/// Writes a file for good.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let write = || {
        let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().doing("write", path)
}

/// Makes names in a folder last through a power cut.
pub(super) fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|open| open.sync_all()).doing("write", folder)
}

/// Counts and hashes what is read through it.
pub(super) struct Hashing<R> {
    inner: R,
    hash: Sha256,
    size: u64,
}

impl<R: Read> Hashing<R> {
    pub fn new(inner: R) -> Hashing<R> {
        Hashing { inner, hash: Sha256::new(), size: 0 }
    }

    pub fn entry(self, path: &str) -> Entry {
        Entry { path: path.to_owned(), size: self.size, sha256: hex(&self.hash.finalize()) }
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        self.size += count as u64;
        Ok(count)
    }
}
