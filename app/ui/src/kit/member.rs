//! What members see.

use leptos::prelude::*;

use crate::action::{Button, ButtonKind};
use crate::data::{Chip, Chips};
use crate::form::{CheckboxGroup, SearchField};
use crate::icon::Icon;
use crate::member::*;

/// Value, headline, merchant, distance, until, icon; one for each hue.
const OFFERS: [(&str, &str, &str, &str, &str, Icon); 12] = [
    ("2 for 1", "Two pizzas for the price of one", "Pizzeria Roma", "0.4 mi", "Until 30 June", Icon::Pizza),
    ("20% off", "All books, new and used", "Bookshop on the Square", "1.2 mi", "Until 1 May", Icon::BookOpen),
    ("$5 off", "Every haircut on Mondays", "Corner Barber", "2.0 mi", "", Icon::Scissors),
    (
        "Free coffee",
        "With any breakfast before ten in the morning, every day of the week",
        "Café",
        "0.1 mi",
        "Ends today",
        Icon::Coffee,
    ),
    ("3× points", "On flowers and plants", "Garden Centre", "", "Until 12 May", Icon::Flower2),
    ("$19", "A day at the spa", "Bath House", "12 mi", "Until 2 July", Icon::Sparkles),
    ("15% off", "Tyres and brakes", "Garage", "5.5 mi", "Until 9 June", Icon::Car),
    ("10% back", "On flights within the country", "Airline", "Online", "Until 31 May", Icon::Plane),
    ("30% off", "A month of training", "Gym Downtown", "1.9 mi", "", Icon::Dumbbell),
    ("2 tickets", "Any film from Monday to Thursday", "Cinema", "0.8 mi", "Until 3 May", Icon::Clapperboard),
    ("قهوة مجانية", "مع كل فطور", "مقهى الزاوية", "0.3 mi", "", Icon::Utensils),
    (
        "$40 off",
        "The first pair of glasses",
        "The Merchant With the Longest Name of the Catalogue",
        "3.1 mi",
        "Until 8 June",
        Icon::Glasses,
    ),
];

#[component]
pub(super) fn Member() -> impl IntoView {
    let categories = [("food", "Food"), ("books", "Books"), ("travel", "Travel")]
        .map(|(value, words)| (value.to_owned(), words.to_owned()))
        .to_vec();
    view! {
        <Hero title="Good things, close by" lead="Offers of the shops you pass every day.">
            <form method="get" role="search" aria-label="Search all offers">
                <SearchField label="Search offers" name="hero_q"/>
            </form>
            <Chips label="Categories">
                <Chip label="Food" href="#member" icon=Icon::Utensils current=true/>
                <Chip label="Books" href="#member" icon=Icon::BookOpen/>
                <Chip label="Travel" href="#member" icon=Icon::Plane/>
            </Chips>
        </Hero>
        <Facets
            count=2
            rail=move || {
                view! {
                    <form method="get">
                        <CheckboxGroup name="facet[]" label="Category" options=categories/>
                        <Button submit=true>"Show offers"</Button>
                    </form>
                }
            }
        >
            <OfferGrid>
                {OFFERS
                    .into_iter()
                    .zip(0..)
                    .map(|((value, headline, merchant, distance, until, icon), hue)| {
                        view! {
                            <OfferCard
                                href="#member"
                                value=value
                                headline=headline
                                merchant=merchant
                                distance=distance
                                until=until
                                hue=hue
                                icon=icon
                            />
                        }
                    })
                    .collect_view()}
            </OfferGrid>
        </Facets>
        <div class="grid gap-6 lg:grid-cols-2">
            <Cover hue=8 icon=Icon::Pizza/>
            <div class="flex flex-col gap-5">
                <KeyFacts facts=vec![
                    KeyFact::new(Icon::Tag, "What", "Two pizzas for the price of one"),
                    KeyFact::new(Icon::MapPin, "Where", "1122 Main Street, Springfield, and 3 more"),
                    KeyFact::new(Icon::Calendar, "When", "Until 30 June, Monday to Friday, 11:00 to 15:00"),
                    KeyFact::new(Icon::QrCode, "How", "Show the token at the till"),
                ]/>
                <Button kind=ButtonKind::Primary>"Get this offer"</Button>
            </div>
        </div>
    }
}
