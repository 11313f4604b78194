//! Measures the product as it is deployed: builds it, loads a data base of the asked size, and calls `bench`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::children;
use crate::prerequisites::{self, For};
use crate::project::{Project, headline};
use crate::site;
use crate::wasm::Mode;

/// The demo's accounts have it in every data base of a bench, which nobody else reaches.
const PASSWORD: &str = "measure-twice-cut-once";
const OFFERS: u32 = 1_000_000;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    offers: u32,
    /// Arguments that `bench` reads itself.
    rest: Vec<String>,
}

pub fn bench(project: &Project, args: &[String]) -> Result<()> {
    let asked = read(args)?;
    prerequisites::check(project, For::Test { browser: true })?;
    site::build(project, Mode::Release)?;
    headline("server and bench");
    // Both at once, so that cargo compiles what they share once.
    children::run(project.cargo().args(["build", "--release", "--package", "tessera", "--package", "bench"]))?;
    let tessera = project.binary("release");
    let data = load(project, &tessera, asked.offers)?;
    let out = project.target.join("bench");
    fs::create_dir_all(&out).with_context(|| format!("cannot make the folder {}", out.display()))?;
    headline("measure");
    let mut bench = project.tessera(&project.target.join("release/bench"));
    bench.arg("run").arg("--tessera").arg(&tessera).arg("--data-dir").arg(&data).arg("--out").arg(&out);
    bench.args(["--offers", &asked.offers.to_string(), "--password", PASSWORD]).args(asked.rest);
    bench.arg("--scripts").arg(project.root.join("end2end/bench"));
    children::run(without_settings(&mut bench))?;
    println!("The report stands in {}.", out.display());
    Ok(())
}

fn read(args: &[String]) -> Result<Asked> {
    let mut asked = Asked { offers: OFFERS, rest: Vec::new() };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let value = args.next().with_context(|| format!("`{arg}` needs a value"))?;
        match arg.as_str() {
            "--offers" => asked.offers = value.replace('_', "").parse().with_context(|| format!("`{value}` is no number"))?,
            "--seconds" | "--port" => asked.rest.extend([arg.clone(), value.clone()]),
            unknown => bail!("`bench` does not know `{unknown}`; it knows --offers, --seconds and --port"),
        }
    }
    Ok(asked)
}

/// The data folder with so many offers. It is loaded once and kept; a load that broke off is begun anew.
fn load(project: &Project, tessera: &Path, offers: u32) -> Result<PathBuf> {
    let folder = project.target.join(format!("bench-{offers}"));
    let loaded = folder.join("loaded");
    if loaded.is_file() {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    // Postgres runs as another user when we are root, and has to pass.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o711)).context("cannot open the folder to Postgres")?;
    let mut demo = project.tessera(tessera);
    demo.args(["demo", "--offers", &offers.to_string(), "--password", PASSWORD]);
    // Twenty offers a merchant.
    demo.args(["--merchants", &(offers / 20).max(100).to_string()]).arg("--data-dir").arg(&folder);
    children::run(without_settings(&mut demo))?;
    fs::write(&loaded, "").context("cannot note that the data are loaded")?;
    Ok(folder)
}

/// Takes away what the user has set for the product.
fn without_settings(command: &mut std::process::Command) -> &mut std::process::Command {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("TESSERA_") || text == "DATABASE_URL" {
            command.env_remove(name);
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_offers_is_read_and_the_rest_passed_on() {
        let read = |args: &[&str]| read(&args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>());
        assert_eq!(read(&[]).expect("nothing asked").offers, 1_000_000);
        let asked = read(&["--offers", "10_000", "--seconds", "2"]).expect("both are known");
        assert_eq!(asked, Asked { offers: 10_000, rest: vec!["--seconds".into(), "2".into()] });
        assert!(read(&["--offers"]).is_err() && read(&["--offers", "many"]).is_err() && read(&["--what", "1"]).is_err());
    }
}
