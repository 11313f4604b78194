//! Lists: the grid, its head, the filters above it, the pages below it, and two versions side by side.

use leptos::prelude::*;

use crate::icon::{Icon, IconSvg};
use crate::text::some;

/// A dense grid: 36 px rows, the head, the first column and the column of actions stay in sight.
///
/// Cells take classes: `num` for numbers, `wrap` for long text, `row-actions` for the last cell with buttons. The first cell
/// of a row is `<th scope="row">` with the link to the record.
#[component]
pub fn Table(
    /// What the rows are, read out.
    #[prop(into)]
    label: String,
    /// Below 48rem each row stands as a block, its cells one under the other: for rows that are read rather than compared. What a
    /// cell names as its `data-label` stands before it there.
    #[prop(optional)]
    stacks: bool,
    /// `<thead>` and `<tbody>`.
    children: Children,
) -> impl IntoView {
    let class = if stacks { "grid-wrap grid-stacks" } else { "grid-wrap" };
    view! {
        <div class=class role="region" aria-label=label tabindex="0">
            <table class="grid-table">{children()}</table>
        </div>
    }
}

/// How a column is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By another column.
    #[default]
    None,
    /// Smallest, oldest, A first.
    Ascending,
    /// Largest, newest, Z first.
    Descending,
}

/// The head of a column that sorts: a `<th>` with a plain link.
#[component]
pub fn SortLink(
    /// Name of the column.
    #[prop(into)]
    label: String,
    /// The list, sorted by this column (the other way round when it is already).
    #[prop(into)]
    href: String,
    /// How it is sorted now.
    #[prop(optional)]
    sort: Sort,
    /// Numbers stand to the right.
    #[prop(optional)]
    numeric: bool,
) -> impl IntoView {
    let (aria, icon) = match sort {
        Sort::None => (None, Icon::ChevronsUpDown),
        Sort::Ascending => (Some("ascending"), Icon::ArrowUp),
        Sort::Descending => (Some("descending"), Icon::ArrowDown),
    };
    view! {
        <th scope="col" class=numeric.then_some("num") aria-sort=aria>
            <a class="sort-link" href=href>
                {label}
                <IconSvg icon=icon/>
            </a>
        </th>
    }
}

/// Links to the rows before and after these. A list pages by cursor; it has no page numbers.
#[component]
pub fn CursorPager(
    /// What is on show: "50 offers".
    #[prop(optional, into)]
    text: String,
    /// Address of the page before; empty on the first.
    #[prop(optional, into)]
    previous: String,
    /// Address of the page after; empty on the last.
    #[prop(optional, into)]
    next: String,
) -> impl IntoView {
    view! {
        <nav class="pager" aria-label="Pages">
            <span class="pager-text">{text}</span>
            {pager_link(previous, "prev", "Previous", Some(Icon::ChevronLeft), None)}
            {pager_link(next, "next", "Next", None, Some(Icon::ChevronRight))}
        </nav>
    }
}

fn pager_link(href: String, rel: &'static str, words: &'static str, before: Option<Icon>, after: Option<Icon>) -> impl IntoView {
    // A link without address keeps its place, so that the other does not move under the pointer.
    let disabled = href.is_empty().then_some("true");
    let role = href.is_empty().then_some("link");
    view! {
        <a class="btn btn-sm btn-secondary" href=some(href) rel=rel role=role aria-disabled=disabled>
            {before.map(|icon| view! { <IconSvg icon=icon/> })}
            {words}
            {after.map(|icon| view! { <IconSvg icon=icon/> })}
        </a>
    }
}

/// The filters of a list: a `<form method="get">` of selects and a `SearchField`, with a button that applies them.
#[component]
pub fn FilterBar(
    /// Path of the list.
    #[prop(into)]
    action: String,
    /// What is filtered, read out: "Filter offers".
    #[prop(into)]
    label: String,
    /// `SearchField`, `FilterSelect`s, hidden inputs.
    children: Children,
) -> impl IntoView {
    view! {
        <form class="filter-bar" method="get" action=action role="search" aria-label=label>
            {children()}
            <button class="btn btn-secondary" type="submit">
                "Apply"
            </button>
        </form>
    }
}

/// One filter of a `FilterBar`: a select whose options begin with its label.
#[component]
pub fn FilterSelect(
    /// Name in the query.
    #[prop(into)]
    name: String,
    /// What is filtered by, also the words for "any".
    #[prop(into)]
    label: String,
    /// (value, words)
    options: Vec<(String, String)>,
    /// The one in force.
    #[prop(optional, into)]
    value: String,
) -> impl IntoView {
    let any = format!("{label}: any");
    let read_out = label.clone();
    view! {
        <select class="select filter-select" name=name aria-label=read_out>
            <option value="">{any}</option>
            {options
                .into_iter()
                .map(|(option, words)| {
                    let selected = option == value;
                    let words = format!("{label}: {words}");
                    view! {
                        <option value=option selected=selected>
                            {words}
                        </option>
                    }
                })
                .collect_view()}
        </select>
    }
}

/// A row of `Chip`s.
#[component]
pub fn Chips(
    /// What they are, read out: "Filters in force".
    #[prop(into)]
    label: String,
    /// `Chip`s.
    children: Children,
) -> impl IntoView {
    view! {
        <ul class="chips" aria-label=label>
            {children()}
        </ul>
    }
}

/// A small link: a filter in force that it takes away, or a choice of several.
#[component]
pub fn Chip(
    /// One to three words.
    #[prop(into)]
    label: String,
    /// The page without this filter, or with this choice.
    #[prop(into)]
    href: String,
    /// It takes the filter away: an × stands after the words.
    #[prop(optional)]
    removes: bool,
    /// It is the choice in force.
    #[prop(optional)]
    current: bool,
    /// An icon before the words.
    #[prop(optional)]
    icon: Option<Icon>,
) -> impl IntoView {
    view! {
        <li>
            <a class="chip" href=href aria-current=current.then_some("true")>
                {icon.map(|icon| view! { <IconSvg icon=icon/> })}
                {removes.then(|| view! { <span class="sr-only">"Remove filter: "</span> })}
                {label}
                {removes.then(|| view! { <IconSvg icon=Icon::X/> })}
            </a>
        </li>
    }
}

/// One field that two people changed: both values side by side, and which one to keep.
///
/// The choice is sent under `name` as `mine` or `theirs`.
#[component]
pub fn DiffRow(
    /// Name in the sent form.
    #[prop(into)]
    name: String,
    /// The field.
    #[prop(into)]
    label: String,
    /// What this person typed.
    #[prop(into)]
    mine: String,
    /// What stands saved.
    #[prop(into)]
    theirs: String,
    /// `mine`, `theirs` or empty when nothing is chosen yet.
    #[prop(optional, into)]
    chosen: String,
    /// Words over the first value.
    #[prop(default = "Your version".into(), into)]
    mine_label: String,
    /// Words over the second value.
    #[prop(default = "Saved version".into(), into)]
    theirs_label: String,
) -> impl IntoView {
    let side = |value: &'static str, heading: String, text: String| {
        let checked = chosen == value;
        let empty = text.is_empty();
        let text = if empty { "Empty".to_owned() } else { text };
        let class = if empty { "diff-value text-muted" } else { "diff-value" };
        view! {
            <label class="choice choice-card">
                <input class="radio" type="radio" name=name.clone() value=value checked=checked/>
                <span class="choice-words">
                    <span class="diff-heading">{heading}</span>
                    <span class=class>{text}</span>
                </span>
            </label>
        }
    };
    view! {
        <fieldset class="diff-row">
            <legend class="field-label">{label}</legend>
            <div class="diff-sides">
                {side("mine", mine_label, mine)} {side("theirs", theirs_label, theirs)}
            </div>
        </fieldset>
    }
}
