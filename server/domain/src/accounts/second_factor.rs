//! Second factors: one-time codes from an app, recovery codes for when it is lost, and the roles that demand them.

use super::{
    SignedIn, Unfinished, passwords, recipient,
    sign_in::{ACCOUNT_FROM_NETWORK, NETWORK, note_network},
    store,
};
use crate::{
    Actor, Caller, Db, Error, Op, Result,
    journal::{self, Subject},
    limits::{self, Limit},
    mail::{self, letters},
};
use chrono::TimeDelta;
use kit::{password, secret::sha256, totp};
use model::{
    AccountId, AppError, FieldErrors,
    access::{Permission, Role},
    accounts::{AccountRefusal, PasswordFlaw},
    sign_in::{DemandForm, RECOVERY_CODE, RECOVERY_LETTERS, SecondFactor, SecondFactorSetup, SetupPage, TypedCode},
};
use serde_json::json;

/// How long the code may take after the password.
const UNFINISHED_LIFE: TimeDelta = TimeDelta::minutes(10);
/// Tries at the code after one right password.
const PER_SIGN_IN: Limit = Limit { most: 5, window: TimeDelta::minutes(15) };
/// Tries at one account's codes from everywhere. Three of a million codes fit at any moment: whoever knows a password has one
/// chance in 8,000 a day. Only they can use the count up, and recovery codes, which nobody guesses, do not count.
const CODES_A_DAY: Limit = Limit { most: 40, window: TimeDelta::hours(24) };
/// Recovery codes made at once.
const RECOVERY_CODES: usize = 10;
/// What an app calls the account.
const ISSUER: &str = "Tessera";

pub(super) async fn of(op: &mut Op, id: AccountId) -> Result<SecondFactor> {
    store::factors::standing(op.conn(), id).await
}

/// The state of a set-up, with what the app must be told while that is not confirmed.
pub async fn setup_page(op: &mut Op) -> Result<SetupPage> {
    let id = op.account().ok_or(AppError::Unauthenticated)?;
    let factor = of(op, id).await?;
    let Some(sealed) = store::factors::pending(op.conn(), id).await? else { return Ok(SetupPage { factor, setup: None }) };
    let (_, email) = store::profile(op.conn(), id).await?.ok_or(AppError::Unauthenticated)?;
    let totp::Enrolment { text, url, svg } = totp::enrolment(&open(op, id, &sealed)?, ISSUER, &email).map_err(Error::fault)?;
    Ok(SetupPage { factor, setup: Some(SecondFactorSetup { text, url, svg }) })
}

/// Begins to set a second factor up: makes its secret. Until a code confirms it, nothing else changes.
pub async fn begin_second_factor(op: &mut Op) -> Result<()> {
    let id = op.account().ok_or(AppError::Unauthenticated)?;
    let (sealed, now) = (op.key()?.seal(&row(id), &totp::new_secret()), op.now);
    if !store::factors::begin(op.conn(), id, &sealed, now).await? {
        return Err(AccountRefusal::SecondFactorOn.into());
    }
    journal::record_quietly(op, "account.second_factor_begun", Some(Subject::Account(id)), json!({})).await
}

/// Turns the second factor on with its first code, makes recovery codes, and ends all sessions of the account, this one too: the
/// caller begins the one that is answered.
pub async fn confirm_second_factor(op: &mut Op, code: &str) -> Result<SignedIn> {
    let id = op.account().ok_or(AppError::Unauthenticated)?;
    // First the account, then its factor: all who change both lock them in this order.
    store::lock(op.conn(), id).await?;
    let factor = store::factors::lock(op.conn(), id).await?.filter(|factor| factor.confirmed_at.is_none());
    let factor = factor.ok_or(AccountRefusal::SecondFactorOff)?;
    let TypedCode::Timed(code) = TypedCode::parse(code)? else { return Err(AccountRefusal::WrongCode.into()) };
    let step = step_of(op, &open(op, id, &factor.secret)?, &code).ok_or(AccountRefusal::WrongCode)?;
    let now = op.now;
    store::factors::confirm(op.conn(), id, step, now).await?;
    new_codes(op, id).await?;
    let ended = store::end_sessions(op.conn(), id).await?;
    let detail = json!({ "sessions_ended": ended.sessions });
    journal::record(op, "account.second_factor_confirmed", Subject::Account(id), detail).await?;
    tell_of_change(op, id, "A second factor was set up for your account at the Tessera desk.").await?;
    Ok(SignedIn { account: id, epoch: ended.epoch, by_provider: false })
}

/// Finishes a sign-in with a code of the app or a recovery code.
///
/// # Errors
/// `WrongCode`; `SignInOver` when it took too long, was tried too often, or the account's sessions were ended meanwhile;
/// `TooMany` past a limit.
pub async fn finish_sign_in(
    db: &Db,
    caller: Caller,
    unfinished: &Unfinished,
    code: &str,
) -> std::result::Result<SignedIn, AppError> {
    db.write(caller, async |op| try_code(op, unfinished, code).await).await?
}

/// Counts the try and looks at the code. A refusal is a value here, so that its counts and its audit row are committed; tries at
/// the same time wait for each other at the counts.
async fn try_code(op: &mut Op, unfinished: &Unfinished, typed: &str) -> Result<std::result::Result<SignedIn, AppError>> {
    let id = unfinished.account;
    let subject = Some(Subject::Account(id));
    if op.now - unfinished.begun_at > UNFINISHED_LIFE {
        return Ok(Err(AccountRefusal::SignInOver.into()));
    }
    let Ok(typed) = TypedCode::parse(typed) else { return Ok(Err(AccountRefusal::WrongCode.into())) };
    if let Some(refusal) = count(op, unfinished, &typed).await? {
        return Ok(Err(refusal));
    }
    store::lock(op.conn(), id).await?;
    let Some(factor) = store::factors::lock(op.conn(), id).await?.filter(|factor| factor.confirmed_at.is_some()) else {
        return Ok(Err(AccountRefusal::SignInOver.into()));
    };
    op.after_waiting();
    let now = op.now;
    let (fits, kind) = match &typed {
        TypedCode::Timed(code) => {
            let step = step_of(op, &open(op, id, &factor.secret)?, code).filter(|step| *step > factor.last_step);
            let fits = match step {
                Some(step) => store::factors::advance(op.conn(), id, step).await?,
                None => false,
            };
            (fits, "code")
        }
        TypedCode::Recovery(code) => {
            (store::factors::spend_code(op.conn(), id, &code_hash(id, code), now).await?, "recovery_code")
        }
    };
    if !fits {
        journal::record_quietly(op, "account.code_refused", subject, json!({ "kind": kind })).await?;
        return Ok(Err(AccountRefusal::WrongCode.into()));
    }
    if !store::note_finished(op.conn(), id, unfinished.epoch, now).await? {
        return Ok(Err(AccountRefusal::SignInOver.into()));
    }
    limits::clear_from_networks(op, &format!("codes of {id}")).await?;
    // Not after a code of the app: whoever knows the password would have as many tries again at each sign-in of its person.
    if matches!(typed, TypedCode::Recovery(_)) {
        limits::clear(op, &format!("codes of {id} in a day")).await?;
    }
    op.actor = Actor::Staff { id, roles: Vec::new() };
    note_network(op, id).await?;
    let left = of(op, id).await?.codes_left;
    let detail = json!({ "second_factor": kind, "recovery_codes_left": left });
    journal::record_quietly(op, "account.signed_in", subject, detail).await?;
    Ok(Ok(SignedIn { account: id, epoch: unfinished.epoch, by_provider: false }))
}

/// Counts the try against each limit; answers the refusal of the first that it is past.
async fn count(op: &mut Op, unfinished: &Unfinished, typed: &TypedCode) -> Result<Option<AppError>> {
    let id = unfinished.account;
    if limits::count(op, &format!("codes of sign-in {}", unfinished.id), PER_SIGN_IN).await?.is_some() {
        return Ok(Some(AccountRefusal::SignInOver.into()));
    }
    let mut excess = None;
    // Without addresses this would shut everybody out together.
    if op.address.is_some() {
        excess = limits::count_from_networks(op, "sign-in code", NETWORK).await?;
    }
    if excess.is_none() {
        excess = limits::count_from_networks(op, &format!("codes of {id}"), ACCOUNT_FROM_NETWORK).await?;
    }
    if excess.is_none() && matches!(typed, TypedCode::Timed(_)) {
        excess = limits::count(op, &format!("codes of {id} in a day"), CODES_A_DAY).await?;
    }
    let Some(excess) = excess else { return Ok(None) };
    if excess.is_first {
        journal::record_quietly(op, "account.codes_limited", Some(Subject::Account(id)), json!({})).await?;
    }
    Ok(Some(AppError::TooMany { retry_after: excess.retry_after }))
}

/// Turns the second factor of the account that asks off; its password is asked once more.
pub async fn turn_off_second_factor(db: &Db, caller: Caller, password: &str) -> std::result::Result<(), AppError> {
    with_password(db, caller, password, async |op, id| {
        if store::factors::remove(op.conn(), id).await? {
            journal::record(op, "account.second_factor_turned_off", Subject::Account(id), json!({})).await?;
            tell_of_change(op, id, "The second factor of your account at the Tessera desk was turned off.").await?;
        }
        Ok(())
    })
    .await
}

/// Makes new recovery codes for the account that asks, in the place of the old ones; its password is asked once more.
pub async fn make_recovery_codes(db: &Db, caller: Caller, password: &str) -> std::result::Result<(), AppError> {
    with_password(db, caller, password, async |op, id| {
        let factor = store::factors::lock(op.conn(), id).await?.filter(|factor| factor.confirmed_at.is_some());
        factor.ok_or(AccountRefusal::SecondFactorOff)?;
        new_codes(op, id).await?;
        journal::record(op, "account.recovery_codes_made", Subject::Account(id), json!({})).await?;
        tell_of_change(op, id, "New recovery codes were made for your account at the Tessera desk.").await
    })
    .await
}

/// Does something to the account that asks, once its password was given.
async fn with_password(
    db: &Db,
    caller: Caller,
    password: &str,
    work: impl AsyncFnOnce(&mut Op, AccountId) -> Result<()>,
) -> std::result::Result<(), AppError> {
    let id = caller.actor.account().ok_or(AppError::Unauthenticated)?;
    let key = format!("own password of {id}");
    let stored = db.write(caller.clone(), async |op| passwords::admit(op, id, &key).await).await??;
    let fits = password::verify(password, stored.as_deref()).await;
    db.write(caller, async |op| {
        if !fits {
            op.note("account.second_factor_change_refused", Some(Subject::Account(id)), json!({}));
            return Err(FieldErrors::from(PasswordFlaw::Current).into());
        }
        limits::clear(op, &key).await?;
        store::lock(op.conn(), id).await?;
        work(op, id).await
    })
    .await
}

/// The new recovery codes of the account that asks, as people write them down: they are given out once.
pub async fn take_recovery_codes(op: &mut Op) -> Result<Vec<String>> {
    let id = op.account().ok_or(AppError::Unauthenticated)?;
    let Some(sealed) = store::factors::take_codes(op.conn(), id).await? else { return Ok(Vec::new()) };
    journal::record_quietly(op, "account.recovery_codes_shown", Some(Subject::Account(id)), json!({})).await?;
    let codes = op.key()?.open(&codes_row(id), &sealed).map_err(|error| Error::fault(error.to_string()))?;
    let grouped = |code: &[u8]| code.chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-");
    Ok(codes.chunks(RECOVERY_CODE).map(grouped).collect())
}

async fn new_codes(op: &mut Op, id: AccountId) -> Result<()> {
    let letter = || RECOVERY_LETTERS[rand::random_range(0..RECOVERY_LETTERS.len())] as char;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| (0..RECOVERY_CODE).map(|_| letter()).collect()).collect();
    let hashes: Vec<Vec<u8>> = codes.iter().map(|code| code_hash(id, code)).collect();
    let (to_show, now) = (op.key()?.seal(&codes_row(id), codes.concat().as_bytes()), op.now);
    store::factors::replace_codes(op.conn(), id, &hashes, &to_show, now).await
}

/// Takes the second factor of somebody who lost theirs away: they sign in by password alone, and set another up.
pub async fn remove_second_factor(op: &mut Op, id: AccountId) -> Result<()> {
    op.about(Subject::Account(id));
    op.demand(Permission::ManageAccounts)?;
    if op.account() == Some(id) {
        return Err(AccountRefusal::OwnSecondFactor.into());
    }
    store::lock(op.conn(), id).await?.ok_or(AppError::NotFound)?;
    if store::factors::remove(op.conn(), id).await? {
        journal::record(op, "account.second_factor_removed", Subject::Account(id), json!({})).await?;
        tell_of_change(op, id, "An administrator took the second factor of your account at the Tessera desk away.").await?;
    }
    Ok(())
}

/// Tells the account's person by mail what was changed, in case it was somebody else.
pub(super) async fn tell_of_change(op: &mut Op, id: AccountId, change: &str) -> Result<()> {
    let (to, now) = (recipient(op, id).await?, op.now);
    mail::send(op, &letters::second_factor_changed(to, change, now)).await?;
    Ok(())
}

/// The roles that demand a second factor.
pub async fn demanding_roles(op: &mut Op) -> Result<Vec<Role>> {
    op.demand(Permission::ManageAccounts)?;
    store::factors::demanding_roles(op.conn()).await
}

/// Demands a second factor of everybody who holds one of these roles, and of nobody else. It counts from their next request.
pub async fn demand_second_factor(op: &mut Op, form: &DemandForm) -> Result<()> {
    op.demand(Permission::ManageAccounts)?;
    let roles = form.parse()?;
    let before = store::factors::demanding_roles(op.conn()).await?;
    if before == roles {
        return Ok(());
    }
    store::factors::demand_of(op.conn(), &roles).await?;
    let detail = json!({ "before": before, "roles": roles });
    journal::record_quietly(op, "account.second_factor_demanded", None, detail).await
}

fn step_of(op: &Op, secret: &[u8], code: &str) -> Option<i64> {
    totp::step_of(secret, code, u64::try_from(op.now.timestamp()).ok()?).and_then(|step| i64::try_from(step).ok())
}

fn open(op: &Op, id: AccountId, sealed: &[u8]) -> Result<Vec<u8>> {
    op.key()?.open(&row(id), sealed).map_err(|error| Error::fault(error.to_string()))
}

/// What a sealed secret is bound to.
fn row(id: AccountId) -> String {
    format!("second factor of {id}")
}

fn codes_row(id: AccountId) -> String {
    format!("recovery codes of {id}")
}

fn code_hash(id: AccountId, code: &str) -> Vec<u8> {
    sha256(format!("{id} {code}")).to_vec()
}
