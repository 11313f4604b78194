//! How a mail leaves: what a job does for each.

use super::{NewMail, letters::Letter, store};
use crate::{
    Actor, Caller, Db, Op, Result,
    journal::{self, Subject},
};
use kit::mail::{MailError, Mailer, Message};
use model::{AppError, MailId, mail::MailState};
use serde_json::json;

/// A mail in hand.
struct Outgoing {
    name: String,
    email: String,
    letter: Letter,
    secret: Option<String>,
}

/// Which try of a job it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    First,
    Middle,
    /// No other one follows.
    Last,
}

/// Gives a mail to the mail server, or holds it where there is none, and records what came of it. An error means: try again. At the
/// last try it means that the job has failed for good, which raises an alarm: most likely no mail goes out at all. What the mail
/// server refuses once for all concerns that mail alone, and is said on its page.
///
/// No row is held while the mail server is talked to. A worker that is killed between the server's yes and our record of it, or
/// that loses Postgres there, leaves the mail waiting: it is then sent twice, at worst once more for each such loss. Both carry the
/// same message id, by which many mail boxes show one.
pub async fn deliver(
    db: &Db,
    mailer: Option<&Mailer>,
    desk_url: &str,
    id: MailId,
    nth: Try,
) -> std::result::Result<(), AppError> {
    let caller = || Caller::local(Actor::Server);
    let begun = db.write(caller(), async |op| begin(op, id, mailer.is_some(), nth).await).await?;
    let (Some(mailer), Some(outgoing)) = (mailer, begun) else { return Ok(()) };
    let Outgoing { name, email, letter, secret } = outgoing;
    let sent = hand_over(mailer, &id.to_string(), (&name, &email), &letter, desk_url, secret.as_deref()).await;
    db.write(caller(), async |op| conclude(op, id, &sent, nth == Try::Last).await).await?;
    match sent {
        // The words of the mail server, which may name people, stand on the mail's page and not in the log.
        Err(MailError::Passing(_) | MailError::Settings(_)) => Err(AppError::Internal),
        _ => Ok(()),
    }
}

/// Gives a mail to the mail server at once and keeps nothing of it, to try the settings.
pub async fn deliver_now(mailer: &Mailer, desk_url: &str, mail: &NewMail) -> std::result::Result<(), MailError> {
    let NewMail { to, letter, secret, .. } = mail;
    let id = uuid::Uuid::now_v7().to_string();
    let secret = secret.as_ref().map(|secret| secret.path.as_str());
    hand_over(mailer, &id, (&to.name, &to.email), letter, desk_url, secret).await
}

async fn hand_over(
    mailer: &Mailer,
    id: &str,
    (name, address): (&str, &str),
    letter: &Letter,
    desk_url: &str,
    secret: Option<&str>,
) -> std::result::Result<(), MailError> {
    let (text, html) = (letter.text(desk_url, secret), letter.html(desk_url, secret));
    mailer.send(Message { id, name, address, subject: &letter.subject, text: &text, html: &html }).await
}

/// Takes a waiting mail in hand. Nothing when it waits no longer, as that of a job which runs a second time; when there is no mail
/// server; and when its link is worth nothing any more.
async fn begin(op: &mut Op, id: MailId, has_server: bool, nth: Try) -> Result<Option<Outgoing>> {
    let Some(mut row) = store::lock(op.conn(), id).await? else { return Ok(None) };
    op.after_waiting();
    let now = op.now;
    if nth == Try::First && row.tries > 0 && row.state == MailState::Failed {
        // Its job had failed for good, and somebody lets it begin anew.
        let Some(waiting) = row.state.retried() else { return Ok(None) };
        settle(op, id, waiting, None, "mail.retried", json!({ "before": row.state })).await?;
        row.state = waiting;
    }
    let (Some(failed), Some(held)) = (row.state.failed(), row.state.held()) else { return Ok(None) };
    if row.lacks_secret(now) {
        let problem = "Its link was replaced or expired before it could be sent.";
        settle(op, id, failed, Some(problem), "mail.failed", json!({ "reason": "link_gone" })).await?;
        return Ok(None);
    }
    if !has_server {
        let problem = "No mail server is set (TESSERA_SMTP_URL).";
        settle(op, id, held, Some(problem), "mail.held", json!({})).await?;
        return Ok(None);
    }
    store::note_try(op.conn(), id).await?;
    Ok(Some(Outgoing { secret: row.live_secret(now).map(str::to_owned), name: row.name, email: row.email, letter: row.letter }))
}

async fn conclude(op: &mut Op, id: MailId, sent: &std::result::Result<(), MailError>, is_last: bool) -> Result<()> {
    let Some(row) = store::lock(op.conn(), id).await? else { return Ok(()) };
    op.after_waiting();
    let detail = json!({ "tries": row.tries });
    match sent {
        Ok(()) => match row.state.sent() {
            Some(state) => settle(op, id, state, None, "mail.sent", detail).await,
            None => Ok(()),
        },
        Err(error) => {
            let problem = error.to_string();
            let is_final = is_last || matches!(error, MailError::Permanent(_));
            match row.state.failed().filter(|_| is_final) {
                Some(state) => settle(op, id, state, Some(&problem), "mail.failed", detail).await,
                None => store::note_problem(op.conn(), id, &problem).await,
            }
        }
    }
}

async fn settle(
    op: &mut Op,
    id: MailId,
    state: MailState,
    problem: Option<&str>,
    action: &'static str,
    detail: serde_json::Value,
) -> Result<()> {
    let now = op.now;
    store::settle(op.conn(), id, state, problem, now).await?;
    journal::record(op, action, Subject::Mail(id), detail).await
}
