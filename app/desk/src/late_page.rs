//! Pages whose code is loaded when somebody goes there, all of it: what makes a page's data included.
//!
//! `LazyRoute` alone would keep `data` in the part that everybody loads first, and with it the code that reads each type that
//! any page shows.

use leptos::prelude::AnyView;

/// A page of the desk.
pub trait LatePage: Sized {
    /// What the page loads and sends, without its looks.
    fn data() -> Self;

    fn view(this: Self) -> AnyView;
}

/// Makes the route of a page, under a name of its own: the name tells the page's part of the bundle.
macro_rules! late_routes {
    ($($route:ident: $page:ty;)+) => {$(
        pub struct $route;

        #[::leptos_router::lazy_route]
        impl ::leptos_router::LazyRoute for $route {
            fn data() -> Self {
                Self
            }

            fn view(_this: Self) -> ::leptos::prelude::AnyView {
                let page = <$page as $crate::late_page::LatePage>::data();
                <$page as $crate::late_page::LatePage>::view(page)
            }
        }
    )+};
}
pub(crate) use late_routes;
