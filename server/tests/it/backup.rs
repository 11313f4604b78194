//! Backups rehearsed on real clusters: writers at work, kills, and the way back to a moment.

mod faults;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use kit::cluster::Cluster;
use sqlx::{Connection as _, PgConnection};

use crate::program::{Folder, postmaster, tessera};

const PATIENCE: Duration = Duration::from_secs(60);

/// A place for data folders and one folder of backups.
struct Place(Folder);

impl Place {
    fn new() -> Place {
        Place(Folder::new())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, data: &str, args: &[&str]) -> Output {
        self.command(data, args).output().expect("run the program")
    }

    fn command(&self, data: &str, args: &[&str]) -> Command {
        let mut command = tessera();
        command.args(args).arg("--data-dir").arg(self.at(data));
        command
    }

    /// Runs the program, which must do what it is asked, and returns what it says.
    fn done(&self, data: &str, args: &[&str]) -> String {
        let output = self.run(data, args);
        let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{args:?}: {said}{complained}");
        said.into_owned()
    }

    /// Runs the program, which must refuse in one sentence.
    fn refused(&self, data: &str, args: &[&str]) -> String {
        let output = self.run(data, args);
        let complained = String::from_utf8_lossy(&output.stderr);
        let last = complained.lines().last().unwrap_or_default().to_owned();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {complained}");
        assert!(last.starts_with("tessera: ") && last.ends_with('.'), "{complained}");
        last
    }

    fn backups(&self) -> String {
        self.at("backups").to_str().expect("a path in UTF-8").to_owned()
    }

    fn names_of_backups(&self) -> Vec<String> {
        let said = self.done("data", &["backup", &self.backups(), "--list"]);
        said.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
    }
}

async fn connect(cluster: &Cluster) -> PgConnection {
    PgConnection::connect(&cluster.url("tessera").expect("a url")).await.expect("connect")
}

/// A cluster with a table to write in.
async fn begin(place: &Place) -> Cluster {
    let cluster = Cluster::open(place.at("data")).expect("start");
    let mut connection = connect(&cluster).await;
    let table = "create table ledger (id bigint generated always as identity, writer int, filler text)";
    sqlx::query(table).execute(&mut connection).await.expect("a table");
    cluster
}

async fn write(connection: &mut PgConnection, writer: i32) -> i64 {
    let row = "insert into ledger (writer, filler) values ($1, repeat(md5(random()::text), 40)) returning id";
    sqlx::query_scalar(row).bind(writer).fetch_one(connection).await.expect("a row")
}

/// Rows, and a checksum over all that stands in them.
async fn sum(connection: &mut PgConnection) -> (i64, String) {
    let sum = "select count(*), coalesce(md5(string_agg(id || ':' || writer || filler, ',' order by id)), '') from ledger";
    sqlx::query_as(sum).fetch_one(connection).await.expect("a sum")
}

/// Ends the segment at hand and waits until it is in the folder of backups.
async fn bring_log_away(place: &Place, connection: &mut PgConnection) {
    let segment: String =
        sqlx::query_scalar("select pg_walfile_name(pg_switch_wal())").fetch_one(connection).await.expect("a name");
    let there = place.at("backups/wal").join(format!("{segment}.zst"));
    let begun = Instant::now();
    while !there.exists() {
        assert!(begun.elapsed() < PATIENCE, "{} does not come", there.display());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn time_of(connection: &mut PgConnection) -> DateTime<Utc> {
    // No commit before and none after it shares its microsecond.
    let time = "select clock_timestamp() from pg_sleep(0.01)";
    let time = sqlx::query_scalar(time).fetch_one(&mut *connection).await.expect("a time");
    sqlx::query("select pg_sleep(0.01)").execute(connection).await.expect("a moment");
    time
}

/// What a restored data folder holds, opened as any other.
async fn sum_in(folder: &Path) -> (i64, String) {
    let cluster = Cluster::open(folder).expect("open what was restored");
    let mut connection = connect(&cluster).await;
    let sum = sum(&mut connection).await;
    write(&mut connection, 99).await;
    connection.close().await.expect("close");
    cluster.close().expect("stop");
    sum
}

fn kill_postgres(data: &Path) {
    let postgres = postmaster(data).expect("it runs");
    assert!(Command::new("kill").args(["-KILL", &postgres]).status().expect("kill").success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_committed_before_a_moment_comes_back_and_nothing_after_it() {
    let place = Place::new();
    let (cluster, backups) = (begin(&place).await, place.backups());
    let done = Arc::new(AtomicBool::new(false));
    let mut writers = Vec::new();
    for writer in 0..3 {
        let (mut connection, done) = (connect(&cluster).await, done.clone());
        writers.push(tokio::spawn(async move {
            let mut ids = Vec::new();
            while !done.load(Ordering::Relaxed) {
                ids.push(write(&mut connection, writer).await);
            }
            ids
        }));
    }
    let said = tokio::task::block_in_place(|| place.done("data", &["backup", &backups]));
    assert!(said.contains("can be restored"), "{said}");
    let mut connection = connect(&cluster).await;
    let at_backup = sum(&mut connection).await.0;
    while sum(&mut connection).await.0 < at_backup + 50 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    done.store(true, Ordering::Relaxed);
    let mut acknowledged = 0;
    for writer in writers {
        acknowledged += writer.await.expect("a writer").len() as i64;
    }

    let at_moment = sum(&mut connection).await;
    assert_eq!(at_moment.0, acknowledged);
    let moment = time_of(&mut connection).await;
    for _ in 0..20 {
        write(&mut connection, 10).await;
    }
    sqlx::query("delete from ledger where id % 3 = 0").execute(&mut connection).await.expect("delete");
    let archived = sum(&mut connection).await;
    bring_log_away(&place, &mut connection).await;
    for _ in 0..20 {
        write(&mut connection, 11).await;
    }
    let newest = sum(&mut connection).await;
    kill_postgres(&place.at("data"));
    // As after kill -9 of the program too: nobody stops anything in order.
    std::mem::forget(cluster);

    let moment = moment.to_rfc3339();
    let said = place.done("moment", &["restore", &backups, "--to", &moment]);
    assert!(said.contains("the last change in it is of") && !said.contains("The log ends there"), "{said}");
    assert_eq!(sum_in(&place.at("moment")).await, at_moment, "what stood at the moment, and nothing later");

    place.done("archived", &["restore", &backups]);
    assert_eq!(sum_in(&place.at("archived")).await, archived, "all that was archived; the segment at hand died with its disk");

    let data = place.at("data");
    place.done("survived", &["restore", &backups, "--with-wal-of", data.to_str().expect("a path")]);
    assert_eq!(sum_in(&place.at("survived")).await, newest, "all that was acknowledged, since the old log survived");

    let later = (kit::clock::now() + chrono::TimeDelta::hours(1)).to_rfc3339();
    let said = place.done("later", &["restore", &backups, "--to", &later]);
    assert!(said.contains("The log ends there, before"), "{said}");
    assert_eq!(sum_in(&place.at("later")).await, archived);
}

#[tokio::test]
async fn a_data_folder_is_replaced_only_when_told_and_its_backups_go_on_from_there() {
    let place = Place::new();
    let (cluster, backups) = (begin(&place).await, place.backups());
    let mut connection = connect(&cluster).await;
    write(&mut connection, 1).await;
    place.done("data", &["backup", &backups]);
    write(&mut connection, 1).await;
    let wanted = sum(&mut connection).await;
    let moment = time_of(&mut connection).await.to_rfc3339();
    write(&mut connection, 2).await;
    let abandoned = sum(&mut connection).await;

    assert!(place.refused("data", &["restore", &backups, "--to", &moment]).contains("is in use: stop the program first."));
    connection.close().await.expect("close");
    cluster.close().expect("stop");
    let said = place.refused("data", &["restore", &backups, "--to", &moment]);
    assert!(said.contains("holds a data base already") && said.contains("--replace"), "{said}");
    let said = place.done("data", &["restore", &backups, "--to", &moment, "--replace"]);
    assert!(said.contains("What stood there before is in ") && said.contains("make a new backup"), "{said}");
    let old = fs::read_dir(place.at("data")).expect("read").flatten();
    assert!(old.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("postgres.before-")));

    // Life goes on, on a second timeline and into the same folder.
    let cluster = Cluster::open(place.at("data")).expect("start");
    let mut connection = connect(&cluster).await;
    assert_eq!(sum(&mut connection).await, wanted);
    place.done("data", &["backup", &backups]);
    write(&mut connection, 3).await;
    bring_log_away(&place, &mut connection).await;
    let newest = sum(&mut connection).await;
    let first = place.names_of_backups().remove(0);
    place.done("from-second", &["restore", &backups]);
    assert_eq!(sum_in(&place.at("from-second")).await, newest);
    // Between the restore and the next backup the log went nowhere: what was left must not be taken for what came then.
    let said = place.done("from-first", &["restore", &backups, "--backup", &first]);
    assert!(said.contains("what it wrote is in newer backups only"), "{said}");
    assert_eq!(sum_in(&place.at("from-first")).await, abandoned, "the older backup leads along the timeline that was left");
    place.done("data", &["backup", &backups, "--verify"]);

    // A restored twin may take the folder over; then the first one may not write on in it.
    place.done("early", &["restore", &backups, "--to", &moment]);
    let wanted_of_twin = sum_in(&place.at("early")).await;
    assert_eq!(wanted_of_twin, wanted, "this moment lies on the first timeline");
    place.done("early", &["backup", &backups]);
    let said = place.refused("data", &["backup", &backups]);
    assert!(said.contains("is continued by another data base"), "{said}");
    let second = place.names_of_backups().remove(1);
    place.done("back", &["restore", &backups, "--backup", &second]);
    assert_eq!(sum_in(&place.at("back")).await, newest, "a backup of a timeline that was left is still good");
}

#[tokio::test]
async fn what_cannot_be_restored_is_refused_and_touches_nothing() {
    let place = Place::new();
    assert!(place.refused("data", &["backup", &place.backups()]).contains("There is no data base in"));
    let (cluster, backups) = (begin(&place).await, place.backups());
    assert!(place.refused("data", &["restore", &backups]).contains("holds no backup"));
    place.done("data", &["backup", &backups]);
    let mut connection = connect(&cluster).await;
    for _ in 0..2 {
        write(&mut connection, 1).await;
        bring_log_away(&place, &mut connection).await;
    }

    assert!(
        place.refused("new", &["restore", &backups, "--to", "2001-01-01T00:00:00Z"]).contains("No backup was finished before")
    );
    assert!(place.refused("new", &["restore", &backups, "--backup", "none"]).contains("There is no backup named none in"));
    let within = place.at("data/backups");
    assert!(place.refused("data", &["backup", within.to_str().expect("a path")]).contains("is in the data folder"));

    let name = place.names_of_backups().remove(0);
    let copy = place.at("backups/base").join(&name).join("pgdata.tar.zst");
    let whole = fs::read(&copy).expect("read");
    let mut harmed = whole.clone();
    let middle = harmed.len() / 2;
    harmed[middle] ^= 0x40;
    for contents in [harmed, whole[..middle].to_owned()] {
        fs::write(&copy, contents).expect("write");
        assert!(place.refused("data", &["backup", &backups, "--verify"]).contains("pgdata.tar.zst is damaged"));
        assert!(place.refused("new", &["restore", &backups]).contains("pgdata.tar.zst is damaged"));
        assert!(!place.at("new/postgres").exists() && !place.at("new/postgres.restore").exists());
    }
    fs::write(&copy, whole).expect("write");

    // The segments of the backup itself, and one behind it.
    let mut segments: Vec<_> = fs::read_dir(place.at("backups/wal")).expect("read").flatten().map(|entry| entry.path()).collect();
    segments.retain(|path| path.file_name().is_some_and(|name| name.len() == 28));
    segments.sort();
    let (last, behind) = (segments.len() - 1, segments.len() - 2);
    let away = |path: &Path| fs::rename(path, path.with_extension("away")).expect("move");
    let back = |path: &Path| fs::rename(path.with_extension("away"), path).expect("move");
    away(&segments[behind]);
    let gap = place.refused("new", &["restore", &backups]);
    assert!(gap.contains("is missing"), "{gap}");
    back(&segments[behind]);
    let segment = fs::read(&segments[last]).expect("read");
    fs::write(&segments[last], &segment[..segment.len() / 2]).expect("write");
    let damaged = place.refused("new", &["restore", &backups]);
    assert!(damaged.contains("The log could not be read back") && damaged.contains("is damaged"), "{damaged}");
    assert!(!place.at("new/postgres").exists() && !place.at("new/postgres.restore").exists());
    fs::write(&segments[last], segment).expect("write");
    place.done("new", &["restore", &backups]);

    place.done("other", &["migrate"]);
    assert!(place.refused("other", &["backup", &backups]).contains("holds the backups of another data base"));
}

#[tokio::test]
async fn pictures_and_the_key_come_back_and_are_copied_once_and_kept_while_needed() {
    let place = Place::new();
    let (_cluster, backups) = (begin(&place).await, place.backups());
    let picture = |name: &str| place.at("data/pictures").join(name);
    fs::create_dir_all(picture("ab")).expect("a folder");
    fs::write(picture("ab/old.webp"), "an old picture").expect("write");
    fs::write(picture("ab/kept.webp"), "a picture that stays").expect("write");
    fs::write(place.at("data/secret.key"), "a key").expect("write");
    assert!(place.done("data", &["backup", &backups]).contains(" 2 new pictures"));
    fs::remove_file(picture("ab/old.webp")).expect("remove");
    fs::write(picture("new.webp"), "a new picture").expect("write");
    assert!(place.done("data", &["backup", &backups]).contains(" 1 new pictures"));
    assert!(place.at("backups/pictures/ab/old.webp").exists(), "the first backup needs it");

    place.done("new", &["restore", &backups]);
    for (name, text) in
        [("ab/kept.webp", "a picture that stays"), ("new.webp", "a new picture"), ("ab/old.webp", "an old picture")]
    {
        assert_eq!(fs::read_to_string(place.at("new/pictures").join(name)).expect("a picture"), text);
    }
    assert_eq!(fs::read_to_string(place.at("new/secret.key")).expect("the key"), "a key");

    let said = place.done("data", &["backup", &backups, "--keep", "1"]);
    assert!(said.contains("Removed, since enough newer ones are there: "), "{said}");
    assert!(!place.at("backups/pictures/ab/old.webp").exists(), "no backup needs it any more");
    assert!(place.at("backups/pictures/ab/kept.webp").exists());
    assert_eq!(place.names_of_backups().len(), 1);
    place.done("data", &["backup", &backups, "--verify"]);
    fs::write(place.at("backups/pictures/new.webp"), "a mad picture").expect("write");
    assert!(place.refused("data", &["backup", &backups, "--verify"]).contains("new.webp is damaged"));

    // One that is damaged is named, and keeps nothing else from coming back.
    let lost = place.refused("other", &["restore", &backups]);
    assert!(lost.contains("Everything came back but ") && lost.contains("backups/pictures/new.webp: "), "{lost}");
    assert!(place.at("other/pictures/ab/kept.webp").exists() && !place.at("other/pictures/new.webp").exists());
    sum_in(&place.at("other")).await;
}

#[tokio::test]
async fn a_picture_that_was_cut_off_does_not_replace_its_copy() {
    let place = Place::new();
    let (_cluster, backups) = (begin(&place).await, place.backups());
    let (picture, copy) = (place.at("data/pictures/one.webp"), place.at("backups/pictures/one.webp"));
    fs::create_dir_all(place.at("data/pictures")).expect("a folder");
    for (stands, kept) in [("whole", "whole"), ("", "whole"), ("whole, and more", "whole, and more")] {
        fs::write(&picture, stands).expect("write");
        place.done("data", &["backup", &backups]);
        assert_eq!(fs::read_to_string(&copy).expect("the copy"), kept);
        place.done("data", &["backup", &backups, "--verify"]);
    }
}
