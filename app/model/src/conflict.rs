//! Two people saved the same record: what differs, and the form that comes of choosing field by field.
//!
//! Works on any form of strings and lists of strings by its fields' names, so that no form needs code of its own.

use crate::{FieldDiff, Version};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Joins the choices of a field with several; none of them has a comma.
const SEPARATOR: &str = ",";

/// One field as a raw string, without what does not count: line ends of browsers, blanks around, the order of choices.
fn raw(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace("\r\n", "\n").trim().to_owned(),
        Value::Array(choices) => {
            let mut choices: Vec<_> = choices.iter().map(raw).filter(|choice| !choice.is_empty()).collect();
            choices.sort_unstable();
            choices.dedup();
            choices.join(SEPARATOR)
        }
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The fields of a form by name, as raw strings.
fn fields(form: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(form) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

/// The fields in which two forms differ, in the order of `labels` (name, label).
///
/// `base` is the form that both started from, where it is known.
pub fn differences<F: Serialize>(mine: &F, theirs: &F, base: Option<&F>, labels: &[(&str, &str)]) -> Vec<FieldDiff> {
    let (mine, theirs, base) = (fields(mine), fields(theirs), base.map(fields));
    let of = |form: &Map<String, Value>, name: &str| form.get(name).map(raw).unwrap_or_default();
    labels
        .iter()
        .filter(|(name, _)| of(&mine, name) != of(&theirs, name))
        .map(|(name, label)| FieldDiff {
            name: (*name).to_owned(),
            label: (*label).to_owned(),
            mine: of(&mine, name),
            theirs: of(&theirs, name),
            base: base.as_ref().map(|base| of(base, name)),
        })
        .collect()
}

/// Whether two forms say the same.
pub fn alike<F: Serialize>(one: &F, other: &F) -> bool {
    let (one, other) = (fields(one), fields(other));
    one.len() == other.len() && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| raw(value) == raw(other)))
}

/// A form with the version of the record that it was made from. Forms that come back after a refusal keep both, so that
/// a save never names a version its writer did not see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edited<F> {
    pub seen: Version,
    pub form: F,
    /// Whether more was asked for than to save it, such as to send it for review.
    #[serde(default)]
    pub sends: bool,
}

impl<F> Edited<F> {
    /// What is kept of a save. One that settles a conflict and is refused keeps what was typed without the choices, so it
    /// is kept as made from a version that never was: the next save asks again, and what the other wrote is not lost.
    pub fn of(seen: Version, form: F, choices: &Choices) -> Self {
        let seen = if choices.settle() { Version::NEVER } else { seen };
        Self { seen, form, sends: false }
    }
}

/// A record's form as it stands after a save: in the spelling of the saved one, and with what the server filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved<F> {
    pub version: Version,
    pub form: F,
}

impl<F: Serialize + DeserializeOwned> Saved<F> {
    /// What the fields must show now: what stands saved, but for the fields in which something else was typed since `sent`
    /// was sent. `None` when `typed`, what they show, says so already.
    pub fn beside(&self, sent: &F, typed: &F) -> Option<F> {
        let (saved, sent, mut shown) = (fields(&self.form), fields(sent), fields(typed));
        let mut anew = false;
        for (name, shown) in &mut shown {
            let Some(saved) = saved.get(name) else { continue };
            let untouched = sent.get(name).is_some_and(|sent| raw(sent) == raw(shown));
            if untouched && raw(shown) != raw(saved) {
                *shown = saved.clone();
                anew = true;
            }
        }
        if anew { serde_json::from_value(Value::Object(shown)).ok() } else { None }
    }
}

/// What was chosen where two versions differed; empty for an ordinary save.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choices {
    /// The names of the fields that were asked about, joined by commas.
    pub asked: String,
    /// By the field's name: `mine` or `theirs`.
    pub keep: BTreeMap<String, String>,
}

impl Choices {
    /// Whether this save settles a conflict.
    pub fn settle(&self) -> bool {
        !self.asked.is_empty()
    }

    /// The form with the saved value wherever it was chosen. `None` when a field that was asked about has no choice: then
    /// the conflict is to be shown again. Where nothing was asked, the form as it was typed.
    pub fn merged<F: Serialize + DeserializeOwned + Clone>(&self, mine: &F, theirs: &F) -> Option<F> {
        let (mut merged, mut theirs) = (fields(mine), fields(theirs));
        for name in self.asked.split(SEPARATOR).filter(|name| !name.is_empty()) {
            match self.keep.get(name).map(String::as_str) {
                Some("mine") => {}
                Some("theirs") => {
                    merged.insert(name.to_owned(), theirs.remove(name)?);
                }
                _ => return None,
            }
        }
        serde_json::from_value(Value::Object(merged)).ok()
    }

    /// For asking again: a field that was asked about suggests what was chosen for it, and nothing where the choice is
    /// missing. What both started from says nothing here, for the version that was seen is the saved one.
    pub fn carry_over(&self, fields: &mut [FieldDiff]) {
        for field in fields.iter_mut().filter(|field| self.asked.split(SEPARATOR).any(|name| name == field.name)) {
            field.base = match self.keep.get(&field.name).map(String::as_str) {
                Some("mine") => Some(field.theirs.clone()),
                Some("theirs") => Some(field.mine.clone()),
                _ => None,
            };
        }
    }
}

impl FieldDiff {
    /// Which side nobody needs to think about: the one that changed, when the other did not.
    pub fn suggested(&self) -> &'static str {
        match &self.base {
            Some(base) if *base == self.mine => "theirs",
            Some(base) if *base == self.theirs => "mine",
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Form {
        name: String,
        phone: String,
        tags: Vec<String>,
    }

    const LABELS: &[(&str, &str)] = &[("name", "Name"), ("phone", "Phone"), ("tags", "Tags")];

    fn form(name: &str, phone: &str, tags: &[&str]) -> Form {
        Form { name: name.into(), phone: phone.into(), tags: tags.iter().map(|t| (*t).to_owned()).collect() }
    }

    #[test]
    fn only_what_differs_is_asked_and_what_one_side_changed_is_suggested() {
        let base = form("Joe", "1", &["a"]);
        let (mine, theirs) = (form("Joe's ", "1", &["b", "a"]), form("Joseph", "2", &["a"]));
        let differences = differences(&mine, &theirs, Some(&base), LABELS);
        let told: Vec<_> =
            differences.iter().map(|d| (d.name.as_str(), d.mine.as_str(), d.theirs.as_str(), d.suggested())).collect();
        assert_eq!(told, [("name", "Joe's", "Joseph", ""), ("phone", "1", "2", "theirs"), ("tags", "a,b", "a", "mine")]);
    }

    #[test]
    fn after_a_save_the_fields_show_what_stands_but_for_what_was_typed_since() {
        let sent = form("Joe's ", "1", &["b", "a"]);
        let saved = Saved { version: Version(2), form: form("Joe's", "+1", &["a", "b"]) };
        assert_eq!(saved.beside(&sent, &sent), Some(form("Joe's ", "+1", &["b", "a"])), "blanks and order do not count");
        let (phone_since, name_since) = (form("Joe's ", "12", &["b", "a"]), form("Joey's", "1", &["b", "a"]));
        assert_eq!(saved.beside(&sent, &phone_since), None, "what was typed since stays");
        assert_eq!(saved.beside(&sent, &name_since), Some(form("Joey's", "+1", &["b", "a"])));
    }

    #[test]
    fn a_refused_choice_is_kept_without_a_version_so_that_it_is_asked_again() {
        assert_eq!(Edited::of(Version(4), (), &Choices::default()).seen, Version(4));
        assert_eq!(Edited::of(Version(4), (), &chosen("name", &[("name", "theirs")])).seen, Version::NEVER);
    }

    fn chosen(asked: &str, keep: &[(&str, &str)]) -> Choices {
        let keep = keep.iter().map(|(name, side)| ((*name).to_owned(), (*side).to_owned())).collect();
        Choices { asked: asked.into(), keep }
    }

    #[test]
    fn choosing_field_by_field_makes_one_form() {
        let (mine, theirs) = (form("Joe's", "1", &[]), form("Joseph", "+1", &["x", "y"]));
        let merged = chosen("name,tags", &[("name", "mine"), ("tags", "theirs")]).merged(&mine, &theirs);
        assert_eq!(merged, Some(form("Joe's", "1", &["x", "y"])), "a field that was not asked about stays as typed");
        assert_eq!(Choices::default().merged(&mine, &theirs), Some(mine));
    }

    #[test]
    fn a_field_that_was_asked_about_must_be_chosen() {
        let (mine, theirs) = (form("Joe's", "1", &["a"]), form("Joseph", "1", &["x"]));
        for keep in [&[][..], &[("name", "mine")], &[("name", "mine"), ("tags", "both")], &[("name", "mine"), ("phone", "mine")]]
        {
            assert_eq!(chosen("name,tags", keep).merged(&mine, &theirs), None, "{keep:?}");
        }
    }

    #[test]
    fn asked_again_each_field_suggests_what_was_chosen_for_it() {
        let (mine, theirs) = (form("Joe's", "1", &["a"]), form("Joseph", "2", &["b"]));
        let mut fields = differences(&mine, &theirs, Some(&theirs), LABELS);
        chosen("name,phone", &[("phone", "theirs")]).carry_over(&mut fields);
        let suggested: Vec<_> = fields.iter().map(|field| (field.name.as_str(), field.suggested())).collect();
        assert_eq!(suggested, [("name", ""), ("phone", "theirs"), ("tags", "mine")]);
    }
}
