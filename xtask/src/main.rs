//! `cargo xtask`, the one front door to building, running and testing the workspace.

mod bench;
mod bucket;
mod bundle;
mod children;
mod cluster;
mod compress;
mod dev;
mod fingerprint;
mod lint;
mod prerequisites;
mod project;
mod run;
mod site;
mod sqlx;
mod style;
mod test;
mod wasm;

use std::process::ExitCode;

use anyhow::{Result, bail};

use project::Project;

const COMMANDS: &str = "\
Commands:
  cargo xtask run [-- ARGS]    build in release, load the demo data if the data base is empty, serve on
                               http://127.0.0.1:3000; ARGS go to `tessera serve`
  cargo xtask test [STAGE..]   check and test everything, or only the named stages
  cargo xtask dev [-- ARGS]    serve, build again on every change and reload the browser
  cargo xtask build            leave the whole product in one file, target/release/tessera
  cargo xtask bench [--offers N] [--seconds S]
                               measure the release build over a data base with N offers (1,000,000 unless said)
  cargo xtask prepare          write .sqlx anew after a change of a statement or a migration
  cargo xtask fmt              format the Rust code";

fn main() -> ExitCode {
    if let Err(error) = children::watch_signals() {
        eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    let args: Vec<String> = std::env::args().skip(1).collect();
    match obey(&args) {
        Ok(code) => code,
        Err(_) if children::stopped() => {
            eprintln!("Stopped.");
            // What a shell reports for a program that Ctrl-C has ended.
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn obey(args: &[String]) -> Result<ExitCode> {
    let Some((command, rest)) = args.split_first() else {
        println!("{COMMANDS}");
        return Ok(ExitCode::SUCCESS);
    };
    let project = Project::find()?;
    match command.as_str() {
        "run" => run::run(&project, after_dashes(command, rest)?),
        "test" => test::test(&project, rest),
        "dev" => dev::dev(&project, after_dashes(command, rest)?),
        "build" => {
            refuse_arguments(command, rest)?;
            run::build(&project)?;
            Ok(ExitCode::SUCCESS)
        }
        "bench" => {
            bench::bench(&project, rest)?;
            Ok(ExitCode::SUCCESS)
        }
        "prepare" => {
            refuse_arguments(command, rest)?;
            sqlx::prepare(&project)?;
            Ok(ExitCode::SUCCESS)
        }
        "fmt" => {
            refuse_arguments(command, rest)?;
            children::run(project.cargo().args(["fmt", "--all"]))?;
            Ok(ExitCode::SUCCESS)
        }
        "help" | "--help" | "-h" => {
            println!("{COMMANDS}");
            Ok(ExitCode::SUCCESS)
        }
        unknown => bail!("there is no command `{unknown}`\n{COMMANDS}"),
    }
}

/// The arguments behind `--`, which belong to the server.
fn after_dashes<'a>(command: &str, rest: &'a [String]) -> Result<&'a [String]> {
    match rest.split_first() {
        None => Ok(rest),
        Some((dashes, server)) if dashes == "--" => Ok(server),
        Some((other, _)) => bail!("`{command}` does not know `{other}`; arguments for the server stand behind `--`"),
    }
}

fn refuse_arguments(command: &str, rest: &[String]) -> Result<()> {
    match rest.first() {
        None => Ok(()),
        Some(other) => bail!("`{command}` takes no arguments, but got `{other}`"),
    }
}
