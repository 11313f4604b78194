//! Where the focus goes when a page changes under it, so that nobody starts again at the top of the page.

use leptos::{
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement, HtmlInputElement, HtmlTextAreaElement},
};
use leptos_router::hooks::use_location;
use std::{iter::successors, time::Duration};

/// A form inside was refused: once the messages stand, the list of what is wrong has the focus, or the first field that is
/// wrong where there is no list.
pub fn to_refusal(inside: &Element) {
    let inside = inside.clone();
    once_shown(move || {
        let first = |selector| inside.query_selector(selector).ok().flatten();
        if let Some(place) = first(".error-summary").or_else(|| first("[aria-invalid=true]")) {
            focus(&place);
        }
    });
}

/// Another page takes the place of the one that shows: it begins with the focus at its top, unless that is outside, as on a link
/// of the navigation. The link in the page that led there goes with it.
pub fn follow_pages() {
    let path = use_location().pathname;
    let begin = move |_: &String, _: Option<&String>, _: Option<()>| {
        let focused = document().active_element();
        let is_outside = focused.is_some_and(|focused| !is_in_page(&focused) && focused.tag_name() != "BODY");
        if let Some(main) = document().query_selector("main").ok().flatten().filter(|_| !is_outside) {
            focus_in_place(&main);
        }
    };
    Effect::watch(move || path.get(), begin, false);
}

/// The page is about to be shown anew: if the element with the focus goes, the one that takes its place has the focus, with
/// the cursor where it was; else what stays of what was round it.
pub fn keep() {
    // The server has no focus.
    if cfg!(feature = "ssr") {
        return;
    }
    let Some(focused) = document().active_element().filter(is_in_page) else { return };
    // The attribute: the property of a form may be one of its fields.
    let (id, cursor) = (focused.get_attribute("id").unwrap_or_default(), cursor(&focused));
    let around: Vec<_> = successors(focused.parent_element(), |element| element.parent_element()).collect();
    once_shown(move || {
        if focused.is_connected() || document().active_element().is_some_and(|element| is_in_page(&element)) {
            return;
        }
        if let Some(again) = document().get_element_by_id(&id).filter(is_in_page) {
            focus(&again);
            set_cursor(&again, cursor);
            return;
        }
        if let Some(place) = around.iter().find(|element| element.is_connected()) {
            focus_in_place(place);
        }
    });
}

/// Where in its text the cursor of a text field stands; a field of another kind has none.
fn cursor(field: &Element) -> Option<u32> {
    if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
        return input.selection_start().ok().flatten();
    }
    field.dyn_ref::<HtmlTextAreaElement>()?.selection_start().ok().flatten()
}

fn set_cursor(field: &Element, at: Option<u32>) {
    if at.is_none() {
        return;
    }
    if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
        _ = input.set_selection_start(at).and_then(|()| input.set_selection_end(at));
    } else if let Some(area) = field.dyn_ref::<HtmlTextAreaElement>() {
        _ = area.set_selection_start(at).and_then(|()| area.set_selection_end(at));
    }
}

fn is_in_page(element: &Element) -> bool {
    element.closest("main").is_ok_and(|main| main.is_some())
}

/// What waits for an effect is there after it.
fn once_shown(then: impl FnOnce() + 'static) {
    set_timeout(then, Duration::ZERO);
}

/// Gives the focus to a group, which does not take it by itself. Nothing scrolls: what changed is on show already.
fn focus_in_place(group: &Element) {
    if !group.has_attribute("tabindex") {
        _ = group.set_attribute("tabindex", "-1");
    }
    let (x, y) = (window().scroll_x().unwrap_or_default(), window().scroll_y().unwrap_or_default());
    focus(group);
    window().scroll_to_with_x_and_y(x, y);
}

fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        _ = element.focus();
    }
}
