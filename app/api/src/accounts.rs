//! Staff accounts and sessions.

#[cfg(feature = "ssr")]
use crate::server::{
    SIGN_IN, begin_session, caller, caller_in_setup, context, end_session, keep_unfinished, lead_back, percent_encode,
    posted_without_scripts, read, renew_session, tell_status, write_form, write_in_setup,
};
#[cfg(feature = "ssr")]
use domain::accounts::SignIn as Came;
use leptos::prelude::*;
use model::{
    AccountId, AppError, Page,
    access::Permission,
    accounts::{Account, AccountForm, AccountQuery, AccountRecord, PasswordLink, RolesForm, Viewer},
    codec::Json,
};
#[cfg(feature = "ssr")]
use model::{
    accounts::{self, AccountRefusal, error_word},
    sign_in::CODE_PATH,
};

/// Who is signed in.
#[server(prefix = "/desk/api", output = Json)]
pub async fn who_is_signed_in() -> Result<Viewer, AppError> {
    read(async |op| domain::accounts::viewer(op).await).await
}

/// Begins a session and leads to the page that was asked for.
#[server(prefix = "/desk/api", output = Json)]
pub async fn sign_in(email: String, password: String, next: String) -> Result<(), AppError> {
    let next = accounts::desk_page(&next);
    let outcome = async {
        if !context().settings.sign_in.passwords {
            return Err(AccountRefusal::PasswordsOff.into());
        }
        match domain::accounts::sign_in(&context().db, caller_in_setup().await?, &email, &password).await? {
            Came::Done(signed_in) => begin_session(signed_in).await.map(|()| next.to_owned()),
            Came::CodeWanted(unfinished) => {
                keep_unfinished(&unfinished).await.map(|()| format!("{CODE_PATH}?next={}", percent_encode(next)))
            }
        }
    };
    match outcome.await {
        Ok(page) => leptos_axum::redirect(&page),
        Err(error) => return Err(come_back(error, &format!("{SIGN_IN}?next={}&", percent_encode(next)))),
    }
    Ok(())
}

/// Ends the session of this browser.
#[server(prefix = "/desk/api", output = Json)]
pub async fn sign_out() -> Result<(), AppError> {
    write_in_setup(async |op| domain::accounts::sign_out(op).await).await?;
    end_session().await?;
    leptos_axum::redirect(SIGN_IN);
    Ok(())
}

/// Ends the sessions of the person in all browsers.
#[server(prefix = "/desk/api", output = Json)]
pub async fn sign_out_everywhere() -> Result<(), AppError> {
    write_in_setup(async |op| domain::accounts::sign_out_everywhere(op).await).await?;
    end_session().await?;
    leptos_axum::redirect(SIGN_IN);
    Ok(())
}

/// Refuses who does not hold the permission, which the audit log then says.
#[server(prefix = "/desk/api", output = Json)]
pub async fn demand(permission: Permission) -> Result<(), AppError> {
    read(async |op| domain::accounts::demand(op, permission).await).await
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn list_accounts(query: AccountQuery) -> Result<Page<Account>, AppError> {
    read(async |op| domain::accounts::list(op, &query).await).await
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn read_account(id: AccountId) -> Result<AccountRecord, AppError> {
    read(async |op| domain::accounts::read(op, id).await).await
}

/// Adds an account; answers the link for its person.
#[server(prefix = "/desk/api", output = Json)]
pub async fn add_account(form: AccountForm) -> Result<PasswordLink, AppError> {
    let desk_url = &context().settings.desk_url;
    let ways = &context().settings.sign_in;
    let (_, link) = write_form(&form, async |op| domain::accounts::add(op, &form, desk_url, ways).await).await?;
    Ok(shown(link))
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn change_roles(id: AccountId, #[server(default)] form: RolesForm) -> Result<(), AppError> {
    write_form(&Some(&form), async |op| domain::accounts::change_roles(op, id, &form).await).await
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn disable_account(id: AccountId) -> Result<(), AppError> {
    write_form(&None::<RolesForm>, async |op| domain::accounts::disable(op, id).await).await
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn enable_account(id: AccountId) -> Result<(), AppError> {
    write_form(&None::<RolesForm>, async |op| domain::accounts::enable(op, id).await).await
}

/// Makes a link by which an account's person sets a password; older ones end.
#[server(prefix = "/desk/api", output = Json)]
pub async fn make_password_link(id: AccountId) -> Result<PasswordLink, AppError> {
    let desk_url = &context().settings.desk_url;
    let link = write_form(&None::<RolesForm>, async |op| domain::accounts::make_password_link(op, id, desk_url).await).await?;
    Ok(shown(link))
}

/// Sends an invitation again to somebody who has set no password yet.
#[server(prefix = "/desk/api", output = Json)]
pub async fn invite_again(id: AccountId) -> Result<(), AppError> {
    let desk_url = &context().settings.desk_url;
    let ways = &context().settings.sign_in;
    write_form(&None::<RolesForm>, async |op| domain::accounts::invite_again(op, id, desk_url, ways).await).await?;
    lead_back(&format!("/desk/accounts/{id}"));
    Ok(())
}

/// Asks for a link to set a new password; the answer does not tell whether there is such an account.
#[server(prefix = "/desk/api", output = Json)]
pub async fn ask_for_reset(email: String) -> Result<(), AppError> {
    let outcome = async {
        if !context().settings.sign_in.passwords {
            return Err(AccountRefusal::PasswordsOff.into());
        }
        domain::accounts::ask_for_reset(&context().db, caller().await?, &email).await
    };
    outcome.await.map_err(|error| come_back(error, &format!("{}?", accounts::FORGOT_PATH)))?;
    lead_back(&format!("{}?asked=true", accounts::FORGOT_PATH));
    Ok(())
}

/// Whose password a link sets, if it can be used; looking does not use it up.
#[server(prefix = "/desk/api", output = Json)]
pub async fn open_password_link(token: String) -> Result<Option<PasswordLink>, AppError> {
    let desk_url = &context().settings.desk_url;
    read(async |op| domain::accounts::open_password_link(op, &token, desk_url).await).await
}

/// Sets a password through a link and leads to the page where to sign in with it.
#[server(prefix = "/desk/api", output = Json)]
pub async fn set_password(token: String, password: String, again: String) -> Result<(), AppError> {
    let outcome = async { domain::accounts::set_password(&context().db, caller().await?, &token, &password, &again).await };
    match outcome.await {
        Ok(()) => leptos_axum::redirect(&format!("{SIGN_IN}?set=true")),
        Err(error) => return Err(come_back(error, &format!("{}{}?", accounts::PASSWORD_PATH, percent_encode(&token)))),
    }
    Ok(())
}

/// Changes the password of the person who asks; only this browser stays signed in, under a new session.
#[server(prefix = "/desk/api", output = Json)]
pub async fn change_own_password(current: String, password: String, again: String) -> Result<(), AppError> {
    let outcome = async {
        let caller = caller().await?;
        let signed_in = domain::accounts::change_own_password(&context().db, caller, &current, &password, &again).await?;
        renew_session(signed_in).await
    };
    outcome.await.map_err(|error| come_back(error, "/desk/account?"))?;
    lead_back("/desk/account?changed=true");
    Ok(())
}

/// A refused form that holds a password: without scripts the person comes back to `page`, which ends where its query goes
/// on, with the refusal as a word. Nothing that was typed is kept.
#[cfg(feature = "ssr")]
pub(crate) fn come_back(error: AppError, page: &str) -> AppError {
    tell_status(&error);
    if posted_without_scripts() && !matches!(error, AppError::Unauthenticated) {
        leptos_axum::redirect(&format!("{page}error={}", error_word(&error)));
    }
    error
}

/// A new link is shown once. With scripts it is in the answer; without, the page behind the link shows it, for the link
/// must not be stored anywhere on the way.
#[cfg(feature = "ssr")]
fn shown(link: PasswordLink) -> PasswordLink {
    lead_back(&format!("{}?made=true", link.path()));
    link
}
