//! What a page of the desk is made of: its head, its columns, cards, facts, tabs and numbers.

use leptos::{prelude::*, text_prop::TextProp};

use crate::icon::{Icon, IconSvg};
use crate::tone::Tone;

/// The head of a page: where one is, what this is, in which state, and the one primary action.
#[component]
pub fn PageHead(
    /// The heading of the page.
    #[prop(into)]
    title: TextProp,
    /// The way here, outermost first: (address, words).
    #[prop(optional)]
    crumbs: Vec<(String, String)>,
    /// A `StateBadge`.
    #[prop(optional, into)]
    badge: ViewFnOnce,
    /// The primary `Button`, and quiet ones before it.
    #[prop(optional, into)]
    action: ViewFnOnce,
    /// One line under the title.
    #[prop(optional, into)]
    lead: ViewFnOnce,
) -> impl IntoView {
    view! {
        <div class="page-head">
            <Breadcrumbs crumbs=crumbs/>
            <div class="page-head-row">
                <div class="page-head-words">
                    <div class="page-head-title">
                        <h1 class="page-title">{move || title.get()}</h1>
                        {badge.run()}
                    </div>
                    <div class="page-lead">{lead.run()}</div>
                </div>
                <div class="page-head-actions">{action.run()}</div>
            </div>
        </div>
    }
}

/// The way to a page, outermost first: (address, words). Nothing is drawn for none.
#[component]
pub fn Breadcrumbs(
    /// (address, words)
    crumbs: Vec<(String, String)>,
) -> impl IntoView {
    (!crumbs.is_empty()).then(|| {
        view! {
            <nav class="crumbs" aria-label="Breadcrumb">
                <ol>
                    {crumbs
                        .into_iter()
                        .enumerate()
                        .map(|(place, (href, words))| {
                            view! {
                                <li>
                                    {(place > 0).then(|| view! { <IconSvg icon=Icon::ChevronRight/> })}
                                    <a href=href>
                                        <bdi>{words}</bdi>
                                    </a>
                                </li>
                            }
                        })
                        .collect_view()}
                </ol>
            </nav>
        }
    })
}

/// A record: what is edited to the left, its state, history and preview to the right, below it on a narrow screen.
#[component]
pub fn RecordColumns(
    /// The right column.
    #[prop(into)]
    aside: ViewFnOnce,
    /// The left column.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="record-columns">
            <div class="record-main">{children()}</div>
            <aside class="record-aside" aria-label="About this record">
                {aside.run()}
            </aside>
        </div>
    }
}

/// A group of things on a surface of its own.
#[component]
pub fn Card(
    /// Its heading; none when empty.
    #[prop(optional, into)]
    title: String,
    /// Links or small buttons to the right of the heading.
    #[prop(optional, into)]
    actions: ViewFnOnce,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="panel">
            {(!title.is_empty())
                .then(|| {
                    view! {
                        <div class="panel-head">
                            <h2 class="panel-title">{title}</h2>
                            <div class="panel-actions">{actions.run()}</div>
                        </div>
                    }
                })}
            <div class="panel-body">{children()}</div>
        </section>
    }
}

/// Facts of a record, each a `Detail`.
#[component]
pub fn DescriptionList(
    /// `Detail`s.
    children: Children,
) -> impl IntoView {
    view! { <dl class="details-list">{children()}</dl> }
}

/// One fact: its name and its value.
#[component]
pub fn Detail(
    /// The name of the fact.
    #[prop(into)]
    label: String,
    /// The value.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="detail">
            <dt>{label}</dt>
            <dd dir="auto">{children()}</dd>
        </div>
    }
}

/// One of several views of the same thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// Its address.
    pub href: String,
    /// One or two words.
    pub label: String,
    /// A number after the words; none when empty.
    pub count: String,
}

impl Tab {
    /// A tab without a number.
    pub fn new(href: impl Into<String>, label: impl Into<String>) -> Self {
        Tab { href: href.into(), label: label.into(), count: String::new() }
    }

    /// The same tab with a number after the words.
    pub fn count(self, count: impl Into<String>) -> Self {
        Tab { count: count.into(), ..self }
    }
}

/// Links to the views of one thing; the current one is marked.
#[component]
pub fn Tabs(
    /// What they are views of, for people who do not see them side by side.
    #[prop(into)]
    label: String,
    /// The views.
    tabs: Vec<Tab>,
    /// Address of the current one.
    #[prop(into)]
    current: Signal<String>,
) -> impl IntoView {
    view! {
        <nav class="tab-list" aria-label=label>
            {tabs
                .into_iter()
                .map(|tab| {
                    let href = tab.href.clone();
                    let mark = move || current.with(|current| *current == href).then_some("page");
                    view! {
                        <a class="tab-link" href=tab.href aria-current=mark>
                            {tab.label}
                            {(!tab.count.is_empty())
                                .then(|| view! { <span class="tab-count">{tab.count}</span> })}
                        </a>
                    }
                })
                .collect_view()}
        </nav>
    }
}

/// One number that matters.
#[component]
pub fn Stat(
    /// What it counts.
    #[prop(into)]
    label: String,
    /// The number, formatted.
    #[prop(into)]
    value: String,
    /// What to compare it with: "12 more than last week".
    #[prop(optional, into)]
    hint: String,
    /// Where the number leads.
    #[prop(optional, into)]
    href: String,
) -> impl IntoView {
    let inner = view! {
        <span class="stat-label">{label}</span>
        <span class="stat-value">{value}</span>
        {(!hint.is_empty()).then(|| view! { <span class="stat-hint">{hint}</span> })}
    };
    if href.is_empty() {
        view! { <p class="stat-box">{inner}</p> }.into_any()
    } else {
        view! {
            <a class="stat-box stat-link" href=href>
                {inner}
            </a>
        }
        .into_any()
    }
}

/// What happened to a thing, newest first: `TimelineRow`s.
#[component]
pub fn Timeline(
    /// `TimelineRow`s.
    children: Children,
) -> impl IntoView {
    view! { <ol class="timeline-list">{children()}</ol> }
}

/// One thing that happened.
#[component]
pub fn TimelineRow(
    /// What it means.
    #[prop(optional)]
    tone: Tone,
    /// Another icon than the tone's own.
    #[prop(optional)]
    icon: Option<Icon>,
    /// What happened and by whom, one sentence.
    #[prop(into)]
    title: String,
    /// A `RelativeTime`.
    #[prop(optional, into)]
    time: ViewFnOnce,
    /// More: a note, what changed, a link.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <li class="timeline-row">
            <span class=tone.mark()>
                <IconSvg icon=icon.unwrap_or(tone.icon())/>
            </span>
            <div class="timeline-body">
                <p class="timeline-title">{title}</p>
                <p class="timeline-time">{time.run()}</p>
                {children.map(|children| view! { <div class="timeline-more">{children()}</div> })}
            </div>
        </li>
    }
}

/// Text that was written as Markdown, as HTML that is already sanitised.
#[component]
pub fn Prose(
    /// Trusted HTML.
    #[prop(into)]
    html: String,
) -> impl IntoView {
    view! { <div class="prose" inner_html=html></div> }
}
