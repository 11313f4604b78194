//! Compiles the browser's crates and turns each into a bundle.

use std::path::PathBuf;

use anyhow::Result;

use crate::bundle;
use crate::children;
use crate::project::Project;

/// The compiler's name for the browser.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// What one audience loads.
pub struct Bundle {
    /// The name of the files that people load: `desk.js`, `desk.wasm`.
    pub name: &'static str,
    pub package: &'static str,
    /// Whether pages are files of their own, loaded when they are visited. The server reads one list of such files, so
    /// that only one bundle can be split.
    pub split: bool,
}

pub const BUNDLES: [Bundle; 2] = [
    Bundle { name: "desk", package: "frontend-desk", split: true },
    Bundle { name: "member", package: "frontend-member", split: false },
];

/// How the browser's code is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// What people get: small and compressed.
    Release,
    /// What the tests and the dev loop use: the same code, compiled quickly.
    Dev,
}

impl Mode {
    /// The cargo profile of the browser's crates.
    pub fn wasm_profile(self) -> &'static str {
        match self {
            Mode::Release => "wasm-release",
            Mode::Dev => "wasm-dev",
        }
    }

    /// A name for folders.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Release => "release",
            Mode::Dev => "dev",
        }
    }
}

/// Builds one bundle and returns the folder that holds its files.
pub fn build(project: &Project, bundle: &Bundle, mode: Mode) -> Result<PathBuf> {
    let compiled = compile(project, bundle, mode)?;
    bundle::make(project, bundle, mode, &compiled)
}

fn compile(project: &Project, bundle: &Bundle, mode: Mode) -> Result<PathBuf> {
    let mut cargo = project.cargo();
    cargo
        .args(["rustc", "--package", bundle.package, "--lib"])
        .args(["--target", TARGET, "--profile", mode.wasm_profile()])
        .arg("--target-dir")
        .arg(project.front())
        // An rlib beside it would rule out optimisation across crates.
        .args(["--crate-type", "cdylib"]);
    if bundle.split {
        // Only the last crate needs the flag, so that both bundles share the compiled dependencies.
        cargo.args(["--", "-Clink-args=--emit-relocs"]);
    }
    children::run(&mut cargo)?;
    Ok(project.front().join(TARGET).join(mode.wasm_profile()).join(bundle.package.replace('-', "_")).with_extension("wasm"))
}
