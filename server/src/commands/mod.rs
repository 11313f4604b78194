//! What the program can be asked to do, and the start that its commands share.

mod account;
mod backup;
mod config;
mod demo;
mod mail;
mod migrate;
mod restore;
mod serve;
mod start;
mod worker;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

pub use start::{Start, StartError};

use crate::config::Settings;
use crate::telemetry;

/// Keeps merchants and their offers, and shows them to members
#[derive(Debug, Parser)]
#[command(name = "tessera", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the desk and the member site, and work on background jobs
    Serve,
    /// Work on background jobs alone
    Worker,
    /// Bring the data base up to date and stop
    Migrate,
    /// Fill an empty data base with merchants and offers to look at
    Demo(demo::Demo),
    /// Keep the accounts of the desk
    #[command(subcommand)]
    Account(account::Command),
    /// See whether mail arrives
    #[command(subcommand)]
    Mail(mail::Command),
    /// Copy the data base, the pictures and the key into a folder, from which any later moment can be restored
    Backup(backup::Command),
    /// Bring the data base back as it was at a moment
    Restore(restore::Command),
    /// Postgres calls this to bring a file of its log into a folder of backups
    #[command(hide = true)]
    WalArchive { folder: PathBuf, path: PathBuf, name: String },
    /// Postgres calls this to have a file of its log back
    #[command(hide = true)]
    WalFetch { folder: PathBuf, name: String, path: PathBuf, others: Vec<PathBuf> },
    /// Print the settings in force, without secrets
    Config,
}

/// Why a command ended early, in one sentence for the operator.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the program: 0 when all went well, 1 when it did not, 2 when it was asked for something it does not understand.
pub fn run() -> ExitCode {
    let cli = match parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    match &cli.command {
        Command::WalArchive { folder, path, name } => return backup::archive_segment(folder, path, name),
        Command::WalFetch { folder, name, path, others } => return backup::fetch_segment(folder, others, name, path),
        _ => {}
    }
    telemetry::begin(cli.settings.log_format, &cli.settings.log_level);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Serve => serve::serve(cli.settings).await,
            Command::Worker => worker::work(cli.settings).await,
            Command::Migrate => migrate::migrate(cli.settings).await,
            Command::Demo(asked) => demo::load(cli.settings, asked).await,
            Command::Account(command) => account::keep(cli.settings, command).await,
            Command::Mail(command) => mail::try_out(&cli.settings, command).await,
            Command::Backup(asked) => backup::run(&cli.settings, asked),
            Command::Restore(asked) => restore::run(&cli.settings, asked),
            Command::Config => config::print(&cli.settings),
            Command::WalArchive { .. } | Command::WalFetch { .. } => Ok(()),
        }
    });
    // A job or request that does not end must not keep the program.
    runtime.shutdown_background();
    outcome.map_or_else(|error| fail(&*error), |()| ExitCode::SUCCESS)
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("tessera: {error}");
    ExitCode::FAILURE
}

fn parse(args: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Cli, clap::Error> {
    // A variable that is set to nothing is not set: deployment files leave optional ones empty.
    let command = Cli::command().mut_args(|argument| {
        let is_empty = argument.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty());
        if is_empty { argument.env(Resettable::Reset) } else { argument }
    });
    Cli::from_arg_matches(&command.try_get_matches_from(args)?)
}

/// Prints help where that was asked for; else one sentence that names what is wrong.
fn explain(error: &clap::Error) -> ExitCode {
    match sentence(error) {
        Some(sentence) => {
            eprintln!("tessera: {sentence}");
            ExitCode::from(2)
        }
        None => error.exit(),
    }
}

fn sentence(error: &clap::Error) -> Option<String> {
    if !matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation) {
        return None;
    }
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let flag = text(ContextKind::InvalidArg)?.split(' ').next().unwrap_or_default();
    let command = Cli::command();
    let argument = command.get_arguments().find(|argument| argument.get_long() == flag.strip_prefix("--"));
    let variable = argument.and_then(clap::Arg::get_env).map(|variable| format!(" ({})", variable.to_string_lossy()));
    // A data base's URL may hold a password.
    let is_secret = argument.is_some_and(clap::Arg::is_hide_env_values_set);
    let value = text(ContextKind::InvalidValue).filter(|_| !is_secret).map(|value| format!(" cannot be `{value}`"));
    let reason = match (std::error::Error::source(error), error.get(ContextKind::ValidValue)) {
        (Some(source), _) => format!(": {source}"),
        (None, Some(ContextValue::Strings(valid))) => format!(": it must be one of {}", valid.join(", ")),
        _ => String::new(),
    };
    let value = value.unwrap_or_else(|| " is not understood".to_owned());
    Some(format!("{flag}{}{value}{reason}.", variable.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(args: &[&str]) -> String {
        let args = ["tessera", "serve"].iter().chain(args).map(Into::into);
        sentence(&parse(args).expect_err("a bad setting")).expect("a sentence")
    }

    #[test]
    fn a_bad_setting_is_named_in_one_sentence() {
        assert_eq!(
            refusal(&["--listen", "nowhere"]),
            "--listen (TESSERA_LISTEN) cannot be `nowhere`: invalid socket address syntax."
        );
        assert_eq!(refusal(&["--pool-size", "1"]), "--pool-size (TESSERA_POOL_SIZE) cannot be `1`: 1 is not in 4..=1000.");
        assert_eq!(
            refusal(&["--log-format", "xml"]),
            "--log-format (TESSERA_LOG_FORMAT) cannot be `xml`: it must be one of auto, text, json."
        );
        assert_eq!(
            refusal(&["--database-url", "mysql://u:hidden@db"]),
            "--database-url (DATABASE_URL) is not understood: it must start with postgres://."
        );
    }

    #[test]
    fn settings_may_stand_before_or_after_the_command() {
        for args in [["tessera", "--pool-size", "9", "serve"], ["tessera", "serve", "--pool-size", "9"]] {
            let cli = parse(args.map(Into::into)).expect("settings");
            assert_eq!(cli.settings.pool_size, 9);
        }
    }
}
