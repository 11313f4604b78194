//! The demo's offers: whose they are, what they give, where, when, for whom, how often and at whose cost.

use super::{
    dice::Dice,
    shops::{Shop, tops},
    stories::{self, STORIES, Step, Story},
    words::{self, Kind, Method, Reach, Setting, Value, Wording},
};
use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};
use model::{
    Currency, Money, Timestamp,
    access::Role,
    offers::{OfferForm, percent},
};

/// An offer to be.
#[derive(Clone, Debug)]
pub(super) struct Deal {
    /// Whose it is, by place in the list of shops.
    pub shop: usize,
    pub story: Story,
    pub added: Timestamp,
    /// When each step of the story is taken.
    pub moments: Vec<Timestamp>,
    /// All fields but those that hold ids.
    pub form: OfferForm,
    /// Slugs of leaf categories.
    pub categories: Vec<&'static str>,
    /// The shop's sites it is good at, where it is good at some.
    pub sites: Vec<usize>,
    pub owner: Option<Role>,
    /// The first day, where the story has a schedule.
    pub starts: NaiveDate,
    /// The last day of the publication, if one is planned.
    pub planned_end: Option<NaiveDate>,
    /// Which of [`stories::REMARKS`] is made first.
    pub remark: usize,
}

const KINDS: &[(Kind, usize)] = &[
    (Kind::PercentOff, 28),
    (Kind::AmountOff, 19),
    (Kind::FixedPrice, 13),
    (Kind::BuyGet, 13),
    (Kind::FreeItem, 10),
    (Kind::CashBack, 8),
    (Kind::Points, 5),
    (Kind::Other, 4),
];

/// How far back the first of the drafts was begun.
pub(super) const PAST: TimeDelta = TimeDelta::days(60);
/// The last of them was begun so long ago, so that its story has time to happen.
const LATELY: TimeDelta = TimeDelta::hours(1);

/// So many offers of the shops; none without shops.
pub(super) fn deals(dice: &mut Dice, shops: &[Shop], count: usize, now: Timestamp) -> Vec<Deal> {
    if shops.is_empty() {
        return Vec::new();
    }
    let mut kinds = dice.deck(KINDS, count);
    let mut fresh: Vec<usize> = (0..shops.len()).collect();
    dice.shuffle(&mut fresh);
    // Those with many places have more offers, but not by as much.
    let weight = |shop: &Shop| 2 + shop.sites.len().min(20) / 2;
    let tickets: Vec<usize> = shops.iter().enumerate().flat_map(|(i, shop)| std::iter::repeat_n(i, weight(shop))).collect();
    let stories = dice.deck(STORIES, count);
    let tops = tops();
    stories
        .into_iter()
        .map(|story| {
            let suits = |shop: &usize| stories::suits(story, shops[*shop].status);
            let first = fresh.iter().rposition(suits).filter(|_| dice.chance(35)).map(|at| fresh.swap_remove(at));
            let shop = first.unwrap_or_else(|| {
                // There is always an active merchant, and every story suits it.
                std::iter::repeat_with(|| dice.pick(&tickets)).find(suits).unwrap_or_default()
            });
            let from_afar = |category: &&str| !shops[shop].sites.is_empty() || words::sells_online(category);
            let category = dice.pick(&shops[shop].categories.iter().copied().filter(from_afar).collect::<Vec<_>>());
            let carried = words::kinds(category);
            let fits = kinds.iter().rposition(|kind| carried.contains(kind));
            let kind = fits.map_or(Kind::PercentOff, |at| kinds.swap_remove(at));
            let is_food = tops[category] == "food-and-drink";
            deal(dice, &Subject { shop, of: &shops[shop], category, is_food, kind, story }, now)
        })
        .collect()
}

/// What a deal is about.
struct Subject<'a> {
    shop: usize,
    of: &'a Shop,
    category: &'static str,
    is_food: bool,
    kind: Kind,
    story: Story,
}

fn deal(dice: &mut Dice, subject: &Subject, now: Timestamp) -> Deal {
    let (shop, story) = (subject.of, subject.story);
    let lately = |dice: &mut Dice| dice.between((LATELY.num_minutes(), PAST.num_minutes()));
    let added = now - TimeDelta::minutes(lately(dice).min(lately(dice)));
    let moments = stories::moments(dice, story, added, now);
    let starts = now.date_naive() + TimeDelta::days(dice.between((2, 45)));

    let website = shop.website.filter(|_| words::sells_online(subject.category));
    let online = website.filter(|_| shop.sites.is_empty() || dice.chance(20));
    let reach = match (online, shop.sites.len()) {
        (Some(_), _) => Reach::Online,
        (None, 0..=1) => Reach::AllLocations,
        (None, _) => dice.weighted(&[(Reach::AllLocations, 45), (Reach::SomeLocations, 55)]),
    };
    let method = method(dice, subject.kind, reach);
    let setting = Setting { brand: shop.brand, category: subject.category, kind: subject.kind, method, reach };
    let seed = dice.seed();
    let wording = words::offer(&setting, seed).expect("the category carries the kind");

    let mut deal = Deal {
        shop: subject.shop,
        story,
        added,
        moments,
        form: OfferForm { currency: "USD".to_owned(), ..OfferForm::default() },
        categories: vec![subject.category],
        sites: Vec::new(),
        owner: dice.weighted(&[(None, 40), (Some(Role::Editor), 35), (Some(Role::CampaignManager), 20), (Some(Role::Admin), 5)]),
        starts,
        planned_end: dice.chance(12).then(|| now.date_naive() + TimeDelta::days(dice.between((50, 150)))),
        remark: dice.below(stories::REMARKS.len()),
    };
    deal.places(dice, shop, reach, online);
    deal.redemption(dice, shop, method);
    deal.times(dice, subject, now);
    deal.limits(dice, &wording);
    deal.contract(dice);
    deal.wording(wording);
    if story.is_empty() && dice.chance(50) {
        // Somebody has only begun.
        deal.categories.clear();
        deal.form = OfferForm {
            terms: String::new(),
            how_to_redeem: String::new(),
            valid_from: String::new(),
            valid_until: String::new(),
            ..deal.form
        };
    }
    deal
}

fn method(dice: &mut Dice, kind: Kind, reach: Reach) -> Method {
    use Method::*;
    match (reach, kind) {
        (Reach::Online, _) => dice.weighted(&[(Link, 50), (SharedCode, 35), (SingleUseCode, 15)]),
        (_, Kind::CashBack | Kind::Points) => dice.weighted(&[(CardLinked, 75), (Token, 25)]),
        (_, Kind::PercentOff | Kind::AmountOff) => {
            dice.weighted(&[(Token, 60), (SharedCode, 15), (SingleUseCode, 12), (CardLinked, 13)])
        }
        _ => dice.weighted(&[(Token, 70), (SharedCode, 15), (SingleUseCode, 15)]),
    }
}

impl Deal {
    fn places(&mut self, dice: &mut Dice, shop: &Shop, reach: Reach, online: Option<&str>) {
        let form = &mut self.form;
        if let Some(url) = online {
            form.place_scope = "online".into();
            form.online_url = url.to_owned();
            form.online_regions = dice.pick(&["", "", "", "US", "US-CA, US-OR, US-WA", "US-NY, US-NJ, US-CT"]).to_owned();
            return;
        }
        if reach == Reach::AllLocations {
            form.place_scope = "all".into();
            return;
        }
        let some = shop.sites[dice.below(shop.sites.len())].form.clone();
        match dice.below(5) {
            0 => form.rule_regions = some.region,
            1 => form.rule_cities = some.city,
            2 => form.rule_postal_prefixes = some.postal_code[..3].to_owned(),
            _ => {
                let all: Vec<usize> = (0..shop.sites.len()).collect();
                let count = 1 + dice.below(all.len() - 1).min(11);
                self.sites = dice.some(&all, count);
            }
        }
        form.place_scope = if self.sites.is_empty() { "rule" } else { "some" }.into();
    }

    fn redemption(&mut self, dice: &mut Dice, shop: &Shop, method: Method) {
        let form = &mut self.form;
        form.redemption = match method {
            Method::Token => "token",
            Method::SingleUseCode => "single_use_code",
            Method::SharedCode => {
                let letters = shop.brand.chars().filter(char::is_ascii_alphabetic).take(6).collect::<String>().to_uppercase();
                let word = if letters.len() < 3 { "MEMBER" } else { &letters };
                form.shared_code = format!("{word}{}", dice.between((10, 99)));
                "shared_code"
            }
            Method::Link => {
                form.redeem_url = shop.website.unwrap_or("https://demo.example/").to_owned();
                "link"
            }
            Method::CardLinked => "card_linked",
        }
        .into();
    }

    fn times(&mut self, dice: &mut Dice, subject: &Subject, now: Timestamp) {
        let (form, shop, is_food) = (&mut self.form, subject.of, subject.is_food);
        let is_scheduled = self.story.iter().find(|step| matches!(step, Step::Publish | Step::Schedule)) == Some(&Step::Schedule);
        let first = if is_scheduled { self.starts } else { self.added.date_naive() };
        form.valid_from = format!("{first}T00:00");
        let days = dice.weighted(&[(None, 30), (Some((1, 6)), 6), (Some((7, 90)), 44), (Some((91, 300)), 20)]);
        let last_start = if self.story.contains(&Step::Schedule) { self.starts } else { first };
        let from = last_start.max(now.date_naive());
        form.valid_until = days.map(|days| format!("{}T00:00", from + TimeDelta::days(dice.between(days)))).unwrap_or_default();
        let zone = shop.sites.first().map_or("America/New_York", |site| site.zone);
        let is_online = form.place_scope == "online";
        form.zone = if is_online || dice.chance(10) { zone } else { "" }.to_owned();
        if dice.chance(20) {
            let days: &[&[&str]] =
                &[&["mon", "tue", "wed", "thu"], &["mon", "tue", "wed", "thu", "fri"], &["tue"], &["sat", "sun"]];
            form.weekdays = dice.pick(days).iter().map(|day| (*day).to_owned()).collect();
        }
        if !is_online && dice.chance(if is_food { 24 } else { 6 }) {
            let food = &[("11:00", "15:00"), ("15:00", "18:00"), ("17:00", "21:00"), ("21:00", "01:00")];
            let (from, until) = dice.pick(if is_food {
                food
            } else {
                &[("09:00", "12:00"), ("10:00", "14:00"), ("13:00", "17:00"), ("16:00", "19:00")]
            });
            form.hours_from = from.to_owned();
            form.hours_until = until.to_owned();
        }
        if dice.chance(14) {
            let holidays = holidays(now.date_naive());
            let count = 1 + dice.below(3);
            form.blackout = dice.some(&holidays.each_ref(), count).into_iter().cloned().collect::<Vec<_>>().join("\n");
        }
    }

    fn limits(&mut self, dice: &mut Dice, wording: &Wording) {
        let form = &mut self.form;
        let often = [
            ("", "", "", "", 26),
            ("", "", "", "1", 22),
            ("1", "", "", "", 18),
            ("", "1", "", "", 10),
            ("", "", "1", "", 10),
            ("1", "2", "5", "20", 8),
            ("", "", "2", "6", 6),
        ];
        let weights = often.map(|(day, week, month, ever, weight)| ((day, week, month, ever), weight));
        let (day, week, month, ever) = if wording.new_customers_only { ("", "", "", "1") } else { dice.weighted(&weights) };
        form.limit_member_day = day.to_owned();
        form.limit_member_week = week.to_owned();
        form.limit_member_month = month.to_owned();
        form.limit_member_ever = ever.to_owned();
        if dice.chance(25) {
            form.limit_total = dice.pick(&["250", "500", "1000", "2500", "5000", "20000"]).to_owned();
        }
        // Each claim reserves the most that it can cost.
        let bounded = !matches!(wording.value, Value::PercentOff { .. } | Value::BuyGet { .. } | Value::CashBackShare { .. });
        if (bounded || wording.largest_discount.is_some()) && dice.chance(16) {
            form.budget = dice.pick(&["2500", "5000", "10000", "25000", "100000"]).to_owned();
        }
    }

    fn contract(&mut self, dice: &mut Dice) {
        let form = &mut self.form;
        let funding = dice.weighted(&[
            (("merchant", ""), 64),
            (("operator", ""), 14),
            (("shared", "50"), 12),
            (("shared", "75"), 6),
            (("shared", "33.33"), 4),
        ]);
        (form.funding, form.funding_share) = (funding.0.to_owned(), funding.1.to_owned());
        if dice.chance(70) {
            let from = (self.added.date_naive() - TimeDelta::days(dice.between((0, 60)))).with_day(1).unwrap_or_default();
            form.contract_from = from.to_string();
            form.contract_until = (from + TimeDelta::days(dice.pick(&[364, 364, 729]))).to_string();
        }
        form.priority = if dice.chance(70) { 0 } else { dice.between((1, 9)) * 10 }.to_string();
        let tags = ["family", "weekend", "local", "students", "seniors", "seasonal", "everyday", "gift idea", "new"];
        let count = dice.weighted(&[(0, 40), (1, 30), (2, 20), (3, 10)]);
        form.tags = dice.some(&tags, count).join(", ");
    }

    fn wording(&mut self, wording: Wording) {
        let form = &mut self.form;
        let money = |cents: i64| Money::new(cents, Currency::USD).plain();
        let maybe = |cents: Option<i64>| cents.map(money).unwrap_or_default();
        let tick = |on: bool| if on { "on".to_owned() } else { String::new() };
        let kind = match wording.value {
            Value::PercentOff { basis_points } => {
                form.percent = percent(basis_points);
                "percent_off"
            }
            Value::AmountOff { cents } => {
                form.amount = money(cents);
                "amount_off"
            }
            Value::FixedPrice { cents } => {
                form.amount = money(cents);
                "fixed_price"
            }
            Value::BuyGet { buy, get, basis_points } => {
                (form.buy, form.get, form.percent) = (buy.to_string(), get.to_string(), percent(basis_points));
                "buy_get"
            }
            Value::FreeItem { item } => {
                form.item = item;
                "free_item"
            }
            Value::CashBackShare { basis_points } => {
                form.percent = percent(basis_points);
                "cash_back"
            }
            Value::CashBackAmount { cents } => {
                form.amount = money(cents);
                "cash_back"
            }
            Value::Points { hundredths } => {
                form.multiplier = percent(hundredths);
                "points_multiplier"
            }
            Value::Other { text } => {
                form.other_value = text;
                "other"
            }
        };
        form.kind = kind.to_owned();
        form.headline = wording.headline;
        form.summary = wording.summary;
        form.terms = wording.terms;
        form.exclusions = wording.exclusions;
        form.how_to_redeem = wording.how_to_redeem;
        form.minimum_spend = maybe(wording.minimum_spend);
        form.largest_discount = maybe(wording.largest_discount);
        form.face_value = maybe(wording.face_value);
        form.estimated_saving = maybe(wording.estimated_saving);
        form.combinable = tick(wording.combinable);
        form.new_customers_only = tick(wording.new_customers_only);
        form.minimum_age = wording.minimum_age.map(|years| years.to_string()).unwrap_or_default();
    }
}

/// Days around which many offers rest, in the year to come.
fn holidays(today: NaiveDate) -> [String; 5] {
    let (this, next) = (today.year(), today.year() + 1);
    let thanksgiving = NaiveDate::from_weekday_of_month_opt(this, 11, Weekday::Thu, 4).unwrap_or(today);
    let independence = if today.month() < 7 { this } else { next };
    [
        format!("{next}-02-14"),
        format!("{independence}-07-04"),
        thanksgiving.to_string(),
        format!("{this}-12-24..{this}-12-26"),
        format!("{this}-12-31..{next}-01-01"),
    ]
}
