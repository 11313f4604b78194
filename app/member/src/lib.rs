//! The member site: public pages, rendered by the server and whole without scripts. Only islands run in the browser.

// The type of a page holds those of all its parts; rustc's own limit is too low for that.
#![recursion_limit = "256"]

mod catalogue;
mod frame;

pub use catalogue::{QUERY, Results};

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

/// The whole member site.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=frame::full_title/>
        <Router>
            <Routes fallback=frame::NothingHere>
                <Route path=path!("/") view=catalogue::HomePage ssr=SsrMode::Async/>
                <Route path=path!("/offers") view=catalogue::ListPage ssr=SsrMode::Async/>
                <Route path=path!("/offers/:address") view=catalogue::OfferPage ssr=SsrMode::Async/>
                <Route path=path!("/merchants/:address") view=catalogue::MerchantPage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}
