//! The queue against real Postgres, with workers that stop, fail and die.

use std::sync::Mutex;
use std::time::Instant;

use serde_json::json;
use tokio::task::JoinHandle;

use super::*;

/// What the tasks of a test were given.
type Seen = Arc<Mutex<Vec<Value>>>;

async fn queue(pool: &PgPool) -> Queue {
    let queue = Queue::new(pool.clone());
    queue.install().await.expect("make the tables");
    queue
}

/// Notes its payload; fails if that says so, and takes as long as it says.
fn note(seen: &Seen) -> Task {
    let seen = seen.clone();
    Task::new("note", move |payload, context| {
        let seen = seen.clone();
        async move {
            tokio::time::sleep(Duration::from_millis(payload["ms"].as_u64().unwrap_or(0))).await;
            seen.lock().expect("the list").push(payload.clone());
            assert!(context.pool.size() > 0, "the task can reach the data base");
            if payload["fail"] == true { Err("it was told to fail".to_owned()) } else { Ok(()) }
        }
    })
}

fn worker(pool: &PgPool, seen: &Seen, shutdown: &Shutdown) -> JoinHandle<Result<(), QueueError>> {
    let (pool, tasks, shutdown) = (pool.clone(), vec![note(seen)], shutdown.clone());
    tokio::spawn(async move { run(pool, tasks, &[], 2, shutdown).await })
}

async fn add(queue: &Queue, job: NewJob) {
    let mut connection = queue.pool.acquire().await.expect("connect");
    queue.add_job(&mut connection, job).await.expect("add");
}

/// Waits until a test's tasks have seen so many payloads.
async fn until_seen(seen: &Seen, count: usize, patience: Duration) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let list = seen.lock().expect("the list").clone();
        if list.len() >= count || begun.elapsed() > patience {
            return list;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until a worker has taken a job.
async fn until_in_hand(queue: &Queue) {
    let begun = Instant::now();
    while queue.stats().await.expect("stats").running == 0 {
        assert!(begun.elapsed() < Duration::from_secs(25), "nobody took the job");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn stop(shutdown: &Shutdown, worker: JoinHandle<Result<(), QueueError>>) {
    shutdown.request();
    worker.await.expect("the worker ended").expect("it ended well");
}

#[sqlx::test(migrations = false)]
async fn a_job_exists_when_its_transaction_commits_and_not_before(pool: PgPool) {
    let (queue, seen, shutdown) = (queue(&pool).await, Seen::default(), Shutdown::new());
    let worker = worker(&pool, &seen, &shutdown);
    let mut undone = pool.begin().await.expect("begin");
    queue.add_job(&mut undone, NewJob::new("note", json!({"n": 1}))).await.expect("add");
    undone.rollback().await.expect("roll back");
    let mut done = pool.begin().await.expect("begin");
    queue.add_job(&mut done, NewJob::new("note", json!({"n": 2}))).await.expect("add");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(seen.lock().expect("the list").len(), 0, "not before the commit");
    done.commit().await.expect("commit");
    assert_eq!(until_seen(&seen, 1, Duration::from_secs(5)).await, [json!({"n": 2})]);
    stop(&shutdown, worker).await;
}

#[sqlx::test(migrations = false)]
async fn a_key_keeps_one_waiting_job_and_a_later_time_is_kept(pool: PgPool) {
    let queue = queue(&pool).await;
    let later = crate::clock::now() + Duration::from_secs(3600);
    for n in 1..=3 {
        add(&queue, NewJob::new("note", json!({"n": n})).key("only").run_at(later)).await;
    }
    add(&queue, NewJob::new("note", json!({"n": 4}))).await;
    let stats = queue.stats().await.expect("stats");
    assert_eq!(stats, QueueStats { ready: 1, running: 0, scheduled: 1, failed: 0 });
}

#[sqlx::test(migrations = false)]
async fn a_job_that_fails_is_tried_again_and_at_last_counts_as_failed(pool: PgPool) {
    let (queue, seen, shutdown) = (queue(&pool).await, Seen::default(), Shutdown::new());
    add(&queue, NewJob::new("note", json!({"fail": true})).max_attempts(1)).await;
    add(&queue, NewJob::new("note", json!({"fail": true, "again": true})).max_attempts(2)).await;
    add(&queue, NewJob::new("nobody knows it", json!({})).max_attempts(1)).await;
    let worker = worker(&pool, &seen, &shutdown);
    assert_eq!(until_seen(&seen, 3, Duration::from_secs(20)).await.len(), 3);
    stop(&shutdown, worker).await;
    let stats = queue.stats().await.expect("stats");
    assert_eq!(stats, QueueStats { ready: 0, running: 0, scheduled: 0, failed: 3 });
}

#[sqlx::test(migrations = false)]
async fn a_job_in_hand_is_finished_before_the_worker_stops(pool: PgPool) {
    let (queue, seen, shutdown) = (queue(&pool).await, Seen::default(), Shutdown::new());
    let worker = worker(&pool, &seen, &shutdown);
    add(&queue, NewJob::new("note", json!({"ms": 3000}))).await;
    until_in_hand(&queue).await;
    stop(&shutdown, worker).await;
    assert_eq!(seen.lock().expect("the list").len(), 1, "it was not cut off");
    assert_eq!(queue.stats().await.expect("stats"), QueueStats { ready: 0, running: 0, scheduled: 0, failed: 0 });
}

#[sqlx::test(migrations = false)]
async fn the_job_of_a_killed_worker_is_done_by_another(pool: PgPool) {
    let (queue, seen, shutdown) = (queue(&pool).await, Seen::default(), Shutdown::new());
    add(&queue, NewJob::new("note", json!({"ms": 3000}))).await;

    // A runtime of its own that ends at once is what a kill is: nothing is handed back.
    let (killed_pool, killed_seen) = (pool.options().clone().connect_lazy_with((*pool.connect_options()).clone()), seen.clone());
    let observer = queue.clone();
    let dying = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let queue = Queue::new(killed_pool.clone());
            tokio::spawn(run(killed_pool, vec![note(&killed_seen)], &[], 1, Shutdown::new()));
            until_in_hand(&queue).await;
        });
        runtime.shutdown_background();
    });
    tokio::task::spawn_blocking(move || dying.join()).await.expect("wait").expect("the thread");
    assert_eq!(observer.stats().await.expect("stats").running, 1, "the job is still locked");
    assert!(seen.lock().expect("the list").is_empty());

    let worker = worker(&pool, &seen, &shutdown);
    assert_eq!(until_seen(&seen, 1, Duration::from_secs(25)).await.len(), 1);
    stop(&shutdown, worker).await;
}

#[test]
fn a_schedule_that_is_none_is_refused_by_name() {
    let refused = crontab(&Cron { task: "purge", schedule: "every other day" }).expect_err("no schedule").to_string();
    assert!(refused.starts_with("`every other day` is not a schedule for purge"), "{refused}");
    let taken = crontab(&Cron { task: "purge", schedule: "*/5 * * * *" }).expect("a schedule");
    assert_eq!(taken.payload, Some(json!({"task": "purge", "payload": {}})));
    assert_eq!(taken.identifier(), "purge");
}
