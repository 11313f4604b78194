//! Compiles the browser's crates and turns each into a bundle.

use std::path::PathBuf;
use std::process::Command;

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

/// How the browser's and the server's code is compiled. Both sides must agree.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// What people get: small and compressed.
    Release,
    /// What the tests use: the same code, compiled quickly.
    Test,
    /// What the dev loop uses: types of views erased, which compiles more quickly still.
    Dev,
}

impl Mode {
    /// The cargo profile of the browser's crates.
    pub fn wasm_profile(self) -> &'static str {
        match self {
            Mode::Release => "wasm-release",
            Mode::Test | Mode::Dev => "wasm-dev",
        }
    }

    /// A name for folders.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Release => "release",
            Mode::Test => "test",
            Mode::Dev => "dev",
        }
    }

    /// Sets the compiler flags of both sides.
    pub fn set_flags(self, command: &mut Command) {
        if self == Mode::Dev {
            let mut flags = std::env::var("RUSTFLAGS").unwrap_or_default();
            if !flags.is_empty() {
                flags.push(' ');
            }
            flags.push_str("--cfg erase_components");
            command.env("RUSTFLAGS", flags);
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
    mode.set_flags(&mut cargo);
    children::run(&mut cargo)?;
    Ok(project.front().join(TARGET).join(mode.wasm_profile()).join(bundle.package.replace('-', "_")).with_extension("wasm"))
}
