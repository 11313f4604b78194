//! The real names and places that demo data is made of: brands and street addresses. Categories and ZIP
//! codes are those of every installation: [`crate::reference`].
//!
//! The tables under `data/` are compiled in as they are: packed they would save 1.6 MB of a binary many times that size, and
//! cost a decoder and a copy in memory. `data/README.md` says where each comes from and under which licence.

use crate::reference::table::{degrees, present, rows};

/// A brand that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// Its id in the name-suggestion-index; unique and stable.
    pub id: &'static str,
    pub name: &'static str,
    /// Slugs of leaf categories, the main one first; never empty.
    pub categories: Vec<&'static str>,
    /// What it is in OpenStreetMap's terms, such as `shop=shoes`; never empty.
    pub osm: Vec<&'static str>,
    /// Where it trades: `us`, a state `us-tx`, `001` for the world; `!` stands before what is left out.
    pub countries: Vec<&'static str>,
    pub website: Option<&'static str>,
    /// Its item in Wikidata, such as `Q37158`; several brands of one company may share it.
    pub wikidata: Option<&'static str>,
    /// Other names it is known by, the English one first.
    pub aliases: Vec<&'static str>,
}

/// A street address that exists.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Street {
    /// Number and street.
    pub street: &'static str,
    pub city: &'static str,
    pub state: &'static str,
    pub zip: &'static str,
    pub lat: f64,
    pub lon: f64,
}

impl Brand {
    /// Whether it trades in the United States, be it in some states only.
    pub fn in_united_states(&self) -> bool {
        !self.countries.contains(&"!us") && (self.in_every_state() || self.countries.iter().any(|area| area.starts_with("us-")))
    }

    /// Whether it trades in a state, given by its two letters.
    pub fn serves(&self, state: &str) -> bool {
        let code = format!("us-{}", state.to_ascii_lowercase());
        let left_out = self.countries.iter().any(|area| area.strip_prefix('!') == Some(code.as_str()));
        let named = self.countries.contains(&code.as_str());
        self.in_united_states() && !left_out && (named || self.in_every_state())
    }

    /// Named by the country, or by an area that holds it: the world, North America, the Americas, Northern America.
    fn in_every_state(&self) -> bool {
        self.countries.iter().any(|area| ["us", "001", "003", "019", "021"].contains(area))
    }
}

/// Every brand, ordered by id.
pub fn brands() -> Vec<Brand> {
    rows(include_str!("data/brands.tsv"))
        .map(|[id, name, categories, osm, countries, website, wikidata, aliases]| Brand {
            id,
            name,
            categories: list(categories, ','),
            osm: list(osm, ','),
            countries: list(countries, '|'),
            website: present(website),
            wikidata: present(wikidata),
            aliases: list(aliases, '|'),
        })
        .collect()
}

/// Street addresses, ordered by ZIP code; each lies within 60 km of its ZIP code's centre.
pub fn streets() -> Vec<Street> {
    rows(include_str!("data/streets.tsv"))
        .map(|[street, city, state, zip, lat, lon]| Street { street, city, state, zip, lat: degrees(lat), lon: degrees(lon) })
        .collect()
}

fn list(cell: &'static str, separator: char) -> Vec<&'static str> {
    cell.split(separator).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{Zip, categories, zips};
    use std::collections::{HashMap, HashSet};

    #[test]
    fn every_brand_belongs_to_leaves_of_the_tree_and_every_leaf_has_brands() {
        let leaves: HashSet<&str> = categories().iter().filter(|c| c.parent.is_some()).map(|c| c.slug).collect();
        let mut filled = HashSet::new();
        for brand in brands() {
            assert!(!brand.categories.is_empty() && !brand.osm.is_empty(), "{}", brand.id);
            for category in &brand.categories {
                assert!(leaves.contains(category), "{}: {category}", brand.id);
            }
            if brand.in_united_states() {
                filled.insert(brand.categories[0]);
            }
        }
        assert_eq!(filled, leaves);
    }

    #[test]
    fn brands_are_told_apart_and_none_is_of_a_trade_that_members_are_not_offered() {
        let mut ids = HashSet::new();
        let mut names = HashSet::new();
        for brand in brands() {
            assert!(ids.insert(brand.id), "{} stands twice", brand.id);
            assert!(!brand.name.is_empty() && brand.name.trim() == brand.name, "{}", brand.id);
            assert!(names.insert((brand.name.to_lowercase(), brand.categories[0])), "{} stands twice", brand.name);
            assert!(brand.website.is_none_or(|site| site.starts_with("http")), "{}", brand.id);
            for trade in
                ["tobacco", "e-cigarette", "cannabis", "alcohol", "weapons", "bookmaker", "money_lender", "funeral_directors"]
            {
                assert!(!brand.osm.iter().any(|tag| tag.ends_with(trade)), "{}", brand.id);
            }
        }
        assert!(names.len() > 6_000);
    }

    #[test]
    fn names_come_in_several_scripts() {
        let within = |first: char, last: char| brands().iter().any(|b| b.name.chars().any(|c| (first..=last).contains(&c)));
        for (script, first, last) in [
            ("Cyrillic", 'А', 'я'),
            ("Han", '一', '龥'),
            ("Katakana", 'ァ', 'ヺ'),
            ("Hangul", '가', '힣'),
            ("Arabic", 'ا', 'ي'),
            ("Hebrew", 'א', 'ת'),
            ("Georgian", 'ა', 'ჰ'),
            ("Greek", 'Α', 'ω'),
        ] {
            assert!(within(first, last), "no name in {script}");
        }
    }

    #[test]
    fn a_brand_serves_the_states_it_names_or_all() {
        let brand = |countries: &[&'static str]| Brand {
            id: "x",
            name: "X",
            categories: vec![],
            osm: vec![],
            countries: countries.to_vec(),
            website: None,
            wikidata: None,
            aliases: vec![],
        };
        assert!(brand(&["us"]).serves("TX"));
        assert!(brand(&["001", "!jp"]).serves("TX"));
        assert!(!brand(&["001", "!us"]).serves("TX"));
        assert!(!brand(&["us", "!us-tx"]).serves("TX"));
        assert!(brand(&["us-tx", "us-ok"]).serves("TX"));
        assert!(!brand(&["ca", "us-ny"]).serves("TX"));
        assert!(!brand(&["jp"]).in_united_states());
    }

    #[test]
    fn every_street_lies_in_its_zip_code_and_stands_once() {
        let zips: HashMap<&str, Zip> = zips().into_iter().map(|zip| (zip.zip, zip)).collect();
        let mut seen = HashSet::new();
        for street in streets() {
            assert!(seen.insert((street.street.to_lowercase(), street.zip)), "{} stands twice", street.street);
            assert_eq!(zips[street.zip].state, street.state, "{}", street.street);
            assert!((zips[street.zip].lat - street.lat).abs() < 0.6, "{}", street.street);
            assert!(street.street.starts_with(|c: char| c.is_ascii_digit()), "{}", street.street);
        }
        assert!(seen.len() > 3_800);
    }

    #[test]
    fn the_readme_names_every_file() {
        crate::reference::table::readme_names_every_file("demo/data");
    }
}
