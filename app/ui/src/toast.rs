//! Short messages that come and go: "Offer archived", with a way to take it back.

use std::time::Duration;

use leptos::prelude::*;

use crate::icon::{Icon, IconSvg};
use crate::tone::Tone;

/// How long a toast stays. Long enough to read and to reach its button.
const STAY: Duration = Duration::from_secs(8);

/// One message.
#[derive(Clone)]
struct Toast {
    key: u64,
    tone: Tone,
    text: String,
    undo: Option<Callback<()>>,
}

/// The messages on show. `provide_toasts` puts it into the context; any page below may `show` one.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    last_key: StoredValue<u64>,
}

/// Makes `use_toasts` work below this component. Call it where the frame is rendered.
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts { shown: RwSignal::new(Vec::new()), last_key: StoredValue::new(0) };
    provide_context(toasts);
    toasts
}

/// The messages of the frame around this component, if it has any.
pub fn use_toasts() -> Option<Toasts> {
    use_context()
}

impl Toasts {
    /// Shows a message for some seconds.
    pub fn show(self, tone: Tone, text: impl Into<String>) {
        self.add(tone, text.into(), None);
    }

    /// Shows a message with a button that takes the step back.
    pub fn show_undo(self, text: impl Into<String>, undo: Callback<()>) {
        self.add(Tone::Positive, text.into(), Some(undo));
    }

    /// Takes all messages away: the next step makes what they say old.
    pub fn clear(self) {
        self.shown.update(Vec::clear);
    }

    fn add(self, tone: Tone, text: String, undo: Option<Callback<()>>) {
        self.last_key.update_value(|key| *key += 1);
        let key = self.last_key.get_value();
        self.shown.update(|shown| shown.push(Toast { key, tone, text, undo }));
        set_timeout(move || self.dismiss(key), STAY);
    }

    fn dismiss(self, key: u64) {
        // The frame may be gone before the time is up.
        _ = self.shown.try_update(|shown| shown.retain(|toast| toast.key != key));
    }
}

/// Where messages appear; part of `DeskFrame`. It is there from the start, so that screen readers announce what comes.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    let rows = move || toasts.map(|toasts| toasts.shown.get()).unwrap_or_default();
    view! {
        <div class="toast-region" role="status" aria-live="polite">
            <For each=rows key=|toast| toast.key let:toast>
                <ToastRow toast=toast/>
            </For>
        </div>
    }
}

#[component]
fn ToastRow(toast: Toast) -> impl IntoView {
    let key = toast.key;
    let toasts = use_toasts();
    let close = move |_| toasts.into_iter().for_each(|toasts| toasts.dismiss(key));
    view! {
        <div class="toast-row">
            <IconSvg icon=toast.tone.icon()/>
            <p class="toast-text">{toast.text}</p>
            {toast
                .undo
                .map(|undo| {
                    view! {
                        <button
                            class="btn btn-sm btn-quiet"
                            type="button"
                            on:click=move |event| {
                                undo.run(());
                                close(event);
                            }
                        >
                            "Undo"
                        </button>
                    }
                })}
            <button class="btn btn-sm btn-quiet btn-square" type="button" aria-label="Dismiss" on:click=close>
                <IconSvg icon=Icon::X/>
            </button>
        </div>
    }
}
