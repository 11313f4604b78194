//! Background jobs with real worker processes: killed, missing, and heard of.

use crate::program::{Server, Worker};
use domain::{Actor, Caller, Db, jobs};
use kit::queue::{NewJob, Queue};
use serde_json::json;
use sqlx::{ConnectOptions as _, PgPool};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const PATIENCE: Duration = Duration::from_secs(90);

/// A webhook of the test's own.
struct Hook(TcpListener);

impl Hook {
    async fn open() -> Hook {
        Hook(TcpListener::bind("127.0.0.1:0").await.expect("a port"))
    }

    fn url(&self) -> String {
        format!("http://{}/hook", self.0.local_addr().expect("an address"))
    }

    /// The next call, with what it says; it waits for its answer.
    async fn call(&self) -> (TcpStream, String) {
        let (mut stream, _) = tokio::time::timeout(PATIENCE, self.0.accept()).await.expect("a call in time").expect("a call");
        let mut text = String::new();
        while !text.contains('}') {
            let mut part = [0; 1024];
            let n = stream.read(&mut part).await.expect("a part");
            assert!(n > 0, "the call broke off: {text}");
            text += &String::from_utf8_lossy(&part[..n]);
        }
        (stream, text)
    }
}

async fn take(mut stream: TcpStream) {
    stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await.expect("answer");
}

async fn database(pool: &PgPool) -> (String, Db) {
    Queue::new(pool.clone()).install().await.expect("the queue's tables");
    (pool.connect_options().to_url_lossy().to_string(), Db::new(pool.clone()))
}

#[sqlx::test(migrations = "../migrations")]
async fn the_job_of_a_worker_that_is_killed_in_the_middle_is_taken_over_within_a_minute(pool: PgPool) {
    let ((url, db), hook) = (database(&pool).await, Hook::open().await);
    let flags = ["--database-url", &url, "--alarm-webhook", &hook.url()];
    let channels = jobs::Channels { webhook: true, mail: Vec::new() };
    db.write(Caller::local(Actor::CommandLine), async |op| jobs::send_test(op, &channels).await).await.expect("add the job");
    let mut first = Worker::start(&flags);
    let (half, _) = hook.call().await;
    let second = Worker::start(&flags);
    first.kill();
    let killed = std::time::Instant::now();
    let (again, text) = hook.call().await;
    assert!(killed.elapsed() < Duration::from_secs(60), "taken over after {:?}", killed.elapsed());
    assert!(text.contains("this is a test"), "{text}");
    take(again).await;
    drop(half);

    let outcomes = "select outcome, worker from job_runs where task = 'tell_alarm' order by id";
    let begun = std::time::Instant::now();
    let runs: Vec<(String, String)> = loop {
        let runs: Vec<(String, String)> = sqlx::query_as(outcomes).fetch_all(&pool).await.expect(outcomes);
        if runs.iter().any(|(outcome, _)| outcome == "done") {
            break runs;
        }
        assert!(begun.elapsed() < PATIENCE, "{runs:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let ends: Vec<_> = runs.iter().map(|(outcome, _)| outcome.as_str()).collect();
    assert_eq!(ends, ["interrupted", "done"], "one was killed, the other did it once");
    assert_ne!(runs[0].1, runs[1].1, "by another worker");
    drop(second);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_server_tells_by_itself_that_no_worker_takes_jobs_up_and_that_it_is_over(pool: PgPool) {
    let ((url, db), hook) = (database(&pool).await, Hook::open().await);
    let job = async |op: &mut domain::Op| op.enqueue(NewJob::new("purge_sessions", json!({}))).await;
    db.write(Caller::local(Actor::CommandLine), job).await.expect("add the job");
    let flags = ["--database-url", &url, "--alarm-webhook", &hook.url(), "--alarm-queue-age", "1"];
    let server = Server::start(&[&flags[..], &["--no-worker"]].concat()).await;
    let (call, text) = hook.call().await;
    assert!(text.contains("Jobs wait for too long.") && text.contains("/desk/jobs"), "{text}");
    take(call).await;

    let _worker = Worker::start(&flags);
    let (call, text) = hook.call().await;
    assert!(text.contains("this is over. Jobs wait for too long."), "{text}");
    take(call).await;
    drop(server);
}
