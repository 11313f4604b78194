//! What a revision changes against the one approved before it, and its content in words.

use super::words::shown;
use leptos::prelude::*;
use model::offers::{FormOptions, Line, OfferForm, compare_lines};
use ui::{Card, DescriptionList, Detail};

/// Texts that need the whole width.
const TEXTS: [&str; 4] = ["summary", "how_to_redeem", "terms", "exclusions"];

/// The fields that differ: short ones before and now side by side, longer ones line by line.
#[component]
pub fn Changes(now: OfferForm, before: OfferForm, options: FormOptions) -> impl IntoView {
    let rows: Vec<_> = now
        .differences(&before)
        .into_iter()
        .map(|change| {
            let was = shown(&change.name, &change.theirs, &before.currency, &options);
            let is = shown(&change.name, &change.mine, &now.currency, &options);
            let long = was.contains('\n') || is.contains('\n');
            view! {
                <li>
                    <h3 class="change-field">{change.label}</h3>
                    {if long { lines(&was, &is).into_any() } else { sides(was, is).into_any() }}
                </li>
            }
        })
        .collect();
    let none = rows.is_empty();
    view! {
        <Card title="Changed since the last approved revision">
            {if none {
                "Nothing: it reads as the approved one does.".into_any()
            } else {
                view! { <ul class="changes" role="list" aria-label="Changed fields">{rows}</ul> }.into_any()
            }}
        </Card>
    }
}

fn sides(was: String, is: String) -> impl IntoView {
    let value = |text: String| match text.is_empty() {
        true => view! { <span class="text-muted">"Empty"</span> }.into_any(),
        false => text.into_any(),
    };
    view! {
        <div class="change-sides">
            <div><p class="diff-heading">"Before"</p><del class="change-value">{value(was)}</del></div>
            <div><p class="diff-heading">"Now"</p><ins class="change-value">{value(is)}</ins></div>
        </div>
    }
}

fn lines(was: &str, is: &str) -> impl IntoView + use<> {
    let row = |line: Line<'_>| match line {
        Line::Same(text) => view! { <p class="change-line">{text.to_owned()}</p> }.into_any(),
        Line::Removed(text) => view! {
            <p class="change-line"><span class="sr-only">"Removed: "</span><del>{text.to_owned()}</del></p>
        }
        .into_any(),
        Line::Added(text) => view! {
            <p class="change-line"><span class="sr-only">"Added: "</span><ins>{text.to_owned()}</ins></p>
        }
        .into_any(),
    };
    let rows = compare_lines(was, is).into_iter().map(row).collect_view();
    view! { <div class="change-lines" dir="auto">{rows}</div> }
}

/// Every field that is filled, texts below each other and the rest as facts.
#[component]
pub fn Filled(form: OfferForm, options: FormOptions, #[prop(into)] title: String) -> impl IntoView {
    let filled = form.differences(&OfferForm::default()).into_iter();
    let filled = filled.filter(|field| !matches!(field.name.as_str(), "merchant" | "client"));
    let (texts, facts): (Vec<_>, Vec<_>) = filled.partition(|field| TEXTS.contains(&field.name.as_str()));
    let texts = texts
        .into_iter()
        .map(|text| {
            view! {
                <h3 class="change-field">{text.label}</h3>
                <p class="multiline written" dir="auto">{text.mine}</p>
            }
        })
        .collect_view();
    let facts = facts
        .into_iter()
        .map(|field| {
            let words = shown(&field.name, &field.mine, &form.currency, &options);
            view! { <Detail label=field.label><span class="multiline">{words}</span></Detail> }
        })
        .collect_view();
    view! {
        <Card title=title>
            <DescriptionList>{facts}</DescriptionList>
            {texts}
        </Card>
    }
}
