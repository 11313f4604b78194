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

/// A form with the version of the record that it was made from. Forms that come back after a refusal keep both, so that
/// a save never names a version its writer did not see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edited<F> {
    pub seen: Version,
    pub form: F,
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
