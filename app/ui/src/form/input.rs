//! Fields that are typed into.

use leptos::prelude::*;

use super::field::Field;
use crate::icon::{Icon, IconSvg};
use crate::text::{escaped, some};

/// What is typed into a `TextField`: keyboard, autofill and reading aloud differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InputKind {
    /// Any text.
    #[default]
    Text,
    /// An e-mail address.
    Email,
    /// A secret; it is never filled in again.
    Password,
    /// A telephone number.
    Tel,
    /// A web address.
    Url,
}

impl InputKind {
    fn as_str(self) -> &'static str {
        match self {
            InputKind::Text => "text",
            InputKind::Email => "email",
            InputKind::Password => "password",
            InputKind::Tel => "tel",
            InputKind::Url => "url",
        }
    }
}

/// One line of text.
#[component]
pub fn TextField(
    /// Name in the sent form.
    #[prop(into)]
    name: String,
    /// What it is.
    #[prop(into)]
    label: String,
    /// What stands there first.
    #[prop(optional, into)]
    value: String,
    /// How to fill it, under the label.
    #[prop(optional, into)]
    help: String,
    /// Must be filled.
    #[prop(optional)]
    required: bool,
    /// What is typed.
    #[prop(optional)]
    kind: InputKind,
    /// The HTML autofill token: `email`, `current-password`, `off`.
    #[prop(optional, into)]
    autocomplete: String,
    /// An example, never the only help.
    #[prop(optional, into)]
    placeholder: String,
    /// Longest text, in UTF-16 units as browsers count; 0 for none.
    #[prop(optional)]
    maxlength: u32,
    /// Shown, not to be changed.
    #[prop(optional)]
    readonly: bool,
) -> impl IntoView {
    let field = Field::new(name, label, help, required);
    // Addresses and numbers read from left to right in every script.
    let dir = (kind == InputKind::Text).then_some("auto");
    let control = view! {
        <input
            class="input"
            dir=dir
            type=kind.as_str()
            id=field.id.clone()
            name=field.name.clone()
            value=value
            placeholder=some(placeholder)
            autocomplete=some(autocomplete)
            maxlength=(maxlength > 0).then_some(maxlength)
            readonly=readonly
            aria-required=field.aria_required()
            aria-invalid=field.invalid()
            aria-describedby=field.described_by()
        />
    };
    field.around(control)
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// Name in the sent form.
    #[prop(into)]
    name: String,
    /// What it is.
    #[prop(into)]
    label: String,
    /// What stands there first.
    #[prop(optional, into)]
    value: String,
    /// How to fill it, under the label.
    #[prop(optional, into)]
    help: String,
    /// Must be filled.
    #[prop(optional)]
    required: bool,
    /// Room for a long text from the start. The field grows with its text where the browser can do that.
    #[prop(optional)]
    tall: bool,
    /// An example, never the only help.
    #[prop(optional, into)]
    placeholder: String,
) -> impl IntoView {
    let field = Field::new(name, label, help, required);
    // As inner HTML, because a text node would come with the marks that hydration needs, and they would be part of the text.
    // A document's parser drops one line break after the opening tag; a browser that sets the inner HTML itself does not.
    let dropped = if cfg!(feature = "ssr") { "\n" } else { "" };
    let inner = format!("{dropped}{}", escaped(&value));
    let (class, rows) = if tall { ("textarea textarea-tall", 9) } else { ("textarea", 4) };
    let control = view! {
        <textarea
            class=class
            dir="auto"
            id=field.id.clone()
            name=field.name.clone()
            rows=rows
            placeholder=some(placeholder)
            aria-required=field.aria_required()
            aria-invalid=field.invalid()
            aria-describedby=field.described_by()
            inner_html=inner
        ></textarea>
    };
    field.around(control)
}

/// A number, typed as text, so that what is not a number comes back to be corrected.
#[component]
pub fn NumberField(
    /// Name in the sent form.
    #[prop(into)]
    name: String,
    /// What it counts.
    #[prop(into)]
    label: String,
    /// What stands there first.
    #[prop(optional, into)]
    value: String,
    /// How to fill it, under the label.
    #[prop(optional, into)]
    help: String,
    /// Must be filled.
    #[prop(optional)]
    required: bool,
    /// Has places after the point.
    #[prop(optional)]
    decimal: bool,
    /// What stands after the number: "%", "days", "points".
    #[prop(optional, into)]
    suffix: String,
) -> impl IntoView {
    let field = Field::new(name, label, help, required);
    let control = affixed(&field, value, decimal, suffix, "input input-number");
    field.around(control)
}

/// An amount of money in a fixed currency, typed in major units ("12.50").
#[component]
pub fn MoneyField(
    /// Name in the sent form.
    #[prop(into)]
    name: String,
    /// What it is.
    #[prop(into)]
    label: String,
    /// ISO 4217 code, shown after the amount.
    #[prop(into)]
    currency: String,
    /// What stands there first.
    #[prop(optional, into)]
    value: String,
    /// How to fill it, under the label.
    #[prop(optional, into)]
    help: String,
    /// Must be filled.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let field = Field::new(name, label, help, required);
    let control = affixed(&field, value, true, currency, "input input-money");
    field.around(control)
}

/// An input of digits with a unit after it, in one frame.
fn affixed(field: &Field, value: String, decimal: bool, suffix: String, class: &'static str) -> impl IntoView + use<> {
    let inputmode = if decimal { "decimal" } else { "numeric" };
    let suffix_id = format!("{}-unit", field.id);
    let described = field.described_by();
    let unit_id = (!suffix.is_empty()).then(|| suffix_id.clone());
    let described = move || match (described.get(), unit_id.clone()) {
        (Some(texts), Some(unit)) => Some(format!("{unit} {texts}")),
        (texts, unit) => texts.or(unit),
    };
    view! {
        <span class=class>
            <input
                type="text"
                id=field.id.clone()
                name=field.name.clone()
                value=value
                inputmode=inputmode
                autocomplete="off"
                aria-required=field.aria_required()
                aria-invalid=field.invalid()
                aria-describedby=described
            />
            {some(suffix)
                .map(|suffix| {
                    view! {
                        <span class="input-suffix" id=suffix_id>
                            {suffix}
                        </span>
                    }
                })}
        </span>
    }
}

/// A day and a time on the wall, without zone: `YYYY-MM-DDTHH:MM`.
#[component]
pub fn DateTimeField(
    /// Name in the sent form.
    #[prop(into)]
    name: String,
    /// What happens then.
    #[prop(into)]
    label: String,
    /// What stands there first, `YYYY-MM-DDTHH:MM`.
    #[prop(optional, into)]
    value: String,
    /// How to fill it, and in whose time zone, under the label.
    #[prop(optional, into)]
    help: String,
    /// Must be filled.
    #[prop(optional)]
    required: bool,
    /// The day alone: `YYYY-MM-DD`.
    #[prop(optional)]
    date_only: bool,
) -> impl IntoView {
    let field = Field::new(name, label, help, required);
    let kind = if date_only { "date" } else { "datetime-local" };
    let control = view! {
        <input
            class="input input-date"
            type=kind
            id=field.id.clone()
            name=field.name.clone()
            value=value
            aria-required=field.aria_required()
            aria-invalid=field.invalid()
            aria-describedby=field.described_by()
        />
    };
    field.around(control)
}

/// A file to send; its form is `multipart/form-data`.
#[component]
pub fn FileField(
    /// Name in the sent form.
    #[prop(into)]
    name: String,
    /// What it is.
    #[prop(into)]
    label: String,
    /// Types that can be chosen, separated by commas.
    #[prop(into)]
    accept: String,
    /// What is wanted, under the label.
    #[prop(optional, into)]
    help: String,
    /// Must be filled.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let field = Field::new(name, label, help, required);
    let control = view! {
        <input
            class="input input-file"
            type="file"
            id=field.id.clone()
            name=field.name.clone()
            accept=accept
            aria-required=field.aria_required()
            aria-invalid=field.invalid()
            aria-describedby=field.described_by()
        />
    };
    field.around(control)
}

/// A line of text with proposals; anything else may be typed too.
#[component]
pub fn ComboField(
    /// Name in the sent form.
    #[prop(into)]
    name: String,
    /// What it is.
    #[prop(into)]
    label: String,
    /// The proposals: (what is filled in, words beside it).
    options: Vec<(String, String)>,
    /// What stands there first.
    #[prop(optional, into)]
    value: String,
    /// How to fill it, under the label.
    #[prop(optional, into)]
    help: String,
    /// Must be filled.
    #[prop(optional)]
    required: bool,
    /// An example, never the only help.
    #[prop(optional, into)]
    placeholder: String,
) -> impl IntoView {
    let field = Field::new(name, label, help, required);
    let list = format!("{}-list", field.id);
    let control = view! {
        <input
            class="input"
            type="text"
            id=field.id.clone()
            name=field.name.clone()
            value=value
            list=list.clone()
            placeholder=some(placeholder)
            autocomplete="off"
            aria-required=field.aria_required()
            aria-invalid=field.invalid()
            aria-describedby=field.described_by()
        />
        <datalist id=list>
            {options
                .into_iter()
                .map(|(value, label)| view! { <option value=value label=some(label)></option> })
                .collect_view()}
        </datalist>
    };
    field.around(control)
}

/// A search box with its icon. It stands in a `<form method="get">`, so that it works without JavaScript; `/` may focus it.
#[component]
pub fn SearchField(
    /// Name in the query.
    #[prop(default = "q".into(), into)]
    name: String,
    /// What is searched, read out: "Search offers".
    #[prop(into)]
    label: String,
    /// What stands there first.
    #[prop(optional, into)]
    value: String,
    /// What can be searched for, in the empty box.
    #[prop(optional, into)]
    placeholder: String,
) -> impl IntoView {
    let placeholder = if placeholder.is_empty() { label.clone() } else { placeholder };
    view! {
        <label class="input search-field">
            <IconSvg icon=Icon::Search/>
            <span class="sr-only">{label}</span>
            <input type="search" dir="auto" name=name value=value placeholder=placeholder/>
        </label>
    }
}
