//! Where Postgres brings the finished segments of its log.
//!
//! Archiving is always switched on, since that takes a restart; until a folder is named its command is one that does
//! nothing. The file `backup.folder` beside the cluster names the folder and the program that carries segments there;
//! `archive.conf` is made of it, apart from `postgres.conf`, so that naming a folder takes no more than a reload.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::Layout;
use super::error::{ClusterError, io_error};

/// Included by the settings of the server.
pub(super) const ARCHIVE_SETTINGS: &str = "archive.conf";
const NAMED: &str = "backup.folder";
/// After so long a segment is brought away that is not full, if anything was written to it.
const LONGEST_WAIT: &str = "60s";

/// Who brings segments where. The program is called as `PROGRAM wal-archive FOLDER PATH NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Archiving {
    pub folder: PathBuf,
    pub program: PathBuf,
}

impl Archiving {
    pub fn command(&self) -> Result<String, ClusterError> {
        Ok(format!("{} wal-archive {} %p %f", shell_word(&self.program)?, shell_word(&self.folder)?))
    }
}

impl Layout {
    /// Where segments go; `None` until a folder was named.
    pub(super) fn archiving(&self) -> Result<Option<Archiving>, ClusterError> {
        let file = self.folder.join(NAMED);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(io_error("read", &file, e)),
        };
        let mut lines = text.lines().map(PathBuf::from);
        let (Some(folder), Some(program)) = (lines.next(), lines.next()) else { return Ok(None) };
        // The program may have been moved since: whoever starts the server says where it is now.
        Ok(Some(Archiving { folder, program: self.archiver.clone().unwrap_or(program) }))
    }

    /// Names another folder, or none, from now on. The server takes it over at its next look at its settings.
    #[cfg(feature = "server")]
    pub(super) fn archive_into(&self, archiving: Option<&Archiving>) -> Result<(), ClusterError> {
        let file = self.folder.join(NAMED);
        match archiving {
            Some(archiving) => {
                archiving.command()?;
                let text = format!("{}\n{}\n", archiving.folder.display(), archiving.program.display());
                write_whole(&file, &text)?;
            }
            None => match fs::remove_file(&file) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(io_error("remove", &file, e)),
                _ => {}
            },
        }
        self.write_archive_settings()?;
        if let Some(postmaster) = self.postmaster() {
            // It may have ended in between; then its next start reads the settings.
            let _ = rustix::process::kill_process(postmaster, rustix::process::Signal::HUP);
        }
        Ok(())
    }

    pub(super) fn write_archive_settings(&self) -> Result<(), ClusterError> {
        let mut text = "# Written anew at every start, and by every backup.\n".to_owned();
        let mut set = |name: &str, value: &str| {
            let _ = writeln!(text, "{name} = '{}'", value.replace('\\', "\\\\").replace('\'', "''"));
        };
        match self.archiving()?.filter(|_| self.recovery.is_empty()) {
            Some(archiving) => {
                set("archive_command", &archiving.command()?);
                set("archive_timeout", LONGEST_WAIT);
            }
            None => set("archive_command", ":"),
        }
        self.recovery.iter().for_each(|(name, value)| set(name, value));
        write_whole(&self.folder.join(ARCHIVE_SETTINGS), &text)
    }
}

/// Writes a file that nobody ever sees half.
fn write_whole(path: &Path, text: &str) -> Result<(), ClusterError> {
    let unfinished = path.with_extension("partial");
    File::create(&unfinished)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.set_permissions(fs::Permissions::from_mode(0o644))?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&unfinished, path))
        .map_err(|e| io_error("write", path, e))
}

/// A path as one word of a shell line in which Postgres fills in what stands behind `%`.
pub(super) fn shell_word(path: &Path) -> Result<String, ClusterError> {
    match path.to_str() {
        Some(text) if !text.contains(['\n', '\r']) => Ok(format!("'{}'", text.replace('\'', "'\\''").replace('%', "%%"))),
        _ => Err(ClusterError::OddPath(path.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_for_the_shell_and_no_pattern_for_postgres() {
        assert_eq!(shell_word(Path::new("/a b/it's 100%f")).expect("a word"), r"'/a b/it'\''s 100%%f'");
        assert!(shell_word(Path::new("/a\nb")).is_err());
    }
}
