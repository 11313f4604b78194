//! The demo's staff: one account a role.

use crate::{Actor, Op, Result, accounts};
use kit::password;
use model::{AccountId, access::Role, accounts::AccountForm, slug::SHORT_ID_ALPHABET};
use std::collections::HashMap;

/// The e-mail addresses of the demo's accounts.
pub const PEOPLE: [(Role, &str); 6] = [
    (Role::Admin, "admin@demo.example"),
    (Role::Editor, "editor@demo.example"),
    (Role::Reviewer, "reviewer@demo.example"),
    (Role::CampaignManager, "campaigns@demo.example"),
    (Role::Analyst, "analyst@demo.example"),
    (Role::Support, "support@demo.example"),
];

/// A password of 80 random bits that is easy to type: `7kqd-w3n0-xr5t-h2mj`.
pub fn new_password() -> String {
    let letter = || SHORT_ID_ALPHABET[rand::random_range(0..SHORT_ID_ALPHABET.len())] as char;
    let group = |_| (0..4).map(|_| letter()).collect::<String>();
    (0..4).map(group).collect::<Vec<_>>().join("-")
}

/// The demo's accounts, by role.
pub(super) struct People(HashMap<Role, AccountId>);

impl People {
    /// Adds the accounts, all with one password.
    pub(super) async fn add(op: &mut Op, password: &str) -> Result<Self> {
        let mut people = HashMap::new();
        for (role, email) in PEOPLE {
            let form = AccountForm {
                name: format!("Demo {}", role.label().to_lowercase()),
                email: email.to_owned(),
                roles: vec![role.word().to_owned()],
            };
            let hash = password::hash(password).await.map_err(|error| crate::Error::fault(error.to_string()))?;
            people.insert(role, accounts::add_with_hash(op, &form, &hash).await?);
        }
        Ok(Self(people))
    }

    pub(super) fn id(&self, role: Role) -> AccountId {
        self.0[&role]
    }

    pub(super) fn actor(&self, role: Role) -> Actor {
        Actor::Staff { id: self.id(role), roles: vec![role] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::accounts::parse_password;

    #[test]
    fn every_role_has_one_account() {
        assert_eq!(PEOPLE.map(|(role, _)| role), Role::ALL);
    }

    #[test]
    fn new_passwords_are_strong_enough_and_never_the_same() {
        let (one, two) = (new_password(), new_password());
        parse_password(&one, &one).unwrap();
        assert_ne!(one, two);
    }
}
