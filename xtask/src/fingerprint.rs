//! Tells whether files have changed since a piece of work was done.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A number for the content of everything that goes into a piece of work.
#[derive(Default)]
pub struct Fingerprint(DefaultHasher);

impl Fingerprint {
    pub fn new() -> Fingerprint {
        Fingerprint::default()
    }

    /// Adds one file, which may be absent.
    pub fn file(&mut self, path: &Path) -> &mut Fingerprint {
        path.hash(&mut self.0);
        fs::read(path).ok().hash(&mut self.0);
        self
    }

    /// Adds every file of a folder whose name ends in one of `endings`; no endings stand for all files.
    pub fn tree(&mut self, folder: &Path, endings: &[&str]) -> &mut Fingerprint {
        for path in files(folder, endings) {
            self.file(&path);
        }
        self
    }

    /// Adds this program itself: what another build of it did has to be done again.
    pub fn program(&mut self) -> &mut Fingerprint {
        let made = std::env::current_exe().and_then(fs::metadata).and_then(|meta| Ok((meta.len(), meta.modified()?)));
        made.ok().hash(&mut self.0);
        self
    }

    pub fn finish(&self) -> String {
        format!("{:016x}", self.0.finish())
    }
}

/// Whether the stamp says that this very work was done.
pub fn is_stamped(stamp: &Path, fingerprint: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|text| text == fingerprint)
}

/// Notes that the work was done.
pub fn stamp(stamp: &Path, fingerprint: &str) -> Result<()> {
    if let Some(folder) = stamp.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    fs::write(stamp, fingerprint).with_context(|| format!("cannot write {}", stamp.display()))
}

/// The files of a folder in a stable order, packages of npm left out.
pub fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.file_name() != "node_modules")
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(|path| {
            let name = path.to_string_lossy();
            endings.is_empty() || endings.iter().any(|ending| name.ends_with(ending))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(folder: &Path) -> String {
        Fingerprint::new().tree(folder, &[".rs"]).finish()
    }

    #[test]
    fn only_a_changed_file_of_the_named_kind_changes_the_number() {
        let folder = tempfile::tempdir().expect("make a folder");
        fs::write(folder.path().join("a.rs"), "1").expect("write");
        let before = of(folder.path());
        fs::write(folder.path().join("b.txt"), "1").expect("write");
        assert_eq!(of(folder.path()), before, "another kind of file");
        fs::write(folder.path().join("a.rs"), "1").expect("write");
        assert_eq!(of(folder.path()), before, "written anew with the same text");
        fs::write(folder.path().join("a.rs"), "2").expect("write");
        assert_ne!(of(folder.path()), before, "another text");
    }

    #[test]
    fn a_stamp_counts_for_its_own_work_only() {
        let folder = tempfile::tempdir().expect("make a folder");
        let file = folder.path().join("deep/stamp");
        assert!(!is_stamped(&file, "1"));
        stamp(&file, "1").expect("stamp");
        assert!(is_stamped(&file, "1"));
        assert!(!is_stamped(&file, "2"));
    }
}
