//! The browsers in which an account is signed in, as its person and administrators tell them apart and end them.

use super::{SignedIn, second_factor, store};
use crate::{
    Op, Result,
    journal::{self, Subject},
};
use model::{
    AccountId, AppError, SessionId,
    access::Permission,
    sign_in::{OpenSession, OwnAccount},
};
use serde_json::json;
use woothee::parser::Parser;

/// The account that asks; `current` is the stored id of its session.
pub async fn own_account(op: &mut Op, current: Option<&[u8]>) -> Result<OwnAccount> {
    let id = op.account().ok_or(AppError::Unauthenticated)?;
    Ok(OwnAccount { factor: second_factor::of(op, id).await?, sessions: open(op, id, current).await? })
}

/// The open sessions of an account.
pub async fn sessions_of(op: &mut Op, id: AccountId) -> Result<Vec<OpenSession>> {
    op.about(Subject::Account(id));
    op.demand(Permission::ManageAccounts)?;
    open(op, id, None).await
}

pub(super) async fn open(op: &mut Op, id: AccountId, current: Option<&[u8]>) -> Result<Vec<OpenSession>> {
    let now = op.now;
    let sessions = store::sessions::open(op.conn(), id, now).await?;
    let shown = sessions.into_iter().map(|session| OpenSession {
        id: session.public_id.into(),
        device: device(session.agent.as_deref().unwrap_or_default()),
        address: session.address.unwrap_or_default(),
        begun_at: session.created_at,
        seen_at: session.seen_at,
        is_this: current.is_some_and(|current| current == session.id),
    });
    Ok(shown.collect())
}

/// Ends one of the sessions of the account that asks.
pub async fn end_own_session(op: &mut Op, session: SessionId) -> Result<()> {
    let id = op.account().ok_or(AppError::Unauthenticated)?;
    end(op, id, session).await
}

/// Ends one session of an account.
pub async fn end_session(op: &mut Op, id: AccountId, session: SessionId) -> Result<()> {
    op.about(Subject::Account(id));
    op.demand(Permission::ManageAccounts)?;
    end(op, id, session).await
}

async fn end(op: &mut Op, id: AccountId, session: SessionId) -> Result<()> {
    if !store::sessions::end(op.conn(), id, session).await? {
        return Err(AppError::NotFound.into());
    }
    journal::record_quietly(op, "account.session_ended", Some(Subject::Account(id)), json!({ "session": session })).await
}

/// Ends all sessions of the account that asks, this one too: the caller begins the one that is answered.
pub async fn end_other_sessions(op: &mut Op) -> Result<SignedIn> {
    let id = op.account().ok_or(AppError::Unauthenticated)?;
    let ended = store::end_sessions(op.conn(), id).await?;
    let detail = json!({ "sessions_ended": ended.sessions.saturating_sub(1) });
    journal::record_quietly(op, "account.other_sessions_ended", Some(Subject::Account(id)), detail).await?;
    Ok(SignedIn { account: id, epoch: ended.epoch, by_provider: false })
}

/// Ends all sessions of an account; answers how many.
pub async fn end_sessions(op: &mut Op, id: AccountId) -> Result<u64> {
    op.about(Subject::Account(id));
    op.demand(Permission::ManageAccounts)?;
    store::lock(op.conn(), id).await?.ok_or(AppError::NotFound)?;
    let ended = store::end_sessions(op.conn(), id).await?;
    let detail = json!({ "sessions_ended": ended.sessions });
    journal::record_quietly(op, "account.sessions_ended", Some(Subject::Account(id)), detail).await?;
    Ok(ended.sessions)
}

/// What a browser calls itself, in words.
fn device(agent: &str) -> String {
    let known = |word: &str| !word.is_empty() && word != "UNKNOWN";
    match Parser::new().parse(agent) {
        Some(found) if known(found.name) && known(found.os) => format!("{} on {}", found.name, found.os),
        Some(found) if known(found.name) => found.name.to_owned(),
        _ => "An unknown browser".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn a_browser_is_told_by_its_name_and_system() {
        for (agent, words) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
                "Safari on Mac OSX",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge on Windows 10",
            ),
            ("something else", "An unknown browser"),
            ("", "An unknown browser"),
        ] {
            assert_eq!(device(agent), words, "{agent}");
        }
    }
}
