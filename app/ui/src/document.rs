//! The HTML document that every page of every portal stands in.

use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::text::some;

/// The whole document, from doctype to closing tag. The server's shell renders it; browsers never do.
///
/// ```ignore
/// view! {
///     <Document stylesheet=format!("/{pkg}/site.css") portal="desk" nonce=nonce hydration=scripts>
///         <App/>
///     </Document>
/// }
/// ```
#[component]
pub fn Document(
    /// Address of the stylesheet.
    #[prop(into)]
    stylesheet: String,
    /// Which portal this is (`desk`, `member`, `merchant`), for styles that differ.
    #[prop(into)]
    portal: String,
    /// BCP 47 language of the page.
    #[prop(default = "en".into(), into)]
    lang: String,
    /// Writing direction of that language: `ltr` or `rtl`.
    #[prop(default = "ltr".into(), into)]
    dir: String,
    /// `tessera` or `tessera-dark` to set a theme whatever the system prefers.
    #[prop(optional, into)]
    theme: String,
    /// A brand's variables, `:root{--color-primary:..}`, trusted text. It needs the nonce to pass the content policy.
    #[prop(optional, into)]
    theme_css: String,
    /// The nonce of this answer.
    #[prop(optional, into)]
    nonce: String,
    /// Scripts that make the page live (`HydrationScripts`), and whatever else belongs to the head.
    #[prop(optional, into)]
    hydration: ViewFnOnce,
    /// The application.
    children: Children,
) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang=lang dir=dir data-portal=portal data-theme=some(theme)>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" type="image/svg+xml" href="/favicon.svg"/>
                <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
                <link rel="stylesheet" href=stylesheet/>
                {(!theme_css.is_empty())
                    .then(|| view! { <style nonce=some(nonce) inner_html=theme_css></style> })}
                {hydration.run()}
                <MetaTags/>
            </head>
            <body>
                {children()}
            </body>
        </html>
    }
}

/// The first link of a page: past the navigation, to the element with id `main`. `DeskFrame`, `SiteFrame` and
/// `PlainFrame` hold it; it is not part of `Document`, whose body must hold what the browser hydrates and nothing else.
#[component]
pub fn SkipLink() -> impl IntoView {
    // `external` leaves the jump to the browser, which moves the focus too; the router would only scroll.
    view! {
        <a class="skip-link" href="#main" rel="external">
            "Skip to content"
        </a>
    }
}
