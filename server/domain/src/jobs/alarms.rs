//! Alarms: raised once while something is wrong, told to whoever is to know, and told again when it is over.
//!
//! Workers look each minute by the clock, and so does every server, for without workers nobody looks by the clock. Telling is a
//! job of its own; where no worker takes it up, the server that looked tells by itself.

use super::{schedules, store};
use crate::{
    Op, Result,
    journal::{self, Subject},
    mail::{self, Recipient, letters},
};
use chrono::TimeDelta;
use kit::queue::{JobState, NewJob};
use model::{
    AlarmId, MailId, Timestamp,
    access::Permission,
    jobs::{Alarm, AlarmKind, JobRefusal},
    time::exact,
};
use serde_json::json;

/// The task that tells. An alarm about it is shown at the desk and told to nobody: telling is what fails.
pub const TELL: &str = "tell_alarm";
/// With ever longer waits between them, these tries take some sixteen hours.
const TRIES: u16 = 12;
/// Telling is overdue when no worker took it up for so long, or for as long as any job may wait.
const PATIENCE: TimeDelta = TimeDelta::minutes(1);
/// Whether mails alone have told an alarm is looked at after so long: they have jobs of their own.
const MAILED: TimeDelta = TimeDelta::seconds(20);
/// What ended so long ago is no news.
const NEWS: TimeDelta = TimeDelta::days(1);

/// When to raise an alarm, and where to tell it.
#[derive(Clone, Debug)]
pub struct Watch {
    /// A job that could run for longer than this is an alarm.
    pub queue_age: TimeDelta,
    pub channels: Channels,
}

/// Where alarms are told.
#[derive(Clone, Debug, Default)]
pub struct Channels {
    /// There is a webhook.
    pub webhook: bool,
    /// E-mail addresses.
    pub mail: Vec<String>,
}

impl Channels {
    pub fn is_empty(&self) -> bool {
        !self.webhook && self.mail.is_empty()
    }
}

/// Something that is wrong: what, with which task, since when.
type Wrong = (AlarmKind, String, Timestamp);

/// Looks at everything, raises alarms and ends them. Where another process looks at this moment, that is enough.
pub async fn check(op: &mut Op, watch: &Watch) -> Result<()> {
    op.demand(Permission::Operate)?;
    if !store::may_look(op.conn()).await? {
        return Ok(());
    }
    let (queue, connection) = op.queue();
    let running = queue.running(connection).await?;
    let now = op.now;
    store::interrupt_lost(op.conn(), &running, now).await?;

    let wrong = wrong(op, watch).await?;
    let lasting = store::lasting(op.conn()).await?;
    for (kind, about, since) in &wrong {
        if !lasting.iter().any(|alarm| alarm.kind == *kind && alarm.about == *about) {
            raise(op, watch, *kind, about, *since).await?;
        }
    }
    for alarm in lasting {
        if !wrong.iter().any(|(kind, about, _)| alarm.kind == *kind && alarm.about == *about) {
            end(op, watch, &alarm).await?;
        }
    }
    Ok(())
}

async fn wrong(op: &mut Op, watch: &Watch) -> Result<Vec<Wrong>> {
    let (queue, connection) = op.queue();
    let counts = queue.counts(connection).await?;
    let now = op.now;
    let mut wrong = Vec::new();
    if let Some(oldest) = counts.iter().filter_map(|task| task.oldest_ready).min()
        && oldest < now - watch.queue_age
    {
        wrong.push((AlarmKind::Old, String::new(), oldest));
    }
    wrong.extend(counts.into_iter().filter(|task| task.failed > 0).map(|task| (AlarmKind::Failed, task.task, now)));
    for row in store::schedules(op.conn()).await? {
        if let Some(due) = schedules::late(&row, now) {
            wrong.push((AlarmKind::Late, row.task, due));
        }
    }
    Ok(wrong)
}

async fn raise(op: &mut Op, watch: &Watch, kind: AlarmKind, about: &str, since: Timestamp) -> Result<()> {
    let id = op.new_id();
    store::raise(op.conn(), id, kind, about, since).await?;
    tracing::warn!(kind = kind.word(), about, "alarm");
    journal::record(op, "alarm.raised", Subject::Alarm(id), json!({ "kind": kind.word(), "about": about })).await?;
    let alarm = Alarm { id, kind, about: about.to_owned(), since, told_at: None, ended_at: None };
    tell(op, watch, &alarm).await
}

async fn end(op: &mut Op, watch: &Watch, alarm: &Alarm) -> Result<()> {
    let now = op.now;
    store::end_alarm(op.conn(), alarm.id, now).await?;
    tracing::info!(kind = alarm.kind.word(), about = alarm.about, "alarm over");
    let detail = json!({ "kind": alarm.kind.word(), "about": alarm.about });
    journal::record(op, "alarm.ended", Subject::Alarm(alarm.id), detail).await?;
    tell(op, watch, &Alarm { ended_at: Some(now), ..alarm.clone() }).await
}

/// Has an alarm, or its end, told on every way but the one that it is about.
async fn tell(op: &mut Op, watch: &Watch, alarm: &Alarm) -> Result<()> {
    let Channels { webhook, mail } = &watch.channels;
    let by_mail = alarm.about != mail::SEND_MAIL && !mail.is_empty();
    if by_mail {
        let mails = write(op, &watch.channels, "An alarm of the background jobs", &text(alarm)).await?;
        store::note_mails(op.conn(), alarm.id, &mails).await?;
    }
    if !(*webhook || by_mail) || alarm.about == TELL {
        return Ok(());
    }
    // The key makes one message of an alarm that ends before it could be told.
    let (id, at) = (alarm.id, if *webhook { op.now } else { op.now + MAILED });
    op.enqueue(NewJob::new(TELL, json!({ "alarm": id })).key(format!("alarm.{id}")).run_at(at).max_attempts(TRIES)).await
}

/// Writes a mail to each address, whose jobs send it.
async fn write(op: &mut Op, channels: &Channels, subject: &str, text: &str) -> Result<Vec<MailId>> {
    let mut mails = Vec::new();
    for email in &channels.mail {
        let to = Recipient { account: None, name: String::new(), email: email.clone() };
        let letter = letters::notice(to, subject, &[text.to_owned()], Some(("To the background jobs", "/desk/jobs")));
        mails.push(mail::send(op, &letter).await?);
    }
    Ok(mails)
}

/// One paragraph for people.
fn text(alarm: &Alarm) -> String {
    let since = exact(alarm.since);
    match alarm.ended_at {
        None => format!("Tessera, since {since}: {} {}", alarm.what(), alarm.advice()),
        Some(ended) => format!("Tessera: this is over. {} It lasted from {since} until {}.", alarm.what(), exact(ended)),
    }
}

/// What is to be told of an alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    pub alarm: AlarmId,
    /// One paragraph for people.
    pub text: String,
    /// What was written of it. Each has a job of its own, which comes to nothing where no worker is.
    pub mails: Vec<MailId>,
    is_end: bool,
}

/// What is still to be told of an alarm; nothing once it is.
pub async fn untold(op: &mut Op, id: AlarmId) -> Result<Option<Telling>> {
    op.demand(Permission::Operate)?;
    let Some(alarm) = store::untold(op.conn(), id).await? else { return Ok(None) };
    let mails = store::mails(op.conn(), id).await?;
    Ok(Some(Telling { alarm: id, text: text(&alarm), mails, is_end: alarm.ended_at.is_some() }))
}

/// Notes that it was told: by the webhook, or else by one of its mails. False if none of them was sent yet.
pub async fn note_told(op: &mut Op, telling: &Telling, by_webhook: bool) -> Result<bool> {
    op.demand(Permission::Operate)?;
    let now = op.now;
    store::note_told(op.conn(), telling.alarm, by_webhook, telling.is_end, now).await
}

/// The alarms that wait to be told because no worker takes that up.
pub async fn untellable(op: &mut Op, watch: &Watch) -> Result<Vec<AlarmId>> {
    op.demand(Permission::Operate)?;
    let (queue, connection) = op.queue();
    let waiting = queue.jobs(connection, Some(JobState::Ready), Some(TELL), None, 100).await?;
    let patience = PATIENCE.min(watch.queue_age);
    if !waiting.iter().any(|job| job.run_at < op.now - patience) {
        return Ok(Vec::new());
    }
    let news = op.now - NEWS;
    store::all_untold(op.conn(), TELL, news).await
}

/// Sends a message by which an operator sees that alarms arrive.
pub async fn send_test(op: &mut Op, channels: &Channels) -> Result<()> {
    op.demand(Permission::Operate)?;
    if channels.is_empty() {
        return Err(JobRefusal::NoChannel.into());
    }
    write(op, channels, "A test of the alarms", test_text()).await?;
    if channels.webhook {
        op.enqueue(NewJob::new(TELL, json!({ "test": true })).max_attempts(TRIES)).await?;
    }
    journal::record_quietly(op, "alarm.tested", None, json!({})).await
}

pub fn test_text() -> &'static str {
    "Tessera: this is a test. Alarms arrive here."
}
