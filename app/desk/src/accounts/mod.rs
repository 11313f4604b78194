//! Signing in, setting passwords, one's own account, and the keeping of accounts.

mod code_page;
mod forgot_page;
mod link;
mod list_page;
mod new_page;
mod own_page;
mod password_page;
mod record_page;
mod second_factor_page;
mod sessions;
mod sign_in_page;

pub use code_page::CodePage;
pub use forgot_page::ForgotPage;
pub use list_page::AccountsPage;
pub use new_page::NewAccountPage;
pub use own_page::OwnAccountPage;
pub use password_page::PasswordPage;
pub use record_page::AccountPage;
pub use second_factor_page::SecondFactorPage;
pub use sign_in_page::SignInPage;

use leptos::prelude::WithUntracked;
use leptos_router::hooks::use_query_map;
use model::{
    AppError,
    access::Role,
    accounts::{Account, error_of_word},
};
use ui::Tone;

/// The refusal that a form with a password came back with, from its word in the address.
fn refusal_in_address() -> Option<AppError> {
    error_of_word(&use_query_map().with_untracked(|map| map.get("error"))?)
}

/// Whether the address says that something was done.
fn told_in_address(word: &str) -> bool {
    use_query_map().with_untracked(|map| map.get(word).is_some())
}

/// Every role with what it is for, to choose from.
fn role_options() -> Vec<(String, String)> {
    Role::ALL.map(|role| (role.word().to_owned(), format!("{}: {}", role.label(), role.purpose()))).into()
}

/// Whether somebody can sign in, in a word.
fn state(account: &Account) -> (Tone, &'static str) {
    match account {
        Account { disabled_at: Some(_), .. } => (Tone::Negative, "Disabled"),
        Account { has_password: false, .. } => (Tone::Caution, "Invited"),
        _ => (Tone::Positive, "Active"),
    }
}
