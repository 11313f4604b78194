//! The site's files, which a release holds inside itself: scripts, WebAssembly, styles and icons.
//!
//! What a browser may keep for ever stands in a folder whose name is a hash of everything in it: `/pkg-<hash>/site.css` is
//! the file `pkg/site.css`. Other builds read the files from disk while they run, under `/pkg/`, and nothing is kept.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse as _, Response};
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use http::{HeaderMap, HeaderName, StatusCode};
use kit::secret::hex;
use leptos::WasmSplitManifest;
use leptos::prelude::ArcStoredValue;
use rust_embed::{Embed, EmbeddedFile};
use sha2::{Digest as _, Sha256};

/// Where the build puts bundles and styles.
const PKG: &str = "pkg";
/// The loader of a split bundle's parts; the name is wasm-bindgen's.
const SPLIT_LOADER: &str = "__wasm_split.______________________.js";
const SPLIT_MANIFEST: &str = "pkg/__wasm_split_manifest.json";

// Other builds have a folder of their own, so that a test run does not make the release's files look changed.
#[derive(Embed)]
#[cfg_attr(debug_assertions, folder = "../target/site-dev")]
#[cfg_attr(not(debug_assertions), folder = "../target/site")]
struct Site;

/// The folder of bundles and styles in addresses, without slashes.
pub fn folder() -> String {
    static HASHED: LazyLock<String> = LazyLock::new(hashed_folder);
    if cfg!(debug_assertions) { PKG.to_owned() } else { HASHED.clone() }
}

fn hashed_folder() -> String {
    let mut names: Vec<_> = Site::iter().filter(|name| name.starts_with("pkg/")).collect();
    names.sort();
    let mut hash = Sha256::new();
    for name in names {
        if let Some(file) = Site::get(&name) {
            hash.update(name.as_bytes());
            hash.update(file.metadata.sha256_hash());
        }
    }
    format!("{PKG}-{}", hex(&hash.finalize()[..8]))
}

/// The addresses of all files. The access test asks for each.
pub fn addresses() -> Vec<String> {
    let plain = |name: &str| !name.ends_with(".br") && !name.ends_with(".gz");
    let whole = |name: Cow<'static, str>| match name.strip_prefix("pkg/") {
        Some(name) => address(name),
        None => format!("/{name}"),
    };
    Site::iter().filter(|name| plain(name)).map(whole).collect()
}

/// The address of a bundle or style.
pub fn address(name: &str) -> String {
    format!("/{}/{name}", folder())
}

/// Which parts of the desk's bundle belong together, so that a page can ask for its own at once.
pub fn split_manifest() -> Option<WasmSplitManifest> {
    let file = Site::get(SPLIT_MANIFEST)?;
    let parts: HashMap<String, Vec<String>> = serde_json::from_slice(&file.data).ok()?;
    Some(WasmSplitManifest(ArcStoredValue::new((format!("/{}", folder()), parts, SPLIT_LOADER.to_owned()))))
}

/// The answer to a request for a file, or `None` where there is none.
pub fn find(path: &str, headers: &HeaderMap) -> Option<Response> {
    let path = path.strip_prefix('/')?;
    let in_folder = path.strip_prefix(&folder()).and_then(|rest| rest.strip_prefix('/'));
    match in_folder {
        Some(name) => answer(&format!("{PKG}/{name}"), headers, Site::get),
        // The files of another version are not the ones that were asked for.
        None if path.starts_with(PKG) => None,
        None => answer(path, headers, Site::get),
    }
}

/// Whether the client takes an answer as gzip.
pub fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepts(accepted, "gzip")
}

fn answer(name: &str, headers: &HeaderMap, get: impl Fn(&str) -> Option<EmbeddedFile>) -> Option<Response> {
    if name.ends_with(".br") || name.ends_with(".gz") {
        return None;
    }
    let plain = get(name)?;
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (file, encoding) = [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(encoding, _)| accepts(accepted, encoding))
        .find_map(|(encoding, ending)| Some((get(&format!("{name}{ending}"))?, Some(encoding))))
        .unwrap_or((plain, None));
    let etag = format!("\"{}\"", hex(&file.metadata.sha256_hash()[..16]));
    let is_known = headers.get_all(IF_NONE_MATCH).iter().any(|known| known.to_str().is_ok_and(|known| lists(known, &etag)));

    let mut answered: HeaderMap = HeaderMap::new();
    let mut put = |name: HeaderName, value: &str| {
        if let Ok(value) = value.parse() {
            answered.insert(name, value);
        }
    };
    put(ETAG, &etag);
    put(VARY, "accept-encoding");
    put(CACHE_CONTROL, caching(name));
    if is_known {
        return Some((StatusCode::NOT_MODIFIED, answered).into_response());
    }
    put(CONTENT_TYPE, content_type(name));
    if let Some(encoding) = encoding {
        put(CONTENT_ENCODING, encoding);
    }
    let bytes = match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    Some((answered, Body::from(bytes)).into_response())
}

/// How long a browser may keep a file without asking.
fn caching(name: &str) -> &'static str {
    let is_hashed = name.starts_with("pkg/") && !cfg!(debug_assertions);
    let is_picture = ["svg", "png", "ico", "webp", "woff2"].contains(&ending(name));
    match (is_hashed, is_picture) {
        (true, _) => "public, max-age=31536000, immutable",
        (false, true) => "public, max-age=3600",
        // A service worker or manifest must never be old.
        (false, false) => "no-cache",
    }
}

fn ending(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, ending)| ending)
}

fn content_type(name: &str) -> &'static str {
    match ending(name) {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// Whether an `Accept-Encoding` allows an encoding: named or covered by `*`, and not with `q=0`.
fn accepts(header: &str, encoding: &str) -> bool {
    let mut by_star = false;
    for part in header.split(',') {
        let mut fields = part.split(';').map(str::trim);
        let name = fields.next().unwrap_or_default();
        let quality = fields.find_map(|field| field.strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f32>);
        let is_allowed = quality.is_ok_and(|quality| quality > 0.0);
        if name.eq_ignore_ascii_case(encoding) {
            return is_allowed;
        }
        by_star |= name == "*" && is_allowed;
    }
    by_star
}

/// Whether an `If-None-Match` lists an entity tag.
fn lists(header: &str, etag: &str) -> bool {
    header.split(',').map(str::trim).any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == etag)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// A site of one script with its compressed siblings, and an icon.
    fn site(name: &str) -> Option<EmbeddedFile> {
        let data: &'static [u8] = match name {
            "pkg/a.js" => b"plain",
            "pkg/a.js.br" => b"br",
            "pkg/a.js.gz" => b"gz",
            "favicon.svg" => b"<svg/>",
            _ => return None,
        };
        let metadata = rust_embed::Metadata::__rust_embed_new(Sha256::digest(data).into(), None, None);
        Some(EmbeddedFile { data: Cow::Borrowed(data), metadata })
    }

    fn ask(name: &str, headers: &[(HeaderName, &'static str)]) -> Option<Response> {
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        answer(name, &headers, site)
    }

    fn header(response: &Response, name: HeaderName) -> &str {
        response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
    }

    #[test]
    fn the_smallest_form_is_sent_that_the_browser_takes() {
        for (accepted, sent) in [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip", "gzip"),
            ("br;q=0, gzip;q=0.5", "gzip"),
            ("*", "br"),
            ("identity", ""),
            ("", ""),
        ] {
            let found = ask("pkg/a.js", &[(ACCEPT_ENCODING, accepted)]).expect("a file");
            assert_eq!(header(&found, CONTENT_ENCODING), sent, "{accepted}");
            assert_eq!(header(&found, CONTENT_TYPE), "text/javascript; charset=utf-8");
            assert_eq!(header(&found, VARY), "accept-encoding");
        }
        let icon = ask("favicon.svg", &[(ACCEPT_ENCODING, "br")]).expect("a file");
        assert_eq!(header(&icon, CONTENT_ENCODING), "");
    }

    #[test]
    fn a_file_that_the_browser_has_is_not_sent_again() {
        let first = ask("pkg/a.js", &[]).expect("a file");
        let etag: &'static str = header(&first, ETAG).to_owned().leak();
        assert_eq!(ask("pkg/a.js", &[(IF_NONE_MATCH, etag)]).expect("a file").status(), StatusCode::NOT_MODIFIED);
        let weak: &'static str = format!("\"x\", W/{etag}").leak();
        assert_eq!(ask("pkg/a.js", &[(IF_NONE_MATCH, weak)]).expect("a file").status(), StatusCode::NOT_MODIFIED);
        let other = ask("pkg/a.js", &[(IF_NONE_MATCH, etag), (ACCEPT_ENCODING, "br")]).expect("a file");
        assert_eq!(other.status(), StatusCode::OK, "another form has another tag");
    }

    #[test]
    fn compressed_siblings_and_unknown_names_are_no_addresses() {
        assert!(ask("pkg/a.js.br", &[]).is_none());
        assert!(ask("pkg/b.js", &[]).is_none());
        assert!(find("/pkg-0000000000000000/a.js", &HeaderMap::new()).is_none());
        assert!(find("/../Cargo.toml", &HeaderMap::new()).is_none());
        assert!(find("/", &HeaderMap::new()).is_none());
    }

    #[test]
    fn the_folder_names_its_content() {
        let folder = hashed_folder();
        assert!(folder.starts_with("pkg-") && folder.len() == 20, "{folder}");
    }
}
