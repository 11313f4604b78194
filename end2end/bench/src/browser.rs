//! The bytes of a first visit, counted in Chromium by a script for Node.

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};
use tokio::process::Command;

use crate::Asked;
use crate::program::Program;

/// What one first visit loads, headers and content encodings included.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FirstLoad {
    pub name: String,
    pub bytes: u64,
    /// Bytes of the document alone.
    pub document: u64,
    pub files: u64,
}

pub async fn first_loads(asked: &Asked, server: &Program) -> Result<Vec<FirstLoad>> {
    let output = Command::new("node")
        .current_dir(&asked.scripts)
        .arg("first_load.mjs")
        .arg(format!("http://{}", server.address))
        .env("BENCH_PASSWORD", &asked.password)
        .output()
        .await
        .context("node cannot be started")?;
    ensure!(output.status.success(), "first_load.mjs failed: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("first_load.mjs says something else")
}
