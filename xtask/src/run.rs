//! Builds the product as it is deployed, and runs it with the demo data.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::children::{self, Reach, Running};
use crate::prerequisites::{self, For};
use crate::project::{Project, headline};
use crate::site;
use crate::wasm::Mode;

/// Where the server listens unless its arguments or `TESSERA_LISTEN` say otherwise.
const LISTEN: &str = "127.0.0.1:3000";
/// A first start makes a data base and migrates it.
const LONGEST_START: Duration = Duration::from_secs(120);
const STEP: Duration = Duration::from_millis(50);

/// Builds the one file that is the product.
pub fn build(project: &Project) -> Result<()> {
    prerequisites::check(project, For::Build)?;
    let binary = build_release(project)?;
    let size = std::fs::metadata(&binary).with_context(|| format!("cannot find {}", binary.display()))?.len();
    println!("\n{} holds everything: {:.1} MB.", binary.display(), size as f64 / 1e6);
    Ok(())
}

/// Builds the product, loads the demo data into an empty data base, and serves until it is told to stop.
pub fn run(project: &Project, args: &[String]) -> Result<ExitCode> {
    prerequisites::check(project, For::Run)?;
    let binary = build_release(project)?;
    headline("start");
    serve_demo(project, &binary, args)
}

fn build_release(project: &Project) -> Result<PathBuf> {
    site::build(project, Mode::Release)?;
    headline("server");
    let mut cargo = project.cargo();
    cargo.args(["build", "--release", "--package", "tessera"]);
    children::run(&mut cargo)?;
    Ok(project.binary("release"))
}

fn serve_demo(project: &Project, binary: &Path, args: &[String]) -> Result<ExitCode> {
    // Said at once: its random password is said only here, whatever becomes of the server.
    print!("{}", load_demo(project, binary, args)?);
    let (server, address) = serve(project, binary, args, &[])?;
    if !wait_until_ready(&server, &address)? {
        let status = server.wait()?;
        return if children::stopped() {
            Ok(ExitCode::SUCCESS)
        } else {
            bail!("the server ended before it was ready ({status})");
        };
    }
    println!("\nTessera is at http://{address}; Ctrl-C ends it.");
    let status = server.wait()?;
    if !status.success() {
        bail!("the server ended with a fault ({status})");
    }
    Ok(ExitCode::SUCCESS)
}

/// Loads the demo data if the data base is empty, and returns what is said about the accounts. It takes the server's arguments,
/// so that both use the same data base and address.
pub fn load_demo(project: &Project, binary: &Path, args: &[String]) -> Result<String> {
    children::output(project.tessera(binary).args(["demo", "--if-empty"]).args(args))
}

/// Starts the server and returns the address at which it will answer.
pub fn serve(project: &Project, binary: &Path, args: &[String], settings: &[(&str, &str)]) -> Result<(Running, String)> {
    let mut server = project.tessera(binary);
    server.arg("serve").args(args).envs(settings.iter().copied());
    let address = match listen_address(args, std::env::var("TESSERA_LISTEN").ok()) {
        Some(address) => address,
        None => {
            server.args(["--listen", LISTEN]);
            LISTEN.to_owned()
        }
    };
    // The server alone is told to stop: it ends its own Postgres when requests in flight are done.
    Ok((children::start(&mut server, Reach::Alone)?, address))
}

/// The address that the user asks for, in the arguments or else in the setting.
fn listen_address(args: &[String], setting: Option<String>) -> Option<String> {
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == "--listen" {
            return args.next().cloned();
        }
        if let Some(address) = arg.strip_prefix("--listen=") {
            return Some(address.to_owned());
        }
    }
    setting.filter(|address| !address.is_empty())
}

/// Waits until the server answers that it is ready. False when it has ended instead.
pub fn wait_until_ready(server: &Running, address: &str) -> Result<bool> {
    let begun = Instant::now();
    while begun.elapsed() < LONGEST_START {
        if server.has_ended() {
            return Ok(false);
        }
        if is_ready(address) {
            return Ok(true);
        }
        std::thread::sleep(STEP);
    }
    bail!("the server was not ready after {} s", LONGEST_START.as_secs());
}

fn is_ready(address: &str) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
        let mut answer = String::new();
        stream.take(1024).read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(args: &[&str], setting: Option<&str>) -> Option<String> {
        let args: Vec<_> = args.iter().map(|arg| (*arg).to_owned()).collect();
        listen_address(&args, setting.map(str::to_owned))
    }

    #[test]
    fn the_address_is_the_arguments_then_the_settings() {
        let (a, b) = ("127.0.0.1:4000", "127.0.0.1:5000");
        assert_eq!(address(&["--listen", a], Some(b)).as_deref(), Some(a));
        assert_eq!(address(&["--x", "--listen=127.0.0.1:4000"], None).as_deref(), Some(a));
        assert_eq!(address(&["--x"], Some(b)).as_deref(), Some(b));
        assert_eq!(address(&[], Some("")), None);
    }
}
