//! The same statement without a server before it: Postgres' own bench, where it is there.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use hdrhistogram::Histogram;
use kit::cluster::Cluster;
use tokio::process::Command;

use crate::load::{Measured, Pace};
use crate::members;
use crate::statement::NEWEST;

/// The statement of a page, or why it was not measured.
pub async fn run(cluster: &Cluster, url: &str, pace: Pace) -> Result<Measured> {
    measure(cluster, url, pace, NEWEST).await
}

/// Measures a statement, prepared; `$1` is the time.
pub async fn measure(cluster: &Cluster, url: &str, pace: Pace, sql: &str) -> Result<Measured> {
    let program = find(cluster).context("pgbench is not there: Debian's package postgresql-contrib or postgresql holds it")?;
    let folder = std::env::temp_dir().join(format!("tessera-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let script = folder.join("statement.sql");
    std::fs::write(&script, format!("{};\n", sql.replace("$1", ":at").replace('\n', " ")))?;
    let output = Command::new(program)
        .current_dir(&folder)
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--log", "--log-prefix=times"])
        .arg(format!("--client={}", pace.connections))
        .arg(format!("--time={}", pace.time.as_secs().max(1)))
        .arg(format!("--define=at={}", members::now()))
        .arg(format!("--file={}", script.display()))
        .arg(url)
        .output()
        .await?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!("pgbench failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let times = read_times(&folder);
    std::fs::remove_dir_all(&folder)?;
    let (times, tps) = (times?, told.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok()));
    let micros = |quantile| Duration::from_micros(times.value_at_quantile(quantile));
    Ok(Measured {
        requests: times.len(),
        per_second: tps.with_context(|| format!("pgbench says no rate: {told}"))?,
        p50: micros(0.5),
        p99: micros(0.99),
        mean: Duration::from_micros(times.mean() as u64),
        ..Measured::default()
    })
}

/// Its logs hold a line for each transaction, with the microseconds in the third place.
fn read_times(folder: &std::path::Path) -> Result<Histogram<u64>> {
    let mut times = Histogram::new_with_bounds(1, 60_000_000, 3)?;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("times")) {
            for line in std::fs::read_to_string(path)?.lines() {
                times
                    .record(line.split(' ').nth(2).and_then(|micros| micros.parse().ok()).context("a line of pgbench's log")?)?;
            }
        }
    }
    Ok(times)
}

/// Beside the cluster's programs, else in the path or where Debian keeps it.
fn find(cluster: &Cluster) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let folders = [cluster.programs().bin().to_owned()].into_iter().chain(std::env::split_paths(&path)).chain(debian);
    folders.map(|folder| folder.join("pgbench")).find(|program| program.is_file())
}
