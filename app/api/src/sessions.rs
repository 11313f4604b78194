//! The browsers in which people are signed in.

#[cfg(feature = "ssr")]
use crate::server::{lead_back, read, renew_session, session_id, write, write_form};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::accounts::RolesForm;
use model::{AccountId, AppError, SessionId, codec::Json, sign_in::OwnAccount};

/// One's own account: its second factor and its sessions.
#[server(prefix = "/desk/api", output = Json)]
pub async fn load_own_account() -> Result<OwnAccount, AppError> {
    read(async |op| domain::accounts::own_account(op, session_id().as_deref()).await).await
}

/// Signs one's own account out in one browser.
#[server(prefix = "/desk/api", output = Json)]
pub async fn end_own_session(session: SessionId) -> Result<(), AppError> {
    write(async |op| domain::accounts::end_own_session(op, session).await).await?;
    leptos_axum::redirect("/desk/account?ended=true#sessions");
    Ok(())
}

/// Signs one's own account out in all browsers but this one, which goes on under a new session.
#[server(prefix = "/desk/api", output = Json)]
pub async fn end_other_sessions() -> Result<(), AppError> {
    let signed_in = write(async |op| domain::accounts::end_other_sessions(op).await).await?;
    renew_session(signed_in).await?;
    leptos_axum::redirect("/desk/account?ended=true#sessions");
    Ok(())
}

/// Signs an account out in one browser.
#[server(prefix = "/desk/api", output = Json)]
pub async fn end_session(id: AccountId, session: SessionId) -> Result<(), AppError> {
    write_form(&None::<RolesForm>, async |op| domain::accounts::end_session(op, id, session).await).await?;
    lead_back(&format!("/desk/accounts/{id}"));
    Ok(())
}

/// Signs an account out in all browsers.
#[server(prefix = "/desk/api", output = Json)]
pub async fn end_sessions(id: AccountId) -> Result<(), AppError> {
    write_form(&None::<RolesForm>, async |op| domain::accounts::end_sessions(op, id).await.map(drop)).await?;
    lead_back(&format!("/desk/accounts/{id}"));
    Ok(())
}
