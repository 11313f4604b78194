//! `tessera backup`, and what Postgres calls for its log.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use kit::cluster::backup::{self, BackedUp, BackupError, Beside, Manifest, Progress, stamp};

use super::Failure;
use super::start::{KEY_FILE, cluster_options, data_dir};
use crate::config::Settings;
use crate::pictures;

/// What belongs to a backup beside the data base: pictures, whose names say what is in them, and the key of secrets.
pub const BESIDE: Beside = Beside { folders: &[pictures::FOLDER], files: &[KEY_FILE] };
/// What a call for a segment ends with so that Postgres gives up, and does not take it for the end of the log.
const GIVE_UP: u8 = 200;

/// What to do with which folder of backups.
#[derive(Debug, Args)]
pub struct Command {
    /// Folder of the backups, best on another disk; it must be as safe as the data, since it holds all of it
    #[arg(value_name = "FOLDER", required_unless_present = "off")]
    folder: Option<PathBuf>,
    /// Backups to keep, this one included; the log is kept from the oldest of them on
    #[arg(long, value_name = "N", default_value = "7", value_parser = clap::value_parser!(u16).range(1..))]
    keep: u16,
    /// List the backups in the folder and make none
    #[arg(long, conflicts_with_all = ["verify", "off"])]
    list: bool,
    /// Read everything in the folder, compare it with its checksums, and make no backup
    #[arg(long, conflicts_with = "off")]
    verify: bool,
    /// Bring the log nowhere any more, for instance because the folder is gone for good
    #[arg(long, conflicts_with = "folder")]
    off: bool,
}

/// Does it and prints what came of it.
pub fn run(settings: &Settings, asked: Command) -> Result<(), Failure> {
    let Some(folder) = &asked.folder else { return stop_archiving(settings) };
    if asked.list {
        backup::list(folder)?.iter().for_each(print_backup);
        return Ok(());
    }
    if asked.verify {
        let checked = shown("Checking", |progress| backup::check(folder, BESIDE.folders, progress))?;
        println!(
            "All is whole: {} backups, {} files of the log, {} pictures.",
            checked.backups.len(),
            checked.segments,
            checked.shared
        );
        return Ok(());
    }
    if settings.database_url.is_some() {
        return copy_beside(settings, folder);
    }
    let data = std::path::absolute(data_dir(settings)?)?;
    if !data.join("postgres/PG_VERSION").exists() {
        return Err(BackupError::NothingThere(data).into());
    }
    if std::path::absolute(folder)?.starts_with(&data) {
        return Err(
            format!("{} is in the data folder, with which it would be lost: name another folder.", folder.display()).into()
        );
    }
    let wanted =
        backup::Backup { folder: folder.clone(), keep: asked.keep.into(), beside: BESIDE, program: std::env::current_exe()? };
    let cluster = cluster_options(settings)?.open()?;
    let made = shown("Backing up", |progress| cluster.back_up(&wanted, progress));
    cluster.close()?;
    tell(folder, &made?);
    tell_of_pictures(settings);
    Ok(())
}

/// Pictures that stand elsewhere are no part of a backup.
fn tell_of_pictures(settings: &Settings) {
    match settings.pictures_url.as_deref() {
        Some(url) if url.starts_with("s3://") => {
            println!("The pictures are in a bucket (TESSERA_PICTURES_URL), not in the backup: let the bucket keep its versions.")
        }
        Some(_) => println!("The pictures are in another folder (TESSERA_PICTURES_URL), not in the backup: copy it as well."),
        None => {}
    }
}

fn tell(folder: &Path, made: &BackedUp) {
    let BackedUp { manifest, fresh, removed, log_went_to } = made;
    let size = megabytes(manifest.size());
    println!("The backup {} is in {}: {size} of the data base, {fresh} new pictures.", manifest.name, folder.display());
    println!("From here on its log goes there too: every moment from {} on can be restored.", stamp(&manifest.ended_at));
    if let Some(before) = log_went_to {
        println!("It went to {} before, which can restore moments up to now.", before.display());
    }
    if !removed.is_empty() {
        println!("Removed, since enough newer ones are there: {}.", removed.join(", "));
    }
}

fn print_backup(backup: &Manifest) {
    let size = megabytes(backup.size());
    println!("{:<20} restores moments from {} on   PostgreSQL {}   {size}", backup.name, stamp(&backup.ended_at), backup.major);
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

fn stop_archiving(settings: &Settings) -> Result<(), Failure> {
    if settings.database_url.is_some() {
        return Err("The data base is not Tessera's own: its log is its own server's affair.".into());
    }
    let cluster = cluster_options(settings)?.open()?;
    let folder = cluster.log_goes_to();
    let stopped = cluster.stop_archiving();
    cluster.close()?;
    stopped?;
    match folder? {
        Some(folder) => println!("The log no longer goes to {}; moments up to now can be restored from there.", folder.display()),
        None => println!("The log goes nowhere; `tessera backup FOLDER` changes that."),
    }
    Ok(())
}

/// With a data base of somebody else's only what is the program's own can be copied.
fn copy_beside(settings: &Settings, folder: &Path) -> Result<(), Failure> {
    let fresh = backup::copy_beside(&data_dir(settings)?, folder, &BESIDE)?;
    println!("The key and {fresh} new pictures were copied to {}.", folder.display());
    println!(
        "The data base is not Tessera's own, so it is not in there: back it up first and then run this, with pg_dump, with \
         pg_basebackup and archiving, or with the snapshots of whoever runs it."
    );
    tell_of_pictures(settings);
    Ok(())
}

/// `wal-archive`: 0 when the segment is in the folder for good; else Postgres keeps it and asks again.
pub fn archive_segment(folder: &Path, path: &Path, name: &str) -> ExitCode {
    match backup::archive_segment(folder, path, name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wal-archive: {error}");
            ExitCode::FAILURE
        }
    }
}

/// `wal-fetch`: 1 when there is no such segment, which ends the log.
pub fn fetch_segment(folder: &Path, others: &[PathBuf], name: &str, path: &Path) -> ExitCode {
    match backup::fetch_segment(folder, others, name, path) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("wal-fetch: {error}");
            ExitCode::from(GIVE_UP)
        }
    }
}

/// Does something and shows on a terminal how far it is.
pub(super) fn shown<T>(doing: &'static str, work: impl FnOnce(&mut dyn FnMut(Progress)) -> T) -> T {
    let done = work(&mut show(doing));
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
    done
}

fn show(doing: &'static str) -> impl FnMut(Progress) {
    let is_terminal = std::io::stderr().is_terminal();
    let mut shown = String::new();
    move |progress| {
        let percent = |done: u64, total: u64| done * 100 / total.max(1);
        let line = match progress {
            Progress::Cluster { done, total } => format!("{doing}: {} %", percent(done, total)),
            Progress::Log { done, total } => format!("{doing} the log: {} %", percent(done, total)),
            Progress::WaitForLog => "Waiting for the log".to_owned(),
            Progress::Beside => format!("{doing}: pictures"),
            Progress::Replay => "Replaying the log".to_owned(),
        };
        if is_terminal && line != shown {
            eprint!("\r\x1b[K{line}\r");
            // A terminal that is gone needs no progress.
            let _ = std::io::stderr().flush();
            shown = line;
        }
    }
}
