//! The audit log as administrators and analysts read it.

use crate::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};

/// One thing somebody did, tried to do, or was refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditRow {
    pub id: i64,
    pub at: Timestamp,
    pub actor: Option<AccountId>,
    /// The actor's name now, or what stands for them: "somebody not signed in", "the server".
    pub actor_name: String,
    /// What was done, such as `offer.published` or `account.sign_in_failed`.
    pub action: String,
    /// What it was done to, such as `offer`, with its id.
    pub subject_kind: Option<String>,
    pub subject_id: Option<String>,
    /// What changed or why, as readable JSON.
    pub detail: serde_json::Value,
    pub request_id: Option<String>,
}

/// What to look for in the audit log; empty fields match everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    /// The beginning of an action: `offer.` finds all that happened to offers.
    pub action: String,
    /// The e-mail address of the account that acted.
    pub actor: String,
    /// The id of the record concerned.
    pub subject: String,
    /// First day, UTC, such as 2026-12-24.
    pub from: String,
    /// Last day, UTC.
    pub until: String,
    pub after: String,
}
