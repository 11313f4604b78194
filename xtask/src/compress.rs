//! Compresses the files that are sent to browsers, once for each content.

use std::collections::HashSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};

/// Endings of files that are worth it; pictures and fonts are compressed already.
const KINDS: [&str; 9] = ["wasm", "js", "css", "json", "svg", "txt", "xml", "html", "webmanifest"];
/// Below this size, in bytes, a packet is no fuller than it has to be.
const SMALLEST: u64 = 256;

/// A file and what its compressed siblings are called.
#[derive(Clone)]
pub struct Compressed {
    pub brotli: PathBuf,
    pub gzip: PathBuf,
}

/// Compresses each file that is worth it, on all cores. What a former call has made of the same content is taken from
/// `cache`; what no file needs any more is removed from there.
pub fn compress(cache: &Path, files: &[PathBuf]) -> Result<Vec<Option<Compressed>>> {
    fs::create_dir_all(cache).with_context(|| format!("cannot make the folder {}", cache.display()))?;
    let mut order: Vec<(usize, u64)> =
        files.iter().enumerate().map(|(index, file)| (index, fs::metadata(file).map_or(0, |meta| meta.len()))).collect();
    // The largest first, so that no core is left with it at the end.
    order.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let next = AtomicUsize::new(0);
    let work = || -> Result<Vec<(usize, Option<Compressed>)>> {
        let mut done = Vec::new();
        while let Some((index, size)) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            crate::children::go_on()?;
            let file = &files[*index];
            let compressed = if *size >= SMALLEST && is_worth_it(file) { Some(compress_file(cache, file)?) } else { None };
            done.push((*index, compressed));
        }
        Ok(done)
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut results = vec![None; files.len()];
    std::thread::scope(|scope| -> Result<()> {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            let done = worker.join().map_err(|_| anyhow::anyhow!("compressing the site's files failed"))??;
            for (index, compressed) in done {
                results[index] = compressed;
            }
        }
        Ok(())
    })?;
    remove_unused(cache, &results);
    Ok(results)
}

fn is_worth_it(file: &Path) -> bool {
    file.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| KINDS.contains(&ending))
}

fn compress_file(cache: &Path, file: &Path) -> Result<Compressed> {
    let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    let stem = cache.join(format!("{:016x}-{}", hasher.finish(), content.len()));
    let compressed = Compressed { brotli: stem.with_extension("br"), gzip: stem.with_extension("gz") };
    if !compressed.brotli.exists() {
        put(&compressed.brotli, &brotli(&content)?)?;
    }
    if !compressed.gzip.exists() {
        put(&compressed.gzip, &gzip(&content)?)?;
    }
    Ok(compressed)
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: content.len(), ..Default::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut packed, &params).context("cannot compress")?;
    Ok(packed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).context("cannot compress")?;
    encoder.finish().context("cannot compress")
}

/// Writes a file whole or not at all: a file that is there counts as finished.
fn put(path: &Path, content: &[u8]) -> Result<()> {
    let unfinished = path.with_extension(format!("{}.new", std::process::id()));
    fs::write(&unfinished, content)
        .and_then(|()| fs::rename(&unfinished, path))
        .with_context(|| format!("cannot write {}", path.display()))
}

fn remove_unused(cache: &Path, results: &[Option<Compressed>]) {
    let used: HashSet<&PathBuf> =
        results.iter().flatten().flat_map(|compressed| [&compressed.brotli, &compressed.gzip]).collect();
    for file in crate::fingerprint::files(cache, &[]) {
        if !used.contains(&file) {
            // It only takes up room.
            let _ = fs::remove_file(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn both_forms_unpack_to_the_content_and_are_made_once() {
        let folder = tempfile::tempdir().expect("make a folder");
        let (cache, file) = (folder.path().join("cache"), folder.path().join("a.js"));
        let text = "let offers = 1;\n".repeat(100);
        fs::write(&file, &text).expect("write");
        let made = compress(&cache, std::slice::from_ref(&file)).expect("compress");
        let made = made[0].clone().expect("JavaScript is worth it");

        let mut unpacked = Vec::new();
        let packed = fs::read(&made.brotli).expect("read");
        assert!(packed.len() < text.len());
        brotli::BrotliDecompress(&mut &packed[..], &mut unpacked).expect("unpack");
        assert_eq!(unpacked, text.as_bytes());
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(&fs::read(&made.gzip).expect("read")[..]).read_to_string(&mut unpacked).expect("unpack");
        assert_eq!(unpacked, text);

        let first = fs::metadata(&made.brotli).and_then(|meta| meta.modified());
        compress(&cache, std::slice::from_ref(&file)).expect("compress again");
        let second = fs::metadata(&made.brotli).and_then(|meta| meta.modified());
        assert_eq!(first.expect("made"), second.expect("kept"));
        compress(&cache, &[]).expect("compress nothing");
        assert!(!made.brotli.exists(), "what nothing needs is removed");
    }

    #[test]
    fn pictures_and_tiny_files_are_left_alone() {
        let folder = tempfile::tempdir().expect("make a folder");
        let picture = folder.path().join("a.png");
        let tiny = folder.path().join("b.txt");
        fs::write(&picture, [0; 4096]).expect("write");
        fs::write(&tiny, "tiny").expect("write");
        let made = compress(&folder.path().join("cache"), &[picture, tiny]).expect("compress");
        assert!(made.iter().all(Option::is_none));
    }
}
