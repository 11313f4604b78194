//! Forms refused without scripts, given back once.

#[cfg(feature = "ssr")]
use crate::server::write;
use leptos::prelude::*;
use model::{AppError, KeptFormId, codec::Json};
use serde::{Deserialize, Serialize};

/// A refused form, as JSON, and why it was refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptForm {
    pub form: String,
    pub error: AppError,
}

#[server(prefix = "/desk/api", output = Json)]
pub async fn take_kept_form(id: KeptFormId) -> Result<Option<KeptForm>, AppError> {
    let kept = write(async |op| domain::kept_forms::take(op, id).await).await?;
    Ok(kept.map(|(form, error)| KeptForm { form: form.to_string(), error }))
}
