//! What has to be on the machine before anything can be built: looked for, named, and fetched where that is allowed.

mod npm;
mod postgres;
mod system;

use anyhow::{Result, bail};

use crate::children;
use crate::project::Project;
use crate::wasm;

pub use system::find_chromium;

/// The oldest compiler that the dependencies allow.
const OLDEST_RUST: (u32, u32) = (1, 94);
/// The journeys use `crc32` of its `zlib`.
const OLDEST_NODE: (u32, u32) = (20, 15);

/// What the prerequisites are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// `build`.
    Build,
    /// `run` and `dev`: a build, and Postgres unless the user names one.
    Run,
    /// `prepare`: Postgres and the compiler.
    Prepare,
    /// `test`, with or without a browser.
    Test { browser: bool },
}

/// One thing that is missing, and what is done about it.
struct Lack {
    what: String,
    remedy: Remedy,
}

type Act = Box<dyn FnOnce(&Project) -> Result<()>>;

enum Remedy {
    /// This program sees to it, by the means named.
    Do(String, Act),
    /// A package of Debian's.
    Apt(&'static str),
    /// The user has to see to it, by this command or act.
    Tell(String),
}

/// Sees that everything is there. Says in one line that it is; else names what is missing and what is done about it, and
/// does it. Fails, before anything is done, when something has to be done by hand.
pub fn check(project: &Project, purpose: For) -> Result<()> {
    let lacks = find_lacks(project, purpose, system::may_apt());
    if lacks.is_empty() {
        println!("Prerequisites: everything is there.");
        return Ok(());
    }
    println!("Missing:");
    for lack in &lacks {
        println!("  - {}\n    {}", lack.what, lack.remedy.describe());
    }
    if lacks.iter().any(|lack| matches!(lack.remedy, Remedy::Tell(_))) {
        bail!("some of this cannot be fetched from here: do what is named above, then start again");
    }
    let packages: Vec<_> = lacks
        .iter()
        .filter_map(|lack| match lack.remedy {
            Remedy::Apt(package) => Some(package),
            _ => None,
        })
        .collect();
    if !packages.is_empty()
        && let Err(error) = system::install(project, &packages)
    {
        children::go_on()?;
        println!("apt-get could not do it: {error:#}");
    }
    // What apt was to bring and has not brought, or too old, is looked for elsewhere.
    for lack in find_lacks(project, purpose, false) {
        match lack.remedy {
            Remedy::Do(means, act) => {
                println!("-> {means}");
                act(project)?;
            }
            remedy => bail!("missing: {}: {}", lack.what, remedy.describe()),
        }
    }
    Ok(())
}

impl Remedy {
    fn describe(&self) -> String {
        match self {
            Remedy::Do(means, _) => format!("will be fetched: {means}"),
            Remedy::Apt(package) => format!("will be fetched: apt-get install {package}"),
            Remedy::Tell(act) => format!("by hand: {act}"),
        }
    }
}

/// What is missing; `apt` tells whether Debian's packages may be installed.
fn find_lacks(project: &Project, purpose: For, apt: bool) -> Vec<Lack> {
    let mut lacks = Vec::new();
    lacks.extend(system::foreign_folder(project));
    lacks.extend(compiler(project, apt));
    let testing = matches!(purpose, For::Test { .. });
    if testing {
        lacks.extend(component(project, "clippy", "clippy"));
        lacks.extend(component(project, "fmt", "rustfmt"));
    }
    let builds_site = purpose != For::Prepare;
    if builds_site {
        lacks.extend(wasm_target(project));
    }
    let postgres = match purpose {
        For::Build => false,
        For::Run => std::env::var_os("DATABASE_URL").is_none_or(|url| url.is_empty()),
        For::Prepare | For::Test { .. } => true,
    };
    let postgres = postgres.then(|| postgres::lack(project, apt)).flatten();
    if builds_site || postgres.is_some() {
        let node = node(project);
        let has_node = node.is_none();
        lacks.extend(node);
        if has_node && builds_site {
            lacks.extend(npm::lack(project, "style"));
            if (purpose == For::Test { browser: true }) {
                lacks.extend(npm::lack(project, "end2end"));
            }
        }
    }
    lacks.extend(postgres);
    if (purpose == For::Test { browser: true }) {
        lacks.extend(system::chromium(apt));
    }
    lacks
}

fn compiler(project: &Project, apt: bool) -> Option<Lack> {
    let (major, minor) = OLDEST_RUST;
    let said = children::ask(project.command("rustc").arg("--version"));
    let what = match said.as_deref().and_then(version) {
        Some(found) if found >= OLDEST_RUST => return linker(project, apt),
        Some((found_major, found_minor)) => {
            format!("Rust {major}.{minor} or later: this is {found_major}.{found_minor}")
        }
        None => format!("Rust {major}.{minor} or later: rustc does not run"),
    };
    Some(Lack { what, remedy: Remedy::Tell("rustup update stable".to_owned()) })
}

fn linker(project: &Project, apt: bool) -> Option<Lack> {
    if children::ask(project.command("cc").arg("--version")).is_some() {
        return None;
    }
    Some(Lack {
        what: "a C compiler, with which programs are linked".to_owned(),
        remedy: if apt {
            Remedy::Apt("build-essential")
        } else {
            Remedy::Tell("sudo apt-get install build-essential".to_owned())
        },
    })
}

fn component(project: &Project, command: &str, component: &'static str) -> Option<Lack> {
    if children::ask(project.cargo().args([command, "--version"])).is_some() {
        return None;
    }
    Some(Lack {
        what: format!("{component}, which checks the Rust code"),
        remedy: rustup(project, &["component", "add", component]),
    })
}

fn wasm_target(project: &Project) -> Option<Lack> {
    let mut rustc = project.command("rustc");
    let libraries = children::ask(rustc.args(["--print", "target-libdir", "--target", wasm::TARGET]))?;
    if std::path::Path::new(&libraries).is_dir() {
        return None;
    }
    Some(Lack { what: "the compiler's WebAssembly target".to_owned(), remedy: rustup(project, &["target", "add", wasm::TARGET]) })
}

fn rustup(project: &Project, args: &[&'static str]) -> Remedy {
    let means = format!("rustup {}", args.join(" "));
    if children::ask(project.command("rustup").arg("--version")).is_none() {
        return Remedy::Tell(format!("{means}  (with rustup from https://rustup.rs)"));
    }
    let args = args.to_vec();
    Remedy::Do(means, Box::new(move |project| children::run(project.command("rustup").args(args))))
}

fn node(project: &Project) -> Option<Lack> {
    let (major, minor) = OLDEST_NODE;
    let said = children::ask(project.command("node").arg("--version"));
    let what = match said.as_deref().and_then(version) {
        Some(found) if found >= OLDEST_NODE => children::ask(project.command("npm").arg("--version"))
            .is_none()
            .then(|| format!("npm, which comes with Node {major}"))?,
        Some((found_major, found_minor)) => {
            format!("Node {major}.{minor} or later: this is {found_major}.{found_minor}")
        }
        None => format!("Node {major}.{minor} or later, which builds the stylesheet"),
    };
    Some(Lack { what, remedy: Remedy::Tell(format!("install Node {major} with npm from https://nodejs.org/en/download")) })
}

/// Reads `rustc 1.95.0 (..)` or `v20.20.2`.
fn version(said: &str) -> Option<(u32, u32)> {
    let start = said.find(|c: char| c.is_ascii_digit())?;
    let mut numbers = said[start..].split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_the_programs_say() {
        assert_eq!(version("rustc 1.95.0 (59807616e 2026-04-14)"), Some((1, 95)));
        assert_eq!(version("v20.20.2"), Some((20, 20)));
        assert_eq!(version("command not found"), None);
    }
}
