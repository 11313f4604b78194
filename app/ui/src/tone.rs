//! What a colour means: every state is told by a tone, an icon and a word, never by colour alone.

use leptos::prelude::*;

use crate::icon::{Icon, IconSvg};

/// The meaning of a state, a message or a mark in a history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to do: draft, archived, unknown.
    #[default]
    Neutral,
    /// All is well: live, approved, saved.
    Positive,
    /// Someone should look: in review, paused, ends soon.
    Caution,
    /// It failed or is refused.
    Negative,
    /// Worth knowing: scheduled, new.
    Info,
}

impl Tone {
    /// The icon that goes with the tone where the caller names none.
    pub fn icon(self) -> Icon {
        match self {
            Tone::Neutral => Icon::CircleDashed,
            Tone::Positive => Icon::CircleCheck,
            Tone::Caution => Icon::TriangleAlert,
            Tone::Negative => Icon::CircleX,
            Tone::Info => Icon::Info,
        }
    }

    pub(crate) fn badge(self) -> &'static str {
        match self {
            Tone::Neutral => "badge state-badge tone-neutral",
            Tone::Positive => "badge state-badge tone-positive",
            Tone::Caution => "badge state-badge tone-caution",
            Tone::Negative => "badge state-badge tone-negative",
            Tone::Info => "badge state-badge tone-info",
        }
    }

    pub(crate) fn alert(self) -> &'static str {
        match self {
            Tone::Neutral => "notice tone-neutral",
            Tone::Positive => "notice tone-positive",
            Tone::Caution => "notice tone-caution",
            Tone::Negative => "notice tone-negative",
            Tone::Info => "notice tone-info",
        }
    }

    pub(crate) fn mark(self) -> &'static str {
        match self {
            Tone::Neutral => "timeline-mark tone-neutral",
            Tone::Positive => "timeline-mark tone-positive",
            Tone::Caution => "timeline-mark tone-caution",
            Tone::Negative => "timeline-mark tone-negative",
            Tone::Info => "timeline-mark tone-info",
        }
    }
}

/// The state of a thing: a small pill with an icon and a word.
#[component]
pub fn StateBadge(
    /// What the state means.
    #[prop(optional)]
    tone: Tone,
    /// The word, such as "Live".
    #[prop(into)]
    label: String,
    /// Another icon than the tone's own.
    #[prop(optional)]
    icon: Option<Icon>,
) -> impl IntoView {
    view! {
        <span class=tone.badge()>
            <IconSvg icon=icon.unwrap_or(tone.icon())/>
            {label}
        </span>
    }
}

/// A message in the page that stays: why something is refused, what to do next.
///
/// A `Negative` or `Caution` alert is announced at once (`role="alert"`), any other when the reader pauses.
#[component]
pub fn Alert(
    /// What the message means.
    #[prop(optional)]
    tone: Tone,
    /// One short sentence.
    #[prop(into)]
    title: String,
    /// More words, links, buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let role = match tone {
        Tone::Negative | Tone::Caution => "alert",
        _ => "status",
    };
    view! {
        <div class=tone.alert() role=role>
            <IconSvg icon=tone.icon()/>
            <div class="notice-body">
                <p class="notice-title">{title}</p>
                {children.map(|children| view! { <div class="notice-text">{children()}</div> })}
            </div>
        </div>
    }
}

/// What stands in the place of rows when there are none: what belongs here and the first step.
#[component]
pub fn EmptyState(
    /// A picture of what belongs here.
    icon: Icon,
    /// One sentence: "No offers match these filters."
    #[prop(into)]
    title: String,
    /// A second sentence, if it helps.
    #[prop(optional, into)]
    text: String,
    /// The first step: one button or link.
    #[prop(optional, into)]
    action: ViewFnOnce,
) -> impl IntoView {
    view! {
        <div class="empty-state">
            <span class="empty-icon">
                <IconSvg icon=icon/>
            </span>
            <p class="empty-title">{title}</p>
            {(!text.is_empty()).then(|| view! { <p class="empty-text">{text}</p> })}
            {action.run()}
        </div>
    }
}

/// Grey bars in the shape of rows to come. They appear after 200 ms, so that a quick answer shows none.
#[component]
pub fn Skeleton(
    /// How many bars.
    #[prop(default = 3)]
    rows: usize,
    /// What is on its way, for people who do not see the bars.
    #[prop(default = "Loading".into(), into)]
    label: String,
) -> impl IntoView {
    view! {
        <div class="skeleton-rows" role="status">
            <span class="sr-only">{label}</span>
            {(0..rows).map(|_| view! { <span class="skeleton-row"></span> }).collect_view()}
        </div>
    }
}

/// A time in words ("3 hours ago"), with the exact one on hover and for machines.
#[component]
pub fn RelativeTime(
    /// The words that are shown.
    #[prop(into)]
    text: String,
    /// The exact time for people, with its zone: "12 May 2026, 14:30 UTC".
    #[prop(into)]
    exact: String,
    /// RFC 3339, for the `datetime` attribute.
    #[prop(into)]
    datetime: String,
) -> impl IntoView {
    view! {
        <time class="relative-time" datetime=datetime title=exact>
            {text}
        </time>
    }
}
