//! Small helpers for attribute values.

/// An attribute is left out when its text is empty.
pub(crate) fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// The key of a form field in a list of errors: the last named part of its name, so that `weekdays[]` and
/// `form[weekdays][]` both are `weekdays`.
pub(crate) fn field_key(name: &str) -> &str {
    let name = name.strip_suffix("[]").unwrap_or(name);
    match name.strip_suffix(']').and_then(|inner| inner.rsplit_once('[')) {
        Some((_, last)) => last,
        None => name,
    }
}

/// The id of a form field's control: `f-` and its key. A form that is not called `form` puts its own name before the key, so
/// that two forms of a page never share an id.
pub(crate) fn field_id(name: &str) -> String {
    let key = field_key(name);
    match name.split_once('[').map(|(form, _)| form) {
        None | Some("form") => format!("f-{key}"),
        Some(form) if form == key => format!("f-{key}"),
        Some(form) => format!("f-{form}-{key}"),
    }
}

/// Text as it must stand in HTML that is written by hand.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_field_is_the_last_part_of_its_name() {
        for (name, key) in [
            ("headline", "headline"),
            ("weekdays[]", "weekdays"),
            ("form[headline]", "headline"),
            ("form[limits][per_day]", "per_day"),
            ("form[weekdays][]", "weekdays"),
        ] {
            assert_eq!(field_key(name), key, "{name}");
        }
    }

    #[test]
    fn two_forms_of_a_page_have_ids_of_their_own() {
        for (name, id) in [
            ("headline", "f-headline"),
            ("weekdays[]", "f-weekdays"),
            ("form[zone]", "f-zone"),
            ("form[weekdays][]", "f-weekdays"),
            ("window[zone]", "f-window-zone"),
        ] {
            assert_eq!(field_id(name), id, "{name}");
        }
    }

    #[test]
    fn escaped_text_cannot_open_or_close_a_tag() {
        assert_eq!(escaped("</textarea>&amp;"), "&lt;/textarea&gt;&amp;amp;");
    }
}
