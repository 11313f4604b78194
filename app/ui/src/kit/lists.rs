//! The grid with its filters and pages, a record beside it, and a conflict.

use leptos::prelude::*;

use crate::action::{Button, ButtonKind};
use crate::data::*;
use crate::form::SearchField;
use crate::icon::Icon;
use crate::page::*;
use crate::tone::{RelativeTime, StateBadge, Tone};

fn states() -> Vec<(String, String)> {
    [("live", "Live"), ("draft", "Draft")].map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec()
}

/// Name, merchant, state, how often it was redeemed.
const ROWS: [(&str, &str, Tone, &str, &str); 5] = [
    ("Two pizzas for the price of one", "Pizzeria Roma", Tone::Positive, "Live", "12,408"),
    ("20% off all books", "Bookshop on the Square", Tone::Caution, "In review", "0"),
    (
        "A headline that somebody wrote without thinking about the width of a column in a grid, and then went on",
        "The Merchant With the Longest Name of the Whole Catalogue, Branch on the Other Side of the River",
        Tone::Neutral,
        "Draft",
        "0",
    ),
    ("قهوة مجانية مع كل فطور", "مقهى الزاوية", Tone::Info, "Scheduled", "7"),
    ("Free coffee", "Corner Café", Tone::Negative, "Suspended", "1,113"),
];

#[component]
pub(super) fn Lists() -> impl IntoView {
    view! {
        <FilterBar action="/desk/kit" label="Filter offers">
            <SearchField label="Search offers" placeholder="Headline, merchant or id"/>
            <FilterSelect name="state" label="State" options=states() value="live"/>
            <FilterSelect name="kind" label="Kind" options=states()/>
        </FilterBar>
        <Chips label="Filters in force">
            <Chip label="State: live" href="/desk/kit" removes=true/>
            <Chip label="Near 62701" href="/desk/kit" removes=true/>
        </Chips>
        <Table label="Offers">
            <thead>
                <tr>
                    <SortLink label="Offer" href="?sort=-headline" sort=Sort::Ascending/>
                    <th scope="col">"State"</th>
                    <SortLink label="Merchant" href="?sort=merchant"/>
                    <SortLink label="Redeemed" href="?sort=redeemed" sort=Sort::None numeric=true/>
                    <th scope="col">"Changed"</th>
                    <th scope="col" class="row-actions">
                        <span class="sr-only">"Actions"</span>
                    </th>
                </tr>
            </thead>
            <tbody>
                {ROWS
                    .into_iter()
                    .map(|(headline, merchant, tone, word, count)| {
                        view! {
                            <tr>
                                <th scope="row">
                                    <a href="/desk/kit" dir="auto">
                                        {headline}
                                    </a>
                                </th>
                                <td>
                                    <StateBadge tone=tone label=word/>
                                </td>
                                <td>
                                    <bdi>{merchant}</bdi>
                                </td>
                                <td class="num">{count}</td>
                                <td>
                                    <RelativeTime
                                        text="3 hours ago"
                                        exact="12 May 2026, 14:30 UTC"
                                        datetime="2026-05-12T14:30:00Z"
                                    />
                                </td>
                                <td class="row-actions">
                                    <Button
                                        kind=ButtonKind::Quiet
                                        small=true
                                        icon=Icon::Pencil
                                        icon_only="Edit"
                                    />
                                </td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </Table>
        <CursorPager text="5 offers" next="/desk/kit?after=x"/>
        <RecordColumns aside=Record>
            <Card title="Somebody saved this draft before you">
                <div class="flex flex-col gap-5">
                    <DiffRow
                        name="diff_headline"
                        label="Headline"
                        mine="Two pizzas for the price of one"
                        theirs="Two pizzas, one price"
                        chosen="mine"
                    />
                    <DiffRow name="diff_until" label="Valid until" mine="" theirs="30 June 2026, 23:59"/>
                </div>
            </Card>
        </RecordColumns>
    }
}

#[component]
fn Record() -> impl IntoView {
    let time = || {
        view! {
            <RelativeTime
                text="3 hours ago"
                exact="12 May 2026, 14:30 UTC"
                datetime="2026-05-12T14:30:00Z"
            />
        }
    };
    view! {
        <Card
            title="Facts"
            actions=|| {
                view! {
                    <Button kind=ButtonKind::Quiet small=true href="/desk/kit">
                        "Open"
                    </Button>
                }
            }
        >
            <DescriptionList>
                <Detail label="Merchant">"Pizzeria Roma"</Detail>
                <Detail label="Account owner">"editor@demo.example"</Detail>
                <Detail label="Content hash">
                    <code class="font-mono">"9f2c4e61a07b"</code>
                </Detail>
            </DescriptionList>
        </Card>
        <Card title="History">
            <Timeline>
                <TimelineRow tone=Tone::Positive title="Published by campaigns@demo.example" time=time/>
                <TimelineRow
                    tone=Tone::Caution
                    icon=Icon::Undo2
                    title="Changes asked by reviewer@demo.example"
                    time=time
                >
                    <p>"Say in the terms which pizzas are left out."</p>
                </TimelineRow>
                <TimelineRow icon=Icon::Pencil title="Drafted by editor@demo.example" time=time/>
            </Timeline>
        </Card>
    }
}
