//! The dev loop: builds again what a change concerns, starts the server anew, and has open pages load again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Result, bail};

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
/// Makes a development build put the script of [`RELOAD_SCRIPT`] into its pages.
const RELOAD: &str = "TESSERA_DEV_RELOAD";
/// What the pages run, by the name they load it under.
const RELOAD_SCRIPT: (&str, &str) = ("pkg/dev-reload.js", include_str!("dev-reload.js"));
/// What that script looks at: another text means that the site was built anew.
const RELOAD_TEXT: &str = "pkg/dev-reload.txt";

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
    let mut work = Work { project, args, bundles: Vec::new(), server: None, is_loaded: false, builds: 0 };
    while !children::stopped() {
        let begun = Instant::now();
        match work.follow(concerns) {
            Ok(address) => {
                concerns = Concerns::default();
                let took = begun.elapsed().as_secs_f64();
                println!("Tessera is at http://{address} after {took:.1} s; waiting for changes.");
            }
            Err(_) if children::stopped() => break,
            Err(error) => eprintln!("error: {error:#}\nWaiting for changes."),
        }
        match wait_for_change(project, &mut seen) {
            // What could not be built is still to be built.
            Some(next) => concerns.add(next),
            None => break,
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What stays between two changes.
struct Work<'a> {
    project: &'a Project,
    args: &'a [String],
    /// The folders of the bundles that were built last.
    bundles: Vec<PathBuf>,
    /// The server that runs, and where it answers.
    server: Option<(Running, String)>,
    /// Whether the demo data was looked after.
    is_loaded: bool,
    builds: u64,
}

impl Work<'_> {
    /// Builds what is concerned, starts the server anew if it is, and has open pages load again.
    fn follow(&mut self, concerns: Concerns) -> Result<String> {
        headline("build");
        self.build(concerns)?;
        if concerns.server
            && let Some((old, _)) = self.server.take()
        {
            old.stop();
        }
        let address = match &self.server {
            Some((_, address)) => address.clone(),
            None => self.start()?,
        };
        self.builds += 1;
        let text = format!("{}-{}", std::process::id(), self.builds);
        site::add(self.project, Mode::Dev, RELOAD_TEXT, &text)?;
        Ok(address)
    }

    /// Builds both sides at once, each in a target folder of its own.
    fn build(&mut self, concerns: Concerns) -> Result<()> {
        let project = self.project;
        std::thread::scope(|scope| {
            let server = concerns.server.then(|| scope.spawn(|| build_server(project)));
            let site = self.build_site(concerns.browser);
            if let Some(server) = server {
                match server.join() {
                    Ok(built) => built?,
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            site
        })
    }

    fn build_site(&mut self, browser: bool) -> Result<()> {
        if browser {
            self.bundles.clear();
            for bundle in &BUNDLES {
                self.bundles.push(wasm::build(self.project, bundle, Mode::Dev)?);
            }
        }
        let stylesheet = style::build(self.project)?;
        site::lay_out(self.project, Mode::Dev, &self.bundles, &stylesheet)?;
        let (name, script) = RELOAD_SCRIPT;
        site::add(self.project, Mode::Dev, name, script)
    }

    fn start(&mut self) -> Result<String> {
        let binary = self.project.binary("debug");
        if !self.is_loaded {
            print!("{}", run::load_demo(self.project, &binary, self.args)?);
            self.is_loaded = true;
        }
        let (server, address) = run::serve(self.project, &binary, self.args, &[(RELOAD, "1")])?;
        if !run::wait_until_ready(&server, &address)? {
            bail!("the server ended before it was ready");
        }
        self.server = Some((server, address.clone()));
        Ok(address)
    }
}

fn build_server(project: &Project) -> Result<()> {
    let mut cargo = project.cargo();
    cargo.arg("build").args(project.server_packages()).args(["--bin", "tessera"]);
    children::run(&mut cargo)
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
