//! `/desk/kit`: every component in every state. Only development builds have it.

use crate::{late_page::LatePage, shared::refusal};
use leptos::prelude::*;
use leptos_meta::Title;
use model::AppError;

pub struct KitPage;

impl LatePage for KitPage {
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
