//! The kit on one page, every component in every state, so that it is designed once. Development builds show it.

mod forms;
mod lists;
mod member;
mod state;

use leptos::prelude::*;

use crate::action::{Button, ButtonKind, ConfirmDialog, SaveBar};
use crate::icon::Icon;
use crate::page::{PageHead, Tab, Tabs};
use crate::tone::{StateBadge, Tone};

/// Everything but the frames, which are seen around any page.
#[component]
pub fn KitPage() -> impl IntoView {
    let crumbs = vec![("/desk".to_owned(), "Desk".to_owned())];
    let tabs = vec![
        Tab::new("#actions", "Actions"),
        Tab::new("#forms", "Forms"),
        Tab::new("#lists", "Lists").count("3"),
        Tab::new("#state", "State"),
        Tab::new("#member", "Member site"),
    ];
    view! {
        <PageHead
            title="The kit"
            crumbs=crumbs
            badge=|| view! { <StateBadge tone=Tone::Info label="Development"/> }
            action=|| {
                view! {
                    <Button>"Preview"</Button>
                    <Button kind=ButtonKind::Primary icon=Icon::Plus>
                        "New offer"
                    </Button>
                }
            }
            lead=|| "Every component in every state, in the theme of the system."
        />
        <Tabs label="Parts of the kit" tabs=tabs current="#forms"/>
        <div class="flex flex-col gap-10 pt-6">
            <Section id="actions" title="Actions">
                <Actions/>
            </Section>
            <Section id="forms" title="Forms">
                <forms::Forms/>
            </Section>
            <Section id="lists" title="Lists">
                <lists::Lists/>
            </Section>
            <Section id="state" title="State">
                <state::States/>
            </Section>
            <Section id="member" title="Member site">
                <member::Member/>
            </Section>
        </div>
    }
}

#[component]
fn Section(id: &'static str, title: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="flex flex-col gap-5" id=id>
            <h2 class="text-base font-semibold">{title}</h2>
            {children()}
        </section>
    }
}

#[component]
fn Actions() -> impl IntoView {
    let kinds = [
        (ButtonKind::Primary, "Publish"),
        (ButtonKind::Secondary, "Preview"),
        (ButtonKind::Quiet, "Cancel"),
        (ButtonKind::Danger, "Archive"),
    ];
    let row = move |small: bool, disabled: bool| {
        kinds
            .into_iter()
            .map(|(kind, words)| {
                view! {
                    <Button kind=kind small=small disabled=disabled icon=Icon::Check>
                        {words}
                    </Button>
                }
            })
            .collect_view()
    };
    view! {
        <div class="flex flex-wrap gap-2">{row(false, false)}</div>
        <div class="flex flex-wrap gap-2">{row(true, false)}</div>
        <div class="flex flex-wrap gap-2">{row(false, true)}</div>
        <div class="flex flex-wrap gap-2">
            <Button href="#actions">"A link"</Button>
            <Button kind=ButtonKind::Quiet icon=Icon::Ellipsis icon_only="More"/>
            <Button kind=ButtonKind::Quiet small=true icon=Icon::Pencil icon_only="Edit"/>
            <Button kind=ButtonKind::Danger opens="kit-dialog">
                "Archive 3 offers"
            </Button>
        </div>
        <ConfirmDialog
            id="kit-dialog"
            title="Archive 3 offers?"
            text="2 are live and leave the member site at once. 114 open tokens stay valid until they end."
        >
            <Button kind=ButtonKind::Danger>"Archive 3 offers"</Button>
        </ConfirmDialog>
        <SaveBar status="Saved 2 minutes ago">
            <Button>"Save draft"</Button>
            <Button kind=ButtonKind::Primary icon=Icon::Send>
                "Send for review"
            </Button>
        </SaveBar>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Leptos renders views to text only with its server feature.
    #[cfg(feature = "ssr")]
    #[test]
    fn the_kit_obeys_the_content_policy_and_has_no_id_twice() {
        let owner = Owner::new();
        let html = owner.with(|| view! { <KitPage/> }.to_html());
        assert!(!html.contains(" style="), "a style attribute is refused by the policy");
        assert!(!html.contains("<script"), "an inline script is refused by the policy");
        let mut ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(ids.len() > 40, "the page shows the fields: {} ids", ids.len());
        ids.sort_unstable();
        let twice: Vec<_> = ids.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "ids that stand twice: {twice:?}");
        for reference in html.split(" for=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(ids.contains(&reference), "the label for {reference} has no control");
        }
    }
}
