//! Every saved version of a record: who changed what, and when.

use crate::shared::time;
use leptos::prelude::*;
use model::merchants::{FieldChange, SavedVersion};
use ui::{Card, DescriptionList, Detail, Timeline, TimelineRow};

/// The last versions, newest first. `shown` says a field's raw value in words.
#[component]
pub fn History(versions: Vec<SavedVersion>, shown: impl Fn(&str, &str) -> String + 'static) -> impl IntoView {
    let in_words = |change: FieldChange| {
        let words = |raw: &str| if raw.is_empty() { "Empty".to_owned() } else { shown(&change.name, raw) };
        FieldChange { before: words(&change.before), after: words(&change.after), ..change }
    };
    let rows = versions
        .into_iter()
        .map(|saved| {
            let changes = saved.changes.into_iter().map(in_words).collect();
            view! { <VersionRow saved=SavedVersion { changes, ..saved }/> }
        })
        .collect_view();
    view! { <Card title="Versions"><Timeline>{rows}</Timeline></Card> }
}

/// One version, its values in words already.
#[component]
fn VersionRow(saved: SavedVersion) -> impl IntoView {
    let at = saved.at;
    let title = match saved.changes.as_slice() {
        [] => format!("{} added it", saved.by),
        [only] if only.name == "archived" => {
            format!("{} {} it", saved.by, if only.after == "yes" { "archived" } else { "restored" })
        }
        changes => {
            let labels: Vec<_> = changes.iter().map(|change| change.label.to_lowercase()).collect();
            format!("{} changed {}", saved.by, labels.join(", "))
        }
    };
    view! {
        <TimelineRow title=title time=move || time(at)>
            {(!saved.changes.is_empty()).then(|| view! {
                <details>
                    <summary class="link">{format!("Version {}", saved.version)}</summary>
                    <DescriptionList>{saved.changes.into_iter().map(change_row).collect_view()}</DescriptionList>
                </details>
            })}
        </TimelineRow>
    }
}

fn change_row(change: FieldChange) -> impl IntoView {
    view! {
        <Detail label=change.label>
            <del class="multiline text-muted">{change.before}</del>
            " "
            <ins class="multiline">{change.after}</ins>
        </Detail>
    }
}
