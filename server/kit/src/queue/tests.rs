//! The queue against real Postgres, with workers that stop, fail and die.

use std::sync::Mutex;
use std::time::Instant;

use async_trait::async_trait;
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

/// What was recorded of runs: the beginning of each, and each end with its message.
#[derive(Default)]
struct Told(Mutex<Vec<(i64, i16, Option<End>, String)>>);

#[async_trait]
impl Record for Told {
    async fn began(&self, run: &Run) {
        self.0.lock().expect("the list").push((run.job_id, run.attempt, None, run.task.clone()));
    }

    async fn ended(&self, run: &Run, ended: Ended<'_>) {
        let message = ended.message.unwrap_or_default().to_owned();
        self.0.lock().expect("the list").push((run.job_id, run.attempt, Some(ended.end), message));
    }
}

fn worker(pool: &PgPool, seen: &Seen, shutdown: &Shutdown) -> JoinHandle<Result<(), QueueError>> {
    worker_on(pool, vec![note(seen)], &[], &Arc::default(), shutdown)
}

fn worker_on(
    pool: &PgPool,
    tasks: Vec<Task>,
    crons: &'static [Cron],
    told: &Arc<Told>,
    shutdown: &Shutdown,
) -> JoinHandle<Result<(), QueueError>> {
    let (pool, told, shutdown) = (pool.clone(), told.clone(), shutdown.clone());
    tokio::spawn(async move { run(pool, tasks, crons, 2, told, shutdown).await })
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
            tokio::spawn(run(killed_pool, vec![note(&killed_seen)], &[], 1, Arc::new(Told::default()), Shutdown::new()));
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
    let refused = cron::crontab(&Cron { task: "purge", schedule: "every other day" }).expect_err("no schedule").to_string();
    assert!(refused.starts_with("`every other day` is not a schedule for purge"), "{refused}");
    let taken = cron::crontab(&Cron { task: "purge", schedule: "*/5 * * * *" }).expect("a schedule");
    assert_eq!(taken.payload, Some(json!({"task": "purge", "payload": {}})));
    assert_eq!(taken.identifier(), "purge");
}

/// Changes the queue behind its back, as time would.
async fn alter(pool: &PgPool, sql: &'static str) {
    sqlx::raw_sql(sql).execute(pool).await.expect(sql);
}

async fn only_job(queue: &Queue) -> JobRow {
    let mut connection = queue.pool.acquire().await.expect("connect");
    let mut jobs = queue.jobs(&mut connection, None, None, None, 10).await.expect("jobs");
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    jobs.remove(0)
}

#[sqlx::test(migrations = false)]
async fn each_try_waits_longer_than_the_one_before(pool: PgPool) {
    let (queue, seen, shutdown) = (queue(&pool).await, Seen::default(), Shutdown::new());
    add(&queue, NewJob::new("note", json!({"fail": true}))).await;
    let worker = worker(&pool, &seen, &shutdown);
    let mut waits = Vec::new();
    for tries in 1..=4 {
        until_seen(&seen, tries, Duration::from_secs(20)).await;
        until_let_go(&queue).await;
        let job = only_job(&queue).await;
        assert_eq!((job.state, job.attempts), (JobState::Retrying, i16::try_from(tries).expect("few")));
        let failed: DateTime<Utc> = sqlx::query_scalar("select now()").fetch_one(&pool).await.expect("the time of the data base");
        waits.push((job.run_at - failed).num_milliseconds());
        alter(&pool, "update graphile_worker._private_jobs set run_at = now()").await;
    }
    stop(&shutdown, worker).await;
    // Powers of e, less the moments that passed since.
    assert!(waits[0] > 1_000 && waits[3] > 40_000, "{waits:?}");
    assert!(waits.windows(2).all(|pair| pair[1] > pair[0] * 2), "{waits:?}");
}

/// Waits until no worker has a job.
async fn until_let_go(queue: &Queue) {
    let begun = Instant::now();
    while queue.stats().await.expect("stats").running > 0 {
        assert!(begun.elapsed() < Duration::from_secs(25), "the job is not let go");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[sqlx::test(migrations = false)]
async fn a_run_over_its_limit_is_cut_off_with_a_sentence_and_tried_again(pool: PgPool) {
    let (queue, told, shutdown) = (queue(&pool).await, Arc::new(Told::default()), Shutdown::new());
    let survived = Arc::new(Mutex::new(0));
    let slow = {
        let survived = survived.clone();
        Task::new("slow", move |_, context| {
            let survived = survived.clone();
            async move {
                if context.attempt == 1 {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
                *survived.lock().expect("the number") += 1;
                Ok(())
            }
        })
    };
    add(&queue, NewJob::new("slow", json!({}))).await;
    let worker = worker_on(&pool, vec![slow.limit(Duration::from_millis(300))], &[], &told, &shutdown);
    let begun = Instant::now();
    while *survived.lock().expect("the number") == 0 {
        assert!(begun.elapsed() < Duration::from_secs(25), "it is not tried again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop(&shutdown, worker).await;
    let told = told.0.lock().expect("the list");
    assert_eq!(told[1].2, Some(End::Failed));
    assert_eq!(told[1].3, "It took longer than the 300 milliseconds that it may take, and was cut off.");
    assert_eq!((told[3].1, told[3].2), (2, Some(End::Done)));
    assert_eq!(*survived.lock().expect("the number"), 1, "what was cut off did not go on");
}

#[sqlx::test(migrations = false)]
async fn every_run_is_told_with_its_end_even_one_that_panics(pool: PgPool) {
    let (queue, seen, told, shutdown) = (queue(&pool).await, Seen::default(), Arc::new(Told::default()), Shutdown::new());
    let breaks = Task::new("breaks", |_, _| async { panic!("a secret") });
    for job in [NewJob::new("note", json!({})), NewJob::new("breaks", json!({})).max_attempts(1)] {
        add(&queue, job).await;
    }
    let worker = worker_on(&pool, vec![note(&seen), breaks], &[], &told, &shutdown);
    let begun = Instant::now();
    while told.0.lock().expect("the list").len() < 4 {
        assert!(begun.elapsed() < Duration::from_secs(25), "the runs do not end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop(&shutdown, worker).await;
    let mut told = told.0.lock().expect("the list").clone();
    told.sort_by_key(|(job, _, end, _)| (*job, end.is_some()));
    let ends: Vec<_> = told.iter().map(|(_, _, end, _)| *end).collect();
    assert_eq!(ends, [None, Some(End::Done), None, Some(End::FailedForGood)]);
    assert_eq!(told[3].3, "It ended by a fault of the program, which the server's log tells.");
}

#[sqlx::test(migrations = false)]
async fn several_workers_do_nothing_twice(pool: PgPool) {
    let (queue, seen, shutdown) = (queue(&pool).await, Seen::default(), Shutdown::new());
    let workers: Vec<_> = (0..3).map(|_| worker(&pool, &seen, &shutdown)).collect();
    for n in 0..200 {
        add(&queue, NewJob::new("note", json!({"n": n, "ms": 2}))).await;
    }
    let list = until_seen(&seen, 200, Duration::from_secs(60)).await;
    for worker in workers {
        stop(&shutdown, worker).await;
    }
    let each: std::collections::BTreeSet<u64> = list.iter().filter_map(|payload| payload["n"].as_u64()).collect();
    assert_eq!((list.len(), each.len(), seen.lock().expect("the list").len()), (200, 200, 200));
}

#[sqlx::test(migrations = false)]
async fn of_times_that_no_worker_saw_one_is_made_up_for(pool: PgPool) {
    static EVERY_MINUTE: [Cron; 1] = [Cron { task: "note", schedule: "* * * * *" }];
    let (queue, seen) = (queue(&pool).await, Seen::default());
    for missed in ["3 hours", "5 days"] {
        let (seen_before, shutdown) = (seen.lock().expect("the list").len(), Shutdown::new());
        // The last worker went then, and nobody came since.
        let gone = "insert into graphile_worker._private_known_crontabs (identifier, known_since, last_execution)
                    values ('note', now() - interval '9 days', date_trunc('minute', now()) - cast($1 as interval))
                    on conflict (identifier) do update set last_execution = excluded.last_execution";
        sqlx::query(gone).bind(missed).execute(&pool).await.expect(gone);
        let told = Arc::new(Told::default());
        let worker = worker_on(&pool, vec![note(&seen)], &EVERY_MINUTE, &told, &shutdown);
        until_seen(&seen, seen_before + 1, Duration::from_secs(50)).await;
        stop(&shutdown, worker).await;
        let more = seen.lock().expect("the list").len() - seen_before;
        // A minute may pass meanwhile, which is a time of its own.
        assert!((1..=2).contains(&more), "{missed}: {more} runs");
        assert_eq!(queue.stats().await.expect("stats").ready, 0, "{missed}");
    }
}

#[sqlx::test(migrations = false)]
async fn a_run_by_the_clock_waits_for_the_one_at_work(pool: PgPool) {
    static YEARLY: [Cron; 1] = [Cron { task: "slow", schedule: "0 0 1 1 *" }];
    let (queue, told, shutdown) = (queue(&pool).await, Arc::new(Told::default()), Shutdown::new());
    let slow = Task::new("slow", |_, _| async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        Ok(())
    });
    let missed = "insert into graphile_worker._private_known_crontabs (identifier, known_since) values ('slow', now() - interval '2 years')
                  on conflict (identifier) do update set last_execution = null";
    alter(&pool, missed).await;
    let worker = worker_on(&pool, vec![slow], &YEARLY, &told, &shutdown);
    until_in_hand(&queue).await;
    // Its next time comes.
    alter(&pool, missed).await;
    cron::make_up(&pool, &YEARLY).await.expect("make up");
    let begun = Instant::now();
    while told.0.lock().expect("the list").len() < 4 {
        assert!(begun.elapsed() < Duration::from_secs(25), "the runs do not end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop(&shutdown, worker).await;
    let told = told.0.lock().expect("the list").clone();
    assert_eq!(told.iter().map(|(job, ..)| *job).collect::<Vec<_>>(), [told[0].0, told[0].0, told[2].0, told[2].0]);
    assert_ne!(told[0].0, told[2].0);
}

#[test]
fn the_times_of_a_schedule_are_found_to_both_sides() {
    let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
    let noon = at("2026-03-01T12:00:30Z");
    assert_eq!(last_due("* * * * *", noon), Some(at("2026-03-01T12:00:00Z")));
    assert_eq!(next_due("* * * * *", noon), Some(at("2026-03-01T12:01:00Z")));
    assert_eq!(last_due("7 3 * * *", noon), Some(at("2026-03-01T03:07:00Z")));
    assert_eq!(next_due("7 3 * * *", noon), Some(at("2026-03-02T03:07:00Z")));
    assert_eq!(last_due("0 0 29 2 *", noon), None, "further than a year");
    assert_eq!(next_due("never", noon), None);
}

#[sqlx::test(migrations = false)]
async fn a_job_is_seen_where_it_stands_with_the_names_of_its_fields_alone(pool: PgPool) {
    let queue = queue(&pool).await;
    let later = crate::clock::now() + Duration::from_secs(3600);
    add(&queue, NewJob::new("note", json!({"token": "s3cret"}))).await;
    add(&queue, NewJob::new("note", json!("s3cret")).run_at(later)).await;
    add(&queue, NewJob::new("other", json!({}))).await;
    alter(&pool, "update graphile_worker._private_jobs set attempts = max_attempts where id = 3").await;
    let mut connection = pool.acquire().await.expect("connect");
    let jobs = queue.jobs(&mut connection, None, None, None, 10).await.expect("jobs");
    let states: Vec<_> = jobs.iter().map(|job| (job.id, job.state)).collect();
    assert_eq!(states, [(3, JobState::Failed), (2, JobState::Scheduled), (1, JobState::Ready)]);
    assert_eq!(jobs[2].fields, ["token"]);
    assert!(!format!("{jobs:?}").contains("s3cret"));

    let second = queue.jobs(&mut connection, None, None, Some(3), 1).await.expect("jobs");
    assert_eq!(second.iter().map(|job| job.id).collect::<Vec<_>>(), [2]);
    let failed = queue.jobs(&mut connection, Some(JobState::Failed), None, None, 10).await.expect("jobs");
    assert_eq!(failed.len(), 1);
    let noted = queue.jobs(&mut connection, None, Some("note"), None, 10).await.expect("jobs");
    assert_eq!(noted.len(), 2);
    let counts = queue.counts(&mut connection).await.expect("counts");
    let counts: Vec<_> =
        counts.iter().map(|c| (c.task.as_str(), c.ready, c.scheduled, c.failed, c.oldest_ready.is_some())).collect();
    assert_eq!(counts, [("note", 1, 1, 0, true), ("other", 0, 0, 1, false)]);
}

#[sqlx::test(migrations = false)]
async fn a_failed_job_gets_its_tries_anew_and_a_cancelled_one_is_gone(pool: PgPool) {
    let queue = queue(&pool).await;
    add(&queue, NewJob::new("note", json!({})).max_attempts(3)).await;
    alter(&pool, "update graphile_worker._private_jobs set attempts = 3, run_at = now() + interval '1 hour'").await;
    let mut connection = pool.acquire().await.expect("connect");
    assert_eq!(queue.retry(&mut connection, 1).await.expect("retry"), Steered::Done);
    let job = only_job(&queue).await;
    assert_eq!((job.state, job.attempts), (JobState::Ready, 0));
    alter(&pool, "update graphile_worker._private_jobs set attempts = 2, run_at = now() + interval '1 hour'").await;
    assert_eq!(queue.retry(&mut connection, 1).await.expect("retry"), Steered::Done);
    let job = only_job(&queue).await;
    assert_eq!((job.state, job.attempts), (JobState::Ready, 2), "one that has tries left keeps its count");
    assert_eq!(queue.cancel(&mut connection, 1).await.expect("cancel"), Steered::Done);
    assert_eq!(queue.job(&mut connection, 1).await.expect("look"), None);
    assert_eq!(queue.retry(&mut connection, 1).await.expect("retry"), Steered::Gone);
    assert_eq!(queue.cancel(&mut connection, 1).await.expect("cancel"), Steered::Gone);
}

#[sqlx::test(migrations = false)]
async fn a_running_job_that_is_cancelled_ends_its_try_and_has_no_other(pool: PgPool) {
    let (queue, seen, shutdown) = (queue(&pool).await, Seen::default(), Shutdown::new());
    add(&queue, NewJob::new("note", json!({"ms": 1500, "fail": true}))).await;
    let worker = worker(&pool, &seen, &shutdown);
    until_in_hand(&queue).await;
    let mut connection = pool.acquire().await.expect("connect");
    assert_eq!(queue.retry(&mut connection, 1).await.expect("retry"), Steered::Running);
    assert_eq!(queue.cancel(&mut connection, 1).await.expect("cancel"), Steered::Running);
    assert_eq!(until_seen(&seen, 1, Duration::from_secs(20)).await.len(), 1, "it went on to its end");
    until_let_go(&queue).await;
    stop(&shutdown, worker).await;
    assert_eq!(queue.stats().await.expect("stats"), QueueStats { ready: 0, running: 0, scheduled: 0, failed: 0 });
    assert_eq!(queue.clear_retired(&mut connection).await.expect("clear"), 1);
    let (rows,): (i64,) =
        sqlx::query_as("select count(*) from graphile_worker._private_jobs").fetch_one(&pool).await.expect("count");
    assert_eq!(rows, 0);
}
