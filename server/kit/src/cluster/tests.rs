//! The private Postgres against real programs, real kills included.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::wire::{self, Answer, Connection};
use super::*;

/// A data folder of one test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("kit-{name}-{}-{number}", std::process::id()));
        fs::create_dir(&path).expect("make a folder");
        // As root Postgres runs as another user, who has to pass.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("open the folder");
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn query(cluster: &Cluster, database: &str, sql: &str) -> Vec<Vec<Option<String>>> {
    let mut connection = Connection::open(&cluster.layout.socket(), SUPERUSER, database).expect("connect");
    connection.query(sql).expect(sql)
}

fn postmaster(cluster: &Cluster) -> rustix::process::Pid {
    let text = fs::read_to_string(cluster.layout.pgdata.join("postmaster.pid")).expect("a pid file");
    let number = text.lines().next().expect("a line").parse().expect("a number");
    rustix::process::Pid::from_raw(number).expect("a pid")
}

fn kill(pid: rustix::process::Pid) {
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("kill");
}

fn one(value: &str) -> Vec<Vec<Option<String>>> {
    vec![vec![Some(value.to_owned())]]
}

#[test]
fn it_starts_is_adopted_twice_and_stops_with_the_last() {
    let folder = Folder::new("adopt");
    let first = Cluster::open(&folder.0).expect("start");
    let server = postmaster(&first);
    let socket = first.layout.socket();
    let second = Cluster::open(&folder.0).expect("adopt");
    let third = Cluster::open(&folder.0).expect("adopt again");
    assert_eq!(postmaster(&third), server, "one server serves all");

    first.close().expect("leave");
    drop(third);
    assert_eq!(wire::ask(&socket, SUPERUSER), Answer::Ready, "one user is left");
    second.close().expect("leave last");
    assert_eq!(wire::ask(&socket, SUPERUSER), Answer::Nobody, "the last one stopped it");
    assert!(!folder.0.join("postgres/postmaster.pid").exists(), "it was stopped, not killed");
}

#[test]
fn it_listens_on_a_private_socket_alone_and_keeps_time_in_utc() {
    let folder = Folder::new("private");
    let cluster = Cluster::open(&folder.0).expect("start");
    assert_eq!(query(&cluster, "postgres", "show listen_addresses"), one(""));
    assert_eq!(query(&cluster, "postgres", "show server_encoding"), one("UTF8"));
    assert_eq!(query(&cluster, "postgres", "show timezone"), one("UTC"));
    assert_eq!(query(&cluster, "postgres", "show data_checksums"), one("on"));
    for closed in [cluster.socket_dir(), &cluster.layout.pgdata] {
        assert_eq!(fs::metadata(closed).expect("a folder").permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn a_data_base_is_made_once_and_its_url_names_the_socket() {
    let folder = Folder::new("url");
    let cluster = Cluster::open(&folder.0).expect("start");
    let url = cluster.url("it's \"odd\"").expect("make the data base");
    assert_eq!(cluster.url("it's \"odd\"").expect("find it"), url);
    assert!(url.starts_with("postgresql:///it%27s%20%22odd%22?host=%2F"), "{url}");
    assert_eq!(query(&cluster, "it's \"odd\"", "select current_database()"), one("it's \"odd\""));

    let psql = cluster.programs().path("psql");
    if psql.exists() {
        let answer = std::process::Command::new(psql).args(["-XAtc", "select 40 + 2", &url]).output().expect("psql");
        assert_eq!(String::from_utf8_lossy(&answer.stdout).trim(), "42", "{answer:?}");
    }
}

#[test]
fn a_killed_postmaster_is_started_again_and_a_committed_row_is_still_there() {
    let folder = Folder::new("crash");
    let cluster = Cluster::open(&folder.0).expect("start");
    cluster.url("kept").expect("a data base");
    query(&cluster, "kept", "create table rows (n int)");
    for n in 0..5 {
        query(&cluster, "kept", &format!("insert into rows values ({n})"));
        // A busy child outlives its postmaster for a while.
        let mut busy = Connection::open(&cluster.layout.socket(), SUPERUSER, "kept").expect("connect");
        let sleeper = std::thread::spawn(move || busy.query("select pg_sleep(60)").is_err());
        std::thread::sleep(Duration::from_millis(50));

        assert!(cluster.is_running());
        kill(postmaster(&cluster));
        while cluster.is_running() {
            std::thread::sleep(Duration::from_millis(1));
        }
        cluster.ensure_running().expect("start again");
        assert_eq!(query(&cluster, "kept", "select max(n) from rows"), one(&n.to_string()));
        assert!(sleeper.join().expect("the thread"), "the session of the killed server ended");
    }
}

#[test]
fn a_pid_file_that_names_another_living_process_does_not_block_the_start() {
    let folder = Folder::new("recycled");
    let cluster = Cluster::open(&folder.0).expect("start");
    let file = cluster.layout.pgdata.join("postmaster.pid");
    let left = fs::read_to_string(&file).expect("a pid file");
    let number = left.lines().next().expect("a line").to_owned();
    cluster.close().expect("stop");

    // A process of the very user as whom Postgres runs: Postgres alone would take it for a server.
    let account = Account::choose().expect("an account");
    let mut stranger = account.command(Path::new("/bin/sleep")).arg("60").spawn().expect("a stranger");
    fs::write(&file, left.replacen(&number, &stranger.id().to_string(), 1)).expect("write");
    account.give(&file).expect("give");
    let begun = Instant::now();
    let again = Cluster::open(&folder.0).expect("start in spite of it");
    assert!(begun.elapsed() < Duration::from_secs(10), "it does not wait for the stranger");
    assert_eq!(query(&again, "postgres", "select 1"), one("1"));
    stranger.kill().expect("end the stranger");
    stranger.wait().expect("bury the stranger");
}

#[test]
fn a_user_that_dies_leaves_a_server_that_the_next_one_adopts_and_stops() {
    let folder = Folder::new("orphan");
    let first = Cluster::open(&folder.0).expect("start");
    let server = postmaster(&first);
    let socket = first.layout.socket();
    // What kill -9 does to a user: its locks go, nothing else happens.
    let mut died = first;
    died.users = None;
    drop(died);
    assert_eq!(wire::ask(&socket, SUPERUSER), Answer::Ready, "the server outlives its user");
    let next = Cluster::open(&folder.0).expect("adopt");
    assert_eq!(postmaster(&next), server);
    next.close().expect("stop");
    assert_eq!(wire::ask(&socket, SUPERUSER), Answer::Nobody);
}

#[test]
fn many_at_once_start_one_server() {
    let folder = Folder::new("race");
    let pids: Vec<_> = std::thread::scope(|scope| {
        let users: Vec<_> = (0..4).map(|_| scope.spawn(|| Cluster::open(&folder.0).expect("open"))).collect();
        let clusters: Vec<_> = users.into_iter().map(|user| user.join().expect("a user")).collect();
        clusters.iter().map(postmaster).collect()
    });
    assert!(pids.windows(2).all(|pair| pair[0] == pair[1]), "{pids:?}");
}

#[test]
fn a_socket_that_somebody_removed_is_made_again() {
    let folder = Folder::new("socket");
    let cluster = Cluster::open(&folder.0).expect("start");
    fs::remove_file(cluster.layout.socket()).expect("remove the socket");
    cluster.ensure_running().expect("start again");
    assert_eq!(query(&cluster, "postgres", "select 1"), one("1"));
}

#[test]
fn a_long_path_gets_a_short_socket_folder_that_nobody_else_may_own() {
    let folder = Folder::new("long");
    let long = folder.0.join("a".repeat(60)).join("b, 'c' \"d\"".repeat(5));
    let cluster = Cluster::open(&long).expect("start");
    let short = cluster.socket_dir().to_owned();
    assert!(short.starts_with("/tmp") && !short.starts_with(&folder.0), "{}", short.display());
    let url = cluster.url("x").expect("a data base");
    assert!(url.contains("host=%2Ftmp%2Ftessera-"), "{url}");
    assert_eq!(query(&cluster, "x", "select 1"), one("1"));
    cluster.close().expect("stop");

    fs::set_permissions(&short, fs::Permissions::from_mode(0o755)).expect("open it up");
    let refused = Cluster::open(&long).expect_err("a folder that others can enter").to_string();
    assert!(refused.contains("belongs to somebody else"), "{refused}");
    fs::remove_dir_all(&short).expect("remove it");
}

#[test]
fn a_folder_with_quotes_spaces_and_commas_works() {
    let folder = Folder::new("odd");
    let cluster = Cluster::open(folder.0.join("it's, \"odd\" $HOME `x`")).expect("start");
    assert_eq!(query(&cluster, "postgres", "select 1"), one("1"));
}

#[test]
fn data_of_another_version_is_refused_in_one_sentence() {
    let folder = Folder::new("version");
    fs::create_dir(folder.0.join("postgres")).expect("a folder");
    fs::write(folder.0.join("postgres/PG_VERSION"), "9\n").expect("a version");
    let refused = Cluster::open(&folder.0).expect_err("another version").to_string();
    assert!(refused.contains("was written by PostgreSQL 9, but only version"), "{refused}");
}

#[test]
fn a_cluster_half_made_is_made_anew() {
    let folder = Folder::new("half");
    fs::create_dir(folder.0.join("postgres.new")).expect("a folder");
    fs::write(folder.0.join("postgres.new/PG_VERSION"), "15\n").expect("a version");
    let cluster = Cluster::open(&folder.0).expect("start");
    assert_eq!(query(&cluster, "postgres", "select 1"), one("1"));
    assert!(!folder.0.join("postgres.new").exists());
}

#[test]
fn settings_reach_the_server() {
    let folder = Folder::new("settings");
    let cluster = ClusterOptions::new(&folder.0).throw_away().setting("max_connections", "33").open().expect("start");
    assert_eq!(query(&cluster, "postgres", "show max_connections"), one("33"));
    assert_eq!(query(&cluster, "postgres", "show fsync"), one("off"));
}

#[test]
fn a_folder_that_postgres_cannot_reach_is_named() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let folder = Folder::new("closed");
    fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o700)).expect("close the folder");
    let refused = Cluster::open(folder.0.join("data")).expect_err("it cannot be reached").to_string();
    assert!(refused.contains("cannot reach") && refused.contains("TESSERA_DATA_DIR"), "{refused}");
}

#[test]
fn a_folder_of_programs_that_holds_none_is_named() {
    let folder = Folder::new("programs");
    let options = ClusterOptions::new(folder.0.join("data")).pg_bin(Some(folder.0.clone()));
    let refused = options.open().expect_err("there are no programs").to_string();
    assert_eq!(refused, format!("PG_BIN is {}, which does not hold a working initdb, pg_ctl and postgres.", folder.0.display()));
}

#[test]
fn nobody_else_can_hold_the_locks() {
    let folder = Folder::new("locks");
    for name in ["cluster.lock", "cluster.users"] {
        fs::write(folder.0.join(name), "").expect("a file of an earlier version");
        fs::set_permissions(folder.0.join(name), fs::Permissions::from_mode(0o644)).expect("open it up");
    }
    let _cluster = Cluster::open(&folder.0).expect("start");
    for name in ["cluster.lock", "cluster.users"] {
        let mode = fs::metadata(folder.0.join(name)).expect("a lock file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

/// Root in a container may not look into the processes of others: what holds for root elsewhere must hold there too.
#[test]
fn root_without_the_right_to_trace_knows_its_server() {
    let setpriv = |program: &Path| {
        let mut command = std::process::Command::new("setpriv");
        command.arg("--bounding-set=-sys_ptrace").arg(program);
        command
    };
    let is_possible = setpriv(Path::new("true")).output().is_ok_and(|output| output.status.success());
    if !rustix::process::geteuid().is_root() || !is_possible {
        return;
    }
    let cases = [
        "it_starts_is_adopted_twice_and_stops_with_the_last",
        "a_killed_postmaster_is_started_again_and_a_committed_row_is_still_there",
        "a_pid_file_that_names_another_living_process_does_not_block_the_start",
        "a_socket_that_somebody_removed_is_made_again",
    ];
    let mut command = setpriv(&std::env::current_exe().expect("these tests"));
    let output = command.arg("--exact").args(cases.map(|case| format!("cluster::tests::{case}"))).output().expect("run");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains(&format!("{} passed", cases.len())), "{said}");
}
