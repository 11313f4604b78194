//! The desk in the browser: the whole application wakes up, and a page's part is loaded when somebody goes there.

// The type of a page holds those of all its parts; rustc's own limit is too low for that.
#![recursion_limit = "256"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's script once the bundle is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    // In development a fault says in the console what it is; without this it is `unreachable`.
    #[cfg(debug_assertions)]
    std::panic::set_hook(Box::new(|fault| leptos::logging::error!("{fault}")));
    leptos::mount::hydrate_lazy(desk::App);
}
