//! Second factors. Their forms are plain ones: each answer leads to a page, with scripts and without.

#[cfg(feature = "ssr")]
use crate::{
    accounts::come_back,
    server::{
        begin_session, caller, caller_in_setup, context, percent_encode, read, read_in_setup, renew_session, unfinished, write,
        write_form, write_in_setup,
    },
};
use leptos::prelude::*;
use model::{
    AccountId, AppError,
    access::Role,
    codec::Json,
    sign_in::{DemandForm, SetupPage, SignInWays},
};
#[cfg(feature = "ssr")]
use model::{
    accounts::{AccountRefusal, RolesForm, desk_page},
    sign_in::{CODE_PATH, SECOND_FACTOR_PATH},
};

/// The ways to sign in that there are.
#[server(prefix = "/desk/api", output = Json)]
pub async fn load_sign_in_ways() -> Result<SignInWays, AppError> {
    Ok(context().settings.sign_in.clone())
}

/// Finishes a sign-in with a code and leads to the page that was asked for.
#[server(prefix = "/desk/api", output = Json)]
pub async fn enter_code(code: String, next: String) -> Result<(), AppError> {
    let outcome = async {
        let begun = unfinished().await?.ok_or(AccountRefusal::SignInOver)?;
        let signed_in = domain::accounts::finish_sign_in(&context().db, caller_in_setup().await?, &begun, &code).await?;
        begin_session(signed_in).await
    };
    let next = desk_page(&next);
    match outcome.await {
        Ok(()) => leptos_axum::redirect(next),
        Err(error) => return Err(come_back(error, &format!("{CODE_PATH}?next={}&", percent_encode(next)))),
    }
    Ok(())
}

/// How far the set-up of the second factor is.
#[server(prefix = "/desk/api", output = Json)]
pub async fn load_setup() -> Result<SetupPage, AppError> {
    read_in_setup(async |op| domain::accounts::setup_page(op).await).await
}

/// Makes a secret for an app, in the place of one that was not confirmed.
#[server(prefix = "/desk/api", output = Json)]
pub async fn begin_second_factor() -> Result<(), AppError> {
    let begun = write_in_setup(async |op| domain::accounts::begin_second_factor(op).await).await;
    begun.map_err(|error| come_back(error, SETUP))?;
    leptos_axum::redirect(SECOND_FACTOR_PATH);
    Ok(())
}

/// Turns the second factor on with its first code. Only this browser stays signed in, under a new session.
#[server(prefix = "/desk/api", output = Json)]
pub async fn confirm_second_factor(code: String) -> Result<(), AppError> {
    let outcome = async {
        let signed_in = write_in_setup(async |op| domain::accounts::confirm_second_factor(op, &code).await).await?;
        renew_session(signed_in).await
    };
    outcome.await.map_err(|error| come_back(error, SETUP))?;
    leptos_axum::redirect(CODES_PAGE);
    Ok(())
}

/// The recovery codes that were just made. They are given out once.
#[server(prefix = "/desk/api", output = Json)]
pub async fn take_recovery_codes() -> Result<Vec<String>, AppError> {
    write(async |op| domain::accounts::take_recovery_codes(op).await).await
}

/// Makes new recovery codes; the old ones end.
#[server(prefix = "/desk/api", output = Json)]
pub async fn make_recovery_codes(own_password: String) -> Result<(), AppError> {
    let made = async { domain::accounts::make_recovery_codes(&context().db, caller().await?, &own_password).await };
    made.await.map_err(|error| come_back(error, OWN))?;
    leptos_axum::redirect(CODES_PAGE);
    Ok(())
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn turn_off_second_factor(own_password: String) -> Result<(), AppError> {
    let off = async { domain::accounts::turn_off_second_factor(&context().db, caller().await?, &own_password).await };
    off.await.map_err(|error| come_back(error, OWN))?;
    leptos_axum::redirect("/desk/account?off=true#second-factor");
    Ok(())
}

/// Takes away the second factor of somebody who lost theirs.
#[server(prefix = "/desk/api", output = Json)]
pub async fn remove_second_factor(id: AccountId) -> Result<(), AppError> {
    write_form(&None::<RolesForm>, async |op| domain::accounts::remove_second_factor(op, id).await).await
}

/// The roles that demand a second factor.
#[server(prefix = "/desk/api", output = Json)]
pub async fn demanding_roles() -> Result<Vec<Role>, AppError> {
    read(async |op| domain::accounts::demanding_roles(op).await).await
}

/// Demands a second factor of these roles and no others.
#[server(prefix = "/desk/api", output = Json)]
pub async fn demand_second_factor(#[server(default)] form: DemandForm) -> Result<(), AppError> {
    write(async |op| domain::accounts::demand_second_factor(op, &form).await).await?;
    leptos_axum::redirect("/desk/accounts?demanded=true");
    Ok(())
}

/// Pages to come back to, where their queries go on.
#[cfg(feature = "ssr")]
const SETUP: &str = "/desk/second-factor?";
#[cfg(feature = "ssr")]
const OWN: &str = "/desk/account?form=second-factor&";
/// Where new recovery codes are shown.
#[cfg(feature = "ssr")]
const CODES_PAGE: &str = "/desk/second-factor?codes=true";
