//! The offer desk: where staff keep merchants and offers. A fully hydrated application, a lazy chunk a page.

// The type of a page holds those of all its parts; rustc's own limit is too low for that.
#![recursion_limit = "256"]

mod accounts;
mod audit;
mod conflict;
mod edit_form;
mod focus;
mod frame;
mod home;
mod jobs;
mod keys;
mod kit_page;
mod live_form;
mod mail;
mod merchants;
mod offers;
mod picture;
mod shared;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    Lazy, SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

/// The whole desk, from `/desk` down.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    ui::provide_toasts();
    view! {
        // The text stands until the page of a lazy chunk has named itself.
        <Title text="" formatter=full_title/>
        <Router>
            <Routes fallback=frame::NothingHere>
                <Route path=path!("/desk/sign-in") view={Lazy::<accounts::SignInPage>::new()} ssr=SsrMode::Async/>
                <Route path=path!("/desk/forgot") view={Lazy::<accounts::ForgotPage>::new()} ssr=SsrMode::Async/>
                <Route path=path!("/desk/sign-in/code") view={Lazy::<accounts::CodePage>::new()} ssr=SsrMode::Async/>
                <Route path=path!("/desk/second-factor") view={Lazy::<accounts::SecondFactorPage>::new()} ssr=SsrMode::Async/>
                <Route path=path!("/desk/password/:token") view={Lazy::<accounts::PasswordPage>::new()} ssr=SsrMode::Async/>
                <ParentRoute path=path!("/desk") view=frame::Frame ssr=SsrMode::Async>
                    <Route path=path!("") view={Lazy::<home::HomePage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("offers") view={Lazy::<offers::ListPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("offers/new") view={Lazy::<offers::NewPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("offers/:offer") view={Lazy::<offers::RecordPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("offers/:offer/revisions/:revision") view={Lazy::<offers::RevisionPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("merchants") view={Lazy::<merchants::ListPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("merchants/new") view={Lazy::<merchants::NewPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("merchants/:merchant") view={Lazy::<merchants::RecordPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("merchants/:merchant/locations/new") view={Lazy::<merchants::NewLocationPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("merchants/:merchant/locations/:location") view={Lazy::<merchants::LocationPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("audit") view={Lazy::<audit::ListPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("accounts") view={Lazy::<accounts::AccountsPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("accounts/new") view={Lazy::<accounts::NewAccountPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("accounts/:account") view={Lazy::<accounts::AccountPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("mail") view={Lazy::<mail::ListPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("mail/:mail") view={Lazy::<mail::RecordPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("jobs") view={Lazy::<jobs::ListPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("jobs/queue") view={Lazy::<jobs::QueuePage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("jobs/:job") view={Lazy::<jobs::RecordPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("kit") view={Lazy::<kit_page::KitPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("account") view={Lazy::<accounts::OwnAccountPage>::new()} ssr=SsrMode::Async/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// The title of the document. On the server it is HTML, which Leptos writes as it is; and it may hold an offer's headline.
fn full_title(title: String) -> String {
    let title = if cfg!(feature = "ssr") { title.replace('&', "&amp;").replace('<', "&lt;") } else { title };
    if title.is_empty() { "Tessera desk".to_owned() } else { format!("{title} – Tessera desk") }
}
