//! Staff accounts: sign-in by password, code or provider, sessions, roles, and the links by which people set their passwords.
//!
//! Owns `accounts`, `account_profiles`, `account_roles`, `role_settings`, `password_links`, `second_factors`, `recovery_codes`,
//! `known_networks`, `provider_identities`, `provider_sign_ins`; ends sessions in `staff_sessions`.
//!
//! Hashing a password takes a core for a twentieth of a second. The use cases that do it take the [`Db`] instead of an
//! [`Op`], so that they hold no connection meanwhile.

mod passwords;
mod provider;
mod reset;
mod second_factor;
mod sessions;
mod sign_in;
mod store;
#[cfg(test)]
mod tests;

pub use passwords::{change_own_password, make_password_link, open_password_link, set_password};
pub use provider::{Identity, Journey, receive_from_provider, send_to_provider, sign_in_by_provider, untie_from_provider};
pub use reset::{SEND_RESET, ask_for_reset, send_reset};
pub use second_factor::{
    begin_second_factor, confirm_second_factor, demand_second_factor, demanding_roles, finish_sign_in, make_recovery_codes,
    remove_second_factor, setup_page, take_recovery_codes, turn_off_second_factor,
};
pub use sessions::{end_other_sessions, end_own_session, end_session, end_sessions, own_account, sessions_of};
pub use sign_in::{sign_in, sign_out, sign_out_everywhere};

use crate::{
    Actor, Caller, Db, Error, Op, Result,
    journal::{self, Subject},
    mail::{self, Recipient, letters},
};
use model::{
    AccountId, AppError, Cursor, FieldErrors, Page, Timestamp,
    access::{Permission, Role},
    accounts::{
        Account, AccountForm, AccountQuery, AccountRecord, AccountRefusal, NewAccount, PasswordLink, RolesForm, Viewer,
        parse_password,
    },
    sign_in::SignInWays,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// What a session must keep of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub account: AccountId,
    /// Each time an account's sessions are ended, its next epoch begins. A session's row is written after the sign-in has
    /// committed: ended in between, it would not be there to be ended.
    pub epoch: i64,
    /// Whether the provider vouched for the person, which counts as both factors.
    pub by_provider: bool,
}

/// What comes of a right password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    Done(SignedIn),
    /// The code of the second factor is still to come.
    CodeWanted(Unfinished),
}

/// A sign-in whose password was right. It is kept in a session that is nobody's yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfinished {
    /// Tries are counted by it.
    id: Uuid,
    account: AccountId,
    epoch: i64,
    begun_at: Timestamp,
}

/// The actor of a session with its account's roles as they are now; nobody, once it was ended or the account is disabled.
///
/// # Errors
/// `SecondFactorWanted` while a role demands a second factor that the account does not have: every door that asks for the actor
/// is closed then. Those where it is set up ask [`actor_in_setup`].
pub async fn actor(db: &Db, session: SignedIn) -> std::result::Result<Actor, AppError> {
    let SignedIn { account: id, epoch, by_provider } = session;
    match store::standing(db.pool(), id, epoch).await.map_err(Error::answer)? {
        None => Ok(Actor::Nobody),
        Some(store::Standing { owes_factor: true, .. }) if !by_provider => Err(AppError::SecondFactorWanted),
        Some(store::Standing { roles, .. }) => Ok(Actor::Staff { id, roles }),
    }
}

/// The actor at the doors where a second factor is set up, or left alone by signing out. Whoever still owes one holds no role
/// there.
pub async fn actor_in_setup(db: &Db, session: SignedIn) -> std::result::Result<Actor, AppError> {
    match actor(db, session).await {
        Err(AppError::SecondFactorWanted) => Ok(Actor::Staff { id: session.account, roles: Vec::new() }),
        other => other,
    }
}

/// The account that asks, as pages show it.
pub async fn viewer(op: &mut Op) -> Result<Viewer> {
    let Actor::Staff { id, roles } = op.actor.clone() else { return Err(AppError::Unauthenticated.into()) };
    let (name, email) = store::profile(op.conn(), id).await?.ok_or(AppError::Unauthenticated)?;
    Ok(Viewer { id, name, email, roles })
}

/// Whether the account that asks holds a permission, for pages that load nothing which would be refused: who opens one that is
/// not for them leaves the row that any refusal leaves.
pub async fn demand(op: &mut Op, permission: Permission) -> Result<()> {
    op.demand(permission)
}

/// All accounts by name, a page at a time.
pub async fn list(op: &mut Op, query: &AccountQuery) -> Result<Page<Account>> {
    const PAGE: usize = 50;
    op.demand(Permission::ManageAccounts)?;
    let after = match query.after.trim() {
        "" => None,
        id => {
            Some(id.parse().map_err(|_| FieldErrors::of("after", "This page of the list is not there; start from the first."))?)
        }
    };
    let mut items = store::list(op.conn(), after, PAGE as i64 + 1).await?;
    let more = items.len() > PAGE;
    items.truncate(PAGE);
    let next = items.last().filter(|_| more).map(|last| Cursor(last.id.to_string()));
    Ok(Page { items, next, previous: None })
}

/// One account, and in how many browsers it is signed in.
pub async fn read(op: &mut Op, id: AccountId) -> Result<AccountRecord> {
    op.about(Subject::Account(id));
    op.demand(Permission::ManageAccounts)?;
    let account = store::read(op.conn(), id).await?.ok_or(AppError::NotFound)?;
    let now = op.now;
    let open_sessions = store::open_sessions(op.conn(), id, now).await?;
    let (sessions, factor) = (sessions::open(op, id, None).await?, second_factor::of(op, id).await?);
    Ok(AccountRecord { account, open_sessions, sessions, factor })
}

/// The account with an e-mail address.
pub async fn find(op: &mut Op, email: &str) -> Result<AccountId> {
    op.demand(Permission::ManageAccounts)?;
    let found = store::credentials(op.conn(), &comparable(email)).await?;
    Ok(found.ok_or(AppError::NotFound)?.id)
}

/// Accounts that can sign in, with their names, for lists to choose from.
pub async fn names(op: &mut Op) -> Result<Vec<(AccountId, String)>> {
    store::names(op.conn()).await
}

/// Whether there is such an account.
pub async fn exists(op: &mut Op, id: AccountId) -> Result<bool> {
    store::exists(op.conn(), id).await
}

/// Adds an account, makes the link by which its person sets a password, and invites them by mail: with the link, where passwords
/// are a way in.
pub async fn add(op: &mut Op, form: &AccountForm, desk_url: &str, ways: &SignInWays) -> Result<(AccountId, PasswordLink)> {
    op.demand(Permission::ManageAccounts)?;
    let id = insert(op, form.parse()?, None).await?;
    let link = invite_by(op, ways, id, desk_url).await?;
    Ok((id, link))
}

/// Invites somebody again who has set no password yet. The link of the invitation before is worth nothing from then on.
pub async fn invite_again(op: &mut Op, id: AccountId, desk_url: &str, ways: &SignInWays) -> Result<()> {
    op.about(Subject::Account(id));
    op.demand(Permission::ManageAccounts)?;
    if store::lock(op.conn(), id).await?.ok_or(AppError::NotFound)? {
        return Err(AccountRefusal::Disabled.into());
    }
    if store::password_hash(op.conn(), id).await?.is_some() {
        return Err(AccountRefusal::HasPassword.into());
    }
    invite_by(op, ways, id, desk_url).await?;
    Ok(())
}

/// Invites somebody to the way in that there is. Where passwords are off, a link to set one would lead nowhere: it is made, for
/// the day on which they are on again, but not sent.
async fn invite_by(op: &mut Op, ways: &SignInWays, id: AccountId, desk_url: &str) -> Result<PasswordLink> {
    let Some(provider) = ways.provider.as_deref().filter(|_| !ways.passwords) else { return invite(op, id, desk_url).await };
    let link = passwords::new_link(op, id, desk_url, passwords::LINK_LIFE).await?;
    let to = recipient(op, id).await?;
    mail::send(op, &letters::invitation_to_provider(to, provider)).await?;
    Ok(link)
}

async fn invite(op: &mut Op, id: AccountId, desk_url: &str) -> Result<PasswordLink> {
    let link = passwords::new_link(op, id, desk_url, passwords::LINK_LIFE).await?;
    mail::send(op, &letters::invitation(id, &link)).await?;
    Ok(link)
}

/// An account's person, to write to.
async fn recipient(op: &mut Op, id: AccountId) -> Result<Recipient> {
    let (name, email) = store::profile(op.conn(), id).await?.ok_or(AppError::NotFound)?;
    Ok(Recipient { account: Some(id), name, email })
}

/// Adds an account that can sign in at once.
pub async fn add_with_password(
    db: &Db,
    caller: Caller,
    form: &AccountForm,
    password: &str,
) -> std::result::Result<AccountId, AppError> {
    db.read(caller.clone(), async |op| op.demand(Permission::ManageAccounts)).await?;
    let account = form.parse()?;
    parse_password(password, password)?;
    let hash = passwords::hash(password).await?;
    db.write(caller, async |op| {
        op.demand(Permission::ManageAccounts)?;
        insert(op, account, Some(&hash)).await
    })
    .await
}

/// Adds an account that can sign in at once, as a part of an operation that holds its connection anyway.
pub async fn add_with_hash(op: &mut Op, form: &AccountForm, password_hash: &str) -> Result<AccountId> {
    op.demand(Permission::ManageAccounts)?;
    insert(op, form.parse()?, Some(password_hash)).await
}

async fn insert(op: &mut Op, account: NewAccount, password_hash: Option<&str>) -> Result<AccountId> {
    let (id, now) = (op.new_id(), op.now);
    store::insert(op.conn(), id, &account, password_hash, now).await?;
    store::add_roles(op.conn(), id, &account.roles).await?;
    journal::record(op, "account.added", Subject::Account(id), json!({ "roles": account.roles })).await?;
    Ok(id)
}

/// Gives an account these roles and no others. They count from its next request.
pub async fn change_roles(op: &mut Op, id: AccountId, form: &RolesForm) -> Result<()> {
    op.about(Subject::Account(id));
    op.demand(Permission::ManageAccounts)?;
    let roles = form.parse()?;
    let administrators = store::lock_administrators(op.conn()).await?;
    store::lock(op.conn(), id).await?.ok_or(AppError::NotFound)?;
    set_roles(op, id, &administrators, roles).await
}

/// Puts these roles in the place of those that a locked account holds.
async fn set_roles(op: &mut Op, id: AccountId, administrators: &[AccountId], roles: Vec<Role>) -> Result<()> {
    let before = store::roles(op.conn(), id).await?;
    if before == roles {
        return Ok(());
    }
    if !roles.contains(&Role::Admin) {
        keep_an_administrator(administrators, id)?;
    }
    store::remove_roles_but(op.conn(), id, &roles).await?;
    store::add_roles(op.conn(), id, &roles).await?;
    let detail = json!({ "before": before, "roles": roles });
    journal::record(op, "account.roles_changed", Subject::Account(id), detail).await
}

/// Shuts an account out: ends its sessions and its links in the same step.
pub async fn disable(op: &mut Op, id: AccountId) -> Result<()> {
    op.about(Subject::Account(id));
    op.demand(Permission::ManageAccounts)?;
    if op.account() == Some(id) {
        return Err(AccountRefusal::OwnAccount.into());
    }
    let administrators = store::lock_administrators(op.conn()).await?;
    if store::lock(op.conn(), id).await?.ok_or(AppError::NotFound)? {
        return Ok(());
    }
    keep_an_administrator(&administrators, id)?;
    let now = op.now;
    store::set_disabled(op.conn(), id, Some(now)).await?;
    passwords::end_links(op, id).await?;
    let ended = store::end_sessions(op.conn(), id).await?;
    journal::record(op, "account.disabled", Subject::Account(id), json!({ "sessions_ended": ended.sessions })).await
}

/// Lets an account sign in again, with the password it had.
pub async fn enable(op: &mut Op, id: AccountId) -> Result<()> {
    op.about(Subject::Account(id));
    op.demand(Permission::ManageAccounts)?;
    if !store::lock(op.conn(), id).await?.ok_or(AppError::NotFound)? {
        return Ok(());
    }
    // One that a sign-in began in the very moment of disabling opens nothing, but would be counted as open.
    store::end_sessions(op.conn(), id).await?;
    store::set_disabled(op.conn(), id, None).await?;
    journal::record(op, "account.enabled", Subject::Account(id), json!({})).await
}

/// Refuses to do without an account that is the only administrator who can sign in.
fn keep_an_administrator(administrators: &[AccountId], without: AccountId) -> Result<()> {
    match administrators {
        [only] if *only == without => Err(AccountRefusal::LastAdmin.into()),
        _ => Ok(()),
    }
}

/// An e-mail address in the form it is stored and compared in. Postgres takes no text with a NUL: what stands in for it is in
/// no address either, so that such a try is counted and answered like any other.
fn comparable(email: &str) -> String {
    email.trim().to_lowercase().replace('\0', "\u{fffd}")
}
