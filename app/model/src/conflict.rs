//! Two people saved the same record: what differs, and the form that comes of choosing field by field.
//!
//! Works on any form of strings and lists of strings by its fields' names, so that no form needs code of its own.

use crate::{FieldDiff, FieldErrors};
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

/// What was chosen where two versions differed. Empty for an ordinary save.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choices {
    /// By the field's name: `mine` or `theirs`.
    pub keep: BTreeMap<String, String>,
    /// By the field's name: the saved value to take when `theirs` is chosen; names every field that differed.
    pub theirs: BTreeMap<String, String>,
}

impl Choices {
    /// The form with the saved value wherever it was chosen. A field without a choice gets a message.
    pub fn merged<F: Serialize + DeserializeOwned + Clone>(&self, mine: &F) -> Result<F, FieldErrors> {
        if self.theirs.is_empty() {
            return Ok(mine.clone());
        }
        let (mut form, mut errors) = (fields(mine), FieldErrors::default());
        for (name, value) in &self.theirs {
            match self.keep.get(name).map(String::as_str) {
                Some("mine") => {}
                Some("theirs") => {
                    let list = matches!(form.get(name), Some(Value::Array(_)));
                    form.insert(name.clone(), if list { split(value) } else { Value::String(value.clone()) });
                }
                _ => errors.push(name, "Choose which version to keep."),
            }
        }
        let merged = serde_json::from_value(Value::Object(form)).ok();
        if merged.is_none() {
            errors.push("", "The choice could not be read; open the record again.");
        }
        errors.into_result(merged)
    }
}

fn split(joined: &str) -> Value {
    joined.split(SEPARATOR).filter(|choice| !choice.is_empty()).map(Value::from).collect()
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
    fn choosing_field_by_field_makes_one_form() {
        let choices = Choices {
            keep: [("name", "mine"), ("tags", "theirs")].map(|(n, v)| (n.to_owned(), v.to_owned())).into(),
            theirs: [("name", "Joseph"), ("tags", "x,y")].map(|(n, v)| (n.to_owned(), v.to_owned())).into(),
        };
        assert_eq!(choices.merged(&form("Joe's", "1", &[])), Ok(form("Joe's", "1", &["x", "y"])));
    }

    #[test]
    fn a_field_nobody_chose_for_is_asked_again() {
        let choices = Choices { theirs: [("name".to_owned(), "Joseph".to_owned())].into(), ..Default::default() };
        assert!(choices.merged(&form("Joe's", "1", &[])).unwrap_err().at("name").is_some());
        assert_eq!(Choices::default().merged(&form("Joe's", "1", &[])), Ok(form("Joe's", "1", &[])));
    }
}
