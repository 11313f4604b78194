//! The user as whom Postgres runs: this process' own, or an unprivileged one when this process is root.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::{ClusterError, io_error};

/// Who runs Postgres and owns its files.
#[derive(Debug, Clone)]
pub(super) struct Account {
    name: String,
    uid: u32,
    gid: u32,
    /// This process is root and has to change over.
    switch: bool,
}

impl Account {
    /// This process' own user, or `postgres`, else `nobody`, for root: Postgres refuses to run as root.
    pub fn choose() -> Result<Account, ClusterError> {
        let uid = rustix::process::geteuid();
        if !uid.is_root() {
            let gid = rustix::process::getegid().as_raw();
            return Ok(Account { name: uid.as_raw().to_string(), uid: uid.as_raw(), gid, switch: false });
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        ["postgres", "nobody"].into_iter().find_map(|name| find_user(&users, name)).ok_or(ClusterError::NoAccount)
    }

    /// A command that runs as this user, in a folder it can reach, without this process' Postgres settings.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").stdin(Stdio::null()).env("LC_ALL", "C");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        if self.switch {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Where a link leads, in the eyes of this user: of its processes it sees what root without the right to trace does
    /// not. `None` when this process is that user anyway, or when the user does not see it either.
    pub fn read_link(&self, link: &Path) -> Option<PathBuf> {
        if !self.switch {
            return None;
        }
        let output = self.command(Path::new("readlink")).arg(link).output().ok().filter(|output| output.status.success())?;
        let target = output.stdout.strip_suffix(b"\n")?;
        Some(PathBuf::from(OsString::from_vec(target.to_vec())))
    }

    #[cfg(feature = "server")]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Other programs may run as this user too, and can do to the cluster's files what Postgres can.
    pub fn is_shared(&self) -> bool {
        self.name == "nobody"
    }

    pub fn owns(&self, meta: &fs::Metadata) -> bool {
        meta.uid() == self.uid
    }

    /// Hands a file or folder that this process made over to the user.
    pub fn give(&self, path: &Path) -> Result<(), ClusterError> {
        if self.switch {
            std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))
                .map_err(|e| io_error("change the owner of", path, e))?;
        }
        Ok(())
    }

    /// Makes a folder that only this user can enter, if it is not there.
    pub fn private_folder(&self, path: &Path) -> Result<(), ClusterError> {
        match fs::create_dir(path) {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(io_error("make the folder", path, e)),
        }
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(|e| io_error("close off", path, e))?;
        self.give(path)
    }

    /// Fails when a folder above `folder`, or itself, cannot be passed by this user.
    pub fn check_reach(&self, folder: &Path) -> Result<(), ClusterError> {
        if !self.switch {
            return Ok(());
        }
        for step in folder.ancestors() {
            let meta = fs::metadata(step).map_err(|e| io_error("read", step, e))?;
            let passable = if meta.uid() == self.uid {
                meta.mode() & 0o100
            } else if meta.gid() == self.gid {
                meta.mode() & 0o010
            } else {
                meta.mode() & 0o001
            };
            if passable == 0 {
                return Err(ClusterError::Unreachable { user: self.name.clone(), folder: folder.to_owned() });
            }
        }
        Ok(())
    }
}

/// Finds a user in the text of `/etc/passwd`.
fn find_user(users: &str, wanted: &str) -> Option<Account> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| *name == wanted)?;
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account { name: name.to_owned(), uid, gid, switch: true })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let users = "root:x:0:0::/root:/bin/sh\npostgresql:x:7:8::/:/bin/sh\npostgres:x:101:104::/:/bin/sh\n";
        let found = find_user(users, "postgres").expect("the user is there");
        assert_eq!((found.uid, found.gid, found.switch), (101, 104, true));
        assert!(find_user(users, "nobody").is_none());
    }
}
