//! What all fields share: ids, label, help, required mark and message.

use leptos::prelude::*;

use crate::icon::{Icon, IconSvg};
use crate::text::{field_id, field_key, some};

/// The messages of a form, (field key, message), in the order of its fields. An empty key is a message of the whole form.
#[derive(Clone, Copy)]
pub struct FormErrors(pub Signal<Vec<(String, String)>>);

/// What the summary of a form lists, where that is not always the same as [`FormErrors`]: while one types, messages stand
/// at their fields alone.
#[derive(Clone, Copy)]
pub struct SummaryErrors(pub Signal<Vec<(String, String)>>);

/// The ids of one field and its message.
#[derive(Clone)]
pub(super) struct Field {
    pub id: String,
    pub name: String,
    pub label: String,
    pub help: String,
    pub required: bool,
    message: Signal<Option<String>>,
}

impl Field {
    pub fn new(name: String, label: String, help: String, required: bool) -> Self {
        let key = field_key(&name).to_owned();
        let id = field_id(&name);
        let errors = use_context::<FormErrors>();
        let message = Signal::derive(move || {
            errors?.0.with(|errors| errors.iter().find(|(field, _)| *field == key).map(|(_, message)| message.clone()))
        });
        Field { id, name, label, help, required, message }
    }

    /// Ids of the help and of the message, as far as they are there.
    pub fn described_by(&self) -> Signal<Option<String>> {
        let Field { id, help, message, .. } = self.clone();
        Signal::derive(move || match (help.is_empty(), message.with(Option::is_some)) {
            (true, false) => None,
            (false, false) => Some(format!("{id}-help")),
            (true, true) => Some(format!("{id}-error")),
            (false, true) => Some(format!("{id}-help {id}-error")),
        })
    }

    pub fn invalid(&self) -> Signal<Option<&'static str>> {
        let message = self.message;
        Signal::derive(move || message.with(Option::is_some).then_some("true"))
    }

    pub fn aria_required(&self) -> Option<&'static str> {
        self.required.then_some("true")
    }

    /// Label, help, control, message, from top to bottom.
    pub fn around(self, control: impl IntoView + 'static) -> impl IntoView {
        view! {
            <div class="field">
                <label class="field-label" for=self.id.clone()>
                    {self.label.clone()}
                    {self.mark()}
                </label>
                {self.help_text()}
                {control}
                {self.message_text()}
            </div>
        }
    }

    /// The star of a required field. The control itself says so to assistive technology.
    pub fn mark(&self) -> impl IntoView + use<> {
        self.required.then(|| view! { <span class="field-required" aria-hidden="true">"*"</span> })
    }

    pub fn help_text(&self) -> impl IntoView + use<> {
        let id = format!("{}-help", self.id);
        some(self.help.clone()).map(|help| {
            view! {
                <p class="field-help" id=id>
                    {help}
                </p>
            }
        })
    }

    pub fn message_text(&self) -> impl IntoView + use<> {
        let id = format!("{}-error", self.id);
        let message = self.message;
        move || {
            message.get().map(|message| {
                view! {
                    <p class="field-error" id=id.clone()>
                        <IconSvg icon=Icon::CircleAlert/>
                        {message}
                    </p>
                }
            })
        }
    }

    /// A group of controls: the legend is the label, and the group carries the id, so that the summary can lead to it.
    pub fn group(self, controls: impl IntoView + 'static) -> impl IntoView {
        view! {
            <fieldset class="field" id=self.id.clone() tabindex="-1" aria-describedby=self.described_by()>
                <legend class="field-label">
                    {self.label.clone()}
                    {self.mark()}
                    {self.required.then(|| view! { <span class="sr-only">" (required)"</span> })}
                </legend>
                {self.help_text()}
                {controls}
                {self.message_text()}
            </fieldset>
        }
    }
}

/// Fields that decide one thing together, under a heading.
#[component]
pub fn FieldSet(
    /// What they decide.
    #[prop(into)]
    legend: String,
    /// One or two sentences about it.
    #[prop(optional, into)]
    help: String,
    /// The fields.
    children: Children,
) -> impl IntoView {
    view! {
        <fieldset class="field-set">
            <legend class="field-set-legend">{legend}</legend>
            {some(help).map(|help| view! { <p class="field-set-help">{help}</p> })}
            <div class="field-set-body">{children()}</div>
        </fieldset>
    }
}
