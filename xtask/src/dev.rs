//! The dev loop: builds again what a change concerns, starts the server anew, and has open pages load again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;

use crate::children::{self, Running};
use crate::fingerprint;
use crate::prerequisites::{self, For};
use crate::project::{Project, headline};
use crate::run;
use crate::site;
use crate::style;
use crate::wasm::{self, BUNDLES, Mode};

/// What is watched.
const WATCHED: [&str; 9] = ["Cargo.lock", "Cargo.toml", ".sqlx", "app", "frontend", "migrations", "public", "server", "style"];
/// Where a change concerns the server and the browser.
const SHARED: [&str; 4] = ["Cargo.lock", "Cargo.toml", "app", "frontend"];
/// Where a change concerns neither's code.
const FILES: [&str; 2] = ["public", "style"];
/// How often is looked for changes.
const STEP: Duration = Duration::from_millis(250);
/// In a development build it makes open pages load again once another server answers.
const RELOAD: &str = "TESSERA_DEV_RELOAD";

/// Which parts a change concerns. The stylesheet is always looked at: it reads the code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Concerns {
    browser: bool,
    server: bool,
}

impl Concerns {
    fn add(&mut self, other: Concerns) {
        self.browser |= other.browser;
        self.server |= other.server;
    }
}

/// Serves, and builds again on every change, until it is told to stop.
pub fn dev(project: &Project, args: &[String]) -> Result<ExitCode> {
    prerequisites::check(project, For::Run)?;
    let mut seen = look(project);
    let mut concerns = Concerns { browser: true, server: true };
    let mut bundles = Vec::new();
    let mut server: Option<Running> = None;
    let mut is_loaded = false;
    while !children::stopped() {
        let begun = Instant::now();
        let built = build(project, concerns, &mut bundles).and_then(|()| {
            if let Some(old) = server.take() {
                old.stop();
            }
            if !is_loaded {
                print!("{}", run::load_demo(project, &binary(project))?);
                is_loaded = true;
            }
            start(project, args)
        });
        match built {
            Ok((new, address)) => {
                println!("Tessera is at http://{address} after {:.1} s; waiting for changes.", begun.elapsed().as_secs_f64());
                server = Some(new);
                concerns = Concerns::default();
            }
            Err(error) if !children::stopped() => {
                eprintln!("error: {error:#}\nWaiting for changes.");
            }
            Err(_) => break,
        }
        match wait_for_change(project, &mut seen) {
            // What could not be built is still to be built.
            Some(next) => concerns.add(next),
            None => break,
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn binary(project: &Project) -> PathBuf {
    project.dev().join("debug/tessera")
}

fn start(project: &Project, args: &[String]) -> Result<(Running, String)> {
    let (server, address) = run::serve(project, &binary(project), args, &[(RELOAD, "1")])?;
    if !run::wait_until_ready(&server, &address)? {
        anyhow::bail!("the server ended before it was ready");
    }
    Ok((server, address))
}

/// Builds what is concerned: both sides at once, each in a target folder of its own.
fn build(project: &Project, concerns: Concerns, bundles: &mut Vec<PathBuf>) -> Result<()> {
    headline("build");
    std::thread::scope(|scope| {
        let server = concerns.server.then(|| scope.spawn(|| build_server(project)));
        let browser = build_site(project, concerns.browser, bundles);
        if let Some(server) = server {
            match server.join() {
                Ok(built) => built?,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        browser
    })
}

fn build_server(project: &Project) -> Result<()> {
    let mut cargo = project.cargo();
    cargo.args(["build", "--package", "tessera", "--target-dir"]).arg(project.dev());
    Mode::Dev.set_flags(&mut cargo);
    children::run(&mut cargo)
}

fn build_site(project: &Project, browser: bool, bundles: &mut Vec<PathBuf>) -> Result<()> {
    if browser || bundles.is_empty() {
        *bundles = BUNDLES.iter().map(|bundle| wasm::build(project, bundle, Mode::Dev)).collect::<Result<_>>()?;
    }
    let stylesheet = style::build(project)?;
    site::lay_out(project, Mode::Dev, bundles, &stylesheet)
}

/// The watched files and when each was last written.
type Seen = BTreeMap<PathBuf, Option<SystemTime>>;

fn look(project: &Project) -> Seen {
    WATCHED
        .iter()
        .flat_map(|watched| fingerprint::files(&project.root.join(watched), &[]))
        .map(|file| {
            let written = std::fs::metadata(&file).and_then(|meta| meta.modified());
            (file, written.ok())
        })
        .collect()
}

/// Waits for a change, and until the files rest again. Nothing when this program is told to stop.
fn wait_for_change(project: &Project, seen: &mut Seen) -> Option<Concerns> {
    let before = seen.clone();
    while !children::stopped() {
        std::thread::sleep(STEP);
        let now = look(project);
        let rests = now == *seen;
        *seen = now;
        if rests && *seen != before {
            let changed = changes(&before, seen);
            let names = changed.iter().filter_map(|file| file.strip_prefix(&project.root).ok());
            for name in names.clone().take(3) {
                println!("Changed: {}", name.display());
            }
            return Some(concerns_of(names));
        }
    }
    None
}

fn changes<'a>(before: &'a Seen, now: &'a Seen) -> Vec<&'a Path> {
    let gone = before.keys().filter(|file| !now.contains_key(*file));
    now.iter()
        .filter(|(file, written)| before.get(*file) != Some(written))
        .map(|(file, _)| file)
        .chain(gone)
        .map(PathBuf::as_path)
        .collect()
}

fn concerns_of<'a>(files: impl Iterator<Item = &'a Path>) -> Concerns {
    let mut concerns = Concerns { browser: false, server: false };
    for file in files {
        let is_in = |folders: &[&str]| folders.iter().any(|folder| file.starts_with(folder));
        concerns.browser |= is_in(&SHARED);
        concerns.server |= !is_in(&FILES);
    }
    concerns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn concerns(files: &[&str]) -> (bool, bool) {
        let concerns = concerns_of(files.iter().map(Path::new));
        (concerns.browser, concerns.server)
    }

    #[test]
    fn a_change_is_built_where_it_matters() {
        assert_eq!(concerns(&["app/ui/src/page.rs"]), (true, true));
        assert_eq!(concerns(&["server/src/main.rs"]), (false, true));
        assert_eq!(concerns(&["migrations/0002_offers.sql"]), (false, true));
        assert_eq!(concerns(&["style/site.css"]), (false, false));
        assert_eq!(concerns(&["style/site.css", "app/ui/src/page.rs"]), (true, true));
    }

    #[test]
    fn written_new_and_removed_files_are_changes() {
        let at = |seconds| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        let file = |name: &str, time| (PathBuf::from(name), time);
        let before = Seen::from([file("a", at(1)), file("b", at(1)), file("c", at(1))]);
        let now = Seen::from([file("a", at(1)), file("b", at(2)), file("d", at(1))]);
        assert!(changes(&before, &before).is_empty());
        assert_eq!(changes(&before, &now), [Path::new("b"), Path::new("d"), Path::new("c")]);
    }
}
