//! Staff accounts: sign-in, roles, and the links by which people set their passwords.
//!
//! Owns `accounts`, `account_profiles`, `account_roles`, `password_links`; ends sessions in `staff_sessions`.

mod store;

use crate::{Actor, Db, Error, Op, Result};
use model::{AccountId, AppError, accounts::Viewer};

/// The actor of a signed-in account with its roles as they are now; nobody, once it is disabled.
pub async fn actor(db: &Db, id: AccountId) -> std::result::Result<Actor, AppError> {
    let roles = store::roles_of_enabled(db.pool(), id).await.map_err(Error::answer)?;
    Ok(roles.map_or(Actor::Nobody, |roles| Actor::Staff { id, roles }))
}

/// The account that asks, as pages show it.
pub async fn viewer(op: &mut Op) -> Result<Viewer> {
    let Actor::Staff { id, roles } = op.actor.clone() else { return Err(AppError::Unauthenticated.into()) };
    let (name, email) = store::profile(op.conn(), id).await?.ok_or(AppError::Unauthenticated)?;
    Ok(Viewer { id, name, email, roles })
}
