//! The program itself: started, asked, stopped and killed as an operator would.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::StatusCode;
use sqlx::{ConnectOptions as _, PgPool};

use crate::support::{Answer, Browser, KEY};

/// A first start makes a data base; on a busy machine that takes its time.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program without the settings of whoever runs the tests.
pub fn tessera() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tessera"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TESSERA_") || name == "DATABASE_URL" {
            command.env_remove(name);
        }
    }
    // Over a data base of the tests, the key must not go into the folder of whoever runs them.
    command.env("TESSERA_SECRET_KEY", KEY);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn output(args: &[&str]) -> Output {
    tessera().args(args).output().expect("run the program")
}

/// Runs the program with a line on its standard input.
pub fn output_with_input(args: &[&str], line: &str) -> Output {
    let mut child = tessera().args(args).stdin(Stdio::piped()).spawn().expect("start the program");
    let mut input = child.stdin.take().expect("its input");
    writeln!(input, "{line}").expect("write");
    drop(input);
    child.wait_with_output().expect("run the program")
}

/// A running `tessera serve`, killed when the test is done with it.
pub struct Server {
    child: Child,
    address: SocketAddr,
    pub browser: Browser,
}

impl Server {
    pub async fn start(args: &[&str]) -> Server {
        // The program names its port before it can tell which one is free: find one first.
        let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
        let mut command = tessera();
        command.args(["serve", "--metrics-listen", "off", "--listen", &address.to_string()]).args(args);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("start the program");
        let mut server = Server { child, address, browser: Browser::at(address) };
        server.until_ready().await;
        server
    }

    pub async fn until_ready(&mut self) {
        let begun = Instant::now();
        while self.browser.try_get("/readyz").await.is_none_or(|answer| answer.status != StatusCode::OK) {
            assert!(begun.elapsed() < PATIENCE, "it is not ready in time");
            assert!(self.child.try_wait().expect("ask").is_none(), "it has ended");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill").success());
    }

    /// The exit code; none where a signal ended it.
    pub fn wait(&mut self) -> Option<i32> {
        self.child.wait().expect("wait").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A running `tessera worker`, killed when the test is done with it.
pub struct Worker(Child);

impl Worker {
    pub fn start(args: &[&str]) -> Worker {
        let mut command = tessera();
        command.args(["worker", "--metrics-listen", "off"]).args(args);
        Worker(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("start the program"))
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.0.kill().expect("kill");
        self.0.wait().expect("wait");
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_bad_setting_stops_the_start_with_a_sentence_and_code_2() {
    let refused = output(&["serve", "--listen", "nowhere"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(said, "tessera: --listen (TESSERA_LISTEN) cannot be `nowhere`: invalid socket address syntax.\n");

    let refused = tessera().arg("migrate").env("TESSERA_POOL_SIZE", "many").output().expect("run the program");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("(TESSERA_POOL_SIZE) cannot be `many`"));
}

#[test]
fn the_overview_of_the_settings_hides_the_password_and_takes_empty_variables_for_unset() {
    let mut command = tessera();
    command.args(["config", "--database-url", "postgres://u:hidden@db/x"]).env("TESSERA_DESK_HOST", "");
    let shown = command.output().expect("run the program");
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.status.success() && text.contains("DATABASE_URL=postgres://u:***@db/x\n"), "{text}");
    assert!(text.contains("TESSERA_DESK_HOST=(any)\n") && !text.contains("hidden"), "{text}");
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let refused = output(&["serve", "--listen", &address]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1));
    assert!(said.starts_with(&format!("tessera: --listen: nothing can listen at {address}: ")), "{said}");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_request_in_flight_is_answered_before_the_program_ends(pool: PgPool) {
    let url = pool.connect_options().to_url_lossy().to_string();
    let mut server = Server::start(&["--database-url", &url]).await;
    let mut held = pool.begin().await.expect("begin");
    sqlx::query("lock table _sqlx_migrations").execute(&mut *held).await.expect("lock");
    let mut browser = server.browser.clone();
    let waiting = tokio::spawn(async move { browser.get("/readyz").await });
    tokio::time::sleep(Duration::from_millis(300)).await;

    server.signal("-TERM");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(server.browser.try_get("/healthz").await.is_none(), "nobody new is let in");
    held.rollback().await.expect("unlock");
    let answer: Answer = waiting.await.expect("the request");
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(server.wait(), Some(0));
}

#[sqlx::test(migrations = "../migrations")]
async fn clients_that_say_nothing_are_cut_off_and_do_not_delay_the_end(pool: PgPool) {
    let url = pool.connect_options().to_url_lossy().to_string();
    let mut server = Server::start(&["--database-url", &url]).await;
    let connect = || TcpStream::connect(server.address).expect("connect");
    let mut half = connect();
    half.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").expect("half a head");
    half.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
    assert_eq!(half.read(&mut [0; 64]).expect("it is closed in time"), 0);

    let idle = connect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let told = Instant::now();
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
    assert!(told.elapsed() < Duration::from_secs(8), "it waited for an idle client");
    drop(idle);
}

/// A data folder that goes away with the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("tessera-it-{}-{number}", std::process::id()));
        std::fs::create_dir(&path).expect("make a folder");
        // As root Postgres runs as another user, who has to pass.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("open the folder");
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The process id of the private Postgres, while it runs.
pub fn postmaster(data: &Path) -> Option<String> {
    let mut text = String::new();
    std::fs::File::open(data.join("postgres/postmaster.pid")).ok()?.read_to_string(&mut text).ok()?;
    text.lines().next().map(str::to_owned)
}

#[tokio::test]
async fn a_private_postgres_comes_up_survives_kills_of_either_and_goes_down_with_the_last_user() {
    let folder = Folder::new();
    let data = folder.0.join("data");
    let args = ["--data-dir", data.to_str().expect("a path in UTF-8")];

    let mut first = Server::start(&args).await;
    let postgres = postmaster(&data).expect("it runs");
    first.signal("-KILL");
    assert_eq!(first.wait(), None);
    assert_eq!(postmaster(&data), Some(postgres.clone()), "Postgres goes on without its user");

    let mut second = Server::start(&args).await;
    assert_eq!(postmaster(&data), Some(postgres.clone()), "the next user adopts it");
    let migrated = output(&["migrate", args[0], args[1]]);
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    assert_eq!(postmaster(&data), Some(postgres.clone()), "whoever leaves first stops nothing");

    let killed = Command::new("kill").args(["-KILL", &postgres]).status().expect("kill");
    assert!(killed.success());
    // Whoever asks meanwhile may just be kept waiting: only the new process tells that there was a start.
    let begun = Instant::now();
    while postmaster(&data) == Some(postgres.clone()) {
        assert!(begun.elapsed() < PATIENCE, "the server brings no other one up");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    second.until_ready().await;

    second.signal("-TERM");
    assert_eq!(second.wait(), Some(0));
    assert_eq!(postmaster(&data), None, "the last user stopped it");
}
