//! The audit log as administrators and analysts read it.

use crate::{AccountId, Timestamp, time::exact};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

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
    pub detail: Value,
    pub request_id: Option<String>,
}

impl AuditRow {
    /// The detail as people read it: `number: 2; from: 2026-12-24 18:00 UTC`.
    pub fn detail_in_words(&self) -> String {
        match &self.detail {
            Value::Object(fields) => {
                let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{}: {}", plain(name), in_words(value))).collect();
                pairs.join("; ")
            }
            other => in_words(other),
        }
    }
}

/// Letters of a text in a detail; the record's own history has all of them.
const LONGEST: usize = 80;

/// The end of an id, which tells it from others at a glance; ids made at the same time all begin alike.
pub fn short_id(id: &str) -> &str {
    id.char_indices().rev().nth(7).map_or(id, |(start, _)| &id[start..])
}

fn plain(name: &str) -> String {
    name.replace('_', " ")
}

/// A value on one line; what is inside of it stands in brackets.
fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text_in_words(text),
        Value::Array(values) if values.is_empty() => "none".to_owned(),
        Value::Array(values) => values.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{} {}", plain(name), in_words(value))).collect();
            format!("({})", pairs.join(", "))
        }
    }
}

/// Of ids and fingerprints the end; words of the program with spaces; times to the minute; of long texts the beginning.
fn text_in_words(text: &str) -> String {
    let is_fingerprint = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_fingerprint || Uuid::try_parse(text).is_ok() {
        return format!("…{}", short_id(text));
    }
    if text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
        return plain(text);
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return exact(at);
    }
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn words(detail: Value) -> String {
        AuditRow {
            id: 1,
            at: Timestamp::UNIX_EPOCH,
            actor: None,
            actor_name: String::new(),
            action: String::new(),
            subject_kind: None,
            subject_id: None,
            detail,
            request_id: None,
        }
        .detail_in_words()
    }

    #[test]
    fn details_read_as_words_and_not_as_code() {
        for (detail, read) in [
            (json!({}), ""),
            (json!({ "sessions_ended": 2 }), "sessions ended: 2"),
            (json!({ "before": ["editor"], "roles": ["admin", "editor"] }), "before: editor; roles: admin, editor"),
            (json!({ "from": "2026-12-24T18:00:00Z", "until": null }), "from: 2026-12-24 18:00 UTC; until: none"),
            (json!({ "revision": "0198c7a2-1f00-7000-8000-0000deadbeef" }), "revision: …deadbeef"),
            (json!({ "hash": "ab".repeat(32) }), "hash: …abababab"),
            (json!({ "fields": ["percent", "valid_until"], "version": 3 }), "fields: percent, valid until; version: 3"),
            (json!({ "limit": { "name": "network", "open": true } }), "limit: (name network, open yes)"),
            (json!({ "terms": "a ".repeat(50) }), &format!("terms: {}…", "a ".repeat(40).trim_end())),
            (json!("timed out"), "timed out"),
        ] {
            assert_eq!(words(detail.clone()), read, "{detail}");
        }
    }

    #[test]
    fn a_short_id_is_the_end_of_a_long_one() {
        assert_eq!(short_id("0198c7a2-1f00-7000-8000-0000deadbeef"), "deadbeef");
        assert_eq!(short_id("ab"), "ab");
    }
}
