//! An S3 service for the tests of one call: moto, which speaks S3 over HTTP and keeps everything in memory.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::children::{self, Reach, Running};
use crate::project::Project;

/// Its packages, in an environment of their own under the target folder.
const PACKAGE: &str = "moto[server]==5.2.5";
const BUCKET: &str = "tessera-test";
const LONGEST_START: Duration = Duration::from_secs(60);

/// A service with one empty bucket. It stops when this is dropped.
pub struct Bucket {
    port: u16,
    _server: Running,
}

impl Bucket {
    /// Starts one, or says why the tests that need it are skipped: without Python there is none.
    pub fn start(project: &Project) -> Result<Option<Bucket>> {
        if children::ask(Command::new("python3").arg("--version")).is_none() {
            println!("skipped: the tests with an S3 service need python3 (Debian: python3-venv)");
            return Ok(None);
        }
        let folder = project.target.join("moto");
        let stamp = folder.join("installed");
        if std::fs::read_to_string(&stamp).ok().as_deref() != Some(PACKAGE) {
            let mut make = project.command("python3");
            make.args(["-m", "venv"]).arg(&folder);
            let mut install = project.command(folder.join("bin/pip"));
            install.args(["install", "--quiet", "--disable-pip-version-check", PACKAGE]);
            if let Err(error) = children::run(&mut make).and_then(|()| children::run(&mut install)) {
                children::go_on()?;
                println!("skipped: the tests with an S3 service, for {PACKAGE} cannot be installed: {error:#}");
                return Ok(None);
            }
            std::fs::write(&stamp, PACKAGE).context("cannot note what was installed")?;
        }
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).context("no free port")?.port();
        let mut serve = project.command(folder.join("bin/moto_server"));
        serve.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let server = children::start(&mut serve, Reach::Group)?;
        let until = Instant::now() + LONGEST_START;
        while let Err(error) = make_bucket(port) {
            children::go_on()?;
            if server.has_ended() || Instant::now() > until {
                bail!("the S3 service did not start: {error:#}");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(Some(Bucket { port, _server: server }))
    }

    /// Tells a test where it is.
    pub fn tell(&self, command: &mut Command) {
        command
            .env("TESSERA_TEST_BUCKET", format!("s3://{BUCKET}"))
            .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", self.port))
            .env("AWS_ALLOW_HTTP", "true")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test");
    }
}

/// The service asks for no signature.
fn make_bucket(port: u16) -> Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "PUT /{BUCKET} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    if answer.ends_with(b" 200") { Ok(()) } else { bail!("it answers {}", String::from_utf8_lossy(&answer)) }
}
