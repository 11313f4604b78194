//! The demo's merchants: chains, their franchisees, single shops, and sellers without any place, under the names of real brands.

use super::{
    dice::Dice,
    sites::{Atlas, Site},
    source::{self, Brand},
};
use crate::reference;
use chrono::NaiveDate;
use model::merchants::MerchantStatus;
use std::collections::HashMap;

/// A merchant to be.
#[derive(Clone, Debug)]
pub(super) struct Shop {
    /// The brand's, with a town after it for a franchisee: `Brand, Springfield`.
    pub name: String,
    pub brand: &'static str,
    pub website: Option<&'static str>,
    /// Slugs of leaf categories, the main one first.
    pub categories: Vec<&'static str>,
    /// Where it stands in the end.
    pub status: MerchantStatus,
    /// What it is called in the source [`SOURCE`]; unique among the shops.
    pub external_id: String,
    pub sites: Vec<Site>,
}

/// How a brand trades: how many merchants it has and how many places each of them.
#[derive(Clone, Copy, PartialEq)]
enum Trade {
    Single,
    Few,
    Chain,
    Giant,
    Franchise,
}

/// Where the external ids come from.
pub(super) const SOURCE: &str = "demo";

/// Locations for each merchant, on average.
pub(super) const SITES_EACH: usize = 5;

const STATUSES: &[(MerchantStatus, usize)] =
    &[(MerchantStatus::Active, 87), (MerchantStatus::Prospect, 7), (MerchantStatus::Suspended, 3), (MerchantStatus::Closed, 3)];

/// So many merchants, with [`SITES_EACH`] times as many locations.
pub(super) fn shops(dice: &mut Dice, count: usize, today: NaiveDate) -> Vec<Shop> {
    let (mut known, mut foreign): (Vec<Brand>, Vec<Brand>) = (Vec::new(), Vec::new());
    for brand in source::brands() {
        match (foreign_script(brand.name), brand.in_united_states()) {
            (true, _) => foreign.push(brand),
            (false, true) => known.push(brand),
            (false, false) => {}
        }
    }
    dice.shuffle(&mut known);
    dice.shuffle(&mut foreign);

    let guests = count / 10;
    let mut shops = named(dice, &known, count - guests);
    let hosts = shops.len();
    shops.extend(named(dice, &foreign, guests));
    let sizes = sizes(dice, &shops, hosts);
    let mut atlas = Atlas::new(today);
    let tops = tops();
    let mut shops: Vec<Shop> = shops
        .into_iter()
        .zip(sizes)
        .map(|((brand, nth, trade), size)| {
            let spread = matches!(trade, Trade::Chain | Trade::Giant);
            let mut sites = atlas.sites(dice, brand, tops[brand.categories[0]], size, spread);
            let external_id = if nth == 0 { brand.id.to_owned() } else { format!("{}.{nth}", brand.id) };
            for (k, site) in sites.iter_mut().enumerate() {
                site.form.external_ids = format!("{SOURCE}: {external_id}/{}", k + 1);
            }
            let town = sites.first().map(|site| site.form.city.as_str());
            Shop {
                name: match town {
                    Some(town) if trade == Trade::Franchise => format!("{}, {town}", brand.name),
                    _ => brand.name.to_owned(),
                },
                brand: brand.name,
                website: brand.website,
                categories: brand.categories.clone(),
                status: MerchantStatus::Active,
                external_id,
                sites,
            }
        })
        .collect();
    for (shop, status) in shops.iter_mut().zip(dice.deck(STATUSES, count)) {
        shop.status = status;
    }
    dice.shuffle(&mut shops);
    shops
}

/// The top-level category of each leaf.
pub(super) fn tops() -> HashMap<&'static str, &'static str> {
    reference::categories().iter().filter_map(|category| Some((category.slug, category.parent?))).collect()
}

/// Whether a name is written in letters other than those of the Latin script.
pub(super) fn foreign_script(name: &str) -> bool {
    name.chars().any(|c| c.is_alphabetic() && !matches!(c, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}'))
}

/// Merchants out of brands, a few of them franchises with several merchants. When all brands are used up they come again.
fn named<'a>(dice: &mut Dice, brands: &'a [Brand], count: usize) -> Vec<(&'a Brand, usize, Trade)> {
    let mut shops = Vec::new();
    let mut met = HashMap::new();
    for brand in brands.iter().cycle() {
        if shops.len() == count {
            break;
        }
        let trade =
            dice.weighted(&[(Trade::Single, 44), (Trade::Few, 34), (Trade::Chain, 14), (Trade::Giant, 4), (Trade::Franchise, 4)]);
        let again = met.contains_key(brand.id);
        let trade = if again { Trade::Franchise } else { trade };
        let merchants = if trade == Trade::Franchise { dice.between((3, 8)) as usize } else { 1 };
        for _ in 0..merchants.min(count - shops.len()) {
            let nth = met.entry(brand.id).or_insert(0);
            shops.push((brand, *nth, trade));
            *nth += 1;
        }
    }
    shops
}

/// How many places each has, [`SITES_EACH`] on average. From `hosts` on stand merchants that are small.
fn sizes(dice: &mut Dice, shops: &[(&Brand, usize, Trade)], hosts: usize) -> Vec<usize> {
    let mut sizes: Vec<usize> = shops
        .iter()
        .enumerate()
        .map(|(i, (brand, _, trade))| {
            let range = match trade {
                Trade::Single
                    if brand.website.is_some() && super::words::sells_online(brand.categories[0]) && dice.chance(10) =>
                {
                    (0, 0)
                }
                Trade::Single => (1, 1),
                _ if i >= hosts => (1, 3),
                Trade::Few | Trade::Franchise => (2, 5),
                Trade::Chain => (6, 20),
                Trade::Giant => (30, 80),
            };
            dice.between(range) as usize
        })
        .collect();
    // Chains open and close places until the sum is right.
    let target = shops.len() * SITES_EACH;
    let chains: Vec<usize> = (0..shops.len()).filter(|i| sizes[*i] > 1).collect();
    let chains = if chains.is_empty() { (0..shops.len()).collect() } else { chains };
    let mut sum: usize = sizes.iter().sum();
    while sum != target {
        let chain = dice.pick(&chains);
        if sum < target {
            sizes[chain] += 1;
            sum += 1;
        } else if sizes[chain] > 1 {
            sizes[chain] -= 1;
            sum -= 1;
        }
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 1).unwrap()
    }

    #[test]
    fn there_are_as_many_as_asked_for_however_many() {
        for count in [0, 1, 3, 20, 9_000] {
            let shops = shops(&mut Dice(1), count, today());
            assert_eq!(shops.len(), count);
            assert_eq!(shops.iter().map(|shop| shop.sites.len()).sum::<usize>(), count * SITES_EACH);
            assert_eq!(shops.iter().map(|shop| &shop.external_id).collect::<HashSet<_>>().len(), count);
        }
    }

    #[test]
    fn chains_franchisees_single_shops_and_foreign_names_stand_side_by_side() {
        let shops = shops(&mut Dice(2), 2_000, today());
        let count = |is: &dyn Fn(&Shop) -> bool| shops.iter().filter(|shop| is(shop)).count();
        assert_eq!(count(&|s| foreign_script(&s.name)), 200);
        assert!((250..500).contains(&count(&|s| s.name != s.brand)), "franchisees: {}", count(&|s| s.name != s.brand));
        assert!(count(&|s| s.sites.len() >= 30) > 40);
        assert!(count(&|s| s.sites.len() == 1) > 500);
        assert!(count(&|s| s.sites.is_empty()) > 10);
        for (status, share) in STATUSES {
            assert_eq!(count(&|s| s.status == *status), share * 20, "{status}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_shops() {
        let names = |seed| shops(&mut Dice(seed), 50, today()).into_iter().map(|shop| shop.name).collect::<Vec<_>>();
        assert_eq!(names(7), names(7));
        assert_ne!(names(7), names(8));
    }
}
