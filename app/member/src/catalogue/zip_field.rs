//! Where the member is.

use leptos::{context::Provider, prelude::*};
use ui::{FormErrors, TextField};

/// The field for a ZIP code in a form of its own.
#[component]
pub fn ZipField(
    #[prop(into)] label: String,
    /// As it was typed.
    value: String,
    /// What is wrong with it, in one sentence.
    error: Option<String>,
) -> impl IntoView {
    let errors: Vec<_> = error.map(|error| ("near".to_owned(), error)).into_iter().collect();
    view! {
        <Provider value=FormErrors(Signal::stored(errors))>
            <TextField name="near" label=label value=value autocomplete="postal-code" placeholder="10001" maxlength=10/>
        </Provider>
    }
}
