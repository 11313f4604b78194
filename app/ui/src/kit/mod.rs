//! The kit on one page, every component in every state, so that it is designed once. Development builds show it.

use leptos::prelude::*;

/// The page.
#[component]
pub fn KitPage() -> impl IntoView {
    view! { <h1>"Kit"</h1> }
}
