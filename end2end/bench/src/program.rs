//! The programs that are measured: started, awaited, looked at, stopped.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use http_body_util::Full;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use crate::Asked;
use crate::load::{Client, get};

/// A start over a new data base migrates it.
const LONGEST_START: Duration = Duration::from_secs(120);

/// A program that serves.
pub struct Program {
    child: Child,
    pub address: SocketAddr,
}

/// The memory of a process, in bytes.
#[derive(Clone, Copy)]
pub struct Memory {
    /// The most it has had in memory at once.
    pub peak: u64,
    pub now: u64,
}

impl Program {
    /// Starts the server and returns it when it is ready, with the time that took.
    pub async fn tessera(asked: &Asked, address: SocketAddr, settings: &[(&str, &str)]) -> Result<(Program, Duration)> {
        let mut command = Command::new(&asked.tessera);
        command
            .args(["serve", "--no-worker", "--metrics-listen", "off", "--listen", &address.to_string()])
            .env("TESSERA_DATA_DIR", &asked.data_dir)
            .envs(settings.iter().copied())
            .env_remove("DATABASE_URL");
        // Its lines go where they would be kept: formatting them is a part of its work.
        let log = std::fs::File::create(asked.out.join(format!("server-{}.log", address.port())))?;
        Program::start(command.stderr(Stdio::from(log)), address, "/readyz").await
    }

    pub async fn beside(url: &str, address: SocketAddr, like: SocketAddr) -> Result<Program> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["beside", "--database-url", url, "--listen", &address.to_string(), "--like", &like.to_string()]);
        Ok(Program::start(&mut command, address, "/bare").await?.0)
    }

    async fn start(command: &mut Command, address: SocketAddr, ready: &str) -> Result<(Program, Duration)> {
        let begun = Instant::now();
        let child =
            command.stdin(Stdio::null()).kill_on_drop(true).spawn().with_context(|| format!("cannot start {command:?}"))?;
        let mut program = Program { child, address };
        while begun.elapsed() < LONGEST_START {
            if let Some(status) = program.child.try_wait()? {
                bail!("{command:?} ended with {status}");
            }
            if program.is_ready(ready).await {
                return Ok((program, begun.elapsed()));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        bail!("{command:?} was not ready in time");
    }

    async fn is_ready(&self, path: &str) -> bool {
        let ask = async {
            let request = get(path, None).body(Full::default())?;
            Client::connect(self.address).await?.send(request).await
        };
        ask.await.is_ok_and(|answer| answer.status.is_success())
    }

    pub fn memory(&self) -> Result<Memory> {
        let pid = self.child.id().context("it has ended")?;
        let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status"))?;
        let bytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
        };
        let told = || format!("/proc/{pid}/status");
        Ok(Memory { peak: bytes("VmHWM:").with_context(told)?, now: bytes("VmRSS:").with_context(told)? })
    }

    /// Tells it to stop and waits until it has.
    pub async fn stop(mut self) -> Result<()> {
        if let Some(pid) = self.child.id().and_then(|pid| Pid::from_raw(pid.cast_signed())) {
            kill_process(pid, Signal::TERM)?;
        }
        self.child.wait().await?;
        Ok(())
    }
}
