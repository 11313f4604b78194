//! Child processes: shown, awaited, and told when this program is to stop.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use signal_hook::consts::{SIGINT, SIGTERM};

/// Set once Ctrl-C or SIGTERM has arrived.
static STOPPED: AtomicBool = AtomicBool::new(false);
/// The children that live, or are dead and not buried yet, so that their numbers cannot be somebody else's.
static LIVING: Mutex<Vec<(Pid, Reach)>> = Mutex::new(Vec::new());

/// Who is told to stop.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The child alone, which sees to its own children.
    Alone,
    /// The child and all that it has started, for instance cargo and its compilers.
    Group,
}

/// Passes Ctrl-C and SIGTERM on to the children from now on. Each child has a process group of its own, so that the
/// terminal's Ctrl-C reaches it this way only, once.
pub fn watch_signals() -> Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]).context("cannot watch for Ctrl-C")?;
    std::thread::spawn(move || {
        for _ in signals.forever() {
            STOPPED.store(true, Ordering::SeqCst);
            for (pid, reach) in living().iter() {
                tell(*pid, *reach, Signal::TERM);
            }
        }
    });
    Ok(())
}

/// Whether Ctrl-C or SIGTERM has arrived.
pub fn stopped() -> bool {
    STOPPED.load(Ordering::SeqCst)
}

/// Fails when Ctrl-C or SIGTERM has arrived.
pub fn go_on() -> Result<()> {
    if stopped() {
        bail!("stopped");
    }
    Ok(())
}

/// A child that runs. Dropping it tells it to stop and waits for its end.
pub struct Running {
    child: Child,
    pid: Pid,
    reach: Reach,
    line: String,
    buried: bool,
}

/// Starts a program; it is told to stop when this program is.
pub fn start(command: &mut Command, reach: Reach) -> Result<Running> {
    go_on()?;
    let line = describe(command);
    let child = command.stdin(Stdio::null()).process_group(0).spawn().with_context(|| format!("cannot start `{line}`"))?;
    let pid = Pid::from_child(&child);
    living().push((pid, reach));
    if stopped() {
        // The signal came before the child was in the list.
        tell(pid, reach, Signal::TERM);
    }
    Ok(Running { child, pid, reach, line, buried: false })
}

impl Running {
    /// Waits for the end.
    pub fn wait(mut self) -> Result<ExitStatus> {
        self.bury()
    }

    /// Waits for the end; anything but success is an error.
    pub fn succeed(self) -> Result<()> {
        let line = self.line.clone();
        let status = self.wait()?;
        go_on()?;
        if !status.success() {
            bail!("`{line}` failed ({status})");
        }
        Ok(())
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        !matches!(rustix::process::waitid(WaitId::Pid(self.pid), options), Ok(None))
    }

    /// Tells it to stop and waits for the end.
    pub fn stop(self) {
        drop(self);
    }

    fn bury(&mut self) -> Result<ExitStatus> {
        // First wait without burying, then bury under the lock: so nobody is told under a number that has a new owner.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while let Err(error) = rustix::process::waitid(WaitId::Pid(self.pid), options) {
            if error != rustix::io::Errno::INTR {
                break;
            }
        }
        let mut living = living();
        living.retain(|(pid, _)| *pid != self.pid);
        self.buried = true;
        self.child.wait().with_context(|| format!("cannot wait for `{}`", self.line))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.buried {
            tell(self.pid, self.reach, Signal::TERM);
            // Whoever drops it has an error of its own to report.
            let _ = self.bury();
        }
    }
}

/// Runs a program to its end, its output going where ours goes.
pub fn run(command: &mut Command) -> Result<()> {
    start(command, Reach::Group)?.succeed()
}

/// Runs a program to its end, shows each line it prints and passes it to `see`.
pub fn run_seeing(command: &mut Command, mut see: impl FnMut(&str)) -> Result<ExitStatus> {
    let mut running = start(command.stdout(Stdio::piped()), Reach::Group)?;
    if let Some(output) = running.child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = line.context("cannot read what the program prints")?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            see(&line);
        }
    }
    let status = running.wait()?;
    go_on()?;
    Ok(status)
}

/// Runs a program to its end and returns what it printed; its complaints go where ours go.
pub fn output(command: &mut Command) -> Result<String> {
    let mut running = start(command.stdout(Stdio::piped()), Reach::Group)?;
    let mut text = String::new();
    if let Some(mut output) = running.child.stdout.take() {
        std::io::Read::read_to_string(&mut output, &mut text)
            .with_context(|| format!("cannot read what `{}` prints", running.line))?;
    }
    running.succeed()?;
    Ok(text)
}

/// Runs a program to its end and returns the first line it printed, if it exists and succeeds.
pub fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next().unwrap_or_default().trim().to_owned();
    output.status.success().then_some(line)
}

fn living() -> std::sync::MutexGuard<'static, Vec<(Pid, Reach)>> {
    LIVING.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn tell(pid: Pid, reach: Reach, signal: Signal) {
    // It may have ended by itself in between.
    let _ = match reach {
        Reach::Alone => rustix::process::kill_process(pid, signal),
        Reach::Group => rustix::process::kill_process_group(pid, signal),
    };
}

fn describe(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    std::iter::once(name).chain(command.get_args()).map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn every_line_is_seen_and_the_fate_is_told() {
        let mut lines = Vec::new();
        let status = run_seeing(&mut shell("echo one; echo two; exit 3"), |line| {
            lines.push(line.to_owned());
        });
        assert_eq!(lines, ["one", "two"]);
        assert_eq!(status.expect("it ran").code(), Some(3));
        assert!(run(&mut shell("exit 1")).is_err());
    }

    #[test]
    fn a_stopped_child_ends_with_all_that_it_has_started() {
        let folder = tempfile::tempdir().expect("make a folder");
        let number = folder.path().join("pid");
        let script = format!("sleep 600 & echo $! > {0}.new; mv {0}.new {0}; wait", number.display());
        let running = start(&mut shell(&script), Reach::Group).expect("start");
        while !number.exists() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(!running.has_ended());
        running.stop();
        let grandchild = std::fs::read_to_string(&number).expect("read");
        let grandchild = grandchild.trim().parse().expect("a number");
        let grandchild = Pid::from_raw(grandchild).expect("a pid");
        // It is told at the same time, but dies on its own.
        for _ in 0..400 {
            if !is_alive(grandchild) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("what the child has started lives on");
    }

    /// Whether a process runs, rather than being gone or dead and not buried by whoever inherited it.
    fn is_alive(pid: Pid) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
        stat.is_ok_and(|stat| !stat.contains(") Z"))
    }
}
