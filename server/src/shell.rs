//! The document of each portal: which application it holds, its scripts and its policy.

use http::HeaderValue;
use http::header::CONTENT_SECURITY_POLICY;
use http::request::Parts;
use leptos::hydration::HydrationScripts;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use ui::Document;

use crate::{assets, headers};

/// The applications of the site, told apart by the whole first segment of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Portal {
    Desk,
    Member,
}

impl Portal {
    pub fn of(path: &str) -> Portal {
        match path.trim_start_matches('/').split('/').next() {
            Some("desk") => Portal::Desk,
            _ => Portal::Member,
        }
    }

    /// The name of its bundle, and what styles know it by.
    fn name(self) -> &'static str {
        match self {
            Portal::Desk => "desk",
            Portal::Member => "member",
        }
    }
}

/// A tab that stays open over a new version finds a part of its bundle gone when it goes to another page: load that
/// page in full. Once an address, so that a page which fails for another reason does not load for ever.
const RELOAD_WHEN_STALE: &str = r#"(() => {
  let to = null;
  addEventListener("click", e => { const a = e.target.closest?.("a[href]"); if (a) to = a.href; }, true);
  const repair = message => {
    if (!to || !/unreachable|dynamically imported module|error loading dynamically/i.test(String(message))) return;
    if (sessionStorage.getItem("reloaded") === to) return;
    sessionStorage.setItem("reloaded", to);
    location.assign(to);
  };
  addEventListener("error", e => repair(e.message));
  addEventListener("unhandledrejection", e => repair(e.reason && e.reason.message || e.reason));
})();"#;

/// The document around the application that the request's path belongs to.
pub fn shell(mut options: LeptosOptions) -> impl IntoView {
    let portal = Portal::of(expect_context::<Parts>().uri.path());
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    if let Ok(policy) = HeaderValue::from_str(&headers::page_policy(&nonce)) {
        expect_context::<ResponseOptions>().insert_header(CONTENT_SECURITY_POLICY, policy);
    }
    options.output_name = portal.name().into();
    let stylesheet = assets::address("site.css");
    match portal {
        Portal::Desk => {
            if let Some(manifest) = assets::split_manifest() {
                provide_context(manifest);
            }
            let script_nonce = nonce.clone();
            let scripts = move || {
                view! {
                    <script nonce=script_nonce inner_html=RELOAD_WHEN_STALE></script>
                    <HydrationScripts options/>
                    {dev_script()}
                }
            };
            view! {
                <Document stylesheet portal=portal.name() nonce hydration=scripts>
                    <desk::App/>
                </Document>
            }
            .into_any()
        }
        Portal::Member => {
            let scripts = move || {
                view! {
                    <HydrationScripts options islands=true/>
                    {dev_script()}
                }
            };
            view! {
                <Document stylesheet portal=portal.name() nonce hydration=scripts>
                    <member::App/>
                </Document>
            }
            .into_any()
        }
    }
}

/// In the dev loop, the script that loads the page again when the site was built anew. A release never has it.
fn dev_script() -> impl IntoView {
    let is_dev_loop = cfg!(debug_assertions) && std::env::var_os("TESSERA_DEV_RELOAD").is_some();
    is_dev_loop.then(|| view! { <script src=assets::address("dev-reload.js") defer></script> })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portals_are_told_apart_by_the_whole_first_segment() {
        for path in ["/desk", "/desk/", "/desk/offers", "/desk/api/x"] {
            assert_eq!(Portal::of(path), Portal::Desk, "{path}");
        }
        for path in ["/", "/desks", "/desk-top", "/offers/desk", "/api/desk", ""] {
            assert_eq!(Portal::of(path), Portal::Member, "{path}");
        }
    }
}
