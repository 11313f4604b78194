//! Forms: fields with label, help and message, and the summary that leads to what is wrong.
//!
//! Messages reach the fields through the context, so that a page says them once:
//!
//! ```ignore
//! provide_context(FormErrors(errors.into()));     // Signal<Vec<(field key, message)>>
//! view! {
//!     <form method="post" action=action.url() novalidate>
//!         <ErrorSummary/>
//!         <TextField name="form[headline]" label="Headline" value=draft.headline required=true/>
//!     </form>
//! }
//! ```
//!
//! Fields are uncontrolled: `value` is what stands there first, and the page listens to `input`, `change` and `submit` of its
//! `<form>`. The key of a field is the last part of its name (`form[weekdays][]` has the key `weekdays`) and the id of its
//! control is `f-<key>`, or `f-window-<key>` in a form called `window`. Forms say `novalidate`: the messages are ours, the
//! same with JavaScript and without.

mod choice;
mod field;
mod input;
mod summary;

pub use choice::{CheckboxField, CheckboxGroup, Choice, RadioGroup, SelectField};
pub use field::{FieldSet, FormErrors, SummaryErrors};
pub use input::{ComboField, DateTimeField, FileField, InputKind, MoneyField, NumberField, SearchField, TextArea, TextField};
pub use summary::ErrorSummary;

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use leptos::prelude::*;

    use super::*;

    fn rendered(errors: &[(&str, &str)], view: fn() -> AnyView) -> String {
        let errors: Vec<_> = errors.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
        Owner::new().with(|| {
            provide_context(FormErrors(Signal::stored(errors)));
            view().to_html()
        })
    }

    fn headline() -> AnyView {
        view! { <TextField name="form[headline]" label="Headline" help="One line." required=true/> }.into_any()
    }

    #[test]
    fn a_refused_field_names_its_help_and_its_message() {
        let html = rendered(&[("headline", "Write a headline.")], headline);
        for part in [
            r#"name="form[headline]""#,
            r#"aria-invalid="true""#,
            r#"aria-required="true""#,
            r#"aria-describedby="f-headline-help f-headline-error""#,
            r#"id="f-headline-error""#,
            "Write a headline.",
        ] {
            assert!(html.contains(part), "{part} is missing in {html}");
        }
    }

    #[test]
    fn a_field_without_a_message_is_not_marked() {
        let html = rendered(&[("summary", "Write a summary.")], headline);
        assert!(html.contains(r#"aria-describedby="f-headline-help""#), "{html}");
        assert!(!html.contains("aria-invalid"), "{html}");
    }

    #[test]
    fn the_summary_leads_to_each_field_and_is_absent_without_messages() {
        let summary = || view! { <ErrorSummary/> }.into_any();
        let html = rendered(&[("", "Look again."), ("form[weekdays][]", "Choose a day.")], summary);
        assert!(html.contains("href=\"#f-weekdays\""), "{html}");
        assert!(html.contains("Look again."), "{html}");
        assert!(html.contains(r#"role="alert""#), "{html}");
        assert!(html.contains("autofocus"), "it has the focus when it comes with the page: {html}");
        assert!(!rendered(&[], summary).contains("role="));
    }

    #[test]
    fn text_typed_into_an_area_comes_back_letter_by_letter() {
        let html = rendered(&[], || {
            let value = "\n</textarea><b>&amp;";
            view! { <TextArea name="terms" label="Terms" value=value/> }.into_any()
        });
        // HTML drops the first line break; the second is the one that was typed.
        assert!(html.contains(">\n\n&lt;/textarea&gt;&lt;b&gt;&amp;amp;</textarea>"), "{html}");
    }

    #[test]
    fn the_chosen_options_are_marked_and_no_other() {
        let html = rendered(&[], || {
            let options = ["mon", "tue", "wed"].map(|day| (day.to_owned(), day.to_owned())).to_vec();
            view! {
                <SelectField name="first" label="First" options=options.clone() value="tue"/>
                <CheckboxGroup name="days[]" label="Days" options=options values=vec!["mon".into()]/>
            }
            .into_any()
        });
        assert_eq!(html.matches(" selected").count(), 1, "{html}");
        assert_eq!(html.matches(" checked").count(), 1, "{html}");
        assert_eq!(html.matches(r#"name="days[]""#).count(), 3, "{html}");
    }

    #[test]
    fn many_options_say_how_many_are_chosen() {
        let html = rendered(&[], || {
            let options: Vec<_> = (10..30).map(|number| (number.to_string(), number.to_string())).collect();
            view! { <CheckboxGroup name="many[]" label="Many" options=options values=vec!["29".into()]/> }.into_any()
        });
        assert!(html.contains("1 chosen"), "{html}");
    }

    #[test]
    fn typed_text_runs_the_way_its_script_does_and_an_address_from_left_to_right() {
        let html = rendered(&[], headline);
        assert!(html.contains(r#"dir="auto""#), "{html}");
        let html = rendered(&[], || view! { <TextField name="email" label="E-mail" kind=InputKind::Email/> }.into_any());
        assert!(!html.contains("dir="), "{html}");
    }
}
