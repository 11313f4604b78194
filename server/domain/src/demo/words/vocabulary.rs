//! What each category sells and how it speaks, out of `data/items.tsv` and `data/phrases.tsv`.

pub(super) use crate::demo::dice::Dice;
use std::{collections::HashMap, sync::LazyLock};

/// What a leaf category sells.
pub(super) struct Trade {
    pub(super) voice: &'static Voice,
    /// What a member's transaction is called: an order, a stay, a visit.
    pub(super) purchase: &'static str,
    /// A usual bill in dollars, from and to.
    pub(super) spend: (i64, i64),
    pub(super) most_percent: u32,
    pub(super) items: Vec<Item>,
    pub(super) ranges: Vec<Item>,
    pub(super) extras: Vec<Item>,
}

#[derive(Clone, Copy)]
pub(super) struct Item {
    pub(super) name: &'static str,
    /// People buy several at once.
    pub(super) several: bool,
    /// A usual price in dollars, from and to; zero for a range.
    pub(super) price: (i64, i64),
}

/// How a trade speaks.
#[derive(Default)]
pub(super) struct Voice {
    /// When to show the offer: "before you order".
    pub(super) before: &'static str,
    pub(super) flavors: Vec<&'static str>,
    pub(super) exclusions: Vec<&'static str>,
    pub(super) terms: Vec<&'static str>,
    /// What it sells is done or used on the spot.
    pub(super) on_site: bool,
    /// A perk's name, and what it means.
    pub(super) perks: Vec<(&'static str, &'static str)>,
}

static VOICES: LazyLock<HashMap<&str, Voice>> = LazyLock::new(|| {
    let mut voices: HashMap<&str, Voice> = HashMap::new();
    for line in include_str!("../data/phrases.tsv").lines().skip(1) {
        let [name, usage, text, meaning] = cells(line);
        let voice = voices.entry(name).or_default();
        match usage {
            "before" => voice.before = text,
            "on site" => voice.on_site = true,
            "flavor" => voice.flavors.push(text),
            "exclusion" => voice.exclusions.push(text),
            "term" => voice.terms.push(text),
            "perk" => voice.perks.push((text, meaning)),
            _ => panic!("no such use: {line}"),
        }
    }
    voices
});

pub(super) static TRADES: LazyLock<HashMap<&str, Trade>> = LazyLock::new(|| {
    let trade = |line: &'static str| {
        let [category, voice, purchase, spend, most_percent, items, ranges, extras] = cells(line);
        let trade = Trade {
            voice: &VOICES[voice],
            purchase,
            spend: from_to(spend),
            most_percent: most_percent.parse().expect("a percentage"),
            items: priced(items),
            ranges: ranges.split(';').map(|name| item(name, (0, 0))).collect(),
            extras: priced(extras),
        };
        (category, trade)
    };
    include_str!("../data/items.tsv").lines().skip(1).map(trade).collect()
});

fn cells<const N: usize>(line: &'static str) -> [&'static str; N] {
    let cells: Vec<&str> = line.split('\t').collect();
    cells.try_into().unwrap_or_else(|_| panic!("not {N} columns: {line}"))
}

fn priced(cell: &'static str) -> Vec<Item> {
    let entries = cell.split(';').filter(|entry| !entry.is_empty());
    entries
        .map(|entry| entry.rsplit_once(' ').expect("a name and a price"))
        .map(|(name, price)| item(name, from_to(price)))
        .collect()
}

fn item(name: &'static str, price: (i64, i64)) -> Item {
    Item { name: name.trim_start_matches('*'), several: name.starts_with('*'), price }
}

fn from_to(cell: &str) -> (i64, i64) {
    let (from, to) = cell.split_once('-').expect("two numbers");
    (from.parse().expect("a number"), to.parse().expect("a number"))
}
