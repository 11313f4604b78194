//! Sentences with gaps, for every trade. `{an_item}` is an item with its article; `{subject}` is what the headline is about.
//!
//! The gaps decide the conditions: a headline with `{spend}` sets a minimum spend, one with `first {purchase}` is for new
//! customers.

pub(super) const PERCENT_OFF: &[&str] = &[
    "{percent} off {range}",
    "Save {percent} on {range}",
    "Take {percent} off {range}",
    "{percent} off {range} for members",
    "{percent} off {an_item}",
    "Save {percent} on {an_item}",
    "{percent} off your next {purchase}",
    "{percent} off when you spend {spend}",
    "{percent} off {range} over {spend}",
    "{percent} off your first {purchase}",
];

pub(super) const AMOUNT_OFF: &[&str] = &[
    "{amount} off when you spend {spend}",
    "Spend {spend}, save {amount}",
    "{amount} off {range} over {spend}",
    "{amount} off your next {purchase}",
    "{amount} off your first {purchase}",
    "{amount} off {an_item}",
    "Save {amount} on {an_item}",
    "Take {amount} off {an_item}",
];

pub(super) const FIXED_PRICE: &[&str] = &[
    "{an_item} for {price}",
    "{price} for {an_item}",
    "{item} for {price} instead of {regular}",
    "Members pay {price} for {an_item}",
    "Member price: {item} for {price}",
];

/// How many to buy, how many to get, the basis points off those, the headline and the summary.
pub(super) const BUY_GET: &[(u32, u32, u32, &str, &str)] = &[
    (1, 1, 10_000, "Buy {an_item}, get a second one free", "Buy {an_item} at {brand} and the second one is free."),
    (1, 1, 10_000, "Two for one: {item}", "Come for {an_item} at {brand} and get another one at no cost."),
    (1, 1, 10_000, "Two for one on {range}", "At {brand}, members get two for the price of one on {range}."),
    (1, 1, 5_000, "Second {item} half price", "Buy {an_item} at {brand} and pay half for the second one."),
    (1, 1, 5_000, "Half off a second one on {range}", "Choose two and {brand} takes half off the second, on {range}."),
    (2, 1, 10_000, "Three for two on {range}", "Members take three and pay for two on {range} at {brand}."),
    (2, 1, 10_000, "Buy two, get one free on {range}", "Buy two and {brand} adds a third at no cost, on {range}."),
    (3, 1, 10_000, "Buy three, get the fourth free on {range}", "The fourth one is on {brand} when you buy three, on {range}."),
    (2, 1, 5_000, "Third {item} half price", "Buy two at {brand} and pay half for the third: {item}."),
];

pub(super) const FREE_ITEM: &[&str] = &[
    "Free {extra} with {an_item}",
    "{extra} on us with {an_item}",
    "Free {extra} with your next {purchase}",
    "Free {extra} when you spend {spend}",
    "Spend {spend}: free {extra}",
    "Free {extra} with your first {purchase}",
];

pub(super) const CASH_BACK_SHARE: &[&str] = &[
    "{percent} cash back on {range}",
    "{percent} cash back on every {purchase}",
    "{percent} back on your next {purchase}",
    "{percent} back when you spend {spend}",
    "{percent} cash back on your first {purchase}",
];

pub(super) const CASH_BACK_AMOUNT: &[&str] =
    &["{amount} back when you spend {spend}", "Spend {spend}, get {amount} back", "{amount} cash back on {range} over {spend}"];

pub(super) const POINTS: &[&str] = &[
    "{times} points on {range}",
    "{times} points on your next {purchase}",
    "{times} points when you spend {spend}",
    "Earn {times} points on every {purchase}",
    "{times} points on {range} over {spend}",
];

pub(super) const TIMES: &[(u32, &str)] = &[
    (200, "double"),
    (200, "double"),
    (250, "two and a half times the"),
    (300, "triple"),
    (300, "triple"),
    (400, "four times the"),
    (500, "five times the"),
    (1_000, "ten times the"),
];

pub(super) const OTHER: &[&str] = &["{perk} at {brand}", "{perk} for members", "{perk}"];

pub(super) const PERCENT_OFF_SUMMARY: &[&str] = &[
    "You pay {percent} less for {subject} at {brand}.",
    "{brand} takes {percent} off {subject}.",
    "Get {percent} off {subject} at {brand}.",
];
pub(super) const AMOUNT_OFF_SUMMARY: &[&str] = &[
    "{brand} takes {amount} off {subject}.",
    "You save {amount} on {subject} at {brand}.",
    "Pay {amount} less for {subject} at {brand}.",
];
pub(super) const FIXED_PRICE_SUMMARY: &[&str] = &[
    "At {brand}, {an_item} costs members {price}; the usual price is {regular}.",
    "Members pay {price} for {an_item} at {brand}, which usually costs {regular}.",
    "{brand} has {an_item} for {price} instead of {regular}.",
];
pub(super) const FREE_ITEM_SUMMARY: &[&str] = &[
    "A little extra from {brand} with {subject}: {extra}, free of charge.",
    "{brand} adds something to {subject} at no cost: {extra}.",
    "On the house at {brand} with {subject}: {extra}.",
];
pub(super) const CASH_BACK_SHARE_SUMMARY: &[&str] =
    &["You get {percent} back on {subject} at {brand}.", "Pay as usual for {subject} at {brand} and get {percent} of it back."];
pub(super) const CASH_BACK_AMOUNT_SUMMARY: &[&str] =
    &["You get {amount} back on {subject} at {brand}.", "Pay as usual for {subject} at {brand} and get {amount} back."];
pub(super) const POINTS_SUMMARY: &[&str] =
    &["You earn {times} points on {subject} at {brand}.", "{brand} gives {times} points on {subject}."];

pub(super) const ONLINE_FLAVORS: &[&str] = &[
    "Order or book online whenever it suits you.",
    "All you need is a few minutes online.",
    "From your phone or your desk, any day of the week.",
    "Good on the website and in the app.",
    "No need to leave the house.",
    "Wherever you are, as long as you are online.",
    "Take your time to choose.",
    "Sign in, choose and be done.",
];

/// Perks that need no counter, with what they mean.
pub(super) const ONLINE_PERKS: &[(&str, &str)] = &[
    ("Chat without waiting", "{brand} puts members through to an expert by chat, ahead of the queue."),
    ("Early access online", "Members see what is new on the website of {brand} one day before everyone else."),
    ("Members' prices online", "Sign in on the website of {brand} and see the prices for members."),
    ("Priority support", "Questions that members send to {brand} are answered first."),
    ("No fees at checkout", "{brand} charges members no service or handling fees online."),
    ("Price held for a week", "{brand} keeps the price that you were shown for seven days."),
];

/// What the value means, by kind.
pub(super) const PERCENT_OFF_TERMS: &[&str] = &[
    "The discount is taken off regular prices, before tax.",
    "The discount applies to what you pay for the goods or services named, not to fees.",
    "Where a price is already reduced, the lower of the two prices counts.",
];
pub(super) const AMOUNT_OFF_TERMS: &[&str] = &[
    "The amount is taken off once per {purchase}, before tax.",
    "What is not used of the amount is not paid out.",
    "If the price is lower than the amount, you pay nothing and nothing is paid out.",
];
pub(super) const FIXED_PRICE_TERMS: &[&str] = &[
    "The price is for the standard version; extras are charged as usual.",
    "The price is before tax and fees.",
    "The usual price is the one {brand} charged when the offer was published; it may differ from place to place.",
];
pub(super) const BUY_GET_TERMS: &[&str] = &[
    "The reduction applies to the item of equal or lower price.",
    "All items must be part of the same {purchase}.",
    "Items may be mixed as long as all of them are part of the offer.",
];
pub(super) const FREE_ITEM_TERMS: &[&str] = &[
    "What is free ({extra}) cannot be exchanged for cash or for something else.",
    "One per {purchase}, as long as it is available.",
    "If you return what you bought, the free part is returned or charged.",
];
pub(super) const CASH_BACK_TERMS: &[&str] = &[
    "Cash back is credited to your member account within 30 days.",
    "Cash back is worked out on the price after other discounts and before tax.",
    "No cash back is given for what you return or cancel.",
];
pub(super) const POINTS_TERMS: &[&str] = &[
    "The extra points are added to your account within 14 days.",
    "Points are worked out on the price after discounts and before tax.",
    "Points follow the rules of the program and have no cash value.",
];
pub(super) const OTHER_TERMS: &[&str] = &[
    "The benefit depends on what is available on the day.",
    "The benefit is for you personally and is not paid out.",
    "Ask at {brand} for the details that apply to your {purchase}.",
];

pub(super) const CAP_TERMS: &[&str] =
    &["The discount is at most {cap}.", "You save up to {cap} each time.", "The most that is taken off is {cap}."];
pub(super) const CASH_BACK_CAP_TERMS: &[&str] = &["At most {cap} is credited each time.", "You get back up to {cap} each time."];
pub(super) const SPEND_TERMS: &[&str] = &[
    "The minimum spend is {spend}, before tax and after other discounts.",
    "You need to spend {spend} or more in one {purchase}.",
    "Valid from {spend}; taxes, tips and fees do not count.",
];
pub(super) const NEW_TERMS: &[&str] = &["For new customers of {brand} only.", "Only if you have not bought from {brand} before."];
pub(super) const AGE_TERMS: &[&str] = &["You need to be {age} or older.", "For members aged {age} and over; bring an ID."];
pub(super) const ALONE_TERMS: &[&str] = &[
    "Cannot be combined with other offers, coupons or loyalty rewards.",
    "One offer per {purchase}; other promotions do not add up.",
    "Not valid together with other discounts.",
];
pub(super) const TOGETHER_TERMS: &[&str] =
    &["May be combined with other offers of {brand}.", "Can be used together with sale prices and loyalty rewards."];
pub(super) const ALL_LOCATIONS_TERMS: &[&str] =
    &["Valid at every {brand} location.", "Good at all locations of {brand} that are open to the public."];
pub(super) const SOME_LOCATIONS_TERMS: &[&str] =
    &["Valid only at the locations listed with the offer.", "Other locations of {brand} do not take part."];
pub(super) const ONLINE_TERMS: &[&str] = &["Valid online only.", "Not valid in person or by telephone."];
pub(super) const GENERAL_TERMS: &[&str] = &[
    "The offer cannot be applied after you have paid.",
    "The offer has no cash value and cannot be sold or passed on.",
    "Each use counts toward the limits shown with the offer.",
    "{brand} may ask for proof that you are a member.",
    "Misprints and errors excepted.",
    "Void where the law does not allow it.",
];

/// How to redeem, step by step. No step leads to a button that the offer's page does not have.
pub(super) const TOKEN_STEPS: &[&[&str]] = &[
    &["Go to {brand}.", "Ask for the member offer {before}.", "Check that it stands on your receipt."],
    &["Choose what you want at {brand}.", "Say that you have a member offer {before}.", "The staff apply it for you."],
    &["Visit {brand}.", "Name the offer {before}.", "The staff do the rest."],
];
pub(super) const CODE_STEPS: &[&[&str]] = &[
    &[
        "Keep your member code at hand.",
        "Give the code to the staff at {brand} {before}.",
        "They enter it and the price changes.",
    ],
    &["Bring your member code to {brand}.", "Name it {before}.", "Check that it stands on your receipt."],
];
pub(super) const ONLINE_CODE_STEPS: &[&[&str]] = &[
    &["Fill your cart on the website of {brand}.", "Enter your member code at checkout.", "Select **Apply**."],
    &[
        "Go to the website of {brand} and choose what you want.",
        "Paste your member code before you pay.",
        "The price changes at once.",
    ],
];
pub(super) const LINK_STEPS: &[&[&str]] = &[
    &[
        "Go to {brand} through the members' link.",
        "Order or book on the page that opens.",
        "The offer is applied by itself; no code is needed.",
    ],
    &[
        "Open the website of {brand} through the members' link.",
        "Sign in or continue as a guest.",
        "Finish within the same visit, so that the offer is recognized.",
    ],
];
pub(super) const CARD_STEPS: &[&[&str]] = &[
    &[
        "Choose what you want at {brand}.",
        "Pay with the card that is linked to your membership.",
        "The benefit is credited; there is nothing to show.",
    ],
    &[
        "Bring the card that is linked to your membership.",
        "Pay at {brand} with it, in one transaction.",
        "The benefit is credited by itself.",
    ],
];
