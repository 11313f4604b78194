//! Two people saved the same record: the second one chooses, field by field, and nothing is lost.

use crate::live_form::Unsaved;
use leptos::{html, prelude::*};
use model::{
    Conflict,
    time::{exact, relative},
};
use serde::Serialize;
use serde_json::Value;
use ui::{Alert, Button, ButtonKind, DiffRow, ErrorSummary, RelativeTime, SaveBar, Tone};

/// The choice between what was typed and what stands saved.
///
/// It stands inside the form that saves the record (an `ActionForm` of the same server function, with the record's id in
/// a hidden input) in place of its fields. It sends what was typed as `form[..]`, the version that stands now as `seen`,
/// and the choices as `choices[..]`, from which [`model::conflict::Choices::merged`] makes one form. Works without scripts.
#[component]
pub fn ConflictChoice<F: Serialize + 'static>(
    conflict: Conflict,
    /// What was typed.
    form: F,
    /// The record's address: to drop what was typed.
    #[prop(into)]
    back: String,
    /// The time of the page.
    now: model::Timestamp,
    /// A field's raw value in words, given the field's name: ids become names.
    #[prop(optional, into)]
    shown: Option<Shown>,
    /// While the choices are being saved.
    #[prop(into)]
    saving: Signal<bool>,
) -> impl IntoView {
    let Conflict { current, by, at, fields } = conflict;
    let unsaved = Unsaved::of_page();
    let node = NodeRef::<html::Div>::new();
    // The choice takes the place of the form under the person's eyes, so the focus goes with it.
    Effect::new(move |_| {
        if let Some(node) = node.get() {
            let _ = node.focus();
        }
    });
    let words = move |name: &str, raw: &str| shown.as_ref().map_or_else(|| raw.to_owned(), |shown| (shown.0)(name, raw));
    let asked = fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(",");
    let rows = fields
        .into_iter()
        .map(|field| {
            let (mine, theirs) = (words(&field.name, &field.mine), words(&field.name, &field.theirs));
            let name = format!("choices[keep][{}]", field.name);
            view! { <DiffRow name=name label=field.label.clone() mine=mine theirs=theirs chosen=field.suggested()/> }
        })
        .collect_view();
    view! {
        <div class="flex flex-col gap-5" node_ref=node tabindex="-1">
            <ErrorSummary title="These choices are not saved yet:"/>
            <Alert tone=Tone::Caution title=format!("{by} saved this while you were editing")>
                <p>
                    "Nothing was lost. Choose what to keep, field by field, then save. They saved "
                    <RelativeTime text=relative(at, now) exact=exact(at) datetime=at.to_rfc3339()/>
                    "."
                </p>
            </Alert>
            {hidden_fields("form", &form)}
            <input type="hidden" name="seen" value=current.to_string()/>
            <input type="hidden" name="choices[asked]" value=asked/>
            {rows}
            <SaveBar>
                // The same address: only a load in full shows what stands saved.
                <a class="btn btn-quiet" href=back rel="external" on:click=move |_| unsaved.set(false)>"Drop my changes"</a>
                <Button kind=ButtonKind::Primary submit=true disabled=saving>"Save these choices"</Button>
            </SaveBar>
        </div>
    }
}

/// Says a raw value in words: `Shown::new(|field, raw| ..)`.
pub struct Shown(Box<dyn Fn(&str, &str) -> String>);

impl Shown {
    pub fn new(words: impl Fn(&str, &str) -> String + 'static) -> Self {
        Self(Box::new(words))
    }
}

/// A form of texts and lists of texts as hidden inputs.
fn hidden_fields<F: Serialize + 'static>(prefix: &str, form: &F) -> impl IntoView + use<F> + 'static {
    let fields = match serde_json::to_value(form) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let mut inputs = Vec::new();
    for (name, value) in fields {
        match value {
            Value::String(text) => inputs.push((format!("{prefix}[{name}]"), text)),
            Value::Array(entries) => {
                let texts = entries.into_iter().filter_map(|entry| entry.as_str().map(str::to_owned));
                inputs.extend(texts.map(|text| (format!("{prefix}[{name}][]"), text)));
            }
            _ => {}
        }
    }
    inputs.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view()
}
