//! Keys that work on every page: `Ctrl-S` saves, `/` searches.

use leptos::{
    ev,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent},
};

/// Listens as long as the frame is there.
pub fn listen() {
    let listener = window_event_listener(ev::keydown, |event| pressed(&event));
    on_cleanup(move || listener.remove());
}

fn pressed(event: &KeyboardEvent) {
    // What a browser fills in by itself comes as an event of this name that has no key.
    if !event.is_instance_of::<KeyboardEvent>() {
        return;
    }
    let command = (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key();
    let plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
    match event.key().as_str() {
        "s" if command => save(event),
        "/" if plain && !is_typing(event) => search(event),
        _ => {}
    }
}

/// Presses the button of the bar that saves. On a page without one the browser does what it always does.
fn save(event: &KeyboardEvent) {
    if let Some(button) = find::<HtmlElement>("main .save-bar .btn-primary[type=submit]") {
        event.prevent_default();
        button.click();
    }
}

fn search(event: &KeyboardEvent) {
    if let Some(field) = find::<HtmlInputElement>("main input[type=search]") {
        event.prevent_default();
        _ = field.focus();
        field.select();
    }
}

fn is_typing(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|element| element.matches("input, textarea, select").unwrap_or_default())
}

fn find<E: JsCast>(selector: &str) -> Option<E> {
    document().query_selector(selector).ok().flatten()?.dyn_into().ok()
}
