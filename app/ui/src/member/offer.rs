//! The offer as members see it.

use leptos::prelude::*;

use crate::icon::{Icon, IconSvg};
use crate::member::picture::{CoverPicture, CoverSize, Picture};
use crate::text::some;

/// How many colours of covers there are; any index is taken modulo this.
pub const HUES: u8 = 12;

/// A value of more letters than this is set in smaller type, so that a card's row stays even.
pub const LONG_VALUE: usize = 10;

/// The class of a cover's colour, written out so that the stylesheet's scanner finds each.
fn hue_class(hue: u8) -> &'static str {
    match hue % HUES {
        0 => "cover cover-0",
        1 => "cover cover-1",
        2 => "cover cover-2",
        3 => "cover cover-3",
        4 => "cover cover-4",
        5 => "cover cover-5",
        6 => "cover cover-6",
        7 => "cover cover-7",
        8 => "cover cover-8",
        9 => "cover cover-9",
        10 => "cover cover-10",
        _ => "cover cover-11",
    }
}

/// The picture of an offer or a merchant, or one made of colour and icon where there is none. Always 16 : 10, so that
/// nothing moves when the picture comes.
#[component]
pub fn Cover(
    /// Index of its colour, any number; give a category always the same.
    #[prop(optional)]
    hue: u8,
    /// What it is about.
    #[prop(default = Icon::TicketPercent)]
    icon: Icon,
    #[prop(default = None)] picture: Option<Picture>,
    #[prop(optional)] size: CoverSize,
    /// One of the first things on its page.
    #[prop(optional)]
    eager: bool,
) -> impl IntoView {
    view! {
        <div class=hue_class(hue)>
            {match picture {
                Some(picture) => view! { <CoverPicture picture=picture size=size eager=eager/> }.into_any(),
                None => view! { <IconSvg icon=icon class="cover-icon"/> }.into_any(),
            }}
        </div>
    }
}

/// Cards in an even grid: two columns on a phone, three or four on a wide screen.
#[component]
pub fn OfferGrid(
    /// `OfferCard`s.
    children: Children,
) -> impl IntoView {
    view! { <ul class="offer-grid">{children()}</ul> }
}

/// One offer in an `OfferGrid`; the whole card leads to it.
#[component]
pub fn OfferCard(
    /// Its page; empty for a card that is only looked at.
    #[prop(optional, into)]
    href: String,
    /// The value in few letters: "20% off", "2 for 1".
    #[prop(into)]
    value: String,
    /// What is offered, one line; empty when the value says it all.
    #[prop(into)]
    headline: String,
    /// Who offers it.
    #[prop(into)]
    merchant: String,
    /// How far it is: "1.2 mi", "Online".
    #[prop(optional, into)]
    distance: String,
    /// Until when: "Until 30 June", "Ends today".
    #[prop(optional, into)]
    until: String,
    /// Colour of the cover.
    #[prop(optional)]
    hue: u8,
    /// Icon of the cover.
    #[prop(default = Icon::TicketPercent)]
    icon: Icon,
    /// None for a cover made of colour and icon.
    #[prop(default = None)]
    picture: Option<Picture>,
    /// One of the first on its page.
    #[prop(optional)]
    eager: bool,
    /// Level of its heading: 2 right under the heading of the page, 3 in a section that has a heading of its own.
    #[prop(default = 2)]
    level: u8,
) -> impl IntoView {
    let size = if value.chars().count() > LONG_VALUE { "offer-value offer-value-long" } else { "offer-value" };
    let link = view! {
        <a class="offer-link" href=some(href)>
            <span class=size dir="auto">
                {value}
            </span>
            {some(headline)
                .map(|headline| {
                    view! {
                        " "
                        <span class="offer-headline" dir="auto">
                            {headline}
                        </span>
                    }
                })}
        </a>
    };
    let title = match level {
        3 => view! { <h3>{link}</h3> }.into_any(),
        _ => view! { <h2>{link}</h2> }.into_any(),
    };
    view! {
        <li class="offer-card">
            <Cover hue=hue icon=icon picture=picture eager=eager/>
            <div class="offer-body">
                {title}
                <p class="offer-merchant" dir="auto">
                    {merchant}
                </p>
                <p class="offer-meta">
                    {some(distance)
                        .map(|distance| {
                            view! {
                                <span class="offer-fact">
                                    <IconSvg icon=Icon::MapPin/>
                                    {distance}
                                </span>
                            }
                        })}
                    {some(until)
                        .map(|until| {
                            view! {
                                <span class="offer-fact">
                                    <IconSvg icon=Icon::Clock/>
                                    {until}
                                </span>
                            }
                        })}
                </p>
            </div>
        </li>
    }
}

/// One answer of an offer page: what, where, when, how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFact {
    /// Stands before it.
    pub icon: Icon,
    /// The question in a word: "Where".
    pub label: String,
    /// The answer.
    pub value: String,
}

impl KeyFact {
    /// One answer.
    pub fn new(icon: Icon, label: impl Into<String>, value: impl Into<String>) -> Self {
        KeyFact { icon, label: label.into(), value: value.into() }
    }
}

/// The answers of an offer page, in one screen.
#[component]
pub fn KeyFacts(
    /// In the order in which people ask.
    facts: Vec<KeyFact>,
) -> impl IntoView {
    view! {
        <dl class="key-facts">
            {facts
                .into_iter()
                .map(|fact| {
                    view! {
                        <div class="key-fact">
                            <dt>
                                <IconSvg icon=fact.icon/>
                                {fact.label}
                            </dt>
                            <dd dir="auto">{fact.value}</dd>
                        </div>
                    }
                })
                .collect_view()}
        </dl>
    }
}
