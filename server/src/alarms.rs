//! Alarms of the background jobs: who looks for them, and how they are told.

use std::time::Duration;

use chrono::TimeDelta;
use domain::jobs::{self, Channels, Watch};
use domain::mail::Try;
use kit::leader;
use kit::shutdown::Shutdown;
use kit::webhook::WebhookUrl;
use model::AlarmId;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::commands::Start;
use crate::config::Settings;
use crate::jobs::{Post, server};

/// Of all servers one looks at a time; any number that nothing else locks.
const LEADER: i64 = 0x7465_7373_6572_6103;
/// How often a server looks.
const LOOK: Duration = Duration::from_secs(60);

/// When to raise alarms.
pub fn watch_of(settings: &Settings) -> Watch {
    let queue_age = TimeDelta::from_std(settings.alarm_queue_age).unwrap_or(TimeDelta::MAX);
    Watch { queue_age, channels: channels(settings) }
}

/// Where alarms are told.
pub fn channels(settings: &Settings) -> Channels {
    Channels { webhook: settings.alarm_webhook.is_some(), mail: settings.alarm_mail.clone() }
}

/// Tells alarms to those whom the settings name.
#[derive(Clone)]
pub struct Teller {
    webhook: Option<WebhookUrl>,
    post: Post,
    /// Where the desk shows them.
    page: String,
}

impl Teller {
    pub fn new(settings: &Settings, post: Post) -> Teller {
        Teller { webhook: settings.alarm_webhook.clone(), post, page: format!("{}/desk/jobs", settings.desk_url()) }
    }

    /// Tells what a job of the task [`jobs::TELL`] names, unless it was told meanwhile.
    pub async fn tell(&self, pool: &PgPool, payload: &Value) -> Result<(), String> {
        if payload["test"] == true {
            return self.call(jobs::test_text()).await;
        }
        let id = payload["alarm"].as_str().and_then(|id| id.parse().ok()).ok_or("The job names no alarm.")?;
        self.tell_one(pool, id, false).await
    }

    /// `alone` says that no worker will send the mails.
    async fn tell_one(&self, pool: &PgPool, id: AlarmId, alone: bool) -> Result<(), String> {
        let Some(telling) = server(pool.clone(), async |op| jobs::untold(op, id).await).await? else { return Ok(()) };
        let mut mailed = Ok(());
        if alone {
            for mail in &telling.mails {
                let sent = self.post.deliver(pool.clone(), *mail, Try::Middle).await.map_err(|error| error.to_string());
                mailed = mailed.and(sent);
            }
        }
        let by_webhook = self.webhook.is_some();
        if !by_webhook && telling.mails.is_empty() {
            return Ok(());
        }
        self.call(&telling.text).await?;
        // Where the webhook has told it, mails that could not be sent wait for a worker; where there is none, they are tried again.
        if !by_webhook {
            mailed?;
        }
        let noted = server(pool.clone(), async |op| jobs::note_told(op, &telling, by_webhook).await).await?;
        if noted { Ok(()) } else { Err("No mail that tells it was sent yet; its page at the desk says why.".to_owned()) }
    }

    async fn call(&self, text: &str) -> Result<(), String> {
        let Some(webhook) = &self.webhook else { return Ok(()) };
        webhook.post(&json!({ "text": format!("{text} {}", self.page) })).await
    }
}

/// Looks for alarms until the word to stop. For what the clock starts needs a worker, and that there is none must be noticed too.
pub async fn keep_watch(start: &Start, post: Post, shutdown: Shutdown) {
    let (pool, watch, teller) = (&start.pool, watch_of(&start.settings), Teller::new(&start.settings, post));
    let pause = LOOK.min(start.settings.alarm_queue_age);
    while !shutdown.is_requested() {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shutdown.requested() => return,
        }
        if let Err(error) = leader::alone(pool, LEADER, look(pool, &watch, &teller)).await {
            tracing::warn!(%error, "nobody looked for alarms, since the data base was out of reach");
        }
    }
}

async fn look(pool: &PgPool, watch: &Watch, teller: &Teller) {
    if let Err(error) = server(pool.clone(), async |op| jobs::check(op, watch).await).await {
        tracing::warn!(error, "the look for alarms failed");
    }
    // Telling is a job; where nobody takes it up, somebody must tell that.
    let waiting = server(pool.clone(), async |op| jobs::untellable(op, watch).await).await.unwrap_or_default();
    for id in waiting {
        if let Err(error) = teller.tell_one(pool, id, true).await {
            tracing::warn!(error, "an alarm was not told");
        }
    }
}
