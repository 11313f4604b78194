//! Makes the folder of the site's files, so that the crate compiles before the front end was ever built.

use std::path::Path;
use std::{env, fs};

fn main() {
    let site = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo names the folder")).join("../target/site");
    if let Err(error) = fs::create_dir_all(&site) {
        panic!("cannot make {}: {error}", site.display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    // A release holds the files themselves; other builds read them from the folder when they run.
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed={}", site.display());
    }
}
