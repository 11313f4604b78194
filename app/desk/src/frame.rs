//! What stands round every page of the desk: navigation by what the person may do, and who is signed in.

use crate::{focus, keys, live_form::Unsaved, shared::refusal};
use api::accounts::{SignOut, SignOutEverywhere};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::{components::Outlet, hooks::use_location};
use model::{access::Permission, accounts::Viewer};
use ui::{Button, ButtonKind, DeskFrame, EmptyState, Icon, NavItem, NavSection, PlainFrame, Toasts, use_toasts};

/// Loads who is signed in and shows the page inside the frame. Nobody signed in is sent to sign in.
#[component]
pub fn Frame() -> impl IntoView {
    let viewer = Resource::new_blocking(|| (), |()| api::accounts::who_is_signed_in());
    // No `Transition` round it: on the server that renders what it holds more than once, and each time the page would load
    // all its data anew.
    Suspend::new(async move {
        match viewer.await {
            Ok(viewer) => view! { <Framed viewer=viewer/> }.into_any(),
            Err(error) => refusal(&error),
        }
    })
}

#[component]
fn Framed(viewer: Viewer) -> impl IntoView {
    let path = use_location().pathname;
    let sections = sections(&viewer);
    let roles = viewer.roles.iter().map(|role| role.label()).collect::<Vec<_>>().join(", ");
    let name = viewer.name.clone();
    provide_context(viewer);
    let unsaved = Unsaved::provide();
    keys::listen();
    focus::follow_pages();
    let toasts = use_toasts();
    view! {
        <div
            class="contents"
            on:click:capture=move |event| unsaved.clicked(&event, &path.get_untracked())
            on:submit:capture=move |_| toasts.into_iter().for_each(Toasts::clear)
        >
            <DeskFrame
                name="Tessera"
                sections=sections
                path=path
                account=name
                account_detail=roles
                account_menu=|| {
                    view! {
                        <Button kind=ButtonKind::Quiet href="/desk/account">"Your account"</Button>
                        <form method="post" target="_self" action=SignOut::PATH>
                            <Button kind=ButtonKind::Quiet submit=true>"Sign out"</Button>
                        </form>
                        <form method="post" target="_self" action=SignOutEverywhere::PATH>
                            <Button kind=ButtonKind::Quiet submit=true>"Sign out everywhere"</Button>
                        </form>
                    }
                }
            >
                <Outlet/>
            </DeskFrame>
        </div>
    }
}

/// Who is signed in, inside the frame.
pub fn viewer() -> Viewer {
    expect_context()
}

fn sections(viewer: &Viewer) -> Vec<NavSection> {
    let mut keeping = Vec::new();
    if viewer.may(Permission::ReadAudit) {
        keeping.push(NavItem::new("/desk/audit", "Audit log", Icon::History));
    }
    if viewer.may(Permission::ManageAccounts) {
        keeping.push(NavItem::new("/desk/accounts", "Accounts", Icon::Users));
    }
    if viewer.may(Permission::Operate) {
        keeping.push(NavItem::new("/desk/mail", "Mail", Icon::Mail));
        keeping.push(NavItem::new("/desk/jobs", "Background jobs", Icon::Activity));
    }
    vec![
        NavSection::new("", vec![NavItem::new("/desk", "Overview", Icon::LayoutDashboard)]),
        NavSection::new(
            "Catalogue",
            vec![NavItem::new("/desk/offers", "Offers", Icon::Tag), NavItem::new("/desk/merchants", "Merchants", Icon::Store)],
        ),
        NavSection::new("Keeping", keeping),
    ]
}

/// An address of the desk that leads nowhere.
#[component]
pub fn NothingHere() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<api::server::ResponseOptions>() {
        response.set_status(api::server::StatusCode::NOT_FOUND);
    }
    view! {
        <Title text="Nothing here"/>
        <PlainFrame name="Tessera" title="Nothing here">
            <EmptyState icon=Icon::Search title="This address leads nowhere" text="It may have been moved, or the address is mistyped." action=|| view! { <Button href="/desk">"To the overview"</Button> }/>
        </PlainFrame>
    }
}
