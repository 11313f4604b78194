//! The real names and places that demo data is made of: brands, categories, ZIP codes and street addresses.
//!
//! The tables under `data/` are compiled in as they are: packed they would save 1.6 MB of a binary many times that size, and
//! cost a decoder and a copy in memory. `data/README.md` says where each comes from and under which licence.

use std::collections::HashMap;

/// A category of the demo's tree; those with a parent are leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Category {
    pub slug: &'static str,
    pub parent: Option<&'static str>,
    pub name: &'static str,
    /// A name of the Lucide set, such as `ice-cream-cone`.
    pub icon: &'static str,
}

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

/// A ZIP code with the centre of its area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zip {
    pub zip: &'static str,
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    pub city: &'static str,
    /// Two letters, as the post writes it; territories included.
    pub state: &'static str,
    /// An IANA name, such as `America/Chicago`.
    pub zone: &'static str,
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

/// The tree of categories, each parent before its children.
pub fn categories() -> Vec<Category> {
    rows(include_str!("data/categories.tsv"))
        .map(|[slug, parent, name, icon, _osm]| Category { slug, parent: present(parent), name, icon })
        .collect()
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

/// Every ZIP code of the United States and its territories, ordered by code.
pub fn zips() -> Vec<Zip> {
    let zones: HashMap<&str, &str> = rows(include_str!("data/zones.tsv")).map(|[area, zone]| (area, zone)).collect();
    rows(include_str!("data/zips.tsv"))
        .map(|[zip, lat, lon, city, state]| Zip {
            zip,
            lat: degrees(lat),
            lon: degrees(lon),
            city,
            state,
            zone: zone(&zones, zip, state),
        })
        .collect()
}

/// Street addresses, ordered by ZIP code; each lies within 60 km of its ZIP code's centre.
pub fn streets() -> Vec<Street> {
    rows(include_str!("data/streets.tsv"))
        .map(|[street, city, state, zip, lat, lon]| Street { street, city, state, zip, lat: degrees(lat), lon: degrees(lon) })
        .collect()
}

/// The zone of the longest prefix of the code that has one, else the state's.
fn zone(zones: &HashMap<&'static str, &'static str>, zip: &str, state: &str) -> &'static str {
    [5, 4, 3].iter().find_map(|digits| zones.get(&zip[..*digits])).unwrap_or_else(|| &zones[state])
}

/// The rows below a table's head; the tables are part of the program, so a broken one is a broken build.
fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        cells.try_into().unwrap_or_else(|_| panic!("not {N} columns: {line}"))
    })
}

fn present(cell: &'static str) -> Option<&'static str> {
    (!cell.is_empty()).then_some(cell)
}

fn list(cell: &'static str, separator: char) -> Vec<&'static str> {
    cell.split(separator).filter(|part| !part.is_empty()).collect()
}

fn degrees(cell: &str) -> f64 {
    cell.parse().unwrap_or_else(|_| panic!("not a coordinate: {cell}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// The rectangle that holds every state and territory; those west of the date line have eastern longitudes.
    fn in_united_states(lat: f64, lon: f64) -> bool {
        (-15.0..72.0).contains(&lat) && ((-180.0..-64.0).contains(&lon) || (130.0..180.0).contains(&lon))
    }

    #[test]
    fn every_category_has_one_slug_and_stands_after_its_parent() {
        let mut tops = HashSet::new();
        let mut slugs = HashSet::new();
        for category in categories() {
            assert!(slugs.insert(category.slug), "{} stands twice", category.slug);
            assert!(category.slug.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", category.slug);
            match category.parent {
                Some(parent) => assert!(tops.contains(parent), "{} has no parent", category.slug),
                None => assert!(tops.insert(category.slug)),
            }
        }
        assert_eq!(tops.len(), 13);
    }

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
    fn every_zip_code_lies_in_the_united_states_and_in_a_zone_that_exists() {
        let mut codes = HashSet::new();
        for zip in zips() {
            assert!(codes.insert(zip.zip), "{} stands twice", zip.zip);
            assert!(zip.zip.len() == 5 && zip.zip.bytes().all(|b| b.is_ascii_digit()), "{}", zip.zip);
            assert!(zip.zone.parse::<chrono_tz::Tz>().is_ok(), "{}: {}", zip.zip, zip.zone);
            assert!(in_united_states(zip.lat, zip.lon), "{}", zip.zip);
        }
        assert!(codes.len() > 41_000);
    }

    #[test]
    fn states_that_two_zones_divide_are_divided() {
        let zones: HashMap<&str, &str> = zips().iter().map(|zip| (zip.zip, zip.zone)).collect();
        for (zip, zone) in [
            ("10001", "America/New_York"),
            ("37201", "America/Chicago"),
            ("37901", "America/New_York"),
            ("32501", "America/Chicago"),
            ("79901", "America/Denver"),
            ("83814", "America/Los_Angeles"),
            ("85001", "America/Phoenix"),
            ("86503", "America/Denver"),
            ("46201", "America/Indiana/Indianapolis"),
            ("46401", "America/Chicago"),
            ("99546", "America/Adak"),
            ("96799", "Pacific/Pago_Pago"),
        ] {
            assert_eq!(zones[zip], zone, "{zip}");
        }
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
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/demo/data");
        let readme = std::fs::read_to_string(format!("{folder}/README.md")).unwrap();
        for file in std::fs::read_dir(folder).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            assert!(name == "README.md" || readme.contains(&format!("`{name}`")), "{name}");
        }
    }
}
