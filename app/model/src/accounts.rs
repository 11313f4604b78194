//! Staff accounts: who signs in at the desk.

use crate::{
    AccountId, AppError, FieldErrors, Refusal, Timestamp,
    access::{Permission, Role, allowed},
    form::{Reader, is_email},
    sign_in::{OpenSession, SecondFactor},
};
use serde::{Deserialize, Serialize};

/// Why an account's rule said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AccountRefusal {
    #[error("The e-mail address or the password is not right.")]
    WrongCredentials,
    #[error("There is already an account with this e-mail address.")]
    AddressTaken,
    #[error("This link was used already, or it expired. Ask for a new one.")]
    LinkSpent,
    #[error("This would leave no administrator who can sign in. Make somebody else an administrator first.")]
    LastAdmin,
    #[error("You cannot disable your own account. Ask another administrator.")]
    OwnAccount,
    #[error("This account is disabled. Enable it first.")]
    Disabled,
    #[error("This person has set a password already and needs no invitation. Make a password link instead.")]
    HasPassword,
    #[error("This code is not right, or it was used already. Type the one that your app shows now, or a recovery code.")]
    WrongCode,
    #[error("This sign-in took too long, or was tried too often. Start again.")]
    SignInOver,
    #[error("Your second factor is on already. Turn it off first to set up another.")]
    SecondFactorOn,
    #[error("There is no second factor being set up. Start again.")]
    SecondFactorOff,
    #[error("Turn your own second factor off on the page of your account.")]
    OwnSecondFactor,
    #[error("Passwords are turned off here. Sign in through the provider.")]
    PasswordsOff,
    #[error("The provider of the sign-in does not answer. Try again in a moment, or use your password if you have one.")]
    ProviderDown,
    #[error("The provider did not say who you are: the sign-in there was not finished. Start again.")]
    ProviderRefused,
    #[error("This sign-in was begun in another browser, took too long, or came back twice. Start again.")]
    ProviderStale,
    #[error("The provider knows you, but gives you no role here. Ask an administrator.")]
    ProviderNoRole,
    #[error("There is no account here for you, and the provider vouches for no e-mail address of yours to find it by.")]
    ProviderUnknown,
    #[error("Your account is disabled. Ask an administrator.")]
    ShutOut,
}

/// Refusals that come back to a page as a word in its address.
const REFUSAL_WORDS: [(&str, AccountRefusal); 14] = [
    ("credentials", AccountRefusal::WrongCredentials),
    ("link", AccountRefusal::LinkSpent),
    ("code", AccountRefusal::WrongCode),
    ("over", AccountRefusal::SignInOver),
    ("factor-on", AccountRefusal::SecondFactorOn),
    ("factor-off", AccountRefusal::SecondFactorOff),
    ("passwords-off", AccountRefusal::PasswordsOff),
    ("provider-down", AccountRefusal::ProviderDown),
    ("provider-refused", AccountRefusal::ProviderRefused),
    ("provider-stale", AccountRefusal::ProviderStale),
    ("provider-no-role", AccountRefusal::ProviderNoRole),
    ("provider-unknown", AccountRefusal::ProviderUnknown),
    ("shut-out", AccountRefusal::ShutOut),
    ("last-admin", AccountRefusal::LastAdmin),
];

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
    /// Whether a code is asked for after the password.
    pub has_second_factor: bool,
    pub last_sign_in_at: Option<Timestamp>,
}

/// An account on its own page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountRecord {
    pub account: Account,
    /// In how many browsers the person is signed in now.
    pub open_sessions: u32,
    /// The same, one by one.
    pub sessions: Vec<OpenSession>,
    pub factor: SecondFactor,
}

/// Where the list of accounts goes on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountQuery {
    pub after: String,
}

/// A single-use link by which a person sets their password.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PasswordLink {
    /// The whole address. It is shown once and stored nowhere.
    pub url: String,
    pub expires_at: Timestamp,
    /// Whose password it sets.
    pub name: String,
    pub email: String,
}

/// Where the desk shows the form behind a link; the token follows.
pub const PASSWORD_PATH: &str = "/desk/password/";

/// Where somebody who forgot their password asks for a link.
pub const FORGOT_PATH: &str = "/desk/forgot";

impl PasswordLink {
    /// The address without scheme and host.
    pub fn path(&self) -> &str {
        self.url.find(PASSWORD_PATH).map_or(PASSWORD_PATH, |start| &self.url[start..])
    }
}

/// The form that adds an account, as typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountForm {
    pub name: String,
    pub email: String,
    pub roles: Vec<String>,
}

/// The form that changes an account's roles, as chosen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RolesForm {
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

impl RolesForm {
    pub fn parse(&self) -> Result<Vec<Role>, FieldErrors> {
        let mut form = Reader::default();
        let roles = roles(&mut form, &self.roles);
        form.errors.into_result(roles)
    }
}

/// What must be typed to sign in. A form with a gap is no try: it is answered before tries are counted.
pub fn parse_sign_in(email: &str, password: &str) -> Result<(), FieldErrors> {
    let mut form = Reader::default();
    if email.trim().is_empty() {
        form.refuse::<()>("email", "Enter your e-mail address.");
    }
    if password.is_empty() {
        form.refuse::<()>("password", "Enter your password.");
    }
    form.errors.into_result(Some(()))
}

/// The address of somebody who forgot their password, in the form it is compared in.
pub fn parse_reset(raw: &str) -> Result<String, FieldErrors> {
    let mut form = Reader::default();
    let email = email(&mut form, raw);
    form.errors.into_result(email)
}

/// The gaps of a sign-in form in a word, each with an address and a password that have it.
const SIGN_IN_GAPS: [(&str, &str, &str); 3] = [("no-email", "", "typed"), ("no-password", "typed", ""), ("nothing", "", "")];

/// A new password: long enough to resist guessing, short enough to hash in bounded time.
pub fn parse_password(raw: &str, again: &str) -> Result<(), FieldErrors> {
    let flaw = match raw.chars().count() {
        0..12 => PasswordFlaw::Short,
        201.. => PasswordFlaw::Long,
        _ if COMMON_PASSWORDS.contains(&raw.to_lowercase().as_str()) => PasswordFlaw::Common,
        _ if raw != again => PasswordFlaw::Different,
        _ => return Ok(()),
    };
    Err(flaw.into())
}

/// What can be wrong with a form that changes a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordFlaw {
    Short,
    Long,
    Common,
    /// The second time, something else was typed.
    Different,
    /// The password in force was not known.
    Current,
}

impl PasswordFlaw {
    const ALL: [Self; 5] = [Self::Short, Self::Long, Self::Common, Self::Different, Self::Current];

    fn word(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Long => "long",
            Self::Common => "common",
            Self::Different => "different",
            Self::Current => "current",
        }
    }
}

impl From<PasswordFlaw> for FieldErrors {
    fn from(flaw: PasswordFlaw) -> Self {
        let (field, message) = match flaw {
            PasswordFlaw::Short => {
                ("password", "The password needs at least 12 characters; three or four random words are good.")
            }
            PasswordFlaw::Long => ("password", "The password may have at most 200 characters."),
            PasswordFlaw::Common => ("password", "This password is one that is guessed first. Choose another."),
            PasswordFlaw::Different => ("again", "The two passwords are not the same."),
            PasswordFlaw::Current => ("current", "This is not your password now."),
        };
        Self::of(field, message)
    }
}

/// A refusal in a word short enough for an address. A form with a password is never kept, and a page must not show texts that
/// anybody could have put into its address: the word is all that comes back.
pub fn error_word(error: &AppError) -> String {
    match error {
        AppError::TooMany { retry_after } => format!("wait-{retry_after}"),
        AppError::Refused(Refusal::Account(why)) => {
            REFUSAL_WORDS.iter().find(|(_, refusal)| refusal == why).map_or("failed", |(word, _)| word).to_owned()
        }
        AppError::Invalid(errors) if parse_reset("").as_ref() == Err(errors) => "address".to_owned(),
        AppError::Invalid(errors) => {
            let flaw = PasswordFlaw::ALL.into_iter().find(|flaw| FieldErrors::from(*flaw) == *errors);
            let gap = SIGN_IN_GAPS.iter().find(|(_, email, password)| parse_sign_in(email, password).as_ref() == Err(errors));
            flaw.map(PasswordFlaw::word).or(gap.map(|(word, ..)| *word)).unwrap_or("failed").to_owned()
        }
        _ => "failed".to_owned(),
    }
}

/// The refusal that a word in an address stands for.
pub fn error_of_word(word: &str) -> Option<AppError> {
    if let Some(seconds) = word.strip_prefix("wait-") {
        return seconds.parse().ok().map(|retry_after| AppError::TooMany { retry_after });
    }
    if let Some((_, email, password)) = SIGN_IN_GAPS.iter().find(|(gap, ..)| *gap == word) {
        return parse_sign_in(email, password).err().map(AppError::from);
    }
    let flaw = PasswordFlaw::ALL.into_iter().find(|flaw| flaw.word() == word);
    match (flaw, word) {
        (Some(flaw), _) => Some(FieldErrors::from(flaw).into()),
        (None, "address") => parse_reset("").err().map(AppError::from),
        (None, "failed") => Some(AppError::Internal),
        (None, word) => REFUSAL_WORDS.iter().find(|(known, _)| *known == word).map(|(_, refusal)| (*refusal).into()),
    }
}

/// Where to go after signing in: the page that was asked for if it is one of the desk, else its first page.
pub fn desk_page(next: &str) -> &str {
    let is_page = next.strip_prefix("/desk").is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    let doors = ["/desk/api/", "/desk/sign-in", "/desk/oidc/", FORGOT_PATH, PASSWORD_PATH];
    let is_door = doors.iter().any(|door| next.starts_with(door));
    let is_plain = next.len() <= 1000 && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if is_page && !is_door && is_plain { next } else { "/desk" }
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
    fn a_sign_in_says_which_field_is_missing() {
        assert_eq!(parse_sign_in("ada@example.com", " "), Ok(()));
        let errors = parse_sign_in(" ", "four random words").unwrap_err();
        assert!(errors.at("email").is_some() && errors.at("password").is_none());
        let errors = parse_sign_in("", "").unwrap_err();
        assert!(errors.at("email").is_some() && errors.at("password").is_some());
    }

    #[test]
    fn weak_passwords_are_refused() {
        assert!(parse_password("short", "short").is_err());
        assert!(parse_password("PasswordPassword", "PasswordPassword").is_err());
        assert!(parse_password("four random words", "four random word").unwrap_err().at("again").is_some());
        assert!(parse_password("four random words", "four random words").is_ok());
    }

    #[test]
    fn a_refusal_goes_into_an_address_as_a_word_and_comes_back() {
        let mut errors = vec![AppError::TooMany { retry_after: 840 }, parse_reset("ada").unwrap_err().into(), AppError::Internal];
        errors.extend(REFUSAL_WORDS.map(|(_, refusal)| AppError::from(refusal)));
        errors.extend(PasswordFlaw::ALL.map(|flaw| AppError::from(FieldErrors::from(flaw))));
        errors.extend(SIGN_IN_GAPS.map(|(_, email, password)| AppError::from(parse_sign_in(email, password).unwrap_err())));
        for error in errors {
            assert_eq!(error_of_word(&error_word(&error)), Some(error));
        }
        let text = AppError::BadRequest("Call this number".into());
        assert_eq!(error_of_word(&error_word(&text)), Some(AppError::Internal));
        for none in ["", "wait-", "wait-x", "Call this number"] {
            assert_eq!(error_of_word(none), None, "{none}");
        }
    }

    #[test]
    fn signing_in_leads_to_pages_of_the_desk_alone() {
        for page in ["/desk", "/desk/offers", "/desk/offers?state=live&after=x", "/desk?a=b"] {
            assert_eq!(desk_page(page), page);
        }
        for other in [
            "",
            "/",
            "//desk",
            "/desk.example.com",
            "/deskside",
            "https://example.com/desk",
            "/desk/api/accounts/sign_out",
            "/desk/sign-in?next=/desk",
            "/desk/password/abc",
            "/desk/forgot",
            "/desk/oidc/start",
            "/desk/\r\nSet-Cookie: a=b",
            "/desk/\\example.com",
            "/desk/\u{e9}",
        ] {
            assert_eq!(desk_page(other), "/desk", "{other:?}");
        }
    }

    #[test]
    fn a_link_is_told_from_its_host() {
        let link = PasswordLink {
            url: "https://desk.example.com/desk/password/abc".into(),
            expires_at: Timestamp::UNIX_EPOCH,
            name: String::new(),
            email: String::new(),
        };
        assert_eq!(link.path(), "/desk/password/abc");
    }
}
