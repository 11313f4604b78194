//! What comes from the system: Debian's packages, a browser, and folders that may be written.

use std::path::{Path, PathBuf};

use anyhow::Result;
use rustix::fs::{Access, access};

use super::{Lack, Remedy};
use crate::children;
use crate::project::Project;
use crate::site;
use crate::wasm::Mode;

/// Whether packages may be installed: as root, where there is apt.
pub fn may_apt() -> bool {
    rustix::process::geteuid().is_root() && find_program("apt-get").is_some()
}

/// Installs packages of Debian's.
pub fn install(project: &Project, packages: &[&str]) -> Result<()> {
    println!("-> apt-get install --yes {}", packages.join(" "));
    let apt = || {
        let mut apt = project.command("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").args(["--option", "DPkg::Lock::Timeout=120", "--quiet"]);
        apt
    };
    // A fresh system has no lists of packages, an old one has outdated ones.
    children::run(apt().arg("update"))?;
    children::run(apt().args(["install", "--yes", "--no-install-recommends"]).args(packages))
}

/// A browser for the journeys: the one that `CHROMIUM` names, else the system's.
pub fn find_chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM").filter(|name| !name.is_empty()) {
        return Some(PathBuf::from(named)).filter(|path| path.is_file());
    }
    let on_mac =
        ["/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
        .into_iter()
        .find_map(find_program)
        .or_else(|| on_mac.into_iter().map(PathBuf::from).find(|path| path.is_file()))
}

pub fn chromium(apt: bool) -> Option<Lack> {
    if find_chromium().is_some() {
        return None;
    }
    let remedy = if std::env::var_os("CHROMIUM").is_some_and(|name| !name.is_empty()) {
        Remedy::Tell("unset CHROMIUM, which names no program".to_owned())
    } else if apt {
        Remedy::Apt("chromium")
    } else {
        Remedy::Tell("sudo apt-get install chromium  (or set CHROMIUM to the path of a Chromium or Chrome)".to_owned())
    };
    Some(Lack { what: "Chromium, in which the journeys run".to_owned(), remedy })
}

/// A folder of the build that this user may not write, for instance because root has built here before.
pub fn foreign_folder(project: &Project) -> Option<Lack> {
    let folder = [
        project.target.clone(),
        project.front(),
        project.cache(),
        project.tools(),
        site::folder(project, Mode::Release),
        site::folder(project, Mode::Dev),
        project.root.join("style/node_modules"),
        project.root.join("end2end/node_modules"),
    ]
    .into_iter()
    .find(|folder| folder.exists() && access(folder, Access::WRITE_OK).is_err())?;
    Some(Lack {
        what: format!("the right to write in {}", folder.display()),
        remedy: Remedy::Tell(format!("sudo chown -R \"$(id -u):$(id -g)\" {}", folder.display())),
    })
}

fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| is_executable(program))
}

fn is_executable(path: &Path) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_on_the_path_and_nowhere_else() {
        let shell = find_program("sh").expect("every system has a shell");
        assert!(shell.is_absolute());
        assert!(find_program("no-program-has-this-name").is_none());
    }
}
