//! Makes the folder of the site's files, so that the crate compiles before the front end was ever built.

use std::path::Path;
use std::{env, fs};

fn main() {
    // A release holds the files themselves; other builds read them from a folder of their own when they run.
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let folder = env::var("CARGO_MANIFEST_DIR").expect("cargo names the folder");
    let site = Path::new(&folder).join(if is_release { "../target/site" } else { "../target/site-dev" });
    if let Err(error) = fs::create_dir_all(&site) {
        panic!("cannot make {}: {error}", site.display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    if is_release {
        println!("cargo::rerun-if-changed={}", site.display());
    }
}
