//! How staff sign in: second factors, the sessions that are open, and sign-in through a provider.

use crate::{FieldErrors, SessionId, Timestamp, access::Role, accounts::AccountRefusal, form::Reader};
use serde::{Deserialize, Serialize};

/// Where the code of a second factor is asked for.
pub const CODE_PATH: &str = "/desk/sign-in/code";
/// Where a second factor is set up.
pub const SECOND_FACTOR_PATH: &str = "/desk/second-factor";
/// Where sign-in through a provider begins, and where the provider sends people back to.
pub const PROVIDER_START: &str = "/desk/oidc/start";
pub const PROVIDER_BACK: &str = "/desk/oidc/back";

/// The ways to sign in that this server has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInWays {
    pub passwords: bool,
    /// What the provider of sign-in is called, if there is one.
    pub provider: Option<String>,
}

impl Default for SignInWays {
    fn default() -> Self {
        Self { passwords: true, provider: None }
    }
}

/// The second factor of an account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SecondFactor {
    /// Since when a code is asked for; `None` while none is.
    pub on_since: Option<Timestamp>,
    /// Recovery codes that were not used yet.
    pub codes_left: u32,
    /// One of the account's roles demands it.
    pub demanded: bool,
}

/// What an authenticator app must be told, shown until the first code confirms it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecondFactorSetup {
    /// The secret in groups of four letters, to type.
    pub text: String,
    /// The same as an address that opens an app on the same device.
    pub url: String,
    /// The same as a picture, an `<svg>`.
    pub svg: String,
}

/// The page on which a second factor is set up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetupPage {
    pub factor: SecondFactor,
    pub setup: Option<SecondFactorSetup>,
}

/// One's own account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OwnAccount {
    pub factor: SecondFactor,
    pub sessions: Vec<OpenSession>,
}

/// A browser in which an account is signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenSession {
    pub id: SessionId,
    /// "Firefox on Linux".
    pub device: String,
    /// The network address it was used from last; empty where that is not known.
    pub address: String,
    pub begun_at: Timestamp,
    /// To some minutes.
    pub seen_at: Timestamp,
    /// The one that asks.
    pub is_this: bool,
}

/// The form that says which roles demand a second factor, as chosen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DemandForm {
    pub roles: Vec<String>,
}

impl DemandForm {
    pub fn parse(&self) -> Result<Vec<Role>, FieldErrors> {
        let mut form = Reader::default();
        let parsed: Result<Vec<Role>, _> = self.roles.iter().filter(|word| !word.is_empty()).map(|word| word.parse()).collect();
        let roles = match parsed {
            Ok(mut roles) => {
                roles.sort();
                roles.dedup();
                Some(roles)
            }
            Err(unknown) => form.refuse("roles", unknown.to_string()),
        };
        form.errors.into_result(roles)
    }
}

/// What was typed where a code is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypedCode {
    /// Six digits from an app.
    Timed(String),
    /// Letters and digits of a recovery code, in the form their hash is made of.
    Recovery(String),
}

impl TypedCode {
    /// People type codes with spaces and hyphens, and in either case.
    pub fn parse(typed: &str) -> Result<Self, AccountRefusal> {
        let plain: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        match plain.len() {
            6 if plain.bytes().all(|b| b.is_ascii_digit()) => Ok(Self::Timed(plain)),
            RECOVERY_CODE if plain.is_ascii() => Ok(Self::Recovery(plain.to_ascii_lowercase())),
            _ => Err(AccountRefusal::WrongCode),
        }
    }
}

/// Letters and digits of a recovery code: eighty bits, in five of which each letter stands.
pub const RECOVERY_CODE: usize = 16;
/// What they are made of: nothing that reads like something else.
pub const RECOVERY_LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// Which roles follow from what a provider says of a person: pairs of its word for a group and a role here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleMapping(pub Vec<(String, Role)>);

impl RoleMapping {
    /// The roles of somebody in these groups, in one order; `None` where roles are kept here and not by the provider.
    pub fn roles_of(&self, groups: &[String]) -> Option<Vec<Role>> {
        if self.0.is_empty() {
            return None;
        }
        let mut roles: Vec<Role> = self.0.iter().filter(|(group, _)| groups.contains(group)).map(|(_, role)| *role).collect();
        roles.sort();
        roles.dedup();
        Some(roles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_taken_as_people_type_them() {
        let timed = |code: &str| Ok(TypedCode::Timed(code.to_owned()));
        assert_eq!([TypedCode::parse(" 123 456 "), TypedCode::parse("123456")], [timed("123456"), timed("123456")]);
        let recovery = Ok(TypedCode::Recovery("abcdefghjkmnpqrs".to_owned()));
        assert_eq!(
            [TypedCode::parse("ABCD-efgh-jkmn-pqrs"), TypedCode::parse("abcdefghjkmnpqrs ")],
            [recovery.clone(), recovery]
        );
        for other in ["", "12345", "1234567", "abcdef", "\u{661}23456", "abcdefghjkmnpqr\u{e9}"] {
            assert_eq!(TypedCode::parse(other), Err(AccountRefusal::WrongCode), "{other}");
        }
    }

    #[test]
    fn roles_follow_from_groups_only_where_a_mapping_says_so() {
        let groups = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mapping =
            RoleMapping(vec![("chiefs".into(), Role::Admin), ("writers".into(), Role::Editor), ("chiefs".into(), Role::Editor)]);
        assert_eq!(mapping.roles_of(&groups(&["chiefs", "writers"])), Some(vec![Role::Admin, Role::Editor]));
        assert_eq!(mapping.roles_of(&groups(&["writers", "other"])), Some(vec![Role::Editor]));
        assert_eq!(mapping.roles_of(&groups(&["Chiefs"])), Some(vec![]));
        assert_eq!(RoleMapping::default().roles_of(&groups(&["chiefs"])), None);
    }

    #[test]
    fn no_role_need_demand_a_second_factor() {
        let form = |roles: &[&str]| DemandForm { roles: roles.iter().map(|role| (*role).to_owned()).collect() };
        assert_eq!(form(&[""]).parse(), Ok(vec![]));
        assert_eq!(form(&["editor", "admin", "editor"]).parse(), Ok(vec![Role::Admin, Role::Editor]));
        assert!(form(&["owner"]).parse().unwrap_err().at("roles").is_some());
    }
}
