//! What a person presses: buttons, links that look like them, the bar that saves, the question before a step that cannot
//! be undone.

use leptos::{prelude::*, web_sys::MouseEvent};

use crate::icon::{Icon, IconSvg};
use crate::text::some;

/// How much a button matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one action that the page is for.
    Primary,
    /// Any other action.
    #[default]
    Secondary,
    /// An action beside a thing: cancel, clear, a row's own.
    Quiet,
    /// It takes something away for good.
    Danger,
}

impl ButtonKind {
    fn class(self, small: bool) -> &'static str {
        match (self, small) {
            (ButtonKind::Primary, false) => "btn btn-primary",
            (ButtonKind::Primary, true) => "btn btn-sm btn-primary",
            (ButtonKind::Secondary, false) => "btn btn-secondary",
            (ButtonKind::Secondary, true) => "btn btn-sm btn-secondary",
            (ButtonKind::Quiet, false) => "btn btn-quiet",
            (ButtonKind::Quiet, true) => "btn btn-sm btn-quiet",
            (ButtonKind::Danger, false) => "btn btn-danger",
            (ButtonKind::Danger, true) => "btn btn-sm btn-danger",
        }
    }
}

/// A button, or a link that looks like one.
///
/// With `href` it is a link; with `submit` it sends its form; else it is a plain button, for `on:click` or `opens`.
#[component]
pub fn Button(
    /// How much it matters.
    #[prop(optional)]
    kind: ButtonKind,
    /// Where it leads: makes it a link.
    #[prop(optional, into)]
    href: String,
    /// Sends the form.
    #[prop(optional)]
    submit: bool,
    /// Name of the pressed button in the sent form.
    #[prop(optional, into)]
    name: String,
    /// Value of the pressed button in the sent form.
    #[prop(optional, into)]
    value: String,
    /// Id of the form, when the button stands outside of it.
    #[prop(optional, into)]
    form: String,
    /// Another address for the form to go to.
    #[prop(optional, into)]
    formaction: String,
    /// Id of the popover (a `ConfirmDialog`) that it opens.
    #[prop(optional, into)]
    opens: String,
    /// Cannot be pressed now. It keeps the focus all the same, which `disabled` of HTML would take from it.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// An icon before the words.
    #[prop(optional)]
    icon: Option<Icon>,
    /// The icon alone: the words are read out and shown on hover.
    #[prop(optional, into)]
    icon_only: String,
    /// A lower button, for rows and bars.
    #[prop(optional)]
    small: bool,
    /// The words: a verb.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let class = match icon_only.is_empty() {
        true => kind.class(small).to_owned(),
        false => format!("{} btn-square", kind.class(small)),
    };
    let label = some(icon_only);
    let inner = view! {
        {icon.map(|icon| view! { <IconSvg icon=icon/> })}
        {children.map(|children| children())}
    };
    if href.is_empty() {
        // The click stands for the key too: Enter in a field of the form is a click on its button.
        let refuse = move |event: MouseEvent| {
            if disabled.get_untracked() {
                event.prevent_default();
                event.stop_immediate_propagation();
            }
        };
        let kind = if submit { "submit" } else { "button" };
        view! {
            <button
                class=class
                type=kind
                name=some(name)
                value=some(value)
                form=some(form)
                formaction=some(formaction)
                popovertarget=some(opens)
                aria-disabled=move || disabled.get().then_some("true")
                on:click=refuse
                aria-label=label.clone()
                title=label
            >
                {inner}
            </button>
        }
        .into_any()
    } else {
        view! {
            <a class=class href=href aria-label=label.clone() title=label>
                {inner}
            </a>
        }
        .into_any()
    }
}

/// The bar that stays at the foot of a long form: what is unsaved to the left, buttons to the right.
#[component]
pub fn SaveBar(
    /// "Saved 2 minutes ago", "Unsaved changes"; read out when it changes.
    #[prop(optional, into)]
    status: Signal<String>,
    /// The buttons, the primary one last.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="save-bar">
            <p class="save-status" role="status">
                {move || status.get()}
            </p>
            <div class="save-actions">{children()}</div>
        </div>
    }
}

/// The question before a step that cannot be undone. It opens without JavaScript from a `Button` with `opens=id`, closes
/// with Escape, and says in numbers what will happen.
#[component]
pub fn ConfirmDialog(
    /// What `Button opens` names.
    #[prop(into)]
    id: String,
    /// The question.
    #[prop(into)]
    title: String,
    /// What will happen, in numbers.
    #[prop(into)]
    text: String,
    /// The form with the button that does it.
    children: Children,
) -> impl IntoView {
    let heading = format!("{id}-title");
    let (target, labelledby) = (id.clone(), heading.clone());
    view! {
        <div class="dialog" id=id popover="auto" role="dialog" aria-labelledby=labelledby>
            <h2 class="dialog-title" id=heading>
                {title}
            </h2>
            <p class="dialog-text">{text}</p>
            <div class="dialog-actions">
                <button class="btn btn-quiet" type="button" popovertarget=target popovertargetaction="hide">
                    "Cancel"
                </button>
                {children()}
            </div>
        </div>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_button_that_cannot_be_pressed_can_keep_the_focus() {
        let html = Owner::new().with(|| view! { <Button submit=true disabled=true>"Save"</Button> }.to_html());
        assert!(html.contains(r#"aria-disabled="true""#), "{html}");
        assert!(!html.contains(" disabled"), "{html}");
        let html = Owner::new().with(|| view! { <Button submit=true>"Save"</Button> }.to_html());
        assert!(!html.contains("disabled"), "{html}");
    }
}
