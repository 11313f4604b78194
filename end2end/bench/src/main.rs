//! `cargo xtask bench`: what the server does in a second, beside what the same machine does without it.
//!
//! xtask builds, loads the data base and calls this program, which starts and stops the servers that it measures.

// The type of a page holds those of all its parts.
#![recursion_limit = "256"]

mod beside;
mod browser;
mod load;
mod members;
mod pgbench;
mod program;
mod report;
mod staff;
mod statement;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use kit::cluster::ClusterOptions;

use crate::load::Pace;
use crate::program::Program;
use crate::report::Report;

/// Connections that ask at once, each for the next thing when it has the last: a closed loop.
const CONNECTIONS: usize = 16;
/// So few ask at once where nobody waits for a core: how long an answer takes on a server that is not overrun.
const CALM: usize = 2;

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures everything and writes the report
    Run(Asked),
    /// Serves what the server is compared with
    Beside {
        #[arg(long)]
        database_url: String,
        #[arg(long)]
        listen: SocketAddr,
        /// A server to take the content of the fixed page from
        #[arg(long)]
        like: SocketAddr,
    },
}

#[derive(clap::Args, Clone)]
pub struct Asked {
    /// The program to measure
    #[arg(long)]
    tessera: PathBuf,
    /// Its data folder, loaded with the demo
    #[arg(long)]
    data_dir: PathBuf,
    /// Offers in it
    #[arg(long)]
    offers: u32,
    /// Password of the demo's accounts
    #[arg(long)]
    password: String,
    /// Seconds of each measure, after a fifth of them to warm up
    #[arg(long, default_value = "5")]
    seconds: u64,
    /// First of the ports to use
    #[arg(long, default_value = "5751")]
    port: u16,
    /// Folder of the Node script that counts bytes in Chromium
    #[arg(long)]
    scripts: PathBuf,
    /// Folder for the report
    #[arg(long)]
    out: PathBuf,
}

#[tokio::main]
async fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Run(asked) => run(asked).await,
        Command::Beside { database_url, listen, like } => beside::serve(&database_url, listen, like).await,
    }
}

async fn run(asked: Asked) -> Result<()> {
    let mut report = Report::new(asked.offers, asked.seconds);
    let address = |n: u16| SocketAddr::from(([127, 0, 0, 1], asked.port + n));
    // First, while nobody else keeps Postgres running: a start with all that belongs to it.
    let (server, ready) = Program::tessera(&asked, address(0), &[]).await?;
    report.ready(ready);
    // Its own share in the data folder's Postgres, which then stays for all measures.
    let (folder, programs) = (asked.data_dir.clone(), std::env::var_os("PG_BIN").map(PathBuf::from));
    let cluster = tokio::task::spawn_blocking(move || ClusterOptions::new(folder).pg_bin(programs).open()).await??;
    let url = cluster.url("tessera")?;
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(2).connect(&url).await.context("the data base")?;
    sqlx::query("vacuum analyze").execute(&pool).await.context("vacuum")?;

    let pace = Pace { connections: CONNECTIONS, time: Duration::from_secs(asked.seconds) };
    let beside = Program::beside(&url, address(1), address(0)).await?;
    let bare = report.bare(load::measure(pace, beside.address, statement::bare()).await?);
    report.beside("Page of 24 with fixed data, no data base", load::measure(pace, beside.address, members::fixed()).await?);
    report.pgbench(pgbench::run(&cluster, &url, pace).await);

    members::measure(&mut report, pace, &server, &pool, "").await?;
    let anew = Program::tessera(&asked, address(2), &[("TESSERA_PAGE_CACHE", "0")]).await?.0;
    members::measure(&mut report, pace, &anew, &pool, ", rendered anew").await?;
    members::searches(&mut report, pace, &anew).await?;
    report.where_time_goes(members::parts(&anew, &beside, &cluster, &url).await?);
    anew.stop().await?;
    beside.stop().await?;

    let mut desk = staff::Desk::open(&server, &pool, &asked.password).await?;
    desk.measure_lists(&mut report, pace).await?;
    desk.measure_saves(&mut report, pace).await?;
    desk.measure_publishing(&mut report, pace).await?;
    report.memory(server.memory()?);
    report.first_load(browser::first_loads(&asked, &server).await);
    server.stop().await?;
    tokio::task::spawn_blocking(move || drop(cluster)).await?;

    println!("\n{}", report.table());
    report.write(&asked.out)?;
    anyhow::ensure!(bare > 0.0, "the bare route answered nothing");
    Ok(())
}
