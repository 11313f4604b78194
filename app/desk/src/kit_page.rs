//! `/desk/kit`: every component in every state. Only development builds have it.

use crate::shared::refusal;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};
use model::AppError;

pub struct KitPage;

#[lazy_route]
impl LazyRoute for KitPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        if cfg!(debug_assertions) {
            return view! { <Title text="The kit"/> <ui::KitPage/> }.into_any();
        }
        refusal(&AppError::NotFound)
    }
}
