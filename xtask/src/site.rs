//! Lays out the files that browsers load: both bundles, the stylesheet and what stands in `public/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::compress;
use crate::fingerprint;
use crate::project::{Project, headline};
use crate::style;
use crate::wasm::{self, BUNDLES, Mode};

/// The folder of the site's files. The server's crate looks for them here, wherever cargo's target folder is. A release
/// has a folder of its own, so that it is not compiled anew after a test run.
pub fn folder(project: &Project, mode: Mode) -> PathBuf {
    match mode {
        Mode::Release => project.root.join("target/site"),
        Mode::Dev => project.root.join("target/site-dev"),
    }
}

/// Builds all of the site's files, for a release with their compressed siblings.
pub fn build(project: &Project, mode: Mode) -> Result<()> {
    let mut bundles = Vec::new();
    for bundle in &BUNDLES {
        headline(&format!("bundle {}", bundle.name));
        bundles.push(wasm::build(project, bundle, mode)?);
    }
    headline("stylesheet");
    let stylesheet = style::build(project)?;
    lay_out(project, mode, &bundles, &stylesheet)
}

/// Puts the finished files in their place. Files that are there already are not touched, so that cargo does not compile
/// the server anew for them.
pub fn lay_out(project: &Project, mode: Mode, bundles: &[PathBuf], stylesheet: &Path) -> Result<()> {
    let mut wanted = BTreeMap::new();
    add_tree(&mut wanted, Path::new(""), &project.root.join("public"));
    for bundle in bundles {
        add_tree(&mut wanted, Path::new("pkg"), bundle);
    }
    wanted.insert(PathBuf::from("pkg/site.css"), stylesheet.to_owned());
    if mode == Mode::Release {
        add_compressed(project, &mut wanted)?;
    }
    put(&folder(project, mode), &wanted)
}

/// Adds a file to the site that was laid out.
pub fn add(project: &Project, mode: Mode, name: &str, text: &str) -> Result<()> {
    let place = folder(project, mode).join(name);
    fs::write(&place, text).with_context(|| format!("cannot write {}", place.display()))
}

fn add_tree(wanted: &mut BTreeMap<PathBuf, PathBuf>, to: &Path, from: &Path) {
    for file in fingerprint::files(from, &[]) {
        if let Ok(name) = file.strip_prefix(from) {
            wanted.insert(to.join(name), file.clone());
        }
    }
}

fn add_compressed(project: &Project, wanted: &mut BTreeMap<PathBuf, PathBuf>) -> Result<()> {
    let (places, sources): (Vec<_>, Vec<_>) = wanted.clone().into_iter().unzip();
    let packed = compress::compress(&project.cache().join("compressed"), &sources)?;
    for (place, packed) in places.iter().zip(packed) {
        if let Some(packed) = packed {
            wanted.insert(with_ending(place, "br"), packed.brotli);
            wanted.insert(with_ending(place, "gz"), packed.gzip);
        }
    }
    Ok(())
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// Makes `folder` hold exactly the wanted files.
fn put(folder: &Path, wanted: &BTreeMap<PathBuf, PathBuf>) -> Result<()> {
    for file in fingerprint::files(folder, &[]) {
        let is_wanted = file.strip_prefix(folder).is_ok_and(|name| wanted.contains_key(name));
        if !is_wanted {
            fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        }
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for (name, source) in wanted {
        let place = folder.join(name);
        let content = fs::read(source).with_context(|| format!("cannot read {}", source.display()))?;
        if fs::read(&place).is_ok_and(|present| present == content) {
            continue;
        }
        let parent = place.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&place, content))
            .with_context(|| format!("cannot write {}", place.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_holds_exactly_what_is_wanted_and_keeps_what_is_right() {
        let base = tempfile::tempdir().expect("make a folder");
        let (site, source) = (base.path().join("site"), base.path().join("a.css"));
        fs::write(&source, "new").expect("write");
        fs::create_dir_all(site.join("pkg")).expect("make");
        fs::write(site.join("pkg/old.css"), "old").expect("write");
        let wanted = BTreeMap::from([(PathBuf::from("pkg/site.css"), source)]);

        put(&site, &wanted).expect("put");
        assert!(!site.join("pkg/old.css").exists());
        let place = site.join("pkg/site.css");
        assert_eq!(fs::read_to_string(&place).expect("read"), "new");

        let written = fs::metadata(&place).and_then(|m| m.modified()).expect("time");
        put(&site, &wanted).expect("put again");
        let now = fs::metadata(&place).and_then(|m| m.modified()).expect("time");
        assert_eq!(written, now, "a file that is right is not written again");
    }

    #[test]
    fn a_compressed_sibling_keeps_the_whole_name() {
        assert_eq!(with_ending(Path::new("pkg/desk.wasm"), "br"), Path::new("pkg/desk.wasm.br"));
    }
}
