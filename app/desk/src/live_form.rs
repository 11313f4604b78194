//! A form that checks itself while one types, with the same `parse` that the server runs.
//!
//! A message shows once its field was left or the form was sent, and the list of all on top only once it was sent; everything
//! else is the server's answer. Nothing moves while a button of the mouse is down, or the click would miss what it was meant
//! for. Without scripts nothing of this runs, and the messages come with the page.

mod unsaved;

pub use unsaved::{Unsaved, Wait};

use crate::focus;
use leptos::{
    ev::{self, SubmitEvent},
    form::FromFormData,
    html,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, Event, FormData},
};
use model::{AppError, FieldErrors};
use std::{collections::BTreeSet, time::Duration};

/// The state of one form whose server function takes `S`.
pub struct LiveForm<S: 'static> {
    /// Goes to the `ActionForm`.
    pub node: NodeRef<html::Form>,
    check: StoredValue<fn(&S) -> FieldErrors>,
    messages: RwSignal<Vec<(String, String)>>,
    /// What only the server could say about the form that was sent; each stands until its field is changed.
    foreign: StoredValue<Vec<(String, String)>>,
    left: StoredValue<BTreeSet<String>>,
    /// Whether the form came back from the server: then the summary shows.
    refused: RwSignal<bool>,
    /// While a button of the mouse, or a finger, is down: whether messages wait for its release.
    pressed: StoredValue<Option<bool>>,
    /// What was typed when the form was sent last, and whether any of it was unsaved then.
    sent: StoredValue<Option<S>>,
    sent_unsaved: StoredValue<bool>,
    /// For the form of a record: what tells the page that something is unsaved.
    unsaved: Option<Unsaved>,
}

impl<S: 'static> Clone for LiveForm<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: 'static> Copy for LiveForm<S> {}

impl<S: FromFormData + Clone + Send + Sync + 'static> LiveForm<S> {
    /// A form that shows `messages` at first; `check` says what the browser can know is wrong.
    pub fn new(messages: Vec<(String, String)>, check: fn(&S) -> FieldErrors) -> Self {
        let form = Self {
            node: NodeRef::new(),
            check: StoredValue::new(check),
            refused: RwSignal::new(!messages.is_empty()),
            messages: RwSignal::new(messages),
            foreign: StoredValue::default(),
            left: StoredValue::default(),
            pressed: StoredValue::new(None),
            sent: StoredValue::new(None),
            sent_unsaved: StoredValue::new(false),
            unsaved: None,
        };
        form.listen_for_presses();
        let listed = Signal::derive(move || if form.refused.get() { form.messages.get() } else { Vec::new() });
        provide_context(ui::SummaryErrors(listed));
        form
    }

    /// The same as the form of a record: what is typed into it counts as unsaved until it is sent. What came back after a
    /// refusal counts from the start.
    pub fn of_record(self) -> Self {
        let unsaved = Unsaved::of_page();
        unsaved.set(self.refused.get_untracked());
        on_cleanup(move || unsaved.set(false));
        Self { unsaved: Some(unsaved), ..self }
    }

    /// For the kit's fields, as context.
    pub fn errors(self) -> ui::FormErrors {
        ui::FormErrors(self.messages.into())
    }

    /// Something is typed that is not saved, or nothing is any more.
    pub fn set_unsaved(self, unsaved: bool) {
        self.unsaved.into_iter().for_each(|page| page.set(unsaved));
    }

    /// What was typed when the form was sent last.
    pub fn sent(self) -> Option<S> {
        self.sent.get_value()
    }

    /// A field was changed and left: from now on its messages show. It is no sign that something was typed just now: a field
    /// that is drawn anew while one is in it, as after `Ctrl-S`, is still told to have changed.
    pub fn changed(self, event: &Event) {
        // It may even be told so when its form is gone.
        if self.left.try_with_value(|_| ()).is_none() {
            return;
        }
        if let Some(field) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) {
            let name = field.get_attribute("name").unwrap_or_default();
            let name = key(&name).to_owned();
            self.foreign.update_value(|foreign| foreign.retain(|(field, _)| *field != name));
            self.left.update_value(|left| {
                left.insert(name);
            });
        }
        self.refresh();
    }

    /// Something was typed: messages that show are brought up to date.
    pub fn typed(self) {
        self.set_unsaved(true);
        self.refresh();
    }

    fn refresh(self) {
        if self.pressed.get_value().is_some() {
            self.pressed.set_value(Some(true));
            return;
        }
        let Some(form) = self.read() else { return };
        let errors = self.check.with_value(|check| check(&form));
        let left = self.left.get_value();
        let mut shown: Vec<_> = errors.0.into_iter().filter(|e| left.contains(&e.field)).map(|e| (e.field, e.message)).collect();
        let known: BTreeSet<_> = shown.iter().map(|(field, _)| field.clone()).collect();
        shown.extend(self.foreign.get_value().into_iter().filter(|(field, _)| !known.contains(field)));
        if self.messages.with_untracked(|now| *now != shown) {
            self.messages.set(shown);
        }
    }

    /// The form is being sent: from now on every message shows.
    pub fn submitted(self, event: &SubmitEvent) {
        let form = S::from_event(event).ok();
        if let Some(errors) = form.as_ref().map(|form| self.check.with_value(|check| check(form))) {
            self.left.update_value(|left| left.extend(errors.0.into_iter().map(|e| e.field)));
        }
        self.sent.set_value(form);
        self.sent_unsaved.set_value(self.unsaved.is_some_and(Unsaved::get_untracked));
        self.set_unsaved(false);
    }

    /// It is saved: nothing is wrong any more with what was sent. What was typed since then stays unsaved.
    pub fn saved(self) {
        self.foreign.set_value(Vec::new());
        self.left.set_value(BTreeSet::new());
        self.refused.set(false);
        self.messages.set(Vec::new());
    }

    /// The server's answer, if it refused: what is wrong is said, and has the focus.
    pub fn answered(self, error: &AppError) {
        self.refuse(crate::shared::messages(error));
    }

    /// Says why it was not saved: each message with its field, or with none for the whole form.
    pub fn refuse(self, messages: Vec<(String, String)>) {
        let known = self.sent().map(|form| self.check.with_value(|check| check(&form))).unwrap_or_default();
        self.foreign.set_value(messages.iter().filter(|(field, _)| known.at(field).is_none()).cloned().collect());
        self.left.update_value(|left| left.extend(messages.iter().map(|(field, _)| field.clone())));
        self.messages.set(messages);
        self.refused.set(true);
        if self.sent_unsaved.get_value() {
            self.set_unsaved(true);
        }
        if let Some(form) = self.node.get_untracked() {
            focus::to_refusal(&form);
        }
    }

    /// A field is left when something else is pressed: its message waits until that is released and clicked.
    fn listen_for_presses(self) {
        let pressed = self.pressed;
        let release = move || {
            if pressed.try_update_value(Option::take).flatten() == Some(true) {
                // The click comes right after the release.
                set_timeout(
                    move || {
                        if pressed.try_get_value().is_some() {
                            self.refresh()
                        }
                    },
                    Duration::ZERO,
                );
            }
        };
        let listeners = [
            window_event_listener(ev::pointerdown, move |_| {
                pressed.try_update_value(|pressed| *pressed = pressed.or(Some(false)));
            }),
            window_event_listener(ev::pointerup, move |_| release()),
            window_event_listener(ev::pointercancel, move |_| release()),
        ];
        on_cleanup(move || listeners.into_iter().for_each(WindowListenerHandle::remove));
    }

    /// What its fields say now.
    pub fn read(self) -> Option<S> {
        let form = self.node.get_untracked()?;
        let data = FormData::new_with_form(&form).ok()?;
        S::from_form_data(&data).ok()
    }
}

/// The last part of a field's name: `form[weekdays][]` is `weekdays`.
fn key(name: &str) -> &str {
    name.trim_end_matches("[]").trim_end_matches(']').rsplit('[').next().unwrap_or(name)
}
