//! Staff accounts: who signs in at the desk.

use crate::{
    AccountId, FieldErrors, Timestamp,
    access::{Permission, Role, allowed},
    form::{Reader, is_email},
};
use serde::{Deserialize, Serialize};

/// Why an account's rule said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AccountRefusal {
    #[error("The e-mail address or the password is not right.")]
    WrongCredentials,
    #[error("There is already an account with this e-mail address.")]
    AddressTaken,
    #[error("This link was used already, or it expired. Ask an administrator for a new one.")]
    LinkSpent,
    #[error("This would leave no administrator who can sign in. Make somebody else an administrator first.")]
    LastAdmin,
    #[error("You cannot disable your own account. Ask another administrator.")]
    OwnAccount,
}

/// Who is signed in, as the pages need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    pub id: AccountId,
    pub name: String,
    pub email: String,
    pub roles: Vec<Role>,
}

impl Viewer {
    pub fn may(&self, permission: Permission) -> bool {
        allowed(&self.roles, permission)
    }
}

/// An account in the list of accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    pub id: AccountId,
    pub name: String,
    pub email: String,
    pub roles: Vec<Role>,
    pub created_at: Timestamp,
    pub disabled_at: Option<Timestamp>,
    /// Whether a password was ever set; until then only the link works.
    pub has_password: bool,
    pub last_sign_in_at: Option<Timestamp>,
}

/// A single-use link by which a person sets their password.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PasswordLink {
    /// The whole address. It is shown once and stored nowhere.
    pub url: String,
    pub expires_at: Timestamp,
}

/// The form that adds an account, as typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountForm {
    pub name: String,
    pub email: String,
    pub roles: Vec<String>,
}

/// A checked [`AccountForm`].
#[derive(Clone, Debug, PartialEq)]
pub struct NewAccount {
    pub name: String,
    pub email: String,
    pub roles: Vec<Role>,
}

impl AccountForm {
    pub fn parse(&self) -> Result<NewAccount, FieldErrors> {
        let mut form = Reader::default();
        let name = form.text("name", "The name", &self.name, 120);
        let email = email(&mut form, &self.email);
        let roles = roles(&mut form, &self.roles);
        let account = (|| Some(NewAccount { name: name?, email: email?, roles: roles? }))();
        form.errors.into_result(account)
    }
}

/// An e-mail address in the form it is compared in: trimmed and in lower case.
fn email(form: &mut Reader, raw: &str) -> Option<String> {
    let email = raw.trim().to_lowercase();
    if is_email(&email) {
        return Some(email);
    }
    form.refuse("email", "The e-mail address must look like name@example.com.")
}

fn roles(form: &mut Reader, raw: &[String]) -> Option<Vec<Role>> {
    let parsed: Result<Vec<Role>, _> = raw.iter().filter(|word| !word.is_empty()).map(|word| word.parse()).collect();
    match parsed {
        Ok(roles) if roles.is_empty() => form.refuse("roles", "Choose at least one role."),
        Ok(mut roles) => {
            roles.sort();
            roles.dedup();
            Some(roles)
        }
        Err(unknown) => form.refuse("roles", unknown.to_string()),
    }
}

/// Roles chosen in a form, at least one.
pub fn parse_roles(raw: &[String]) -> Result<Vec<Role>, FieldErrors> {
    let mut form = Reader::default();
    let roles = roles(&mut form, raw);
    form.errors.into_result(roles)
}

/// A new password: long enough to resist guessing, short enough to hash in bounded time.
pub fn parse_password(raw: &str, again: &str) -> Result<(), FieldErrors> {
    let mut errors = FieldErrors::default();
    let length = raw.chars().count();
    if length < 12 {
        errors.push("password", "The password needs at least 12 characters; three or four random words are good.");
    } else if length > 200 {
        errors.push("password", "The password may have at most 200 characters.");
    } else if COMMON_PASSWORDS.contains(&raw.to_lowercase().as_str()) {
        errors.push("password", "This password is one that is guessed first. Choose another.");
    } else if raw != again {
        errors.push("again", "The two passwords are not the same.");
    }
    errors.into_result(Some(()))
}

/// Passwords of twelve characters or more that head the lists guessers use.
const COMMON_PASSWORDS: &[&str] = &[
    "123456789012",
    "1234567890123",
    "password1234",
    "password12345",
    "passwordpassword",
    "qwertyuiop12",
    "qwertyuiopas",
    "111111111111",
    "000000000000",
    "abcdefghijkl",
    "iloveyou1234",
    "administrator",
    "letmeinletmein",
    "changemechangeme",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_needs_a_name_an_address_and_a_role() {
        let errors = AccountForm::default().parse().unwrap_err();
        for field in ["name", "email", "roles"] {
            assert!(errors.at(field).is_some(), "{field}");
        }
    }

    #[test]
    fn addresses_are_compared_in_lower_case() {
        let form = AccountForm { name: "Ada".into(), email: " Ada@Example.COM ".into(), roles: vec!["editor".into()] };
        assert_eq!(form.parse().unwrap().email, "ada@example.com");
    }

    #[test]
    fn weak_passwords_are_refused() {
        assert!(parse_password("short", "short").is_err());
        assert!(parse_password("PasswordPassword", "PasswordPassword").is_err());
        assert!(parse_password("four random words", "four random word").unwrap_err().at("again").is_some());
        assert!(parse_password("four random words", "four random words").is_ok());
    }
}
