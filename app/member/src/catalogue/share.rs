//! Passing an offer on.

use leptos::{prelude::*, task::spawn_local};
use ui::{Icon, IconSvg};

/// A link that passes the page on by mail; where scripts run, by the device's own sheet, else by copying the address.
#[island]
pub fn Share(url: String, title: String) -> impl IntoView {
    let (copied, set_copied) = signal(false);
    let mail = mail_address(&title, &url);
    let pass_on = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        let (url, title, mail) = (url.clone(), title.clone(), mail_address(&title, &url));
        spawn_local(async move {
            match device::pass_on(&url, &title).await {
                device::Outcome::Shared => {}
                device::Outcome::Copied => set_copied.set(true),
                device::Outcome::Neither => device::open(&mail),
            }
        });
    };
    view! {
        <span class="relative inline-flex">
            <a class="btn btn-secondary" href=mail on:click=pass_on>
                <IconSvg icon=Icon::Send/>
                "Share"
            </a>
            // Beside the flow of the page, so that nothing moves.
            <span class="absolute top-full start-0 pt-1 text-sm whitespace-nowrap" role="status">
                {move || copied.get().then_some("Link copied")}
            </span>
        </span>
    }
}

fn mail_address(title: &str, url: &str) -> String {
    let escaped = model::catalogue::url_escaped;
    format!("mailto:?subject={}&body={}", escaped(title), escaped(url))
}

/// What the browser can do.
mod device {
    use leptos::prelude::window;
    use wasm_bindgen_futures::JsFuture;

    pub enum Outcome {
        /// The person chose, or closed the sheet.
        Shared,
        Copied,
        Neither,
    }

    pub async fn pass_on(url: &str, title: &str) -> Outcome {
        let navigator = window().navigator();
        // Both are there only where the page came over HTTPS, and the sheet only on some devices.
        if has(&navigator, "share") {
            let data = web_sys::ShareData::new();
            data.set_url(url);
            data.set_title(title);
            _ = JsFuture::from(navigator.share_with_data(&data)).await;
            return Outcome::Shared;
        }
        if has(&navigator, "clipboard") && JsFuture::from(navigator.clipboard().write_text(url)).await.is_ok() {
            return Outcome::Copied;
        }
        Outcome::Neither
    }

    fn has(navigator: &web_sys::Navigator, name: &str) -> bool {
        js_sys::Reflect::get(navigator, &name.into()).is_ok_and(|value| !value.is_undefined())
    }

    pub fn open(address: &str) {
        _ = window().location().set_href(address);
    }
}
