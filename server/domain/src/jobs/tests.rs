//! Jobs, runs and alarms against real Postgres.

use super::*;
use crate::{Actor, Caller, Db};
use chrono::TimeDelta;
use kit::queue::{Cron, End, Ended, NewJob, Queue, Record as _, Run};
use model::{AccountId, AlarmId, Refusal, access::Role, jobs::AlarmKind};
use sqlx::PgPool;
use uuid::Uuid;

fn watch() -> Watch {
    Watch { queue_age: TimeDelta::minutes(10), channels: webhook() }
}

fn webhook() -> Channels {
    Channels { webhook: true, mail: Vec::new() }
}

async fn db(pool: &PgPool) -> Db {
    Queue::new(pool.clone()).install().await.unwrap();
    Db::new(pool.clone())
}

fn server() -> Caller {
    Caller::local(Actor::Server)
}

fn admin() -> Caller {
    Caller::local(Actor::Staff { id: AccountId(Uuid::from_u128(1)), roles: vec![Role::Admin] })
}

async fn add(db: &Db, task: &'static str) {
    db.write(server(), async |op| op.enqueue(NewJob::new(task, json!({ "token": "s3cret" }))).await).await.unwrap();
}

/// Changes rows behind the program's back, as time would.
async fn alter(pool: &PgPool, sql: &'static str) {
    sqlx::raw_sql(sql).execute(pool).await.expect(sql);
}

async fn number(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.expect(sql)
}

fn run(task: &str, job_id: i64, attempt: i16) -> Run {
    Run { task: task.to_owned(), job_id, attempt, is_last: false, worker: "worker 1".to_owned() }
}

/// Writes down a run that ended so.
async fn ran(db: &Db, run: &Run, end: End, message: Option<&str>) {
    let runs = Runs::new(db.clone());
    runs.began(run).await;
    runs.ended(run, Ended { end, message }).await;
}

async fn shown(db: &Db, query: RunQuery) -> (Overview, Page<JobRun>) {
    db.read(admin(), async |op| look(op, &query, &webhook()).await).await.unwrap()
}

async fn check_now(db: &Db) {
    db.write(server(), async |op| check(op, &watch()).await).await.unwrap();
}

/// The alarms, each with whether it lasts.
async fn alarms_of(db: &Db) -> Vec<(AlarmKind, String, bool)> {
    let (overview, _) = shown(db, RunQuery::default()).await;
    overview.alarms.into_iter().map(|alarm| (alarm.kind, alarm.about, alarm.ended_at.is_none())).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn each_run_is_kept_with_its_end_and_one_that_was_killed_says_so(pool: PgPool) {
    let db = db(&pool).await;
    let runs = Runs::new(db.clone());
    ran(&db, &run("send", 7, 1), End::Failed, Some("postgres://u:hidden@db/x\nis gone.")).await;
    runs.began(&run("send", 7, 2)).await;
    runs.began(&Run { worker: "worker 2".to_owned(), ..run("send", 7, 2) }).await;
    // The one that was taken for dead comes back late.
    runs.ended(&run("send", 7, 2), Ended { end: End::Done, message: None }).await;
    let record = db.read(admin(), async |op| load(op, "7").await).await.unwrap();
    let kept: Vec<_> = record.runs.iter().map(|run| (run.attempt, run.outcome, run.message.as_deref())).collect();
    assert_eq!(
        kept,
        [
            (2, RunOutcome::Running, None),
            (2, RunOutcome::Interrupted, None),
            (1, RunOutcome::Failed, Some("postgres://u:***@db/x is gone.")),
        ]
    );
    // Nobody has the job, and half a minute later nobody will tell an end.
    alter(&pool, "update job_runs set started_at = started_at - interval '1 minute'").await;
    check_now(&db).await;
    assert_eq!(number(&pool, "select count(*) from job_runs where ended_at is null").await, 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn runs_are_found_by_task_and_outcome_a_page_at_a_time(pool: PgPool) {
    let db = db(&pool).await;
    alter(
        &pool,
        "insert into job_runs (job_id, task, attempt, worker, started_at, ended_at, outcome)
         select n, case n % 3 when 0 then 'a' else 'b' end, 1, 'w', now(), now(), case n % 2 when 0 then 'done' else 'failed' end
         from generate_series(1, 120) n",
    )
    .await;
    let (overview, first) = shown(&db, RunQuery::default()).await;
    assert_eq!(overview.known_tasks, ["a", "b"]);
    let (_, second) = shown(&db, RunQuery { after: first.next.unwrap().0, ..RunQuery::default() }).await;
    let (_, third) = shown(&db, RunQuery { after: second.next.unwrap().0, ..RunQuery::default() }).await;
    let jobs: Vec<i64> = [first.items, second.items, third.items].concat().iter().map(|run| run.job.0).collect();
    assert_eq!(jobs, (1..=120).rev().collect::<Vec<_>>());
    assert_eq!(third.next, None);

    let asked = RunQuery { task: "a".to_owned(), outcome: "failed".to_owned(), ..RunQuery::default() };
    let (_, found) = shown(&db, asked).await;
    assert_eq!(found.items.len(), 20);
    assert!(found.items.iter().all(|run| run.task == "a" && run.outcome == RunOutcome::Failed));
    for wrong in [RunQuery { outcome: "odd".into(), ..Default::default() }, RunQuery { after: "x".into(), ..Default::default() }]
    {
        let refused = db.read(admin(), async |op| look(op, &wrong, &webhook()).await).await.unwrap_err();
        assert!(matches!(refused, AppError::Invalid(_)), "{refused}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_job_is_tried_again_or_cancelled_with_an_audit_row_each(pool: PgPool) {
    let db = db(&pool).await;
    add(&db, "send").await;
    alter(&pool, "update graphile_worker._private_jobs set attempts = max_attempts").await;
    ran(&db, &run("send", 1, 25), End::FailedForGood, Some("Nobody listens.")).await;
    let failed = db.read(admin(), async |op| list(op, &JobQuery { state: "failed".into(), ..Default::default() }).await);
    let failed = failed.await.unwrap().items;
    assert_eq!((failed[0].id, failed[0].message.as_deref()), (JobId(1), Some("Nobody listens.")));
    assert!(failed[0].fields == ["token"] && !format!("{failed:?}").contains("s3cret"));

    db.write(admin(), async |op| retry(op, JobId(1)).await).await.unwrap();
    let job = db.read(admin(), async |op| load(op, "1").await).await.unwrap().queued.unwrap();
    assert_eq!((job.state, job.attempts), (JobState::Ready, 0));
    db.write(admin(), async |op| cancel(op, JobId(1)).await).await.unwrap();
    let record = db.read(admin(), async |op| load(op, "1").await).await.unwrap();
    assert!(record.queued.is_none() && record.runs[0].outcome == RunOutcome::Cancelled);
    let refused = db.write(admin(), async |op| retry(op, JobId(1)).await).await.unwrap_err();
    assert_eq!(refused, AppError::Refused(Refusal::Job(JobRefusal::Gone)));
    let rows: Vec<(String, Uuid)> =
        sqlx::query_as("select action, subject_id from audit_log order by id").fetch_all(&pool).await.unwrap();
    let actions: Vec<_> = rows.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(actions, ["job.retried", "job.cancelled", "job.refused"]);
    assert!(rows.iter().all(|(_, subject)| JobId::of_uuid(*subject) == JobId(1)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_running_job_is_cancelled_for_what_follows_and_cannot_be_tried_again_meanwhile(pool: PgPool) {
    let db = db(&pool).await;
    add(&db, "send").await;
    alter(&pool, "update graphile_worker._private_jobs set attempts = 1, locked_at = now(), locked_by = 'w'").await;
    let refused = db.write(admin(), async |op| retry(op, JobId(1)).await).await.unwrap_err();
    assert_eq!(refused, AppError::Refused(Refusal::Job(JobRefusal::Running)));
    db.write(admin(), async |op| cancel(op, JobId(1)).await).await.unwrap();
    alter(&pool, "update graphile_worker._private_jobs set locked_at = null, locked_by = null").await;
    assert!(db.read(admin(), async |op| load(op, "1").await).await.is_err(), "it failed and is out of the queue");
    check_now(&db).await;
    assert_eq!(alarms_of(&db).await, [], "nobody is alarmed by what they cancelled");
}

#[sqlx::test(migrations = "../../migrations")]
async fn only_operators_see_and_steer(pool: PgPool) {
    let db = db(&pool).await;
    add(&db, "send").await;
    let editor = || Caller::local(Actor::Staff { id: AccountId(Uuid::from_u128(2)), roles: vec![Role::Editor] });
    let refusals = [
        db.read(editor(), async |op| look(op, &RunQuery::default(), &webhook()).await.map(drop)).await,
        db.read(editor(), async |op| list(op, &JobQuery::default()).await.map(drop)).await,
        db.read(editor(), async |op| load(op, "1").await.map(drop)).await,
        db.write(editor(), async |op| retry(op, JobId(1)).await).await,
        db.write(editor(), async |op| cancel(op, JobId(1)).await).await,
        db.write(editor(), async |op| send_test(op, &webhook()).await).await,
        db.write(editor(), async |op| check(op, &watch()).await).await,
        db.write(editor(), async |op| purge(op, 1).await.map(drop)).await,
    ];
    assert!(refusals.iter().all(|refusal| *refusal == Err(AppError::Forbidden)), "{refusals:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_alarm_is_raised_once_while_it_lasts_and_its_end_is_told(pool: PgPool) {
    let db = db(&pool).await;
    add(&db, "send").await;
    alter(&pool, "update graphile_worker._private_jobs set attempts = max_attempts").await;
    check_now(&db).await;
    check_now(&db).await;
    assert_eq!(alarms_of(&db).await, [(AlarmKind::Failed, "send".to_owned(), true)]);
    let telling_jobs = "select count(*) from graphile_worker._private_jobs where payload->>'task' = 'tell_alarm'";
    assert_eq!(number(&pool, telling_jobs).await, 1);

    let id: Uuid = sqlx::query_scalar("select id from alarms").fetch_one(&pool).await.unwrap();
    let next = async || db.read(server(), async |op| untold(op, AlarmId(id)).await).await.unwrap();
    let telling = next().await.expect("it is to be told");
    assert!(telling.text.contains("Jobs of the task send failed for good. See why"), "{}", telling.text);
    db.write(server(), async |op| note_told(op, &telling, true).await).await.unwrap();
    assert_eq!(next().await, None, "once");

    db.write(admin(), async |op| retry(op, JobId(1)).await).await.unwrap();
    check_now(&db).await;
    assert_eq!(alarms_of(&db).await, [(AlarmKind::Failed, "send".to_owned(), false)]);
    let telling = next().await.expect("its end is to be told");
    assert!(telling.text.starts_with("Tessera: this is over. Jobs of the task send failed for good. It lasted from"));
    db.write(server(), async |op| note_told(op, &telling, true).await).await.unwrap();
    assert_eq!(next().await, None);
    let events = number(&pool, "select count(*) from outbox where topic in ('alarm.raised', 'alarm.ended')").await;
    let rows = number(&pool, "select count(*) from audit_log where action in ('alarm.raised', 'alarm.ended')").await;
    assert_eq!((events, rows), (2, 2));
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_alarm_about_the_telling_of_alarms_is_shown_and_told_to_nobody(pool: PgPool) {
    let db = db(&pool).await;
    db.write(admin(), async |op| send_test(op, &webhook()).await).await.unwrap();
    alter(&pool, "update graphile_worker._private_jobs set attempts = max_attempts").await;
    check_now(&db).await;
    assert_eq!(alarms_of(&db).await, [(AlarmKind::Failed, TELL.to_owned(), true)]);
    assert_eq!(number(&pool, "select count(*) from graphile_worker._private_jobs").await, 1, "no further job");
    let refused = db.write(admin(), async |op| send_test(op, &Channels::default()).await).await.unwrap_err();
    assert_eq!(refused, AppError::Refused(Refusal::Job(JobRefusal::NoChannel)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_queue_that_grows_old_is_an_alarm_which_the_server_tells_when_nobody_takes_it_up(pool: PgPool) {
    let db = db(&pool).await;
    add(&db, "send").await;
    alter(&pool, "update graphile_worker._private_jobs set run_at = now() - interval '9 minutes'").await;
    check_now(&db).await;
    assert_eq!(alarms_of(&db).await, []);
    alter(&pool, "update graphile_worker._private_jobs set run_at = now() - interval '11 minutes'").await;
    check_now(&db).await;
    assert_eq!(alarms_of(&db).await, [(AlarmKind::Old, String::new(), true)]);

    let waiting = async || db.read(server(), async |op| untellable(op, &watch()).await).await.unwrap().len();
    assert_eq!(waiting().await, 0, "a worker may still take it up");
    alter(&pool, "update graphile_worker._private_jobs set run_at = now() - interval '2 minutes' where key like 'alarm.%'").await;
    assert_eq!(waiting().await, 1);
    let waits = "update alarms set told_at = null, ended_at = now() - interval '23 hours'";
    for (state, count) in [("update alarms set told_at = now()", 0), (waits, 1)] {
        alter(&pool, state).await;
        assert_eq!(waiting().await, count, "{state}");
    }
    alter(&pool, "update alarms set since = since - interval '2 days', ended_at = now() - interval '25 hours'").await;
    assert_eq!(waiting().await, 0, "it is no news");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_scheduled_task_that_was_not_done_in_time_is_late_until_it_is_done(pool: PgPool) {
    let db = db(&pool).await;
    let crons = [Cron { task: "sweep", schedule: "* * * * *" }];
    let register = async || db.write(server(), async |op| register(op, &crons).await).await.unwrap();
    register().await;
    check_now(&db).await;
    assert_eq!(alarms_of(&db).await, [], "it is new");
    alter(&pool, "update job_schedules set since = since - interval '1 hour'").await;
    register().await;
    // A run that fails is not one that was done.
    ran(&db, &run("sweep", 1, 1), End::Failed, Some("No.")).await;
    check_now(&db).await;
    assert_eq!(alarms_of(&db).await, [(AlarmKind::Late, "sweep".to_owned(), true)]);
    let (overview, _) = shown(&db, RunQuery::default()).await;
    assert!(overview.schedules[0].is_late && overview.schedules[0].next.is_some());

    ran(&db, &run("sweep", 1, 2), End::Done, None).await;
    check_now(&db).await;
    assert_eq!(alarms_of(&db).await, [(AlarmKind::Late, "sweep".to_owned(), false)]);
    // Done by a worker whose clock is a little behind that of the one which had it begun.
    alter(
        &pool,
        "update job_runs set started_at = date_trunc('minute', now() - interval '15 minutes') - interval '50 milliseconds'
         where outcome = 'done'",
    )
    .await;
    check_now(&db).await;
    assert_eq!(alarms_of(&db).await.len(), 1);
    db.write(server(), async |op| super::register(op, &[]).await).await.unwrap();
    assert_eq!(number(&pool, "select count(*) from job_schedules").await, 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn old_runs_and_alarms_are_purged_and_lasting_ones_are_kept(pool: PgPool) {
    let db = db(&pool).await;
    for job in 1..=3 {
        ran(&db, &run("send", job, 1), End::Done, None).await;
    }
    alter(
        &pool,
        "update job_runs set started_at = started_at - interval '31 days' where job_id < 3;
         insert into alarms (id, kind, about, since, ended_at) values
             (gen_random_uuid(), 'old', '', now() - interval '40 days', null),
             (gen_random_uuid(), 'late', 'x', now() - interval '40 days', now() - interval '35 days')",
    )
    .await;
    let purge = async || db.write(server(), async |op| purge(op, 30).await).await.unwrap();
    assert_eq!(purge().await, 3);
    assert_eq!(purge().await, 0);
    assert_eq!(number(&pool, "select count(*) from job_runs").await, 1);
    assert_eq!(number(&pool, "select count(*) from alarms where ended_at is null").await, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn alarms_are_mailed_as_well_unless_it_is_mail_that_fails(pool: PgPool) {
    let db = db(&pool).await;
    let channels = Channels { webhook: false, mail: vec!["ops@example.com".to_owned(), "boss@example.com".to_owned()] };
    let watch = Watch { channels, ..watch() };
    let check_now = async || db.write(server(), async |op| check(op, &watch).await).await.unwrap();
    add(&db, crate::mail::SEND_MAIL).await;
    alter(&pool, "update graphile_worker._private_jobs set attempts = max_attempts").await;
    check_now().await;
    assert_eq!(number(&pool, "select count(*) from mails").await, 0);

    add(&db, "send").await;
    alter(&pool, "update graphile_worker._private_jobs set attempts = max_attempts where payload->>'task' = 'send'").await;
    check_now().await;
    check_now().await;
    assert_eq!(number(&pool, "select count(*) from mails where letter::text like '%task send failed for good%'").await, 2);
    let id: Uuid = sqlx::query_scalar("select id from alarms where about = 'send'").fetch_one(&pool).await.unwrap();
    let telling = db.read(server(), async |op| untold(op, AlarmId(id)).await).await.unwrap().expect("it is to be told");
    assert_eq!(telling.mails.len(), 2);
    let noted = async || db.write(server(), async |op| note_told(op, &telling, false).await).await.unwrap();
    assert!(!noted().await, "they wait");
    alter(&pool, "update mails set state = 'sent'").await;
    assert!(noted().await);
    let jobs = "select count(*) from graphile_worker._private_jobs where payload->>'task' = 'tell_alarm' and run_at > now()";
    assert_eq!(number(&pool, jobs).await, 1, "of the other alarm nobody is told");
}
