//! Builds the stylesheet with Tailwind's compiler.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::children;
use crate::fingerprint::{self, Fingerprint};
use crate::project::Project;

/// Builds the stylesheet unless nothing that it is made from has changed, and returns its path.
pub fn build(project: &Project) -> Result<PathBuf> {
    let folder = project.root.join("style");
    let input = folder.join("site.css");
    if !input.is_file() {
        bail!("{} is missing: there is no stylesheet to build", input.display());
    }
    let output = project.cache().join("site.css");
    let stamp = project.cache().join("site.css.stamp");
    let mut fingerprint = Fingerprint::new();
    fingerprint.program().tree(&folder, &[]);
    // The compiler reads the names of classes in the Rust code.
    for code in ["app", "server", "frontend"] {
        fingerprint.tree(&project.root.join(code), &[".rs"]);
    }
    let fingerprint = fingerprint.finish();
    if fingerprint::is_stamped(&stamp, &fingerprint) && output.is_file() {
        return Ok(output);
    }
    let mut tailwind = project.command(folder.join("node_modules/.bin/tailwindcss"));
    tailwind.current_dir(&folder).args(["--input", "site.css", "--minify", "--output"]).arg(&output);
    children::run(&mut tailwind)?;
    fingerprint::stamp(&stamp, &fingerprint)?;
    Ok(output)
}
