//! The choice of an offer's categories: folded by those at the top, with what is chosen in sight.

use leptos::{prelude::*, web_sys::Event};
use model::categories::{Category, options};
use std::collections::BTreeSet;
use ui::{FormErrors, Icon, IconSvg};

/// A category at the top of the tree with all below it, as (id, name).
type Group = (String, Vec<(String, String)>);

/// It sends the ids of the chosen ones. A group with a chosen one stands open.
#[component]
pub fn CategoryChoice(categories: Vec<Category>, values: Vec<String>) -> impl IntoView {
    let names = StoredValue::new(options(&categories));
    let chosen = RwSignal::new(values.into_iter().collect::<BTreeSet<_>>());
    let errors = use_context::<FormErrors>();
    let message = Signal::derive(move || {
        errors?.0.with(|errors| errors.iter().find(|(field, _)| field == "categories").map(|(_, message)| message.clone()))
    });
    let told = move || {
        let chosen = chosen.get();
        let names: Vec<_> =
            names.with_value(|names| names.iter().filter(|(id, _)| chosen.contains(id)).map(|(_, name)| name.clone()).collect());
        match names.len() {
            0 => "None chosen yet. A review asks for at least one.".to_owned(),
            count => format!("{count} chosen: {}", names.join("; ")),
        }
    };
    let described = move || message.with(Option::is_some).then_some("f-categories-chosen f-categories-error");
    view! {
        <fieldset class="field" id="f-categories" tabindex="-1" aria-describedby=move || described().unwrap_or("f-categories-chosen")>
            <legend class="field-label">"Categories"</legend>
            <p class="field-help" id="f-categories-chosen">{told}</p>
            {groups(&categories).into_iter().map(|group| view! { <Below group=group chosen=chosen/> }).collect_view()}
            {move || message.get().map(|message| view! {
                <p class="field-error" id="f-categories-error"><IconSvg icon=Icon::CircleAlert/>{message}</p>
            })}
        </fieldset>
    }
}

/// A category at the top, itself and those below it to choose.
#[component]
fn Below(group: Group, chosen: RwSignal<BTreeSet<String>>) -> impl IntoView {
    let (name, rows) = group;
    let ids: Vec<_> = rows.iter().map(|(id, _)| id.clone()).collect();
    let open = chosen.with_untracked(|chosen| ids.iter().any(|id| chosen.contains(id)));
    let count = move || chosen.with(|chosen| ids.iter().filter(|id| chosen.contains(*id)).count());
    let mark = move || Some(count()).filter(|count| *count > 0).map(|count| view! { <span class="tab-count">{count}</span> });
    let boxes = rows
        .into_iter()
        .map(|(id, words)| {
            let checked = chosen.with_untracked(|chosen| chosen.contains(&id));
            let value = id.clone();
            let change = move |event: Event| {
                let ticked = event_target_checked(&event);
                chosen.update(|chosen| {
                    if ticked { chosen.insert(id.clone()) } else { chosen.remove(&id) };
                });
            };
            view! {
                <label class="choice">
                    <input class="checkbox" type="checkbox" name="form[categories][]" value=value checked=checked on:change=change/>
                    <span class="choice-label">{words}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <details class="choice-group" open=open>
            <summary>{name}" "{mark}</summary>
            <div class="choice-columns">{boxes}</div>
        </details>
    }
}

/// The tree by its tops, in its own order. Names below the top are told without it.
fn groups(categories: &[Category]) -> Vec<Group> {
    let is_top = |id: &str| categories.iter().any(|c| c.parent.is_none() && c.id.to_string() == id);
    let mut groups: Vec<Group> = Vec::new();
    for (id, name) in options(categories) {
        match groups.last_mut() {
            Some((top, rows)) if !is_top(&id) => {
                let below = name.strip_prefix(&format!("{top} – ")).unwrap_or(&name).to_owned();
                rows.push((id, below));
            }
            _ => groups.push((name.clone(), vec![(id, format!("{name} in general"))])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::groups;
    use model::{CategoryId, categories::Category};

    #[test]
    fn categories_stand_below_those_at_the_top() {
        let id = |n: u8| format!("00000000-0000-0000-0000-{n:012}").parse::<CategoryId>().unwrap();
        let category = |n: u8, parent: Option<u8>, name: &str| Category {
            id: id(n),
            parent: parent.map(id),
            slug: name.to_lowercase(),
            name: name.into(),
            icon: "tag".into(),
        };
        let tree = [
            category(1, None, "Food"),
            category(2, Some(1), "Pizza"),
            category(3, Some(2), "Slices"),
            category(4, None, "Shops"),
        ];
        let told: Vec<_> = groups(&tree)
            .into_iter()
            .map(|(top, rows)| (top, rows.into_iter().map(|(_, name)| name).collect::<Vec<_>>()))
            .collect();
        assert_eq!(told[0], ("Food".to_owned(), ["Food in general", "Pizza", "Pizza – Slices"].map(str::to_owned).to_vec()));
        assert_eq!(told[1], ("Shops".to_owned(), vec!["Shops in general".to_owned()]));
    }
}
