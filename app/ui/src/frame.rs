//! The frame of the desk: navigation at the side, which is a drawer on a phone, and the page.

use leptos::prelude::*;

use crate::document::SkipLink;
use crate::icon::{Icon, IconSvg};
use crate::toast::ToastRegion;

/// One link of the side navigation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavItem {
    /// Path of the page; pages below it count as this one, unless another item fits better.
    pub href: String,
    /// One or two words.
    pub label: String,
    /// It stands alone when the navigation is folded.
    pub icon: Icon,
}

impl NavItem {
    /// A link of the side navigation.
    pub fn new(href: impl Into<String>, label: impl Into<String>, icon: Icon) -> Self {
        NavItem { href: href.into(), label: label.into(), icon }
    }
}

/// Links that belong together, under a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavSection {
    /// The heading; empty for the first links, which need none.
    pub title: String,
    /// The links; a section without any is left out.
    pub items: Vec<NavItem>,
}

impl NavSection {
    /// A section of the side navigation.
    pub fn new(title: impl Into<String>, items: Vec<NavItem>) -> Self {
        NavSection { title: title.into(), items }
    }
}

/// The item that stands for a path: the longest `href` that is the path or a folder above it. `home` is above all pages, so
/// it stands for itself alone.
fn current_href(sections: &[NavSection], home: &str, path: &str) -> Option<String> {
    let holds =
        |href: &str| path.strip_prefix(href).is_some_and(|rest| rest.is_empty() || (href != home && rest.starts_with('/')));
    sections
        .iter()
        .flat_map(|section| &section.items)
        .filter(|item| holds(&item.href))
        .max_by_key(|item| item.href.len())
        .map(|item| item.href.clone())
}

/// Navigation, account menu, toasts and the page. All of it works without JavaScript: the drawer and the account menu
/// are popovers, the fold is a checkbox.
#[component]
pub fn DeskFrame(
    /// Name of the installation, at the top.
    #[prop(into)]
    name: String,
    /// Where the name leads.
    #[prop(default = "/desk".into(), into)]
    home: String,
    /// What the person may open, grouped.
    sections: Vec<NavSection>,
    /// Path of the page on show; marks the current link.
    #[prop(into)]
    path: Signal<String>,
    /// Who is signed in.
    #[prop(into)]
    account: String,
    /// Their role, or their address.
    #[prop(optional, into)]
    account_detail: String,
    /// Links and the sign-out form, shown when the account is pressed.
    #[prop(optional, into)]
    account_menu: ViewFnOnce,
    /// The page.
    children: Children,
) -> impl IntoView {
    let (known, root) = (sections.clone(), home.clone());
    let current = Memo::new(move |_| current_href(&known, &root, &path.get()));
    let initials = initials(&account);
    view! {
        <SkipLink/>
        <div class="desk-frame">
            <header class="desk-topbar">
                <button class="btn btn-quiet btn-square" type="button" popovertarget="desk-nav" aria-label="Navigation">
                    <IconSvg icon=Icon::Menu/>
                </button>
                <a class="desk-brand" href=home.clone()>
                    <BrandMark/>
                    {name.clone()}
                </a>
            </header>
            <aside class="desk-nav" id="desk-nav" popover="auto" aria-label="Sidebar">
                <div class="desk-nav-head">
                    <a class="desk-brand" href=home>
                        <BrandMark/>
                        <span class="nav-label">{name}</span>
                    </a>
                    <label class="nav-fold" title="Fold the navigation">
                        <input class="sr-only" type="checkbox" id="desk-nav-fold" aria-label="Fold the navigation"/>
                        <IconSvg icon=Icon::PanelLeft/>
                    </label>
                    <button
                        class="btn btn-quiet btn-square nav-close"
                        type="button"
                        popovertarget="desk-nav"
                        popovertargetaction="hide"
                        aria-label="Close"
                    >
                        <IconSvg icon=Icon::X/>
                    </button>
                </div>
                <nav class="desk-nav-links" aria-label="Main">
                    {sections
                        .into_iter()
                        .filter(|section| !section.items.is_empty())
                        .map(|section| view! { <NavGroup section=section current=current/> })
                        .collect_view()}
                </nav>
                <button class="account-button" type="button" popovertarget="account-menu">
                    <span class="avatar" aria-hidden="true">
                        {initials}
                    </span>
                    <span class="nav-label account-words">
                        <span class="account-name">{account}</span>
                        <span class="account-detail">{account_detail}</span>
                    </span>
                    <span class="nav-label">
                        <IconSvg icon=Icon::ChevronsUpDown class="text-muted"/>
                    </span>
                </button>
                <div class="account-menu" id="account-menu" popover="auto">
                    {account_menu.run()}
                </div>
            </aside>
            <main class="desk-main" id="main" tabindex="-1">
                {children()}
            </main>
        </div>
        <ToastRegion/>
    }
}

#[component]
fn NavGroup(section: NavSection, current: Memo<Option<String>>) -> impl IntoView {
    view! {
        <div class="nav-group">
            {(!section.title.is_empty()).then(|| view! { <h2 class="nav-title">{section.title}</h2> })}
            <ul>
                {section
                    .items
                    .into_iter()
                    .map(|item| {
                        let (href, title) = (item.href.clone(), item.label.clone());
                        let mark = move || (current.get().as_ref() == Some(&href)).then_some("page");
                        view! {
                            <li>
                                <a
                                    class="nav-link"
                                    href=item.href
                                    title=title
                                    aria-current=mark
                                    on:click=|_| close_drawer()
                                >
                                    <IconSvg icon=item.icon/>
                                    <span class="nav-label">{item.label}</span>
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </div>
    }
}

/// The drawer stays open when the router changes the page without loading it.
fn close_drawer() {
    if let Some(drawer) = document().get_element_by_id("desk-nav") {
        use wasm_bindgen::JsCast;
        // It is closed already on a wide screen, which the browser reports as an error.
        _ = drawer.unchecked_into::<web_sys::HtmlElement>().hide_popover();
    }
}

/// The mark of the product: four tiles of a mosaic.
#[component]
pub fn BrandMark() -> impl IntoView {
    view! {
        <svg class="brand-mark" viewBox="0 0 24 24" aria-hidden="true">
            <rect x="2" y="2" width="9" height="9" rx="2"></rect>
            <rect x="13" y="2" width="9" height="9" rx="2" opacity=".55"></rect>
            <rect x="2" y="13" width="9" height="9" rx="2" opacity=".55"></rect>
            <rect x="13" y="13" width="9" height="9" rx="4.5"></rect>
        </svg>
    }
}

/// Up to two letters that stand for a name. The stylesheet makes them capitals: here that would cost each browser a table of 12 KB.
fn initials(name: &str) -> String {
    name.split(|c: char| c.is_whitespace() || c == '@' || c == '.')
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
        .take(2)
        .collect()
}

/// A page without navigation: sign-in, a password to set, an error. One narrow column in the middle.
#[component]
pub fn PlainFrame(
    /// Name of the installation.
    #[prop(into)]
    name: String,
    /// The heading of the page.
    #[prop(into)]
    title: String,
    /// The page.
    children: Children,
) -> impl IntoView {
    view! {
        <SkipLink/>
        <div class="plain-frame">
            <main class="plain-main" id="main" tabindex="-1">
                <p class="desk-brand plain-brand">
                    <BrandMark/>
                    {name}
                </p>
                <div class="plain-card">
                    <h1 class="plain-title">{title}</h1>
                    {children()}
                </div>
            </main>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections() -> Vec<NavSection> {
        vec![
            NavSection::new("", vec![NavItem::new("/desk", "Home", Icon::House)]),
            NavSection::new("Catalogue", vec![NavItem::new("/desk/offers", "Offers", Icon::Tag)]),
        ]
    }

    #[test]
    fn the_longest_fitting_link_is_the_current_one() {
        for (path, href) in [
            ("/desk", Some("/desk")),
            ("/desk/audit", None),
            ("/desk/offers", Some("/desk/offers")),
            ("/desk/offers/new", Some("/desk/offers")),
            ("/desk/offerside", None),
            ("/", None),
        ] {
            assert_eq!(current_href(&sections(), "/desk", path).as_deref(), href, "{path}");
        }
    }

    #[test]
    fn initials_come_from_names_and_addresses() {
        for (name, letters) in [("Ada Lovelace", "AL"), ("editor@demo.example", "ed"), ("Ørsted", "Ø"), ("", "")] {
            assert_eq!(initials(name), letters, "{name}");
        }
    }
}
