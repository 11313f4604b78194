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
mod late_page;
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

late_page::late_routes! {
    SignInRoute: accounts::SignInPage;
    CodeRoute: accounts::CodePage;
    SecondFactorRoute: accounts::SecondFactorPage;
    ForgotRoute: accounts::ForgotPage;
    PasswordRoute: accounts::PasswordPage;
    HomeRoute: home::HomePage;
    OfferListRoute: offers::ListPage;
    OfferNewRoute: offers::NewPage;
    OfferRecordRoute: offers::RecordPage;
    OfferRevisionRoute: offers::RevisionPage;
    MerchantListRoute: merchants::ListPage;
    MerchantNewRoute: merchants::NewPage;
    MerchantRecordRoute: merchants::RecordPage;
    NewLocationRoute: merchants::NewLocationPage;
    LocationRoute: merchants::LocationPage;
    AuditListRoute: audit::ListPage;
    AccountsRoute: accounts::AccountsPage;
    NewAccountRoute: accounts::NewAccountPage;
    AccountRoute: accounts::AccountPage;
    MailListRoute: mail::ListPage;
    MailRoute: mail::RecordPage;
    JobListRoute: jobs::ListPage;
    QueueRoute: jobs::QueuePage;
    JobRoute: jobs::RecordPage;
    KitRoute: kit_page::KitPage;
    OwnAccountRoute: accounts::OwnAccountPage;
}

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
                <Route path=path!("/desk/sign-in") view={Lazy::<SignInRoute>::new()} ssr=SsrMode::Async/>
                <Route path=path!("/desk/sign-in/code") view={Lazy::<CodeRoute>::new()} ssr=SsrMode::Async/>
                <Route path=path!("/desk/second-factor") view={Lazy::<SecondFactorRoute>::new()} ssr=SsrMode::Async/>
                <Route path=path!("/desk/forgot") view={Lazy::<ForgotRoute>::new()} ssr=SsrMode::Async/>
                <Route path=path!("/desk/password/:token") view={Lazy::<PasswordRoute>::new()} ssr=SsrMode::Async/>
                <ParentRoute path=path!("/desk") view=frame::Frame ssr=SsrMode::Async>
                    <Route path=path!("") view={Lazy::<HomeRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("offers") view={Lazy::<OfferListRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("offers/new") view={Lazy::<OfferNewRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("offers/:offer") view={Lazy::<OfferRecordRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("offers/:offer/revisions/:revision") view={Lazy::<OfferRevisionRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("merchants") view={Lazy::<MerchantListRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("merchants/new") view={Lazy::<MerchantNewRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("merchants/:merchant") view={Lazy::<MerchantRecordRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("merchants/:merchant/locations/new") view={Lazy::<NewLocationRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("merchants/:merchant/locations/:location") view={Lazy::<LocationRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("audit") view={Lazy::<AuditListRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("accounts") view={Lazy::<AccountsRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("accounts/new") view={Lazy::<NewAccountRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("accounts/:account") view={Lazy::<AccountRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("mail") view={Lazy::<MailListRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("mail/:mail") view={Lazy::<MailRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("jobs") view={Lazy::<JobListRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("jobs/queue") view={Lazy::<QueueRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("jobs/:job") view={Lazy::<JobRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("kit") view={Lazy::<KitRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("account") view={Lazy::<OwnAccountRoute>::new()} ssr=SsrMode::Async/>
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
