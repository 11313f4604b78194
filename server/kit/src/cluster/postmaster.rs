//! Starts and stops the Postgres of a layout, whatever a crash has left behind. Every function here is called under the
//! exclusive lock of `cluster.lock`.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use super::archiving::ARCHIVE_SETTINGS;
use super::error::{ClusterError, io_error};
use super::process::{self, Verdict};
use super::wire::{self, Answer};
use super::{LOG, Layout, SETTINGS, SUPERUSER};

/// Recovery after a crash may have to read a lot of log.
const LONGEST_RECOVERY: Duration = Duration::from_secs(600);
/// How long a server that lives may leave its socket unanswered before it is started anew.
const DEAF: Duration = Duration::from_secs(10);
/// How long the children of a killed postmaster get to notice by themselves.
const ORPHANS: Duration = Duration::from_secs(3);
const STEP: Duration = Duration::from_millis(25);
/// The log of the server starts anew above this size, in bytes.
const LARGEST_LOG: u64 = 8 << 20;

impl Layout {
    /// Returns when Postgres answers: at once if it runs, else after it was started, else after it was made.
    pub(super) fn ensure_running(&self) -> Result<(), ClusterError> {
        if !self.pgdata.join("PG_VERSION").exists() {
            self.make()?;
        }
        let begun = Instant::now();
        let mut deaf_since = None;
        loop {
            let patience_is_over = begun.elapsed() > LONGEST_RECOVERY;
            match wire::ask(&self.socket(), SUPERUSER) {
                Answer::Ready => return Ok(()),
                Answer::NotNow if patience_is_over => {
                    return Err(self.start_error("it does not become ready"));
                }
                Answer::NotNow => {}
                Answer::Nobody if self.postmaster().is_none() => {
                    self.clear_orphans()?;
                    self.clear_stale_pid()?;
                    self.start()?;
                }
                // It has not opened its socket yet, or somebody removed the file.
                Answer::Nobody => {
                    let since: &mut Instant = deaf_since.get_or_insert_with(Instant::now);
                    if since.elapsed() > DEAF {
                        self.stop()?;
                        deaf_since = None;
                    }
                    if patience_is_over {
                        return Err(self.start_error("nobody answers on its socket"));
                    }
                }
            }
            std::thread::sleep(STEP);
        }
    }

    /// Stops Postgres: sessions are ended, what was committed is on disk.
    pub(super) fn stop(&self) -> Result<(), ClusterError> {
        if self.postmaster().is_none() {
            return Ok(());
        }
        for mode in ["fast", "immediate"] {
            let mut command = self.pg_ctl();
            command.args(["stop", "-w", "-t", "60", "-m", mode]);
            if run(&mut command).is_ok() || self.postmaster().is_none() {
                return Ok(());
            }
        }
        Err(ClusterError::Stop { detail: last_line(&self.log) })
    }

    /// Makes the cluster beside its place and moves it there whole, so that a crash on the way leaves nothing half made.
    fn make(&self) -> Result<(), ClusterError> {
        if self.account.is_shared() {
            tracing::warn!("PostgreSQL runs as nobody, whose other programs can reach its data: create a user named postgres");
        }
        let unfinished = self.folder.join("postgres.new");
        let mut detail = String::new();
        for locale in ["C.UTF-8", "C"] {
            if unfinished.exists() {
                fs::remove_dir_all(&unfinished).map_err(|e| io_error("remove", &unfinished, e))?;
            }
            self.account.private_folder(&unfinished)?;
            let mut command = self.account.command(&self.programs.path("initdb"));
            command.arg("--pgdata").arg(&unfinished).args(["--auth=trust", "--encoding=UTF8", "--data-checksums"]);
            command.arg(format!("--locale={locale}")).arg(format!("--username={SUPERUSER}"));
            match run(&mut command) {
                Ok(()) => {
                    fs::rename(&unfinished, &self.pgdata).map_err(|e| io_error("move", &unfinished, e))?;
                    // Without this a power cut could undo the move and with it all that was written since.
                    return File::open(&self.folder)
                        .and_then(|folder| folder.sync_all())
                        .map_err(|e| io_error("write", &self.folder, e));
                }
                Err(said) => detail = said,
            }
        }
        Err(ClusterError::Initdb { folder: self.folder.clone(), detail })
    }

    pub(super) fn start(&self) -> Result<(), ClusterError> {
        self.write_settings()?;
        self.write_archive_settings()?;
        self.prepare_log()?;
        tracing::info!(folder = %self.folder.display(), version = self.programs.major(), "starting the private Postgres");
        let mut command = self.pg_ctl();
        command.args(["start", "-w", "-t", "60", "-l", LOG]);
        command.args(["-o", &format!("-c config_file={SETTINGS}")]);
        match run(&mut command) {
            Ok(()) => Ok(()),
            // Slow recovery: the caller goes on asking.
            Err(_) if self.postmaster().is_some() => Ok(()),
            Err(_) => Err(self.start_error(&last_line(&self.log))),
        }
    }

    fn start_error(&self, detail: &str) -> ClusterError {
        ClusterError::Start { detail: detail.to_owned(), log: self.log.clone() }
    }

    fn pgdata_name(&self) -> &std::ffi::OsStr {
        self.pgdata.file_name().unwrap_or_default()
    }

    /// `pg_ctl` builds a shell line, so it is given names that no shell can misread, relative to the data folder.
    fn pg_ctl(&self) -> Command {
        let mut command = self.account.command(&self.programs.path("pg_ctl"));
        command.current_dir(&self.folder).arg("-D").arg(self.pgdata_name());
        command
    }

    /// Writes the settings of this start. The file stands outside Postgres' own folder, so that root never writes where
    /// another user could have laid a link.
    fn write_settings(&self) -> Result<(), ClusterError> {
        let file = self.folder.join(SETTINGS);
        fs::write(&file, self.settings_text())
            .and_then(|()| fs::set_permissions(&file, fs::Permissions::from_mode(0o644)))
            .map_err(|e| io_error("write", &file, e))
    }

    fn settings_text(&self) -> String {
        let pgdata = self.pgdata_name().display();
        let mut text = format!("# Written anew at every start.\ninclude '{pgdata}/postgresql.conf'\n");
        // The socket setting is a list: double quotes keep a comma or a space in a folder's name.
        let folder = format!("\"{}\"", self.socket_dir.to_string_lossy().replace('"', "\"\""));
        let fixed = [
            ("listen_addresses", ""),
            ("unix_socket_directories", folder.as_str()),
            ("unix_socket_permissions", "0700"),
            ("log_timezone", "UTC"),
            ("timezone", "UTC"),
            // Values of people must not reach the log: neither statements nor the details of an error.
            ("log_min_error_statement", "panic"),
            ("log_error_verbosity", "terse"),
            ("archive_mode", "on"),
            ("include_if_exists", ARCHIVE_SETTINGS),
        ];
        // What is written later counts more.
        let chosen = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in fixed.into_iter().chain(chosen) {
            let _ = writeln!(text, "{name} = '{}'", value.replace('\\', "\\\\").replace('\'', "''"));
        }
        let _ = writeln!(text, "port = {}", self.port);
        text
    }

    /// Sees that the log is there, belongs to the right user and does not grow without end.
    fn prepare_log(&self) -> Result<(), ClusterError> {
        if fs::metadata(&self.log).is_ok_and(|meta| meta.len() > LARGEST_LOG) {
            let old = self.log.with_extension("log.old");
            fs::rename(&self.log, &old).map_err(|e| io_error("move", &self.log, e))?;
        }
        File::options().create(true).append(true).open(&self.log).map_err(|e| io_error("open", &self.log, e))?;
        self.account.give(&self.log)
    }

    /// The process that serves this cluster, unless it is proved that none does: to take a server that lives for dead
    /// would cost data.
    pub(super) fn postmaster(&self) -> Option<Pid> {
        self.noted_pid().filter(|pid| self.identify(*pid) != Verdict::Foreign)
    }

    /// Like [`Layout::postmaster`], for somebody who looks often.
    pub(super) fn seems_to_live(&self) -> bool {
        self.noted_pid().is_some_and(|pid| process::look(pid, &self.pgdata) != Verdict::Foreign)
    }

    fn identify(&self, pid: Pid) -> Verdict {
        process::identify(pid, &self.pgdata, &self.account)
    }

    /// The first line of `postmaster.pid`: who serves the cluster, or did when it died.
    fn noted_pid(&self) -> Option<Pid> {
        let text = fs::read_to_string(self.pgdata.join("postmaster.pid")).ok()?;
        let number: i32 = text.lines().next()?.trim().parse().ok()?;
        Pid::from_raw(number.abs())
    }

    /// Removes a `postmaster.pid` whose number now belongs to another process: Postgres would take that one for a server
    /// and refuse to start. One whose number is free Postgres clears away itself. Called only when that process is proved
    /// to be another, since the file is what keeps two servers off the same data.
    fn clear_stale_pid(&self) -> Result<(), ClusterError> {
        let Some(pid) = self.noted_pid() else {
            return Ok(());
        };
        if rustix::process::test_kill_process(pid).is_err() {
            return Ok(());
        }
        let socket_lock = self.socket().with_added_extension("lock");
        for stale in [self.pgdata.join("postmaster.pid"), socket_lock] {
            match fs::remove_file(&stale) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(io_error("remove", &stale, e));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Waits for the children of a killed postmaster, which block a new start until they have noticed, and ends those
    /// that are too busy to notice.
    pub(super) fn clear_orphans(&self) -> Result<(), ClusterError> {
        let begun = Instant::now();
        let mut told = false;
        loop {
            let orphans = self.orphans();
            if orphans.is_empty() {
                return Ok(());
            }
            if begun.elapsed() > 2 * ORPHANS {
                return Err(self.start_error("processes of an earlier PostgreSQL do not end"));
            }
            if begun.elapsed() > ORPHANS && !told {
                told = true;
                for orphan in orphans {
                    // It may have ended by itself in between.
                    let _ = rustix::process::kill_process(orphan, Signal::QUIT);
                }
            }
            std::thread::sleep(STEP);
        }
    }

    /// Every process that is proved to live and to be of this cluster.
    fn orphans(&self) -> Vec<Pid> {
        let Ok(processes) = fs::read_dir("/proc") else {
            return Vec::new();
        };
        processes
            .flatten()
            .filter_map(|process| process.file_name().to_str()?.parse().ok())
            .filter_map(Pid::from_raw)
            .filter(|pid| self.identify(*pid) == Verdict::Ours)
            .collect()
    }
}

/// Runs a program to its end; what it said last is the error.
fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|e| e.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stderr, output.stdout].concat();
    let said = String::from_utf8_lossy(&said);
    Err(said.lines().rfind(|line| line.contains("error") || line.contains("could not")).unwrap_or(&said).trim().to_owned())
}

/// The last complaint in the server's log, or its last line.
pub(super) fn last_line(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let complaint = text.lines().rfind(|line| line.contains("FATAL:") || line.contains("PANIC:"));
    complaint.or(text.lines().next_back()).unwrap_or("it left no word in its log").trim().to_owned()
}
