//! The frame of a member site, and the parts of its pages that hold others.

use leptos::prelude::*;

use crate::document::SkipLink;
use crate::frame::BrandMark;
use crate::icon::{Icon, IconSvg};
use crate::text::some;

/// Head, page and foot of a member site.
#[component]
pub fn SiteFrame(
    /// Name of the site.
    #[prop(into)]
    name: String,
    /// Where the name leads.
    #[prop(default = "/".into(), into)]
    home: String,
    /// Address of the site's picture mark; the product's own when empty.
    #[prop(optional, into)]
    logo: String,
    /// Links of the head: (address, words).
    #[prop(optional)]
    links: Vec<(String, String)>,
    /// Path on show; marks the current link.
    #[prop(optional, into)]
    path: String,
    /// The search form of the head.
    #[prop(optional, into)]
    search: ViewFnOnce,
    /// Sign-in link, or the member's menu.
    #[prop(optional, into)]
    account: ViewFnOnce,
    /// Links and small print of the foot.
    #[prop(optional, into)]
    footer: ViewFnOnce,
    /// The page.
    children: Children,
) -> impl IntoView {
    view! {
        <SkipLink/>
        <div class="site-frame">
            <header class="site-header">
                <div class="site-header-row">
                    <a class="site-brand" href=home>
                        {match some(logo) {
                            Some(logo) => view! { <img class="site-logo" src=logo alt=""/> }.into_any(),
                            None => view! { <BrandMark/> }.into_any(),
                        }}
                        {name}
                    </a>
                    <div class="site-search">{search.run()}</div>
                    <nav class="site-links" aria-label="Main">
                        {links
                            .into_iter()
                            .map(|(href, words)| {
                                let current = (href == path).then_some("page");
                                view! {
                                    <a href=href aria-current=current>
                                        {words}
                                    </a>
                                }
                            })
                            .collect_view()}
                        {account.run()}
                    </nav>
                </div>
            </header>
            <main class="site-main" id="main" tabindex="-1">
                {children()}
            </main>
            <footer class="site-footer">
                <div class="site-footer-row">{footer.run()}</div>
            </footer>
        </div>
    }
}

/// The top of a home page: one promise, one search.
#[component]
pub fn Hero(
    /// The promise.
    #[prop(into)]
    title: String,
    /// One more sentence.
    #[prop(optional, into)]
    lead: String,
    /// The search form, chips.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <section class="hero-band">
            <h1 class="hero-title">{title}</h1>
            {some(lead).map(|lead| view! { <p class="hero-lead">{lead}</p> })}
            {children.map(|children| view! { <div class="hero-body">{children()}</div> })}
        </section>
    }
}

/// Ways to narrow a list: a rail beside it on a wide screen, a drawer behind a button on a phone.
///
/// The drawer opens and closes without JavaScript: as a modal dialog, which keeps the focus and gives it back. A browser that
/// knows no `command` opens it as a popover.
#[component]
pub fn Facets(
    /// Words of the button and of the drawer's head.
    #[prop(default = "Filters".into(), into)]
    label: String,
    /// How many are in force; shown on the button.
    #[prop(optional)]
    count: usize,
    /// A `<form method="get">` of `CheckboxGroup`s and `RadioGroup`s, or links.
    #[prop(into)]
    rail: ViewFnOnce,
    /// The list that is narrowed.
    children: Children,
) -> impl IntoView {
    let (words, title) = (label.clone(), label.clone());
    view! {
        <div class="facets">
            <button
                class="btn btn-secondary facets-open"
                type="button"
                commandfor="facets"
                command="show-modal"
                popovertarget="facets"
            >
                <IconSvg icon=Icon::SlidersHorizontal/>
                {words}
                {(count > 0).then(|| view! { <span class="tab-count">{count}</span> })}
            </button>
            <dialog class="facets-rail" id="facets" popover="auto" closedby="any" aria-label=label>
                <div class="facets-head">
                    <h2 class="facets-title">{title}</h2>
                    <button
                        class="btn btn-quiet btn-square facets-close"
                        type="button"
                        commandfor="facets"
                        command="close"
                        popovertarget="facets"
                        popovertargetaction="hide"
                        aria-label="Close"
                    >
                        <IconSvg icon=Icon::X/>
                    </button>
                </div>
                {rail.run()}
            </dialog>
            <div class="facets-list">{children()}</div>
        </div>
    }
}
