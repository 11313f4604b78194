//! When a revision is to stand on the member sites: the form that asks for it.

use crate::{
    FieldErrors,
    form::{Reader, ticked},
};
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

/// When a revision is to stand on the member sites, as typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PublishForm {
    /// Wall time; empty for now.
    pub from: String,
    /// Wall time; empty for no end.
    pub until: String,
    /// The zone both are read in; empty means UTC.
    pub zone: String,
    /// Ticked by the form that publishes at another time than now: left empty, it must not publish at once.
    pub scheduled: String,
}

/// A checked [`PublishForm`]; the server resolves the zone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PublishWindow {
    pub from: Option<NaiveDateTime>,
    pub until: Option<NaiveDateTime>,
    pub zone: String,
}

impl PublishForm {
    pub fn parse(&self) -> Result<PublishWindow, FieldErrors> {
        let mut form = Reader::default();
        let from = form.wall_time("from", "The start", &self.from);
        let until = form.wall_time("until", "The end", &self.until);
        if let (Some(Some(from)), Some(Some(until))) = (from, until)
            && until <= from
        {
            form.errors.push("until", "The end is not after the start.");
        }
        let zone = self.zone.trim();
        if ticked(&self.scheduled) {
            if (from, until) == (Some(None), Some(None)) {
                form.errors.push("from", "Say from when it is published, or until when.");
            }
            if zone.is_empty() {
                form.errors.push("zone", "Choose the time zone that both times are read in.");
            }
        }
        let zone = if zone.is_empty() { "UTC" } else { zone };
        let window = (|| Some(PublishWindow { from: from?, until: until?, zone: zone.to_owned() }))();
        form.errors.into_result(window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scheduled(from: &str, until: &str, zone: &str) -> PublishForm {
        PublishForm { from: from.into(), until: until.into(), zone: zone.into(), scheduled: "true".into() }
    }

    #[test]
    fn publishing_at_another_time_says_at_which() {
        let errors = scheduled("", " ", "America/New_York").parse().unwrap_err();
        assert!(errors.at("from").is_some() && errors.at("until").is_none(), "{errors:?}");
        assert!(scheduled("2099-05-01T10:00", "", "America/New_York").parse().is_ok());
        assert!(scheduled("", "2099-05-01T10:00", "America/New_York").parse().is_ok());
        let errors = scheduled("2099-05-01T10:00", "", " ").parse().unwrap_err();
        assert!(errors.at("zone").is_some(), "{errors:?}");
    }

    #[test]
    fn a_time_that_cannot_be_read_has_one_message() {
        let errors = scheduled("soon", "", "UTC").parse().unwrap_err();
        assert_eq!(errors.0.len(), 1, "{errors:?}");
    }

    #[test]
    fn publishing_now_needs_nothing() {
        let window = PublishForm::default().parse().unwrap();
        assert_eq!(window, PublishWindow { zone: "UTC".into(), ..PublishWindow::default() });
    }
}
