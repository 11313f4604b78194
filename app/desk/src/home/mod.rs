//! The desk's first page.

use crate::frame::viewer;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};
use ui::PageHead;

pub struct HomePage;

#[lazy_route]
impl LazyRoute for HomePage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let name = viewer().name;
        view! {
            <Title text="Overview"/>
            <PageHead title=format!("Good to see you, {name}")/>
        }
        .into_any()
    }
}
