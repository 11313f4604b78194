//! Fields, as they stand first and as they stand when something is wrong.

use leptos::prelude::*;

use crate::form::*;
use crate::icon::Icon;

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect()
}

fn kinds() -> Vec<Choice> {
    vec![
        Choice::new("percent_off", "Percent off").icon(Icon::Percent).help("A share of the price, such as 20 %."),
        Choice::new("amount_off", "Amount off").icon(Icon::Banknote).help("A fixed sum less."),
        Choice::new("buy_get", "Buy X get Y").icon(Icon::Gift).help("Two for one and its kin."),
    ]
}

#[component]
pub(super) fn Forms() -> impl IntoView {
    view! {
        <div class="grid gap-6 xl:grid-cols-2">
            <Filled/>
            <Refused/>
        </div>
    }
}

#[component]
fn Filled() -> impl IntoView {
    let days =
        pairs(&[("mon", "Mon"), ("tue", "Tue"), ("wed", "Wed"), ("thu", "Thu"), ("fri", "Fri"), ("sat", "Sat"), ("sun", "Sun")]);
    let places = pairs(&[("all", "All locations"), ("some", "Chosen locations")]);
    let long_list = (1..=20).map(|number| (format!("l{number}"), format!("{number} Main Street, Springfield"))).collect();
    view! {
        <form class="flex flex-col gap-5" method="post" novalidate>
            <FieldSet legend="What members get" help="Shown on the card and on the page of the offer.">
                <TextField
                    name="headline"
                    label="Headline"
                    value="Two pizzas for the price of one"
                    help="One line, up to 80 letters."
                    required=true
                    maxlength=80
                />
                <TextArea name="summary" label="Summary" value="Any two pizzas.\nThe cheaper one is free."/>
                <RadioGroup
                    name="kind"
                    label="Kind"
                    options=kinds()
                    value="percent_off"
                    required=true
                    cards=true
                />
                <NumberField name="percent" label="Percent off" value="20" suffix="%" decimal=true/>
                <MoneyField
                    name="minimum"
                    label="Minimum spend"
                    value="12.50"
                    currency="USD"
                    help="Empty for none."
                />
                <CheckboxField
                    name="combinable"
                    label="May be combined with other offers"
                    help="At the till, in one purchase."
                    value=true
                />
            </FieldSet>
            <FieldSet legend="When and where">
                <DateTimeField
                    name="from"
                    label="Valid from"
                    value="2026-05-12T09:00"
                    help="In the time zone of each location."
                />
                <DateTimeField name="day" label="Closed on" date_only=true/>
                <CheckboxGroup
                    name="weekdays[]"
                    label="Weekdays"
                    options=days
                    values=vec!["mon".into(), "fri".into()]
                    inline=true
                />
                <RadioGroup
                    name="where"
                    label="Where"
                    options=places.into_iter().map(|(value, words)| Choice::new(value, words)).collect()
                    value="all"
                />
                <CheckboxGroup name="locations[]" label="Locations" options=long_list/>
                <SelectField
                    name="category"
                    label="Category"
                    options=pairs(&[("food", "Food"), ("books", "Books")])
                    empty="Choose one"
                />
                <ComboField
                    name="zone"
                    label="Time zone"
                    options=pairs(&[("Europe/Rome", ""), ("America/Chicago", "")])
                    placeholder="Europe/Rome"
                />
                <TextField name="code" label="External id" value="A-1009" readonly=true/>
            </FieldSet>
        </form>
    }
}

#[component]
fn Refused() -> impl IntoView {
    let errors = Signal::stored(pairs(&[
        ("", "Another tab sent this form already. Look at the saved version first."),
        ("bad_headline", "Write a headline."),
        ("bad_percent", "A discount is at most 100 %."),
        ("bad_until", "The end is before the start."),
        ("bad_kind", "Choose a kind."),
        ("bad_weekdays", "Choose at least one weekday."),
        ("bad_accept", "The contract must be signed before the offer is published."),
    ]));
    provide_context(FormErrors(errors));
    view! {
        <form class="flex flex-col gap-5" method="post" novalidate>
            <ErrorSummary/>
            <FieldSet legend="The same fields, refused">
                <TextField
                    name="form[bad_headline]"
                    label="Headline"
                    help="One line, up to 80 letters."
                    required=true
                />
                <TextField
                    name="email"
                    label="E-mail"
                    kind=InputKind::Email
                    autocomplete="email"
                    placeholder="name@example.com"
                />
                <TextField
                    name="password"
                    label="Password"
                    kind=InputKind::Password
                    autocomplete="current-password"
                />
                <NumberField name="bad_percent" label="Percent off" value="120" suffix="%"/>
                <DateTimeField name="bad_until" label="Valid until" value="2026-05-11T09:00"/>
                <RadioGroup name="bad_kind" label="Kind" options=kinds() required=true cards=true/>
                <CheckboxGroup
                    name="bad_weekdays[]"
                    label="Weekdays"
                    options=pairs(&[("mon", "Mon"), ("tue", "Tue")])
                    required=true
                    inline=true
                />
                <CheckboxField name="bad_accept" label="The contract is signed"/>
            </FieldSet>
        </form>
    }
}
