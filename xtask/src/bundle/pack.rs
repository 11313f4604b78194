//! Packs the parts of a split bundle that several pages share into one file.
//!
//! Code that two pages need goes into a part for just these two, so that a dozen pages make hundreds of small parts, of
//! which a page needs dozens. Fetched one by one they would cost far more than their bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::{LOADER, read, write};

/// The name of the one file; the server adds the ending.
const SHARED: &str = "shared";
/// What the loader's parts are called, before their number.
const PART: &str = "chunk_";

/// Fetches the file of shared parts once, and hands out one part as if it had been fetched alone.
const FETCH_PART: &str = r#"
let shared;
function fetchPart(from, to) {
    shared ??= fetch(new URL("./shared.wasm", import.meta.url)).then((answer) => {
        if (!answer.ok) throw new TypeError("Failed to fetch dynamically imported module: " + answer.url);
        return answer.arrayBuffer();
    });
    shared.catch(() => { shared = undefined; });
    const headers = { "content-type": "application/wasm" };
    return shared.then((bytes) => new Response(bytes.slice(from, to), { headers }));
}
"#;

/// Which files each page needs, by the page's name.
pub type Needs = BTreeMap<String, Vec<String>>;

/// Packs the shared parts in `folder` and rewrites their loader; returns what each page needs now.
pub fn pack(folder: &Path, needs: &Needs) -> Result<Needs> {
    let loader_file = folder.join(LOADER);
    let mut loader = String::from_utf8(read(&loader_file)?).context("the loader is no text")?;
    let mut shared = Vec::new();
    let mut parts: Vec<&String> = needs.values().flatten().filter(|name| name.starts_with(PART)).collect();
    parts.sort();
    parts.dedup();
    if parts.is_empty() {
        return Ok(needs.clone());
    }
    for part in parts {
        let file = folder.join(part).with_extension("wasm");
        let from = shared.len();
        shared.extend(read(&file)?);
        let fetch = format!("fetch(new URL(\"./{part}.wasm\", import.meta.url))");
        ensure!(loader.matches(&fetch).count() == 1, "the loader does not fetch {part} in the way that is known");
        loader = loader.replace(&fetch, &format!("fetchPart({from}, {})", shared.len()));
        fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
    }
    // Each part is preceded by a comment that lists its pages, which is most of the file.
    loader = loader.lines().filter(|line| !is_comment(line)).fold(String::new(), |kept, line| kept + line + "\n");
    loader.push_str(FETCH_PART);
    write(&loader_file, loader.as_bytes())?;
    write(&folder.join(SHARED).with_extension("wasm"), &shared)?;
    Ok(needs.iter().map(|(page, files)| (page.clone(), with_shared(files))).collect())
}

fn is_comment(line: &str) -> bool {
    line.starts_with("/*") && line.ends_with("*/")
}

/// The files of a page with one name for all of its shared parts.
fn with_shared(files: &[String]) -> Vec<String> {
    let (shared, own): (Vec<_>, Vec<_>) = files.iter().cloned().partition(|name| name.starts_with(PART));
    let shared = (!shared.is_empty()).then(|| SHARED.to_owned());
    shared.into_iter().chain(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with two parts, shared by the pages a and b.
    fn folder() -> (tempfile::TempDir, Needs) {
        let folder = tempfile::tempdir().expect("make a folder");
        let put = |name: &str, text: &str| write(&folder.path().join(name), text.as_bytes()).expect("write");
        put("chunk_2.wasm", "two");
        put("chunk_10.wasm", "ten!");
        put("split_a.wasm", "a");
        let fetch = |name: &str| format!("/* a, b */\n() => fetch(new URL(\"./{name}.wasm\", import.meta.url))\n");
        put(LOADER, &[fetch("chunk_2"), fetch("chunk_10"), fetch("split_a")].concat());
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let needs = Needs::from([
            ("a".to_owned(), list(&["chunk_2", "chunk_10", "split_a"])),
            ("b".to_owned(), list(&["chunk_2"])),
            ("c".to_owned(), list(&["split_c"])),
        ]);
        (folder, needs)
    }

    #[test]
    fn shared_parts_are_one_file_and_are_found_in_it() {
        let (folder, needs) = folder();
        let packed = pack(folder.path(), &needs).expect("pack");
        let text = |name: &str| String::from_utf8(read(&folder.path().join(name)).expect("read")).expect("text");
        assert_eq!(text("shared.wasm"), "ten!two");
        let loader = text(LOADER);
        assert!(loader.starts_with("() => fetchPart(4, 7)\n() => fetchPart(0, 4)\n() => fetch(new URL(\"./split_a"));
        assert!(loader.ends_with(FETCH_PART));
        assert!(!folder.path().join("chunk_2.wasm").exists());
        assert_eq!(packed["a"], ["shared", "split_a"]);
        assert_eq!(packed["b"], ["shared"]);
        assert_eq!(packed["c"], ["split_c"]);
    }

    #[test]
    fn a_loader_of_another_form_is_refused() {
        let (folder, needs) = folder();
        write(&folder.path().join(LOADER), b"fetch('./chunk_2.wasm')").expect("write");
        assert!(pack(folder.path(), &needs).is_err());
    }
}
