//! The list of what is wrong, on top of a form.

use leptos::prelude::*;

use super::{FormErrors, SummaryErrors};
use crate::icon::{Icon, IconSvg};
use crate::text::field_id;

/// All messages of the form as links to their fields, or those of `SummaryErrors` where that is given; nothing while there
/// are none.
///
/// The links work without JavaScript: the browser moves the focus to the field. In a page that comes with messages the
/// summary has the focus at first; where a form is refused in place, the page moves it there.
#[component]
pub fn ErrorSummary(
    /// The sentence on top.
    #[prop(default = "This is not saved yet. Please correct:".into(), into)]
    title: Signal<String>,
) -> impl IntoView {
    let errors =
        use_context::<SummaryErrors>().map(|errors| errors.0).or_else(|| use_context::<FormErrors>().map(|errors| errors.0));
    let came_with_page = cfg!(feature = "ssr");
    let messages = move || errors.map(|errors| errors.get()).unwrap_or_default();
    move || {
        let messages = messages();
        (!messages.is_empty()).then(|| {
            view! {
                <div class="error-summary tone-negative" role="alert" tabindex="-1" autofocus=came_with_page>
                    <p class="error-summary-title">
                        <IconSvg icon=Icon::CircleAlert/>
                        {title.get()}
                    </p>
                    <ul>{messages.into_iter().map(summary_row).collect_view()}</ul>
                </div>
            }
        })
    }
}

fn summary_row((field, message): (String, String)) -> impl IntoView {
    if field.is_empty() {
        return view! { <li>{message}</li> }.into_any();
    }
    // `external` leaves the jump to the browser, which moves the focus too; the router would only scroll.
    view! {
        <li>
            <a href=format!("#{}", field_id(&field)) rel="external">
                {message}
            </a>
        </li>
    }
    .into_any()
}
