//! Turns a compiled crate into the files a browser loads: splits off the pages that are loaded late, writes the
//! JavaScript that binds the rest, and strips what no browser reads.

mod pack;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::fingerprint::{self, Fingerprint};
use crate::project::Project;
use crate::wasm::{Bundle, Mode};

use pack::Needs;

/// The name that compiled crates import the loader of late pages under; only cargo-leptos replaces the blanks.
const LOADER: &str = "__wasm_split.______________________.js";
/// The file in which the server looks up what a page loads late.
const MANIFEST: &str = "__wasm_split_manifest.json";

/// Makes the bundle unless the compiled crate is the one it was last made from, and returns its folder.
pub fn make(project: &Project, bundle: &Bundle, mode: Mode, compiled: &Path) -> Result<PathBuf> {
    let name = format!("{}-{}", bundle.name, mode.name());
    let folder = project.cache().join(&name);
    let stamp = project.cache().join(format!("{name}.stamp"));
    let fingerprint = Fingerprint::new().program().file(compiled).finish();
    if fingerprint::is_stamped(&stamp, &fingerprint) && folder.is_dir() {
        return Ok(folder);
    }
    println!("   Bundling {}", bundle.name);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let mut needs = None;
    if bundle.split {
        let main = folder.with_extension("main.wasm");
        needs = Some(split(bundle.name, compiled, &main, &folder)?);
        bind(bundle.name, &main, &folder)?;
        fs::remove_file(&main).with_context(|| format!("cannot remove {}", main.display()))?;
    } else {
        bind(bundle.name, compiled, &folder)?;
    }
    for file in fingerprint::files(&folder, &[".wasm"]) {
        let module = read(&file)?;
        write(&file, &strip(&module)?)?;
    }
    if let Some(needs) = needs {
        let needs = pack::pack(&folder, &needs)?;
        write(&folder.join(MANIFEST), &serde_json::to_vec(&needs)?)?;
    }
    fingerprint::stamp(&stamp, &fingerprint)?;
    Ok(folder)
}

/// Takes the late pages out of the compiled crate: into `folder` go their parts and a loader, the rest becomes `main`.
/// Returns which parts each page needs.
fn split(name: &str, compiled: &Path, main: &Path, folder: &Path) -> Result<Needs> {
    let input = read(compiled)?;
    let module = format!("./{name}.js");
    let loader = format!("./{LOADER}");
    let mut options = wasm_split_cli_support::Options::new(&input);
    options.output_dir = folder;
    options.main_out_path = main;
    options.main_module = &module;
    options.link_name = &loader;
    let parts =
        wasm_split_cli_support::transform(options).map_err(|error| anyhow!("cannot split the bundle {name}: {error:#}"))?;
    Ok(parts.prefetch_map.into_iter().collect())
}

fn bind(name: &str, main: &Path, folder: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(main)
        .out_name(name)
        .remove_name_section(true)
        .remove_producers_section(true)
        .keep_lld_exports(true)
        .demangle(false)
        .typescript(false)
        .web(true)?;
    bindgen.generate(folder).with_context(|| format!("cannot write the JavaScript of the bundle {name}"))?;
    let from = folder.join(format!("{name}_bg.wasm"));
    let to = folder.join(format!("{name}.wasm"));
    fs::rename(&from, &to).with_context(|| format!("cannot rename {}", from.display()))
}

/// A WebAssembly module without its custom sections, which hold names and other notes for tools.
fn strip(module: &[u8]) -> Result<Vec<u8>> {
    const HEADER: usize = 8;
    const CUSTOM: u8 = 0;
    if !module.starts_with(b"\0asm") || module.len() < HEADER {
        bail!("a file of the bundle is no WebAssembly module");
    }
    let (header, mut rest) = module.split_at(HEADER);
    let mut kept = header.to_vec();
    while let Some((kind, after_kind)) = rest.split_first() {
        let (length, size) = read_leb128(after_kind)?;
        let end = (1 + size)
            .checked_add(length)
            .filter(|end| *end <= rest.len())
            .context("a section of a WebAssembly module is cut short")?;
        let (section, after) = rest.split_at(end);
        if *kind != CUSTOM {
            kept.extend_from_slice(section);
        }
        rest = after;
    }
    Ok(kept)
}

/// Reads an unsigned number of at most 32 bits and tells how many bytes it took.
fn read_leb128(bytes: &[u8]) -> Result<(usize, usize)> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok((usize::try_from(value)?, index + 1));
        }
    }
    bail!("a WebAssembly module holds a broken length")
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_sections_are_stripped_and_all_others_kept() {
        let header = *b"\0asm\x01\0\0\0";
        let types = [1, 4, 1, 0x60, 0, 0];
        let custom = [0, 5, 4, b'n', b'a', b'm', b'e'];
        let module = [&header[..], &custom, &types, &custom].concat();
        assert_eq!(strip(&module).expect("a module"), [&header[..], &types].concat());
    }

    #[test]
    fn a_module_that_is_cut_short_is_refused() {
        assert!(strip(b"\0asm\x01\0\0\0\x01\x05\x01").is_err());
        assert!(strip(b"no module").is_err());
    }

    #[test]
    fn a_long_length_is_read_whole() {
        assert_eq!(read_leb128(&[0xe5, 0x8e, 0x26]).expect("a number"), (624_485, 3));
    }
}
