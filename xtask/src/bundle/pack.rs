//! Packs the parts of a split bundle that several pages share: what most pages need into one file, and of the rest a file a
//! page.
//!
//! Code that two pages need goes into a part for just these two, so that a dozen pages make hundreds of small parts, of
//! which a page needs dozens. Fetched one by one they would cost far more than their bytes; in one file for all, whoever comes
//! to a first page would load what only others need. A part may stand in the files of several pages: it is taken from the
//! file of the page that first asks for it, and a page whose parts are all there already fetches nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::{LOADER, read, write};

/// The file of what most pages need; the server adds the ending.
const COMMON: &str = "common";
/// What the loader's parts are called, before their number.
const PART: &str = "chunk_";
/// What the loader's functions that load a page are called, before the page's name.
const LOAD: &str = "__wasm_split_load_";

/// Fetches a file once and hands out its parts as if each had been fetched alone. In a file, each part is preceded by its
/// number and its length, both as little-endian `u32`.
const FETCH_PART: &str = r#"
const packs = {};
function fetchPack(name) {
    packs[name] ??= fetch(new URL(`./${name}.wasm`, import.meta.url)).then(async (answer) => {
        if (!answer.ok) throw new TypeError("Failed to fetch dynamically imported module: " + answer.url);
        const bytes = await answer.arrayBuffer(), view = new DataView(bytes), parts = {};
        for (let at = 0; at < bytes.byteLength;) {
            const length = view.getUint32(at + 4, true);
            parts[view.getUint32(at, true)] = bytes.slice(at + 8, at += 8 + length);
        }
        return parts;
    });
    packs[name].catch(() => { delete packs[name]; });
    return packs[name];
}
function fetchPart(part, pack = page) {
    const headers = { "content-type": "application/wasm" };
    return fetchPack(pack).then((parts) => new Response(parts[part], { headers }));
}
// The pack of the page that is being loaded: its parts are asked for before its loader waits for anything.
var page;
function makeLoadIn(pack, fetcher, deps) {
    const load = makeLoad(fetcher, deps);
    return () => { page = pack; return load(); };
}
"#;

/// Which files each page needs, by the page's name.
pub type Needs = BTreeMap<String, Vec<String>>;

/// Packs the shared parts in `folder` and rewrites their loader; returns what each page needs now.
pub fn pack(folder: &Path, needs: &Needs) -> Result<Needs> {
    let parts: BTreeSet<&str> = needs.values().flatten().map(String::as_str).filter(|name| is_part(name)).collect();
    if parts.is_empty() {
        return Ok(needs.clone());
    }
    let users = |part: &str| needs.values().filter(|files| files.iter().any(|file| file == part)).count();
    let common: BTreeSet<&str> = parts.iter().copied().filter(|part| users(part) * 3 >= needs.len() * 2).collect();
    write_pack(folder, COMMON, &common)?;

    let mut packed = Needs::new();
    for (page, files) in needs {
        let own: BTreeSet<&str> =
            files.iter().map(String::as_str).filter(|name| is_part(name) && !common.contains(name)).collect();
        let mut now = Vec::new();
        if files.iter().any(|name| common.contains(name.as_str())) {
            now.push(COMMON.to_owned());
        }
        if !own.is_empty() {
            let name = pack_name(page);
            write_pack(folder, &name, &own)?;
            now.push(name);
        }
        now.extend(files.iter().filter(|name| !is_part(name)).cloned());
        packed.insert(page.clone(), now);
    }

    let loader = folder.join(LOADER);
    let text = String::from_utf8(read(&loader)?).context("the loader is no text")?;
    write(&loader, rewrite(text, &parts, &common, needs)?.as_bytes())?;
    for part in parts {
        let file = folder.join(part).with_extension("wasm");
        fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
    }
    Ok(packed)
}

fn is_part(name: &str) -> bool {
    name.starts_with(PART)
}

fn number(part: &str) -> Result<u32> {
    part.trim_start_matches(PART).parse().with_context(|| format!("{part} has no number"))
}

fn pack_name(page: &str) -> String {
    format!("pack_{page}")
}

fn write_pack(folder: &Path, name: &str, parts: &BTreeSet<&str>) -> Result<()> {
    let mut pack = Vec::new();
    for part in parts {
        let bytes = read(&folder.join(part).with_extension("wasm"))?;
        pack.extend(number(part)?.to_le_bytes());
        pack.extend(u32::try_from(bytes.len())?.to_le_bytes());
        pack.extend(bytes);
    }
    write(&folder.join(name).with_extension("wasm"), &pack)
}

/// The loader that takes its parts from the packs.
fn rewrite(mut loader: String, parts: &BTreeSet<&str>, common: &BTreeSet<&str>, needs: &Needs) -> Result<String> {
    let mut replace = |from: &str, to: &str| {
        ensure!(loader.matches(from).count() == 1, "the loader does not hold `{from}` once");
        loader = loader.replace(from, to);
        Ok(())
    };
    for part in parts {
        let (fetch, number) = (format!("fetch(new URL(\"./{part}.wasm\", import.meta.url))"), number(part)?);
        let from = if common.contains(part) { format!("{number}, \"{COMMON}\"") } else { number.to_string() };
        replace(&fetch, &format!("fetchPart({from})"))?;
    }
    for page in needs.keys() {
        let load = format!("const {LOAD}{page} = wrapAsyncCb(");
        replace(&format!("{load}makeLoad("), &format!("{load}makeLoadIn(\"{}\", ", pack_name(page)))?;
    }
    // Each part is preceded by a comment that lists its pages, which is most of the file.
    let mut kept = loader.lines().filter(|line| !is_comment(line)).fold(String::new(), |kept, line| kept + line + "\n");
    kept.push_str(FETCH_PART);
    Ok(kept)
}

fn is_comment(line: &str) -> bool {
    line.starts_with("/*") && line.ends_with("*/")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with three parts: all pages need 2, a and b also 10, a alone 7.
    fn folder() -> (tempfile::TempDir, Needs) {
        let folder = tempfile::tempdir().expect("make a folder");
        let put = |name: &str, text: &str| write(&folder.path().join(name), text.as_bytes()).expect("write");
        put("chunk_2.wasm", "two");
        put("chunk_7.wasm", "seven");
        put("chunk_10.wasm", "ten!");
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let needs = Needs::from([
            ("a".to_owned(), list(&["chunk_2", "chunk_10", "chunk_7", "split_a"])),
            ("b".to_owned(), list(&["chunk_2", "chunk_10"])),
            ("c".to_owned(), list(&["chunk_2", "split_c"])),
            ("d".to_owned(), list(&["chunk_2"])),
        ]);
        let fetch = |name: &str| format!("/* a, b */\n() => fetch(new URL(\"./{name}.wasm\", import.meta.url))\n");
        let load = |page: &String| format!("export const __wasm_split_load_{page} = wrapAsyncCb(makeLoad(() => {{}}, []));\n");
        let loads: String = needs.keys().map(load).collect();
        put(LOADER, &[fetch("chunk_2"), fetch("chunk_7"), fetch("chunk_10"), fetch("split_a"), loads].concat());
        (folder, needs)
    }

    #[test]
    fn a_page_fetches_what_most_need_and_its_own_pack() {
        let (folder, needs) = folder();
        let packed = pack(folder.path(), &needs).expect("pack");
        let bytes = |name: &str| read(&folder.path().join(name)).expect("read");
        assert_eq!(bytes("common.wasm"), b"\x02\0\0\0\x03\0\0\0two");
        assert_eq!(bytes("pack_a.wasm"), b"\x0a\0\0\0\x04\0\0\0ten!\x07\0\0\0\x05\0\0\0seven");
        assert_eq!(bytes("pack_b.wasm"), b"\x0a\0\0\0\x04\0\0\0ten!");
        assert!(!folder.path().join("chunk_2.wasm").exists());
        assert_eq!(packed["a"], ["common", "pack_a", "split_a"]);
        assert_eq!(packed["b"], ["common", "pack_b"]);
        assert_eq!(packed["c"], ["common", "split_c"]);

        let loader = String::from_utf8(bytes(LOADER)).expect("text");
        let start = "() => fetchPart(2, \"common\")\n() => fetchPart(7)\n() => fetchPart(10)\n() => fetch(new URL(\"./split_a";
        assert!(loader.starts_with(start), "{loader}");
        assert!(loader.contains("const __wasm_split_load_b = wrapAsyncCb(makeLoadIn(\"pack_b\", () => {}, []));"), "{loader}");
        assert!(loader.ends_with(FETCH_PART));
    }

    #[test]
    fn a_loader_of_another_form_is_refused() {
        let (folder, needs) = folder();
        write(&folder.path().join(LOADER), b"fetch('./chunk_2.wasm')").expect("write");
        assert!(pack(folder.path(), &needs).is_err());
    }
}
