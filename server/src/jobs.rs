//! The background jobs of the program: what it can do, and what it does by the clock.

use std::sync::Arc;

use domain::mail::Try;
use domain::{Actor, Caller, Db, accounts, jobs, journal, kept_forms, limits, mail, offers, pictures, posted_forms};
use kit::blobs::Blobs;
use kit::mail::{MailError, Mailer};
use kit::queue::{self, Cron, QueueError, Task, TaskContext};
use kit::shutdown::Shutdown;
use model::{AppError, MailId};
use serde::Deserialize;
use sqlx::PgPool;

use crate::alarms::{self, Teller};
use crate::commands::Start;
use crate::config::Settings;
use crate::session;

/// Works on jobs until the word to stop.
pub fn run(start: &Start, post: Post, shutdown: Shutdown) -> impl Future<Output = Result<(), QueueError>> + Send + use<> {
    let (pool, concurrency) = (start.pool.clone(), usize::from(start.settings.worker_concurrency));
    let tasks = tasks(&start.settings, post, start.pictures.clone());
    let record = Arc::new(jobs::Runs::new(Db::new(pool.clone())));
    async move { queue::run(pool, tasks, &crons(), concurrency, record, shutdown).await }
}

/// What mail needs of the settings.
#[derive(Clone, Debug)]
pub struct Post {
    mailer: Option<Mailer>,
    desk_url: Arc<str>,
}

impl Post {
    pub fn of(settings: &Settings) -> Result<Post, MailError> {
        Ok(Post { mailer: settings.mailer()?, desk_url: settings.desk_url().into() })
    }

    /// Gives a mail to the mail server, unless that is done.
    pub async fn deliver(&self, pool: PgPool, id: MailId, nth: Try) -> Result<(), AppError> {
        mail::deliver(&Db::new(pool), self.mailer.as_ref(), &self.desk_url, id, nth).await
    }
}

#[derive(Deserialize)]
struct MailJob {
    mail: MailId,
}

#[derive(Deserialize)]
struct ResetJob {
    email: String,
}

fn tasks(settings: &Settings, post: Post, blobs: Blobs) -> Vec<Task> {
    let desk_url = post.desk_url.clone();
    let (watch, days, teller) = (alarms::watch_of(settings), settings.job_runs_days, Teller::new(settings, post.clone()));
    vec![
        Task::new(accounts::SEND_RESET, move |payload, context| {
            let desk_url = desk_url.clone();
            async move {
                let ResetJob { email } = serde_json::from_value(payload).map_err(|error| error.to_string())?;
                server(context.pool, async |op| accounts::send_reset(op, &email, &desk_url).await).await
            }
        }),
        Task::new(mail::SEND_MAIL, move |payload, context| {
            let post = post.clone();
            async move {
                let MailJob { mail: id } = serde_json::from_value(payload).map_err(|error| error.to_string())?;
                let nth = match context {
                    TaskContext { is_last: true, .. } => Try::Last,
                    TaskContext { attempt: 1, .. } => Try::First,
                    _ => Try::Middle,
                };
                let delivered = post.deliver(context.pool, id, nth).await;
                delivered.map_err(|_| "the mail was not taken; its page at the desk says why".to_owned())
            }
        }),
        Task::new("tidy_mail", |_, context| async move { server(context.pool, async |op| mail::tidy(op).await).await }),
        Task::new("purge_sessions", |_, context| async move {
            let ended = session::store(context.pool).purge_expired().await.map_err(|e| e.to_string())?;
            tracing::info!(ended, "ended sessions removed");
            Ok(())
        }),
        Task::new("purge_attempts", |_, context| async move {
            server(context.pool, async |op| limits::purge(op).await).await?;
            Ok(())
        }),
        Task::new("purge_kept_forms", |_, context| async move {
            server(context.pool, async |op| kept_forms::purge(op).await).await?;
            Ok(())
        }),
        Task::new("purge_posted_forms", |_, context| async move {
            server(context.pool, async |op| posted_forms::purge(op).await).await?;
            Ok(())
        }),
        Task::new("purge_pictures", move |_, context| {
            let blobs = blobs.clone();
            async move {
                let gone = pictures::purge(&Db::new(context.pool), Caller::local(Actor::Server), &blobs).await?;
                tracing::info!(gone, "unused pictures removed");
                Ok(())
            }
        }),
        Task::new("prepare_months", |_, context| async move {
            server(context.pool, async |op| journal::prepare_months(op).await).await
        }),
        Task::new("settle_publications", |_, context| async move {
            // A batch a transaction, so that none holds many rows for long.
            while server(context.pool.clone(), async |op| offers::settle_due(op).await).await? > 0 {}
            Ok(())
        }),
        Task::new("follow_locations", |_, context| async move {
            while server(context.pool.clone(), async |op| offers::follow_locations(op).await).await? > 0 {}
            Ok(())
        }),
        Task::new("watch_jobs", move |_, context| {
            let watch = watch.clone();
            async move { server(context.pool, async |op| jobs::check(op, &watch).await).await }
        }),
        Task::new("purge_job_runs", move |_, context| async move {
            while server(context.pool.clone(), async |op| jobs::purge(op, days).await).await? > 0 {}
            Ok(())
        }),
        Task::new(jobs::TELL, move |payload, context| {
            let teller = teller.clone();
            async move { teller.tell(&context.pool, &payload).await }
        }),
    ]
}

/// Runs a use case as the server itself.
pub async fn server<T>(pool: PgPool, work: impl AsyncFnOnce(&mut domain::Op) -> domain::Result<T>) -> Result<T, String> {
    Db::new(pool).write(Caller::local(Actor::Server), work).await.map_err(|error| error.to_string())
}

/// What the program does by the clock.
pub fn crons() -> Vec<Cron> {
    vec![
        Cron { task: "settle_publications", schedule: "* * * * *" },
        Cron { task: "follow_locations", schedule: "* * * * *" },
        Cron { task: "watch_jobs", schedule: "* * * * *" },
        Cron { task: "purge_sessions", schedule: "17 * * * *" },
        Cron { task: "purge_attempts", schedule: "37 * * * *" },
        Cron { task: "purge_kept_forms", schedule: "47 * * * *" },
        Cron { task: "purge_posted_forms", schedule: "52 * * * *" },
        Cron { task: "tidy_mail", schedule: "57 * * * *" },
        Cron { task: "prepare_months", schedule: "7 3 * * *" },
        Cron { task: "purge_pictures", schedule: "27 3 * * *" },
        Cron { task: "purge_job_runs", schedule: "42 3 * * *" },
    ]
}
