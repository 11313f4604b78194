//! The stages of a test run.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Run;
use super::tally::Tally;
use crate::bucket::Bucket;
use crate::children;
use crate::lint;
use crate::prerequisites;
use crate::project::Project;
use crate::site;
use crate::sqlx;
use crate::style;
use crate::wasm::{self, BUNDLES, Mode};

/// The code is formatted as `cargo xtask fmt` formats it.
pub fn format(run: &mut Run) -> Result<()> {
    run.check("rustfmt", |run| {
        children::run(run.project.cargo().args(["fmt", "--all", "--check"])).context("run `cargo xtask fmt`")
    })
}

/// `.sqlx` says what the data base says. The lints run on the way: they read the same code.
pub fn statements(run: &mut Run) -> Result<()> {
    run.check(".sqlx is up to date", |run| sqlx::check_fresh(run.project, run.cluster()?, &mut clippy_server(run.project)))
}

/// No lint has anything to say: on the server's side, in the browser's crates and here.
pub fn clippy(run: &mut Run) -> Result<()> {
    run.check("server", |run| children::run(&mut clippy_server(run.project)))?;
    run.check("xtask", |run| {
        children::run(run.project.cargo().args([
            "clippy",
            "--package=xtask",
            "--profile=xtask",
            "--all-targets",
            "--",
            "--deny=warnings",
        ]))
    })?;
    for bundle in &BUNDLES {
        run.check(bundle.package, |run| {
            let mut clippy = run.project.cargo();
            clippy
                .args(["clippy", "--package", bundle.package, "--lib"])
                // The profile of the bundles, for their compiled macros.
                .args(["--target", wasm::TARGET])
                .args(["--profile", Mode::Dev.wasm_profile()])
                .arg("--target-dir")
                .arg(run.project.front())
                .args(["--", "--deny=warnings"]);
            children::run(&mut clippy)
        })?;
    }
    Ok(())
}

fn clippy_server(project: &Project) -> Command {
    let mut clippy = project.cargo();
    clippy
        .args(["clippy", "--all-targets", "--package", "bench"])
        .args(project.server_packages())
        .args(["--", "--deny=warnings"]);
    clippy
}

/// Every Rust test, against the real Postgres.
pub fn rust(run: &mut Run) -> Result<()> {
    let mut server = run.project.cargo();
    server.args(["test", "--no-fail-fast"]).args(run.project.server_packages());
    // Until the tests have ended.
    let bucket = Bucket::start(run.project)?;
    if let Some(bucket) = &bucket {
        bucket.tell(&mut server);
    }
    let mut tools = run.project.cargo();
    tools.args(["test", "--no-fail-fast", "--package=xtask", "--profile=xtask"]);
    for mut cargo in [server, tools] {
        isolate(run, &mut cargo, "rust")?;
        let mut tally = Tally::default();
        let status = children::run_seeing(&mut cargo, |line| {
            if let Some(counted) = Tally::of_cargo_line(line) {
                tally.add(counted);
            }
        })?;
        run.tally.add(tally);
        if !status.success() && tally.failed == 0 {
            run.fail("rust: the tests could not be run");
        }
    }
    Ok(())
}

/// Both bundles build.
pub fn wasm(run: &mut Run) -> Result<()> {
    for bundle in &BUNDLES {
        run.check(bundle.name, |run| wasm::build(run.project, bundle, Mode::Dev).map(drop))?;
    }
    Ok(())
}

/// The stylesheet builds and has a rule for every class in the code.
pub fn style(run: &mut Run) -> Result<()> {
    run.check("stylesheet", |run| {
        let stylesheet = style::build(run.project)?;
        lint::classes(run.project, &stylesheet)
    })
}

/// Islands stand only where they work.
pub fn islands(run: &mut Run) -> Result<()> {
    run.check("islands", |run| lint::islands(run.project))
}

/// People's ways through the site, in a real browser.
pub fn journeys(run: &mut Run) -> Result<()> {
    let project = run.project;
    let folder = project.root.join("end2end");
    if !folder.join("package.json").is_file() {
        bail!("{} is missing", folder.join("package.json").display());
    }
    run.check("types of the journeys", |run| {
        children::run(run.project.command(folder.join("node_modules/.bin/tsc")).current_dir(&folder))
    })?;
    site::build(project, Mode::Dev)?;
    // With the tests, so that cargo chooses the features that it has chosen for them and builds nothing twice.
    let mut build = project.cargo();
    build.args(["build", "--all-targets"]).args(project.server_packages());
    children::run(&mut build)?;

    let reports = tempfile::tempdir().context("cannot make a temporary folder")?;
    let report = reports.path().join("journeys.json");
    let chromium = prerequisites::find_chromium().context("there is no Chromium")?;
    let mut playwright = project.command(folder.join("node_modules/.bin/playwright"));
    playwright
        .current_dir(&folder)
        .args(["test", "--reporter=list,json"])
        .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report)
        .env("CHROMIUM", chromium);
    isolate(run, &mut playwright, "journeys")?;
    playwright.env("TESSERA_BIN", project.binary("debug"));
    let status = children::start(&mut playwright, children::Reach::Group)?.wait()?;
    children::go_on()?;

    let report = std::fs::read_to_string(&report).context("the journeys left no report")?;
    let tally = Tally::of_playwright(&report)?;
    run.tally.add(tally);
    if !status.success() && tally.failed == 0 {
        run.fail("journeys: they could not be run");
    }
    if tally == Tally::default() {
        run.fail("journeys: there are none");
    }
    Ok(())
}

/// Gives a program a data base of its own, and none of the settings that the user has for the product; `TESSERA_TEST_*` are
/// for the tests.
fn isolate(run: &Run, command: &mut Command, database: &str) -> Result<()> {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("TESSERA_") && !text.starts_with("TESSERA_TEST_") || text.starts_with("PG") && text != "PG_BIN" {
            command.env_remove(name);
        }
    }
    if let Some(bin) = run.project.pg_bin() {
        command.env("PG_BIN", bin);
    }
    command.env("DATABASE_URL", run.cluster()?.url(database)?);
    Ok(())
}
