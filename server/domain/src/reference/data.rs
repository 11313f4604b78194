//! The tables under `data/`, compiled in as they are: packed they would save a megabyte of a binary many times that size, and cost
//! a decoder. `data/README.md` says where each comes from and under which licence.

use super::table::{degrees, present, rows};
use std::collections::HashMap;

/// A category of the tree; those with a parent are leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Category {
    pub slug: &'static str,
    pub parent: Option<&'static str>,
    pub name: &'static str,
    /// A name of the Lucide set, such as `ice-cream-cone`.
    pub icon: &'static str,
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

/// The tree of categories, each parent before its children.
pub fn categories() -> Vec<Category> {
    rows(include_str!("data/categories.tsv"))
        .map(|[slug, parent, name, icon, _osm]| Category { slug, parent: present(parent), name, icon })
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

/// The zone of the longest prefix of the code that has one, else the state's.
fn zone(zones: &HashMap<&'static str, &'static str>, zip: &str, state: &str) -> &'static str {
    [5, 4, 3].iter().find_map(|digits| zones.get(&zip[..*digits])).unwrap_or_else(|| &zones[state])
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
    fn the_readme_names_every_file() {
        crate::reference::table::readme_names_every_file("reference/data");
    }
}
