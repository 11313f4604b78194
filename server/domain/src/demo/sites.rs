//! The demo's locations: at street addresses that exist, or on a main street of a ZIP code's town; with telephone numbers that
//! belong to nobody, and hours as its trade keeps them.

use super::{
    dice::Dice,
    source::{self, Brand, Street},
};
use crate::reference::{self, Zip};
use chrono::{NaiveDate, TimeDelta};
use model::merchants::LocationForm;
use std::collections::{BTreeMap, HashMap};

/// A location to be.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub form: LocationForm,
    /// An IANA name; the form leaves the zone to the postal code.
    pub zone: &'static str,
}

/// Where locations can be, and which addresses are taken.
pub(super) struct Atlas {
    areas: BTreeMap<&'static str, Area>,
    zones: HashMap<&'static str, &'static str>,
    tenants: HashMap<String, usize>,
    today: NaiveDate,
}

/// What there is in a state, ordered by ZIP code, so that neighbours in the list are neighbours on the ground.
#[derive(Default)]
struct Area {
    telephone: &'static str,
    streets: Vec<Street>,
    zips: Vec<Zip>,
}

/// A telephone area code of each state; territories are left out.
const TELEPHONES: &str = "AK 907 AL 205 AR 501 AZ 602 CA 415 CO 303 CT 203 DC 202 DE 302 FL 305 GA 404 HI 808 IA 515 ID 208 IL 312 IN 317 \
    KS 316 KY 502 LA 504 MA 617 MD 410 ME 207 MI 313 MN 612 MO 314 MS 601 MT 406 NC 704 ND 701 NE 402 NH 603 NJ 201 NM 505 NV 702 \
    NY 212 OH 614 OK 405 OR 503 PA 215 RI 401 SC 803 SD 605 TN 615 TX 512 UT 801 VA 804 VT 802 WA 206 WI 414 WV 304 WY 307";

/// Streets that nearly every town has.
const STREETS: &[&str] = &[
    "Main Street",
    "Market Street",
    "Washington Street",
    "Oak Street",
    "Park Avenue",
    "Church Street",
    "Maple Avenue",
    "Elm Street",
    "Center Street",
    "Lincoln Avenue",
    "2nd Street",
    "Highland Avenue",
    "Railroad Avenue",
    "Lake Street",
];

impl Atlas {
    pub(super) fn new(today: NaiveDate) -> Self {
        let words: Vec<&str> = TELEPHONES.split_whitespace().collect();
        let area = |pair: &[&'static str]| (pair[0], Area { telephone: pair[1], ..Area::default() });
        let mut areas: BTreeMap<&str, Area> = words.chunks(2).map(area).collect();
        let mut zones = HashMap::new();
        for zip in reference::zips() {
            zones.insert(zip.zip, zip.zone);
            if let Some(area) = areas.get_mut(zip.state) {
                area.zips.push(zip);
            }
        }
        for street in source::streets() {
            if let Some(area) = areas.get_mut(street.state) {
                area.streets.push(street);
            }
        }
        Self { areas, zones, tenants: HashMap::new(), today }
    }

    /// So many places of a brand, of which `top` is the top-level category: in one neighbourhood, or spread over all states where
    /// the brand trades.
    pub(super) fn sites(&mut self, dice: &mut Dice, brand: &Brand, top: &str, count: usize, spread: bool) -> Vec<Site> {
        let serves = |state: &str| !brand.in_united_states() || brand.serves(state);
        let here: Vec<_> = self.areas.iter().filter(|(state, _)| serves(state)).map(|(s, area)| (*s, area.zips.len())).collect();
        // A brand of a territory alone.
        let anywhere = || self.areas.iter().map(|(state, area)| (*state, area.zips.len())).collect();
        let states = if here.is_empty() { anywhere() } else { here };
        let home = dice.weighted(&states);
        let mut at = dice.seed() as usize;
        let on_real_streets = dice.chance(60);
        let mut sites: Vec<Site> = Vec::with_capacity(count);
        for _ in 0..count {
            let (state, real) = match spread {
                true => (dice.weighted(&states), dice.chance(60)),
                false => (home, on_real_streets),
            };
            at = if spread { dice.seed() as usize } else { at.wrapping_add(1 + dice.below(3)) };
            let mut site = self.site(dice, state, at, real);
            site.form.hours = hours(dice, top, brand.categories[0]).to_owned();
            sites.push(site);
        }
        if count > 1 {
            tell_apart(&mut sites);
        }
        sites
    }

    fn site(&mut self, dice: &mut Dice, state: &str, at: usize, real: bool) -> Site {
        let area = &self.areas[state];
        let (street, city, zip, point) = match area.streets.get(at % area.streets.len().max(1)) {
            Some(s) if real => (s.street.to_owned(), s.city, s.zip, Some((s.lat, s.lon))),
            _ => {
                let zip = area.zips[at % area.zips.len()];
                let number = dice.between((10, 480)) * 5;
                (format!("{number} {}", dice.pick(STREETS)), zip.city, zip.zip, None)
            }
        };
        let phone = format!("({}) 555-01{:02}", area.telephone, dice.below(100));
        let tenants = self.tenants.entry(format!("{street} {zip}")).or_insert(0);
        *tenants += 1;
        let street = if *tenants > 1 { format!("{street}, Suite {tenants}") } else { street };
        let (closed_from, closed_until) = if dice.chance(2) { self.closure(dice) } else { Default::default() };
        let form = LocationForm {
            street,
            city: city.to_owned(),
            region: state.to_owned(),
            postal_code: zip.to_owned(),
            country: "US".to_owned(),
            latitude: point.map(|(lat, _)| lat.to_string()).unwrap_or_default(),
            longitude: point.map(|(_, lon)| lon.to_string()).unwrap_or_default(),
            phone: if dice.chance(90) { phone } else { String::new() },
            closed_from,
            closed_until,
            ..LocationForm::default()
        };
        Site { form, zone: self.zones[zip] }
    }

    /// First and last day of a closure that goes on or comes soon; now and then nobody knows how long it takes.
    fn closure(&self, dice: &mut Dice) -> (String, String) {
        let from = self.today + TimeDelta::days(dice.between((-12, 20)));
        let until = from + TimeDelta::days(dice.between((14, 60)));
        (from.to_string(), if dice.chance(75) { until.to_string() } else { String::new() })
    }
}

/// Tells the places of a merchant apart: by their towns, and by their streets where a town has several.
fn tell_apart(sites: &mut [Site]) {
    let mut towns: HashMap<String, usize> = HashMap::new();
    for site in sites.iter() {
        *towns.entry(site.form.city.clone()).or_default() += 1;
    }
    for site in sites {
        let line = site.form.street.split(',').next().unwrap_or_default();
        let street = line.split_once(' ').map_or(line, |(_number, street)| street);
        site.form.name = if towns[&site.form.city] == 1 { site.form.city.clone() } else { street.to_owned() };
    }
}

/// Opening hours that suit a trade; none for hotels, which never close.
fn hours(dice: &mut Dice, top: &str, leaf: &str) -> &'static str {
    const MORNING: &[&str] = &[
        "Mon-Fri 06:00-18:00\nSat,Sun 07:00-17:00",
        "Mon-Sun 06:30-15:00",
        "Mon-Fri 05:30-20:00\nSat 06:00-20:00\nSun 07:00-19:00",
    ];
    const TABLE: &[&str] = &[
        "Mon-Thu 11:00-22:00\nFri,Sat 11:00-23:00\nSun 12:00-21:00",
        "Mon-Sun 10:30-22:00",
        "Sun-Thu 11:00-23:00\nFri,Sat 11:00-01:00",
    ];
    const SHOP: &[&str] =
        &["Mon-Sat 10:00-21:00\nSun 11:00-18:00", "Mon-Sat 09:00-20:00\nSun 10:00-18:00", "Mon-Fri 10:00-19:00\nSat 10:00-18:00"];
    const LONG: &[&str] = &["Mon-Sun 06:00-23:00", "Mon-Sun 07:00-22:00", "Mon-Fri 05:00-23:00\nSat,Sun 07:00-20:00"];
    const OFFICE: &[&str] =
        &["Mon-Fri 09:00-17:30", "Mon-Fri 08:00-18:00\nSat 09:00-13:00", "Mon-Thu 08:30-17:00\nFri 08:30-15:00"];
    const EVENING: &[&str] = &["Mon-Thu 12:00-22:00\nFri,Sat 11:00-00:30\nSun 11:00-21:00", "Wed-Sun 11:00-23:00"];
    match (top, leaf) {
        (_, "hotels" | "camping") => "",
        (_, "coffee" | "breakfast-and-brunch" | "bakeries") => dice.pick(MORNING),
        (_, "gyms" | "fuel" | "convenience-stores" | "pharmacies" | "car-wash" | "laundry") | ("groceries", _) => dice.pick(LONG),
        (_, "cinemas" | "attractions" | "indoor-play") => dice.pick(EVENING),
        (_, "dental-care" | "eye-and-hearing-care" | "childcare" | "vets-and-boarding" | "auto-repair" | "tires") => {
            dice.pick(OFFICE)
        }
        ("food-and-drink", _) => dice.pick(TABLE),
        ("services", _) => dice.pick(OFFICE),
        _ => dice.pick(SHOP),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn brand(countries: &[&'static str]) -> Brand {
        Brand { countries: countries.to_vec(), ..source::brands()[0].clone() }
    }

    fn sites(countries: &[&'static str], count: usize, spread: bool) -> Vec<Site> {
        let today = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        Atlas::new(today).sites(&mut Dice(1), &brand(countries), "food-and-drink", count, spread)
    }

    #[test]
    fn every_state_has_a_telephone_and_zip_codes() {
        let atlas = Atlas::new(NaiveDate::from_ymd_opt(2026, 3, 1).unwrap());
        assert_eq!(atlas.areas.len(), 51);
        for (state, area) in &atlas.areas {
            assert!(area.telephone.len() == 3 && !area.zips.is_empty(), "{state}");
        }
    }

    #[test]
    fn places_are_forms_that_are_taken_and_no_two_are_the_same() {
        let sites = sites(&["us"], 3_000, true);
        let mut addresses = HashSet::new();
        let mut states = HashSet::new();
        for site in &sites {
            let (place, _ids) = site.form.parse().unwrap();
            assert!(place.phone.is_none_or(|phone| phone.contains(") 555-01")));
            assert!(addresses.insert((place.street, place.postal_code)), "{:?}", site.form);
            states.insert(place.region);
        }
        assert!(states.len() > 45);
        let share = |is: &dyn Fn(&LocationForm) -> bool| sites.iter().filter(|site| is(&site.form)).count() * 100 / sites.len();
        assert!((25..60).contains(&share(&|form| !form.latitude.is_empty())), "real streets");
        assert!((1..4).contains(&share(&|form| !form.closed_from.is_empty())), "closed for a time");
    }

    #[test]
    fn a_neighbourhood_lies_in_one_state_where_the_brand_trades() {
        for site in sites(&["us-vt"], 5, false) {
            assert_eq!(site.form.region, "VT");
            assert_eq!(site.zone, "America/New_York");
        }
        let foreign: HashSet<String> = sites(&["jp"], 4, false).into_iter().map(|site| site.form.region).collect();
        assert_eq!(foreign.len(), 1);
    }
}
