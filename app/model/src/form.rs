//! What every form shares: messages at fields, and the parsing of single values.

use crate::{Currency, Money};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// One message at one field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The form field's name.
    pub field: String,
    /// One sentence: what is wrong and what to do.
    pub message: String,
}

/// Every message of a refused form, in the order of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldErrors(pub Vec<FieldError>);

impl FieldErrors {
    pub fn of(field: &str, message: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.push(field, message);
        errors
    }

    pub fn push(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError { field: field.to_owned(), message: message.into() });
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn at(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|e| e.field == field).map(|e| e.message.as_str())
    }

    /// The value if nothing was wrong, else all messages.
    pub fn into_result<T>(self, value: Option<T>) -> Result<T, Self> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            _ => Err(self),
        }
    }
}

impl fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [] => write!(f, "The form was refused."),
            [one] => write!(f, "{}", one.message),
            [first, rest @ ..] => write!(f, "{} And {} more to mend.", first.message, rest.len()),
        }
    }
}

/// Reads the fields of one form and gathers what is wrong with them.
///
/// Each reader returns `None` and notes a message when the field cannot be used; empty optional fields are
/// `Some(None)`, so that `None` always means "a message was noted".
#[derive(Default)]
pub struct Reader {
    pub errors: FieldErrors,
}

impl Reader {
    /// Notes a message and returns `None`, to end a reader with.
    pub fn refuse<T>(&mut self, field: &str, message: impl Into<String>) -> Option<T> {
        self.errors.push(field, message);
        None
    }

    /// A text that must stand, trimmed, of at most `longest` characters.
    pub fn text(&mut self, field: &str, label: &str, raw: &str, longest: usize) -> Option<String> {
        let text = self.long_text(field, label, raw, longest)?;
        if text.is_empty() {
            return self.refuse(field, format!("{label} is missing."));
        }
        Some(text)
    }

    /// A text that may be empty, trimmed, of at most `longest` characters.
    pub fn long_text(&mut self, field: &str, label: &str, raw: &str, longest: usize) -> Option<String> {
        // Browsers send line ends as CR LF; one form keeps hashes and comparisons honest.
        let text = raw.replace("\r\n", "\n").trim().to_owned();
        let count = text.chars().count();
        if count > longest {
            return self.refuse(field, format!("{label} has {count} characters; at most {longest} fit."));
        }
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            return self.refuse(field, format!("{label} has a control character; type it again instead of pasting it."));
        }
        Some(text)
    }

    /// A whole number within bounds, or nothing.
    pub fn number<N>(&mut self, field: &str, label: &str, raw: &str, least: N, most: N) -> Option<Option<N>>
    where
        N: FromStr + PartialOrd + fmt::Display + Copy,
    {
        let raw = raw.trim();
        if raw.is_empty() {
            return Some(None);
        }
        match raw.parse::<N>() {
            Ok(n) if n >= least && n <= most => Some(Some(n)),
            _ => self.refuse(field, format!("{label} must be a whole number from {least} to {most}.")),
        }
    }

    /// A decimal with at most `places` digits after the point, as a whole number of its smallest step.
    ///
    /// `12.5` with two places is 1250. No floating point is involved.
    pub fn decimal(&mut self, field: &str, label: &str, raw: &str, places: u32) -> Option<Option<i64>> {
        let raw = raw.trim();
        if raw.is_empty() {
            return Some(None);
        }
        match parse_decimal(raw, places) {
            Some(n) => Some(Some(n)),
            None if places == 0 => self.refuse(field, format!("{label} must be a whole number, such as 12.")),
            None => self.refuse(
                field,
                format!("{label} must be a number such as 12 or 12.50, with at most {places} digits after the point."),
            ),
        }
    }

    /// An amount of money in the given currency, not negative.
    pub fn money(&mut self, field: &str, label: &str, raw: &str, currency: Option<Currency>) -> Option<Option<Money>> {
        if raw.trim().is_empty() {
            return Some(None);
        }
        let Some(currency) = currency else {
            // The currency field has a message of its own; a second one here would only repeat it.
            return Some(None);
        };
        let minor = self.decimal(field, label, raw, currency.exponent())??;
        if !(0..=MOST_MINOR).contains(&minor) {
            return self.refuse(field, format!("{label} must be between 0 and 10,000,000,000."));
        }
        Some(Some(Money { minor, currency }))
    }

    /// A date such as 2026-12-24, or nothing.
    pub fn date(&mut self, field: &str, label: &str, raw: &str) -> Option<Option<NaiveDate>> {
        self.optional(
            field,
            raw,
            |s| NaiveDate::parse_from_str(s, "%Y-%m-%d").ok().filter(sane_date),
            || format!("{label} must be a date such as 2026-12-24."),
        )
    }

    /// A wall time such as 2026-12-24T18:00, or nothing.
    pub fn wall_time(&mut self, field: &str, label: &str, raw: &str) -> Option<Option<NaiveDateTime>> {
        self.optional(field, raw, parse_wall_time, || format!("{label} must be a date and a time such as 2026-12-24 18:00."))
    }

    /// A time of day such as 18:00, or nothing.
    pub fn time_of_day(&mut self, field: &str, label: &str, raw: &str) -> Option<Option<NaiveTime>> {
        self.optional(field, raw, parse_time_of_day, || format!("{label} must be a time such as 18:00."))
    }

    /// An http or https address, or nothing.
    pub fn web_address(&mut self, field: &str, label: &str, raw: &str) -> Option<Option<String>> {
        self.optional(
            field,
            raw,
            |s| is_web_address(s).then(|| s.to_owned()),
            || format!("{label} must be a web address such as https://example.com."),
        )
    }

    /// One of a closed list of words.
    pub fn choice<T: FromStr>(&mut self, field: &str, label: &str, raw: &str) -> Option<T> {
        match raw.trim().parse() {
            Ok(choice) => Some(choice),
            Err(_) => self.refuse(field, format!("{label}: choose one of the list.")),
        }
    }

    fn optional<T>(
        &mut self,
        field: &str,
        raw: &str,
        parse: impl Fn(&str) -> Option<T>,
        message: impl Fn() -> String,
    ) -> Option<Option<T>> {
        let raw = raw.trim();
        if raw.is_empty() {
            return Some(None);
        }
        match parse(raw) {
            Some(value) => Some(Some(value)),
            None => self.refuse(field, message()),
        }
    }
}

/// The largest amount a form takes, in minor units.
const MOST_MINOR: i64 = 1_000_000_000_000;

/// A decimal as a whole number of its smallest step; `None` if it is none or does not fit.
pub fn parse_decimal(raw: &str, places: u32) -> Option<i64> {
    let (sign, digits) = match raw.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, raw),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |s: &str| s.chars().all(|c| c.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || (whole.is_empty() && fraction.is_empty()) || fraction.len() > places as usize {
        return None;
    }
    let scale = 10_i64.checked_pow(places)?;
    let whole = if whole.is_empty() { 0 } else { whole.parse::<i64>().ok()? };
    let padded = format!("{fraction:0<width$}", width = places as usize);
    let fraction = if padded.is_empty() { 0 } else { padded.parse::<i64>().ok()? };
    whole.checked_mul(scale)?.checked_add(fraction)?.checked_mul(sign)
}

/// A wall time as browsers (`2026-12-24T18:00`) and people (`2026-12-24 18:00`) write it.
pub fn parse_wall_time(raw: &str) -> Option<NaiveDateTime> {
    ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(raw, format).ok())
        .filter(|time| sane_date(&time.date()))
}

fn parse_time_of_day(raw: &str) -> Option<NaiveTime> {
    ["%H:%M", "%H:%M:%S"].iter().find_map(|format| NaiveTime::parse_from_str(raw, format).ok())
}

/// A year that Postgres, browsers and people all understand.
fn sane_date(date: &NaiveDate) -> bool {
    use chrono::Datelike;
    (1900..=2200).contains(&date.year())
}

/// Whether the text is an http or https address with a host and no white space or user name.
pub fn is_web_address(raw: &str) -> bool {
    let Some(rest) = raw.strip_prefix("https://").or_else(|| raw.strip_prefix("http://")) else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    raw.len() <= 2000
        && host.contains('.')
        && !host.starts_with('.')
        && !host.contains('@')
        && !raw.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '\\'))
}

/// Whether the text could be an e-mail address: one `@`, something before it, a dotted domain after it.
pub fn is_email(raw: &str) -> bool {
    let Some((local, domain)) = raw.rsplit_once('@') else {
        return false;
    };
    let domain_ok = domain.split('.').count() >= 2
        && domain.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-'));
    raw.len() <= 254
        && !local.is_empty()
        && local.len() <= 64
        && domain_ok
        && !local.chars().any(|c| {
            c.is_whitespace() || c.is_control() || matches!(c, '"' | '(' | ')' | '<' | '>' | ',' | ';' | ':' | '\\' | '@')
        })
}

/// Whether a checkbox was ticked: browsers send its value, or nothing at all.
pub fn ticked(raw: &str) -> bool {
    matches!(raw, "on" | "true" | "1" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        assert_eq!(parse_decimal("12.5", 2), Some(1250));
        assert_eq!(parse_decimal("0.07", 2), Some(7));
        assert_eq!(parse_decimal(".5", 2), Some(50));
        assert_eq!(parse_decimal("-3", 2), Some(-300));
        assert_eq!(parse_decimal("7", 0), Some(7));
        for none in ["", ".", "1.234", "1e5", "1,5", " 1", "9999999999999999999", "--1"] {
            assert_eq!(parse_decimal(none, 2), None, "{none:?}");
        }
    }

    #[test]
    fn addresses_are_told_from_scripts() {
        assert!(is_web_address("https://example.com/a?b=c"));
        for none in [
            "javascript:alert(1)",
            "https://",
            "http://localhost",
            "https://user@example.com",
            "https://a b.com",
            "//example.com",
        ] {
            assert!(!is_web_address(none), "{none:?}");
        }
        assert!(is_email("a.b+c@example.co"));
        for none in ["a", "a@b", "@example.com", "a b@example.com", "a@b@example.com", "a@exa mple.com"] {
            assert!(!is_email(none), "{none:?}");
        }
    }
}
