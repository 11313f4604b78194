use super::{
    prose::{contradicts, dollars, round, with_article},
    *,
};
use crate::reference;
use std::{collections::HashSet, sync::LazyLock};

const METHODS: [Method; 5] = [Method::Token, Method::SingleUseCode, Method::SharedCode, Method::Link, Method::CardLinked];
const REACHES: [Reach; 3] = [Reach::AllLocations, Reach::SomeLocations, Reach::Online];

fn leaves() -> Vec<&'static str> {
    reference::categories().iter().filter(|category| category.parent.is_some()).map(|category| category.slug).collect()
}

/// About six thousand offers: ten of every leaf and kind.
static SAMPLE: LazyLock<Vec<(&str, Setting, Wording)>> = LazyLock::new(|| {
    let mut offers = Vec::new();
    for category in leaves() {
        for kind in kinds(category) {
            for _ in 0..10 {
                let seed = offers.len();
                let setting = Setting { brand: "Aurelia", category, kind, method: METHODS[seed % 5], reach: REACHES[seed % 3] };
                offers.push((category, setting, offer(&setting, seed as u64).unwrap()));
            }
        }
    }
    offers
});

#[test]
fn every_leaf_has_words_and_carries_most_kinds() {
    for category in leaves() {
        assert!(kinds(category).len() >= 6, "{category}");
    }
    for kind in Kind::ALL {
        assert!(leaves().iter().filter(|category| kinds(category).contains(&kind)).count() > 40, "{kind:?}");
    }
    assert!(kinds("food-and-drink").is_empty());
}

#[test]
fn a_kind_that_a_trade_does_not_carry_is_no_offer() {
    let setting =
        |category, kind| Setting { brand: "Aurelia", category, kind, method: Method::Token, reach: Reach::AllLocations };
    assert_eq!(offer(&setting("insurance", Kind::BuyGet), 1), None);
    assert_eq!(offer(&setting("nowhere", Kind::PercentOff), 1), None);
    assert!(offer(&setting("insurance", Kind::PercentOff), 1).is_some());
}

#[test]
fn the_same_seed_gives_the_same_offer() {
    let setting =
        Setting { brand: "Aurelia", category: "coffee", kind: Kind::PercentOff, method: Method::Token, reach: Reach::Online };
    assert_eq!(offer(&setting, 7), offer(&setting, 7));
    assert_ne!(offer(&setting, 7), offer(&setting, 8));
}

#[test]
fn texts_are_whole_calm_and_fit_their_fields() {
    for (category, _, words) in SAMPLE.iter() {
        let texts = [&words.headline, &words.summary, &words.terms, &words.exclusions, &words.how_to_redeem];
        for text in texts {
            assert!(!text.contains(['{', '}', '!']) && !text.contains("  "), "{category}: {text}");
            assert!(text.starts_with(|c: char| c.is_uppercase() || "$-*1234567890".contains(c)), "{category}: {text}");
        }
        for pair in words.summary.split(' ').zip(words.summary.split(' ').skip(1)) {
            let one_or_u = ["one-", "unit", "used"].iter().any(|sound| pair.1.starts_with(sound));
            assert!(pair.0 != "a" || one_or_u || !pair.1.starts_with(['a', 'e', 'i', 'o', 'u']), "{category}: {}", words.summary);
        }
        assert!(words.headline.chars().count() <= 120, "{category}: {}", words.headline);
        assert!(words.summary.chars().count() <= 400, "{category}: {}", words.summary);
        assert!(words.terms.matches("\n- ").count() >= 3, "{category}: {}", words.terms);
        assert!(words.how_to_redeem.starts_with("1. "), "{category}");
    }
}

#[test]
fn numbers_are_within_reason_and_agree_with_the_words() {
    for (category, setting, words) in SAMPLE.iter() {
        let headline = &words.headline;
        match &words.value {
            Value::PercentOff { basis_points } | Value::CashBackShare { basis_points } => {
                assert!((200..=5_000).contains(basis_points), "{category}");
                assert!(headline.contains(&format!("{}%", f64::from(*basis_points) / 100.0)), "{headline}");
            }
            Value::AmountOff { cents } | Value::CashBackAmount { cents } => {
                assert!(*cents > 0 && headline.contains(&dollars(*cents)), "{headline}");
                assert!(words.minimum_spend.is_none_or(|spend| spend >= 2 * cents), "{headline}");
            }
            Value::FixedPrice { cents } => {
                assert!(*cents > 0 && *cents < words.face_value.unwrap(), "{headline}");
                assert!(headline.contains(&dollars(*cents)), "{headline}");
            }
            Value::BuyGet { buy, get, basis_points } => assert!(*buy >= *get && [5_000, 10_000].contains(basis_points)),
            Value::FreeItem { item } => {
                assert!(headline.to_lowercase().contains(&item.to_lowercase()) && item.len() <= 80, "{headline}");
                let bought = headline.to_lowercase().replacen(&item.to_lowercase(), "", 1);
                assert!(!bought.contains(&item.to_lowercase()), "{headline}");
            }
            Value::Points { hundredths } => assert!((200..=1_000).contains(hundredths)),
            Value::Other { text } => assert!(headline.contains(text.as_str()) && text.len() <= 60, "{headline}"),
        }
        assert_eq!(headline.contains("your first ") && setting.kind != Kind::Other, words.new_customers_only, "{headline}");
        let named = |cents: Option<i64>, text: &str| cents.is_none_or(|cents| text.contains(&dollars(cents)));
        assert!(named(words.minimum_spend, &words.summary), "{}", words.summary);
        assert!(named(words.largest_discount, &words.terms), "{}", words.terms);
        assert!(words.estimated_saving.is_none_or(|saving| saving > 0), "{headline}");
        assert!(words.minimum_age.is_none_or(|age| words.terms.contains(&age.to_string())), "{}", words.terms);
    }
}

#[test]
fn offers_do_not_look_copied() {
    let offers = &*SAMPLE;
    let distinct = |text: fn(&Wording) -> &String| offers.iter().map(|(_, _, words)| text(words)).collect::<HashSet<_>>().len();
    assert!(distinct(|words| &words.terms) * 100 > offers.len() * 95);
    assert!(distinct(|words| &words.headline) * 100 > offers.len() * 60);
}

#[test]
fn exclusions_take_nothing_back() {
    assert!(contradicts("Catering orders and banquets", "20% off catering platters"));
    assert!(contradicts("Special orders and custom sizes", "5% back on your next order"));
    assert!(!contradicts("Taxes, tips and fees", "20% off catering platters"));
    for (category, _, words) in SAMPLE.iter() {
        let lines: Vec<&str> = words.exclusions.lines().filter_map(|line| line.strip_prefix("- ")).collect();
        assert!(lines.len() >= 2, "{category}: {}", words.headline);
        assert!(!lines.iter().any(|line| contradicts(line, &words.headline)), "{category}: {}", words.headline);
    }
}

#[test]
fn what_is_done_on_the_spot_is_not_sold_online() {
    for (category, online) in
        [("clothing", true), ("hotels", true), ("car-wash", false), ("dental-care", false), ("nowhere", false)]
    {
        assert_eq!(sells_online(category), online, "{category}");
    }
}

#[test]
fn every_phrase_is_said_by_a_trade() {
    let voices: HashSet<&str> =
        include_str!("../data/phrases.tsv").lines().skip(1).filter_map(|l| l.split('\t').next()).collect();
    let said: HashSet<&str> = include_str!("../data/items.tsv").lines().skip(1).filter_map(|l| l.split('\t').nth(1)).collect();
    assert_eq!(voices, said);
    for trade in TRADES.values() {
        let voice = trade.voice;
        assert!(!voice.before.is_empty() && voice.perks.len() >= 4 && voice.flavors.len() >= 4);
        assert!(voice.exclusions.len() >= 4 && voice.terms.len() >= 3);
    }
}

#[test]
fn articles_and_amounts_read_well() {
    assert_eq!(with_article("oil change"), "an oil change");
    assert_eq!(with_article("hour of bowling"), "an hour of bowling");
    assert_eq!(with_article("one-way rental"), "a one-way rental");
    assert_eq!(dollars(1_250), "$12.50");
    assert_eq!(dollars(500), "$5");
    assert_eq!([149, 1_700, 12_345].map(round), [100, 1_500, 12_000]);
}
