//! Whether a process is a living Postgres of a cluster. A number alone says nothing: it may have been given to another
//! process since, or belong to a dead one that nobody has buried.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::process::Pid;

use super::account::Account;

/// What the traces of a process say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A living Postgres that works in the cluster's folder.
    Ours,
    /// It is gone or dead, or proved to be something else.
    Foreign,
    /// It may be ours: the system does not tell where it works.
    Untold,
}

/// Looks at a process and starts no program for it, so somebody may look often.
pub(super) fn look(pid: Pid, pgdata: &Path) -> Verdict {
    let owner = fs::metadata(pgdata).ok().map(|meta| meta.uid());
    match Traces::read(pid).judge(pgdata, owner) {
        Verdict::Untold if is_gone(pid) => Verdict::Foreign,
        verdict => verdict,
    }
}

/// Looks at a process and asks as the user of Postgres for what this process is not told.
pub(super) fn identify(pid: Pid, pgdata: &Path, account: &Account) -> Verdict {
    match look(pid, pgdata) {
        Verdict::Untold => match account.read_link(&folder_of(pid).join("cwd")) {
            Some(folder) if folder == pgdata => Verdict::Ours,
            Some(_) => Verdict::Foreign,
            None if is_gone(pid) => Verdict::Foreign,
            None => Verdict::Untold,
        },
        told => told,
    }
}

fn is_gone(pid: Pid) -> bool {
    rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::SRCH)
}

fn folder_of(pid: Pid) -> PathBuf {
    Path::new("/proc").join(pid.as_raw_nonzero().to_string())
}

/// What can be read of a process. Everybody may read all but where it works: that is for its own user and for root with
/// the right to trace, which root in a container does not have. Where there is no `/proc`, nothing can be read.
struct Traces {
    name: Option<String>,
    state: Option<char>,
    owner: Option<u32>,
    works_in: io::Result<PathBuf>,
}

impl Traces {
    fn read(pid: Pid) -> Traces {
        let process = folder_of(pid);
        Traces {
            name: fs::read_to_string(process.join("comm")).ok().map(|name| name.trim_end().to_owned()),
            state: fs::read_to_string(process.join("stat")).ok().and_then(|line| parse_state(&line)),
            owner: fs::metadata(&process).ok().map(|meta| meta.uid()),
            works_in: fs::read_link(process.join("cwd")),
        }
    }

    /// `owner` is whose the cluster's folder is: Postgres runs as no other user.
    fn judge(&self, pgdata: &Path, owner: Option<u32>) -> Verdict {
        let is_dead = matches!(self.state, Some('Z' | 'X'));
        let is_another = self.name.as_ref().is_some_and(|name| name != "postgres");
        if is_dead || is_another {
            return Verdict::Foreign;
        }
        match &self.works_in {
            Ok(folder) if folder == pgdata => Verdict::Ours,
            Ok(_) => Verdict::Foreign,
            Err(_) if self.owner.zip(owner).is_some_and(|(is, must_be)| is != must_be) => Verdict::Foreign,
            Err(_) => Verdict::Untold,
        }
    }
}

/// The letter behind the program's name, which may hold anything.
fn parse_state(line: &str) -> Option<char> {
    line.rsplit_once(')')?.1.trim_start().chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PGDATA: &str = "/data/postgres";

    fn judge(name: &str, state: char, owner: u32, works_in: Result<&str, io::ErrorKind>) -> Verdict {
        let works_in = works_in.map(PathBuf::from).map_err(io::Error::from);
        Traces { name: Some(name.to_owned()), state: Some(state), owner: Some(owner), works_in }
            .judge(Path::new(PGDATA), Some(101))
    }

    #[test]
    fn a_postgres_that_works_in_the_folder_is_ours() {
        assert_eq!(judge("postgres", 'S', 101, Ok(PGDATA)), Verdict::Ours);
        for (name, state, folder) in
            [("postgres", 'S', "/other/postgres"), ("sleep", 'S', PGDATA), ("postgres", 'Z', PGDATA), ("postgres", 'X', PGDATA)]
        {
            assert_eq!(judge(name, state, 101, Ok(folder)), Verdict::Foreign, "{name} {state} {folder}");
        }
    }

    #[test]
    fn a_postgres_that_may_not_be_looked_into_is_not_taken_for_dead() {
        for refused in [io::ErrorKind::PermissionDenied, io::ErrorKind::NotFound, io::ErrorKind::Other] {
            assert_eq!(judge("postgres", 'S', 101, Err(refused)), Verdict::Untold, "{refused}");
            assert_eq!(judge("postgres", 'Z', 101, Err(refused)), Verdict::Foreign, "{refused}: dead");
            assert_eq!(judge("sleep", 'S', 101, Err(refused)), Verdict::Foreign, "{refused}: another program");
            assert_eq!(judge("postgres", 'S', 102, Err(refused)), Verdict::Foreign, "{refused}: another user's");
        }
        let nothing = Traces { name: None, state: None, owner: None, works_in: Err(io::ErrorKind::NotFound.into()) };
        assert_eq!(nothing.judge(Path::new(PGDATA), Some(101)), Verdict::Untold);
    }

    #[test]
    fn a_number_that_nobody_has_is_foreign() {
        let mut child = std::process::Command::new("/bin/sh").args(["-c", ":"]).spawn().expect("a child");
        let pid = Pid::from_child(&child);
        child.wait().expect("bury it");
        assert_eq!(look(pid, Path::new(PGDATA)), Verdict::Foreign);
    }

    #[test]
    fn the_state_is_read_behind_a_name_that_holds_anything() {
        assert_eq!(parse_state("22015 (postgres) S 1 22015 22015 0"), Some('S'));
        assert_eq!(parse_state("7 (a) R (b) Z 1"), Some('Z'));
        assert_eq!(parse_state("7 (cut"), None);
    }
}
