//! The member site: where members find offers. Islands: a page is plain HTML but for the parts that live.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::SsrMode;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

/// The whole member site.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=|| view! { <h1>"There is nothing at this address."</h1> }>
                <Route path=path!("") view=HomePage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}

#[component]
fn HomePage() -> impl IntoView {
    view! {
        <Title text="Tessera"/>
        <main id="main">
            <h1>"Tessera"</h1>
        </main>
    }
}
