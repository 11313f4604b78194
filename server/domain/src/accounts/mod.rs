//! Staff accounts: sign-in, roles, and the links by which people set their passwords.
//!
//! Owns `accounts`, `account_profiles`, `account_roles`, `password_links`; ends sessions in `staff_sessions`.

mod store;

use crate::{Actor, Db, Error};
use model::{AccountId, AppError};

/// The actor of a signed-in account with its roles as they are now; nobody, once it is disabled.
pub async fn actor(db: &Db, id: AccountId) -> Result<Actor, AppError> {
    let roles = store::roles_of_enabled(db.pool(), id).await.map_err(Error::answer)?;
    Ok(roles.map_or(Actor::Nobody, |roles| Actor::Staff { id, roles }))
}
