//! Kills, full disks and folders that are away, while a backup or a restore is under way.

use super::*;

#[tokio::test]
async fn the_postgres_of_a_restore_that_was_killed_is_not_taken_for_the_one_of_the_folder() {
    let place = Place::new();
    let (cluster, backups) = (begin(&place).await, place.backups());
    let mut connection = connect(&cluster).await;
    write(&mut connection, 1).await;
    let before = sum(&mut connection).await;
    place.done("data", &["backup", &backups]);
    connection.close().await.expect("close");
    cluster.close().expect("stop");

    let mut restore = place.command("new", &["restore", &backups]).stderr(std::process::Stdio::null()).spawn().expect("restore");
    let begun = Instant::now();
    let replaying = place.at("new/postgres.restore/postmaster.pid");
    while !replaying.exists() {
        assert!(begun.elapsed() < PATIENCE, "it does not come so far");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    restore.kill().expect("kill");
    restore.wait().expect("wait");
    assert!(!place.at("new/postgres").exists(), "it was killed in time");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(replaying.exists(), "its Postgres lives on");

    place.done("new", &["migrate"]);
    let made = Cluster::open(place.at("new")).expect("open");
    let mut connection = connect(&made).await;
    let look = sqlx::query_scalar("select to_regclass('ledger') is not null");
    let knows: bool = look.fetch_one(&mut connection).await.expect("a look");
    assert!(!knows, "the folder was empty");
    connection.close().await.expect("close");
    made.close().expect("stop");
    place.done("new", &["restore", &backups, "--replace"]);
    assert!(!place.at("new/postgres.restore").exists());
    assert_eq!(sum_in(&place.at("new")).await, before);
}

#[tokio::test]
async fn while_the_folder_is_away_postgres_keeps_the_log_and_brings_it_later() {
    let place = Place::new();
    let (cluster, backups) = (begin(&place).await, place.backups());
    place.done("data", &["backup", &backups]);
    fs::rename(place.at("backups"), place.at("away")).expect("take it away");
    let mut connection = connect(&cluster).await;
    write(&mut connection, 1).await;
    let segment: String =
        sqlx::query_scalar("select pg_walfile_name(pg_switch_wal())").fetch_one(&mut connection).await.expect("a name");
    let begun = Instant::now();
    let failed = "select coalesce(last_failed_wal = $1, false) from pg_stat_archiver";
    while !sqlx::query_scalar::<_, bool>(failed).bind(&segment).fetch_one(&mut connection).await.expect("the archiver") {
        assert!(begun.elapsed() < PATIENCE, "nobody notices");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let pool = sqlx::PgPool::connect(&cluster.url("tessera").expect("a url")).await.expect("connect");
    assert!(tessera::health::log_stuck_since(&pool).await.expect("ask").is_some(), "the program knows it");
    fs::rename(place.at("away"), place.at("backups")).expect("bring it back");
    bring_log_away(&place, &mut connection).await;
    assert!(place.at("backups/wal").join(format!("{segment}.zst")).exists(), "what was kept came first");

    assert!(place.done("data", &["backup", "--off"]).contains("no longer goes to"));
    let command: String = sqlx::query_scalar("show archive_command").fetch_one(&pool).await.expect("a setting");
    assert!(!command.contains("wal-archive"), "{command}");
}

/// Only root can make a disk that is full.
#[tokio::test]
async fn a_full_disk_is_named_and_leaves_no_backup() {
    let place = Place::new();
    let full = place.at("backups");
    fs::create_dir(&full).expect("a folder");
    let mut mount = Command::new("mount");
    let mounted = mount.args(["-t", "tmpfs", "-o", "size=1m,mode=0755", "tmpfs"]).arg(&full).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        return;
    }
    let _cluster = begin(&place).await;
    let said = place.refused("data", &["backup", &place.backups()]);
    let left = place.names_of_backups();
    let unmounted = Command::new("umount").arg(&full).status();
    assert!(unmounted.expect("umount").success());
    assert!(said.contains("There is no room left to write"), "{said}");
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_backup_that_is_cut_off_is_none_and_leaves_the_older_one_whole() {
    let place = Place::new();
    let (cluster, backups) = (begin(&place).await, place.backups());
    let mut connection = connect(&cluster).await;
    place.done("data", &["backup", &backups]);
    write(&mut connection, 1).await;
    let before = place.names_of_backups();

    let mut child = place.command("data", &["backup", &backups]).spawn().expect("start");
    let base = place.at("backups/base");
    let partial = || {
        let entries = fs::read_dir(&base).expect("read").flatten().map(|entry| entry.path());
        entries.into_iter().find(|path| path.extension().is_some_and(|end| end == "partial"))
    };
    let begun = Instant::now();
    while partial().is_none_or(|partial| !partial.join("pgdata.tar.zst").exists()) {
        assert!(begun.elapsed() < PATIENCE && child.try_wait().expect("ask").is_none(), "it was not caught at work");
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().expect("kill");
    child.wait().expect("bury it");
    assert!(partial().is_some(), "it was killed before its end");
    assert_eq!(place.names_of_backups(), before);
    place.done("data", &["backup", &backups, "--verify"]);
    bring_log_away(&place, &mut connection).await;
    place.done("older", &["restore", &backups]);
    assert_eq!(sum_in(&place.at("older")).await, sum(&mut connection).await);

    place.done("data", &["backup", &backups]);
    assert!(partial().is_none(), "the next one sweeps it");
    assert_eq!(place.names_of_backups().len(), 2);
    let lock = File::options().write(true).open(place.at("backups/lock")).expect("the lock");
    lock.lock().expect("lock");
    assert!(place.refused("data", &["backup", &backups]).contains("Another backup into"));
}
