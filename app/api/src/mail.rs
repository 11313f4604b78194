//! The mail that the server wrote.

#[cfg(feature = "ssr")]
use crate::server::{context, lead_back, read, write, write_form};
use leptos::prelude::*;
use model::{
    AppError, MailId, Page,
    codec::Json,
    mail::{Mail, MailQuery, MailRecord},
};

#[server(prefix = "/desk/api", output = Json)]
pub async fn list_mails(query: MailQuery) -> Result<Page<Mail>, AppError> {
    read(async |op| domain::mail::list(op, &query).await).await
}

/// One mail; the audit log keeps that its link was shown.
#[server(prefix = "/desk/api", output = Json)]
pub async fn read_mail(id: MailId) -> Result<MailRecord, AppError> {
    let desk_url = &context().settings.desk_url;
    write(async |op| domain::mail::read(op, id, desk_url).await).await
}

/// Has a mail that failed or is held tried again.
#[server(prefix = "/desk/api", output = Json)]
pub async fn retry_mail(id: MailId) -> Result<(), AppError> {
    write_form(&(), async |op| domain::mail::retry(op, id).await).await?;
    lead_back(&format!("/desk/mail/{id}"));
    Ok(())
}
