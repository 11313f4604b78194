//! What was typed into a record's form and not saved yet: leaving the page asks first, and a step that would show the record
//! anew waits.

use leptos::{
    ev,
    ev::SubmitEvent,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, MouseEvent},
};
use ui::{Alert, Tone};

/// Whether the record on show has changes that are not saved. The frame provides one for all its pages.
#[derive(Clone, Copy)]
pub struct Unsaved(RwSignal<bool>);

impl Unsaved {
    /// Provides it for the pages inside the frame; from now on the browser asks before it leaves a page with unsaved changes.
    pub fn provide() -> Self {
        let unsaved = Self(RwSignal::new(false));
        provide_context(unsaved);
        let listener = window_event_listener(ev::beforeunload, move |event| {
            if unsaved.0.get_untracked() {
                event.prevent_default();
            }
        });
        on_cleanup(move || listener.remove());
        unsaved
    }

    /// That of the frame.
    pub fn of_page() -> Self {
        expect_context()
    }

    pub fn get(self) -> bool {
        self.0.get()
    }

    pub fn get_untracked(self) -> bool {
        self.0.get_untracked()
    }

    pub fn set(self, unsaved: bool) {
        if self.0.try_get_untracked().is_some_and(|before| before != unsaved) {
            self.0.set(unsaved);
        }
    }

    /// Sees every click before the router does: a link that leads away from unsaved changes is left to the browser, which
    /// asks.
    pub fn clicked(self, event: &MouseEvent, path: &str) {
        if self.0.get_untracked() && link(event).is_some_and(|href| leads_away(&href, path)) {
            event.stop_propagation();
        }
    }
}

/// The address of the link that was clicked, unless the router leaves it alone anyway.
fn link(event: &MouseEvent) -> Option<String> {
    let clicked = event.target()?.dyn_into::<Element>().ok()?;
    clicked.closest("a[href]:not([rel~=external])").ok()??.get_attribute("href")
}

fn leads_away(href: &str, path: &str) -> bool {
    let target = href.split(['?', '#']).next().unwrap_or_default();
    !target.is_empty() && target != path
}

/// A step beside a form that would take away what was typed into it, such as archiving the offer: it waits until that is
/// saved.
#[derive(Clone, Copy)]
pub struct Wait {
    unsaved: Unsaved,
    told: RwSignal<bool>,
}

impl Wait {
    pub fn new() -> Self {
        Self { unsaved: Unsaved::of_page(), told: RwSignal::new(false) }
    }

    /// For `on:submit:capture` of the step's form: nothing is sent while something is unsaved.
    pub fn for_save(self, event: &SubmitEvent) {
        if self.unsaved.0.get_untracked() {
            event.prevent_default();
            self.told.set(true);
        }
    }

    /// Says why the step was not taken, until what was typed is saved.
    pub fn notice(self) -> impl IntoView {
        let shown = move || self.told.get() && self.unsaved.0.get();
        move || {
            shown().then(
                || view! { <Alert tone=Tone::Caution title="Save your changes first: this step works with what is saved."/> },
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::leads_away;

    #[test]
    fn a_link_within_the_page_does_not_lead_away() {
        for (href, away) in [
            ("/desk/offers", true),
            ("/desk/merchants/1/locations/new", true),
            ("/desk/merchants/1", false),
            ("/desk/merchants/1?archived=yes", false),
            ("#f-name", false),
            ("?q=x", false),
        ] {
            assert_eq!(leads_away(href, "/desk/merchants/1"), away, "{href}");
        }
    }
}
