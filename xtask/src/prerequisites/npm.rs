//! Packages of npm, installed anew only when their lock file has changed.

use std::path::Path;

use anyhow::Result;

use super::{Lack, Remedy};
use crate::children;
use crate::fingerprint::{self, Fingerprint};
use crate::project::Project;

/// What is missing in a folder of the workspace that has packages.
pub fn lack(project: &Project, folder: &'static str) -> Option<Lack> {
    let path = project.root.join(folder);
    let lock = path.join("package-lock.json");
    if !lock.is_file() || is_installed(&path) {
        return None;
    }
    Some(Lack {
        what: format!("npm's packages in {folder}/"),
        remedy: Remedy::Do(format!("npm ci in {folder}/"), Box::new(move |project| install(project, &project.root.join(folder)))),
    })
}

/// Installs what the lock file names; scripts of packages do not run.
pub fn install(project: &Project, folder: &Path) -> Result<()> {
    let mut npm = project.command("npm");
    npm.current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    children::run(&mut npm)?;
    fingerprint::stamp(&stamp(folder), &fingerprint_of(folder))
}

fn is_installed(folder: &Path) -> bool {
    fingerprint::is_stamped(&stamp(folder), &fingerprint_of(folder))
}

/// It stands among the packages, so that it goes when they go.
fn stamp(folder: &Path) -> std::path::PathBuf {
    folder.join("node_modules/.installed")
}

fn fingerprint_of(folder: &Path) -> String {
    Fingerprint::new().file(&folder.join("package-lock.json")).finish()
}
