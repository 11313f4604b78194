//! The member site in the browser: only the islands of a page wake up.

use wasm_bindgen::prelude::wasm_bindgen;

// Islands are found by the names they export; without this the crate that holds them would not be linked.
#[allow(unused_imports)]
use member::App as _;

/// Called by the page's script once the bundle is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
