//! The browser's part of the member site: its islands, and nothing else.

// The islands are exported from the crate of the pages.
use member as _;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
