//! `tessera restore`.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args;
use kit::cluster::backup::{self, Restored, stamp};

use super::Failure;
use super::backup::{BESIDE, shown};
use super::start::{cluster_options, data_dir};
use crate::config::Settings;

/// What to restore.
#[derive(Debug, Args)]
pub struct Command {
    /// Folder of the backups
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Last moment of which something is kept, for instance 2026-11-28T12:00:00Z [default: everything there is]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    to: Option<DateTime<Utc>>,
    /// Backup to begin with, as `tessera backup --list` names it [default: the newest before that moment]
    #[arg(long, value_name = "NAME")]
    backup: Option<String>,
    /// Move the data base that is in the data folder aside, and use its log where it holds more
    #[arg(long)]
    replace: bool,
    /// Data folder that survived: its log holds what did not come to the backups any more
    #[arg(long, value_name = "FOLDER")]
    with_wal_of: Option<PathBuf>,
}

/// Restores into the data folder and prints what is there now.
pub fn run(settings: &Settings, asked: Command) -> Result<(), Failure> {
    if settings.database_url.is_some() {
        let lost = backup::lay_beside(&asked.folder, &data_dir(settings)?, &BESIDE, asked.replace)?;
        println!("The key and the pictures are in {}.", data_dir(settings)?.display());
        println!("The data base is not Tessera's own: restore it with the tools with which it was backed up.");
        return complain(&lost);
    }
    let wanted = backup::Restore {
        folder: asked.folder.clone(),
        to: asked.to,
        backup: asked.backup,
        replace: asked.replace,
        log_of: asked.with_wal_of,
        beside: BESIDE,
        program: std::env::current_exe()?,
    };
    let options = cluster_options(settings)?;
    let restored = shown("Restoring", |progress| backup::restore(&options, &wanted, progress))?;
    tell(settings, &asked.folder, asked.to, &restored)?;
    complain(&restored.lost)
}

/// Names the pictures that did not come back, when everything else has.
fn complain(lost: &[PathBuf]) -> Result<(), Failure> {
    let [first, others @ ..] = lost else { return Ok(()) };
    let others = if others.is_empty() { String::new() } else { format!(" and {} other pictures", others.len()) };
    let first = first.display();
    Err(format!("Everything came back but {first}{others}: what is missing or damaged there must be uploaded again.").into())
}

fn tell(settings: &Settings, folder: &std::path::Path, to: Option<DateTime<Utc>>, restored: &Restored) -> Result<(), Failure> {
    let data = data_dir(settings)?;
    let reached = match &restored.reached {
        Some(time) => format!("the last change in it is of {}", stamp(time)),
        None => "nothing was changed after it".to_owned(),
    };
    println!("The data base of backup {} is in {}; {reached}.", restored.backup, data.display());
    if let Some(to) = to.filter(|_| restored.log_ended) {
        println!("The log ends there, before {}: everything that it holds was restored.", stamp(&to));
    }
    if restored.leaves_newer {
        println!("A data base that was restored later went another way: what it wrote is in newer backups only.");
    }
    for aside in &restored.aside {
        println!("What stood there before is in {}: remove it when you no longer need it.", aside.display());
    }
    println!("Its log goes nowhere yet: make a new backup with `tessera backup {}`.", folder.display());
    Ok(())
}

fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    let read = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    read.map_err(|_| "it must be a date and a time with a zone, such as 2026-11-28T12:00:00Z".to_owned())
}
