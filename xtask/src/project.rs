//! Where everything of the workspace is, and how its cargo and its program are called.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use kit::cluster::Programs;

use crate::children;

/// The folders of one clone.
pub struct Project {
    /// The folder of the workspace.
    pub root: PathBuf,
    /// Cargo's target folder, wherever `CARGO_TARGET_DIR` or the user's settings put it.
    pub target: PathBuf,
    /// The packages of the server's side: everything in `app/` and `server/`.
    server_packages: Vec<String>,
}

/// Settings of the build that `.cargo/config.toml` gives to every program cargo starts, this one included; the product
/// runs without them, as it does where it is deployed.
const BUILD_SETTINGS: [&str; 4] = ["DISABLE_SERVER_FN_HASH", "SERVER_FN_MOD_PATH", "LEPTOS_OUTPUT_NAME", "SQLX_OFFLINE"];

impl Project {
    pub fn find() -> Result<Project> {
        let here = std::env::var_os("CARGO_MANIFEST_DIR")
            .map(PathBuf::from)
            .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        let root = here.parent().context("xtask does not stand in a workspace")?.to_owned();
        let mut project = Project { root, target: PathBuf::new(), server_packages: Vec::new() };
        let metadata = children::output(project.cargo().args(["metadata", "--no-deps", "--format-version=1"]))?;
        let metadata: serde_json::Value = serde_json::from_str(&metadata).context("cannot read what `cargo metadata` says")?;
        project.target = metadata["target_directory"].as_str().context("`cargo metadata` names no target folder")?.into();
        for package in metadata["packages"].as_array().into_iter().flatten() {
            let (name, manifest) = (&package["name"], &package["manifest_path"]);
            if let (Some(name), Some(manifest)) = (name.as_str(), manifest.as_str())
                && ["app", "server"].iter().any(|folder| Path::new(manifest).starts_with(project.root.join(folder)))
            {
                project.server_packages.push(name.to_owned());
            }
        }
        Ok(project)
    }

    /// Cargo, in the folder of the workspace, without what the cargo that started this program has set for it: some
    /// build scripts watch those variables and would run again each time.
    pub fn cargo(&self) -> Command {
        let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = self.command(program);
        command.env("SQLX_OFFLINE", "true").env_remove("SQLX_OFFLINE_DIR");
        command
    }

    /// The product's program. It finds the same PostgreSQL as this program.
    pub fn tessera(&self, binary: &Path) -> Command {
        let mut command = self.command(binary);
        for name in BUILD_SETTINGS {
            command.env_remove(name);
        }
        if let Some(bin) = self.pg_bin() {
            command.env("PG_BIN", bin);
        }
        command
    }

    /// Any other program, in the folder of the workspace.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_")
                || text.starts_with("CARGO_MANIFEST_")
                || matches!(&*text, "CARGO" | "CARGO_BIN_NAME" | "CARGO_CRATE_NAME")
            {
                command.env_remove(name);
            }
        }
        command
    }

    /// The target folder of the browser's crates: their flags and features differ from the server's.
    pub fn front(&self) -> PathBuf {
        self.target.join("front")
    }

    /// What this program keeps of its own between two calls.
    pub fn cache(&self) -> PathBuf {
        self.target.join("xtask-cache")
    }

    /// Where programs are installed that the system does not have.
    pub fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// The folder of PostgreSQL's programs, when they are the ones that this program has installed.
    pub fn pg_bin(&self) -> Option<PathBuf> {
        let programs = Programs::find(&[self.tools()]).ok()?;
        let tools = std::fs::canonicalize(self.tools()).ok()?;
        programs.bin().starts_with(tools).then(|| programs.bin().to_owned())
    }

    /// Names the packages of the server's side to cargo. Always all of them, so that cargo chooses the same features of
    /// their dependencies each time and compiles those once.
    pub fn server_packages(&self) -> impl Iterator<Item = &str> {
        self.server_packages.iter().flat_map(|name| ["--package", name])
    }

    /// The compiled server.
    pub fn binary(&self, profile: &str) -> PathBuf {
        self.target.join(profile).join("tessera")
    }
}

/// Announces a part of the work.
pub fn headline(text: &str) {
    println!("\n== {text}");
}
