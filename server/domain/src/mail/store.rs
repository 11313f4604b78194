//! The SQL of `mails`.

use super::{NewMail, letters::Letter};
use crate::{Error, Result};
use model::{
    AccountId, MailId, Timestamp,
    mail::{Mail, MailKind, MailRecord, MailState},
};
use sqlx::PgConnection;
use uuid::Uuid;

/// A mail with all that is kept of it.
pub(super) struct Row {
    id: MailId,
    kind: MailKind,
    pub state: MailState,
    account: Option<AccountId>,
    pub name: String,
    pub email: String,
    pub letter: Letter,
    secret: Option<(String, Timestamp)>,
    created_at: Timestamp,
    pub tries: u32,
    since: Timestamp,
    problem: Option<String>,
}

impl Row {
    /// The path of its secret link, while that is worth something.
    pub fn live_secret(&self, now: Timestamp) -> Option<&str> {
        self.secret.as_ref().filter(|(_, until)| *until > now).map(|(path, _)| path.as_str())
    }

    /// Whether it needs a link that is gone.
    pub fn lacks_secret(&self, now: Timestamp) -> bool {
        self.letter.has_secret() && self.live_secret(now).is_none()
    }

    pub fn record(self, desk_url: &str, secret: Option<&str>) -> MailRecord {
        let text = self.letter.text(desk_url, secret);
        let Self { id, kind, state, account, name, email, letter, created_at, tries, since, problem, .. } = self;
        let mail = Mail { id, kind, state, name, email, subject: letter.subject, created_at };
        MailRecord { mail, account, text, has_secret: secret.is_some(), tries, since, problem }
    }
}

struct MailRow {
    id: Uuid,
    kind: String,
    state: String,
    account_id: Option<Uuid>,
    name: String,
    email: String,
    letter: serde_json::Value,
    secret_link: Option<String>,
    secret_until: Option<Timestamp>,
    created_at: Timestamp,
    tries: i32,
    since: Timestamp,
    problem: Option<String>,
}

impl TryFrom<MailRow> for Row {
    type Error = Error;

    fn try_from(row: MailRow) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            kind: parse(&row.kind)?,
            state: parse(&row.state)?,
            account: row.account_id.map(Into::into),
            name: row.name,
            email: row.email,
            letter: serde_json::from_value(row.letter)?,
            secret: row.secret_link.zip(row.secret_until),
            created_at: row.created_at,
            tries: u32::try_from(row.tries).unwrap_or_default(),
            since: row.since,
            problem: row.problem,
        })
    }
}

fn parse<T: std::str::FromStr>(word: &str) -> Result<T> {
    word.parse().map_err(|_| Error::fault("a mail holds a word that is none"))
}

pub(super) async fn insert(conn: &mut PgConnection, id: MailId, mail: &NewMail, now: Timestamp) -> Result<()> {
    let NewMail { kind, to, letter, secret } = mail;
    sqlx::query!(
        "insert into mails (id, kind, state, account_id, name, email, letter, secret_link, secret_until, created_at, since)
         values ($1, $2, 'waiting', $3, $4, $5, $6, $7, $8, $9, $9)",
        id.0,
        kind.word(),
        to.account.map(|account| account.0),
        to.name,
        to.email,
        serde_json::to_value(letter)?,
        secret.as_ref().map(|secret| secret.path.as_str()),
        secret.as_ref().map(|secret| secret.until),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Mails by time, the newest first; those before one of them, or the first.
pub(super) async fn list(
    conn: &mut PgConnection,
    state: Option<MailState>,
    before: Option<MailId>,
    limit: i64,
) -> Result<Vec<Mail>> {
    let rows = sqlx::query!(
        r#"select id, kind, state, name, email, letter ->> 'subject' as "subject!", created_at from mails
           where ($1::text is null or state = $1) and ($2::uuid is null or id < $2) order by id desc limit $3"#,
        state.map(MailState::word),
        before.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let (kind, state) = (parse(&row.kind)?, parse(&row.state)?);
            let (name, email, subject, created_at) = (row.name, row.email, row.subject, row.created_at);
            Ok(Mail { id: row.id.into(), kind, state, name, email, subject, created_at })
        })
        .collect()
}

pub(super) async fn read(conn: &mut PgConnection, id: MailId) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        MailRow,
        "select id, kind, state, account_id, name, email, letter, secret_link, secret_until, created_at, tries, since, problem
         from mails where id = $1",
        id.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(Row::try_from).transpose()
}

/// Reads a mail and holds it until the transaction ends.
pub(super) async fn lock(conn: &mut PgConnection, id: MailId) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        MailRow,
        "select id, kind, state, account_id, name, email, letter, secret_link, secret_until, created_at, tries, since, problem
         from mails where id = $1 for update",
        id.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(Row::try_from).transpose()
}

/// Counts a try, before it is made: one that a killed worker made counts too.
pub(super) async fn note_try(conn: &mut PgConnection, id: MailId) -> Result<()> {
    sqlx::query!("update mails set tries = tries + 1 where id = $1", id.0).execute(conn).await?;
    Ok(())
}

pub(super) async fn note_problem(conn: &mut PgConnection, id: MailId, problem: &str) -> Result<()> {
    sqlx::query!("update mails set problem = $2 where id = $1", id.0, problem).execute(conn).await?;
    Ok(())
}

/// Puts a mail into a state. One that is sent keeps no secret.
pub(super) async fn settle(
    conn: &mut PgConnection,
    id: MailId,
    state: MailState,
    problem: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update mails set state = $2, problem = $3,
             since = $4, secret_link = case when $2 = 'sent' then null else secret_link end
         where id = $1",
        id.0,
        state.word(),
        problem,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn forget_links(conn: &mut PgConnection, account: AccountId) -> Result<()> {
    sqlx::query!("update mails set secret_link = null where account_id = $1 and secret_link is not null", account.0)
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn forget_expired_links(conn: &mut PgConnection, now: Timestamp) -> Result<()> {
    sqlx::query!("update mails set secret_link = null where secret_until <= $1 and secret_link is not null", now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Mails that wait since before a time, held until the transaction ends; those in hand elsewhere are left out.
pub(super) async fn stranded(conn: &mut PgConnection, before: Timestamp) -> Result<Vec<(MailId, MailState)>> {
    let rows = sqlx::query!(
        "select id, state from mails where state = 'waiting' and since < $1
         order by id limit 500 for update skip locked",
        before
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| Ok((row.id.into(), parse(&row.state)?))).collect()
}

pub(super) async fn purge(conn: &mut PgConnection, before: Timestamp) -> Result<u64> {
    let purged = sqlx::query!("delete from mails where created_at < $1 and state <> 'waiting'", before).execute(conn).await?;
    Ok(purged.rows_affected())
}
