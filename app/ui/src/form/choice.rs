//! Fields that are chosen from.

use leptos::{prelude::*, web_sys::Event};

use super::field::Field;
use crate::icon::{Icon, IconSvg};
use crate::text::some;

/// More options than this stand in a box that scrolls, under the number of those that are chosen.
const TALL: usize = 12;

/// One of a closed list, in a native select.
#[component]
pub fn SelectField(
    /// Name in the sent form.
    #[prop(into)]
    name: String,
    /// What is chosen.
    #[prop(into)]
    label: String,
    /// (value, words)
    options: Vec<(String, String)>,
    /// Which is chosen first.
    #[prop(optional, into)]
    value: String,
    /// How to choose, under the label.
    #[prop(optional, into)]
    help: String,
    /// Must be chosen.
    #[prop(optional)]
    required: bool,
    /// Words for choosing none: adds a first option with an empty value.
    #[prop(optional, into)]
    empty: String,
    /// The HTML autofill token.
    #[prop(optional, into)]
    autocomplete: String,
) -> impl IntoView {
    let field = Field::new(name, label, help, required);
    let none = some(empty).map(|words| (String::new(), words));
    let control = view! {
        <select
            class="select"
            id=field.id.clone()
            name=field.name.clone()
            autocomplete=some(autocomplete)
            aria-required=field.aria_required()
            aria-invalid=field.invalid()
            aria-describedby=field.described_by()
        >
            {none
                .into_iter()
                .chain(options)
                .map(|(option, words)| {
                    let selected = option == value;
                    view! {
                        <option value=option selected=selected>
                            {words}
                        </option>
                    }
                })
                .collect_view()}
        </select>
    };
    field.around(control)
}

/// Yes or no. Unchecked, it sends nothing.
#[component]
pub fn CheckboxField(
    /// Name in the sent form.
    #[prop(into)]
    name: String,
    /// What a check means.
    #[prop(into)]
    label: String,
    /// Checked at first.
    #[prop(optional)]
    value: bool,
    /// More about it, under the label.
    #[prop(optional, into)]
    help: String,
) -> impl IntoView {
    let field = Field::new(name, label, help, false);
    view! {
        <div class="field">
            <div class="choice">
                <input
                    class="checkbox"
                    type="checkbox"
                    id=field.id.clone()
                    name=field.name.clone()
                    value="true"
                    checked=value
                    aria-invalid=field.invalid()
                    aria-describedby=field.described_by()
                />
                <div class="choice-words">
                    <label class="choice-label" for=field.id.clone()>
                        {field.label.clone()}
                    </label>
                    {field.help_text()}
                </div>
            </div>
            {field.message_text()}
        </div>
    }
}

/// Any number of a list. Each checked one is sent under the name, which therefore ends in `[]`.
#[component]
pub fn CheckboxGroup(
    /// Name in the sent form.
    #[prop(into)]
    name: String,
    /// What is chosen.
    #[prop(into)]
    label: String,
    /// (value, words)
    options: Vec<(String, String)>,
    /// Those that are checked at first.
    #[prop(optional)]
    values: Vec<String>,
    /// How to choose, under the label.
    #[prop(optional, into)]
    help: String,
    /// At least one must be chosen.
    #[prop(optional)]
    required: bool,
    /// Short options, side by side.
    #[prop(optional)]
    inline: bool,
) -> impl IntoView {
    let field = Field::new(name, label, help, required);
    let tall = !inline && options.len() > TALL;
    let class = match (inline, tall) {
        (true, _) => "choice-row",
        (false, false) => "choice-list",
        (false, true) => "choice-list choice-tall",
    };
    let name = field.name.clone();
    let chosen = RwSignal::new(options.iter().filter(|(option, _)| values.contains(option)).count());
    let count = move |event: Event| match event_target_checked(&event) {
        true => chosen.update(|count| *count += 1),
        false => chosen.update(|count| *count = count.saturating_sub(1)),
    };
    let boxes = options
        .into_iter()
        .map(|(option, words)| {
            let checked = values.contains(&option);
            view! {
                <label class="choice">
                    <input class="checkbox" type="checkbox" name=name.clone() value=option checked=checked/>
                    <span class="choice-label">{words}</span>
                </label>
            }
        })
        .collect_view();
    let shown = move || format!("{} chosen", chosen.get());
    field.group(view! {
        {tall.then(|| view! { <p class="field-help">{shown}</p> })}
        <div class=class on:change=count>
            {boxes}
        </div>
    })
}

/// One option of a `RadioGroup`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// One to three words.
    pub label: String,
    /// What it means, under the words.
    pub help: String,
    /// Shown in a card.
    pub icon: Option<Icon>,
}

impl Choice {
    /// An option with words alone.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Choice { value: value.into(), label: label.into(), help: String::new(), icon: None }
    }

    /// The same option with a sentence about it.
    pub fn help(self, help: impl Into<String>) -> Self {
        Choice { help: help.into(), ..self }
    }

    /// The same option with an icon.
    pub fn icon(self, icon: Icon) -> Self {
        Choice { icon: Some(icon), ..self }
    }
}

/// One of a short list, all on show.
#[component]
pub fn RadioGroup(
    /// Name in the sent form.
    #[prop(into)]
    name: String,
    /// What is chosen.
    #[prop(into)]
    label: String,
    /// The options.
    options: Vec<Choice>,
    /// Which is chosen first.
    #[prop(optional, into)]
    value: String,
    /// How to choose, under the label.
    #[prop(optional, into)]
    help: String,
    /// Must be chosen.
    #[prop(optional)]
    required: bool,
    /// Large targets in a grid, with icon and help.
    #[prop(optional)]
    cards: bool,
) -> impl IntoView {
    let field = Field::new(name, label, help, required);
    let (list, item) = if cards { ("choice-cards", "choice choice-card") } else { ("choice-list", "choice") };
    let name = field.name.clone();
    let rows = options
        .into_iter()
        .map(|option| {
            let checked = option.value == value;
            view! {
                <label class=item>
                    <input class="radio" type="radio" name=name.clone() value=option.value checked=checked/>
                    {option.icon.map(|icon| view! { <IconSvg icon=icon class="choice-icon"/> })}
                    <span class="choice-words">
                        <span class="choice-label">{option.label}</span>
                        {some(option.help).map(|help| view! { <span class="field-help">{help}</span> })}
                    </span>
                </label>
            }
        })
        .collect_view();
    field.group(view! { <div class=list>{rows}</div> })
}
