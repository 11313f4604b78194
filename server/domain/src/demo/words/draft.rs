//! An offer in the making: what it is worth and what its headline says.

use super::{Kind, Reach, Setting, Value, Wording, prose::*, templates::*, vocabulary::*};

/// The category and the years that are asked for there, now and then.
const AGES: &[(&str, u8)] =
    &[("car-rental", 21), ("hotels", 18), ("storage-and-moving", 18), ("bike-rental", 16), ("gyms", 16), ("insurance", 18)];

/// Usual discounts, in basis points; the most usual stand twice.
const SHARES: &[u32] =
    &[200, 300, 500, 500, 750, 1_000, 1_000, 1_200, 1_250, 1_500, 1_500, 2_000, 2_000, 2_500, 2_500, 3_000, 3_500, 4_000, 5_000];

/// Everything that depends on the kind: the value, the headline, the summary's first sentence, and terms to choose from.
type Core = (Value, String, String, &'static [&'static str]);

/// An offer in the making: what was chosen, and the texts for the gaps of its sentences.
pub(super) struct Draft<'a> {
    pub(super) setting: &'a Setting<'a>,
    pub(super) trade: &'static Trade,
    pub(super) dice: Dice,
    pub(super) gaps: Vec<(&'static str, String)>,
    pub(super) new_customers_only: bool,
    pub(super) minimum_spend: Option<i64>,
    pub(super) largest_discount: Option<i64>,
    face_value: Option<i64>,
    estimated_saving: Option<i64>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(setting: &'a Setting<'a>, trade: &'static Trade, seed: u64) -> Self {
        let gaps = vec![
            ("brand", setting.brand.to_owned()),
            ("purchase", trade.purchase.to_owned()),
            ("before", trade.voice.before.to_owned()),
        ];
        Self {
            setting,
            trade,
            dice: Dice(seed),
            gaps,
            new_customers_only: false,
            minimum_spend: None,
            largest_discount: None,
            face_value: None,
            estimated_saving: None,
        }
    }

    pub(super) fn write(mut self) -> Wording {
        let (value, headline, lead, value_terms) = match self.setting.kind {
            Kind::PercentOff => self.percent_off(),
            Kind::AmountOff => self.amount_off(),
            Kind::FixedPrice => self.fixed_price(),
            Kind::BuyGet => self.buy_get(),
            Kind::FreeItem => self.free_item(),
            Kind::CashBack => self.cash_back(),
            Kind::Points => self.points(),
            Kind::Other => self.other(),
        };
        let combinable = self.dice.chance(20);
        let asked = AGES.iter().find(|(category, _)| *category == self.setting.category);
        let minimum_age = asked.map(|(_, years)| *years).filter(|_| self.dice.chance(40));
        let online = self.setting.reach == Reach::Online;
        let flavor = self.dice.pick(if online { ONLINE_FLAVORS } else { &self.trade.voice.flavors });
        let exclusions = self.exclusions(&headline);
        Wording {
            headline,
            exclusions,
            summary: format!("{lead} {flavor}"),
            terms: self.terms(value_terms, combinable, minimum_age),

            how_to_redeem: self.how_to_redeem(),
            value,
            minimum_spend: self.minimum_spend,
            largest_discount: self.largest_discount,
            face_value: self.face_value,
            estimated_saving: self.estimated_saving,
            combinable,
            new_customers_only: self.new_customers_only,
            minimum_age,
        }
    }

    fn percent_off(&mut self) -> Core {
        let basis_points = self.share(self.trade.most_percent);
        let headline = self.headline(PERCENT_OFF);
        let price = self.subject(headline);
        self.bound(price, basis_points);
        (Value::PercentOff { basis_points }, self.fill(headline), self.one_of(PERCENT_OFF_SUMMARY), PERCENT_OFF_TERMS)
    }

    fn amount_off(&mut self) -> Core {
        let headline = self.headline(AMOUNT_OFF);
        let price = self.subject(headline);
        let cents = self.amount(price);
        (Value::AmountOff { cents }, self.fill(headline), self.one_of(AMOUNT_OFF_SUMMARY), AMOUNT_OFF_TERMS)
    }

    fn fixed_price(&mut self) -> Core {
        let headline = self.headline(FIXED_PRICE);
        let regular = self.subject(headline);
        let left = 10_000 - i64::from(self.share(self.trade.most_percent));
        let step = if regular < 2_000 {
            50
        } else if regular < 10_000 {
            100
        } else {
            500
        };
        // At least one step below the usual price, or it would be no offer.
        let cents = (regular * left / 10_000 / step * step).min((regular - 1) / step * step);
        self.gap("price", dollars(cents));
        self.gap("regular", dollars(regular));
        self.face_value = Some(regular);
        self.estimated_saving = Some(regular - cents);
        (Value::FixedPrice { cents }, self.fill(headline), self.one_of(FIXED_PRICE_SUMMARY), FIXED_PRICE_TERMS)
    }

    fn buy_get(&mut self) -> Core {
        let several = |items: &[Item]| items.iter().copied().filter(|item| item.several).collect::<Vec<_>>();
        let (items, ranges) = (several(&self.trade.items), several(&self.trade.ranges));
        let fits = |headline: &str| !headline.contains("{range}") || !ranges.is_empty();
        let forms: Vec<_> = BUY_GET.iter().copied().filter(|form| fits(form.3)).collect();
        let (buy, get, basis_points, headline, lead) = self.dice.pick(&forms);
        let item = self.dice.pick(&items);
        self.name_item(item);
        if !ranges.is_empty() {
            let range = self.dice.pick(&ranges).name;
            self.gap("range", range);
        }
        let price = self.price(item);
        self.bound(price * i64::from(get), basis_points);
        (Value::BuyGet { buy, get, basis_points }, self.fill(headline), self.fill(lead), BUY_GET_TERMS)
    }

    fn free_item(&mut self) -> Core {
        let headline = self.headline(FREE_ITEM);
        self.subject(headline);
        // Nobody is given what they are buying.
        let bought =
            self.gaps.iter().find(|(name, _)| *name == "subject").map(|(_, subject)| subject.clone()).unwrap_or_default();
        let other = |extra: &&Item| !bought.contains(extra.name);
        let extras: Vec<Item> = self.trade.extras.iter().filter(other).copied().collect();
        let extra = self.dice.pick(&extras);
        self.gap("extra", extra.name);
        let worth = self.price(extra);
        self.face_value = Some(worth);
        self.estimated_saving = Some(worth);
        let value = Value::FreeItem { item: extra.name.to_owned() };
        (value, self.fill(headline), self.one_of(FREE_ITEM_SUMMARY), FREE_ITEM_TERMS)
    }

    fn cash_back(&mut self) -> Core {
        if self.dice.chance(30) {
            let headline = self.headline(CASH_BACK_AMOUNT);
            let price = self.subject(headline);
            let cents = self.amount(price);
            return (
                Value::CashBackAmount { cents },
                self.fill(headline),
                self.one_of(CASH_BACK_AMOUNT_SUMMARY),
                CASH_BACK_TERMS,
            );
        }
        let basis_points = self.share((self.trade.most_percent / 2).max(3));
        let headline = self.headline(CASH_BACK_SHARE);
        let price = self.subject(headline);
        self.bound(price, basis_points);
        (Value::CashBackShare { basis_points }, self.fill(headline), self.one_of(CASH_BACK_SHARE_SUMMARY), CASH_BACK_TERMS)
    }

    fn points(&mut self) -> Core {
        let (hundredths, times) = self.dice.pick(TIMES);
        let headline = self.headline(POINTS);
        self.subject(headline);
        self.gap("times", times);
        (Value::Points { hundredths }, self.fill(headline), self.one_of(POINTS_SUMMARY), POINTS_TERMS)
    }

    fn other(&mut self) -> Core {
        let online = self.setting.reach == Reach::Online;
        let (perk, meaning) = self.dice.pick(if online { ONLINE_PERKS } else { &self.trade.voice.perks });
        self.gap("perk", perk);
        let headline = self.one_of(OTHER);
        (Value::Other { text: perk.to_owned() }, headline, self.fill(meaning), OTHER_TERMS)
    }

    /// A headline whose gaps the trade can fill.
    fn headline(&mut self, templates: &[&'static str]) -> &'static str {
        let sells_items = !self.trade.items.is_empty();
        let usable: Vec<_> = templates.iter().copied().filter(|template| sells_items || !template.contains("item}")).collect();
        self.dice.pick(&usable)
    }

    /// Chooses what a headline speaks of, with the conditions that follow from it, and says what that costs, in cents.
    fn subject(&mut self, headline: &str) -> i64 {
        let purchase = self.trade.purchase;
        let (from, to) = self.trade.spend;
        let step = if to < 15 {
            1
        } else if to < 300 {
            5
        } else {
            25
        };
        let spend = self.dice.between((from, to)) / step * step * 100;
        let spend = spend.max(step * 100);
        let mut about = if headline.contains("first {purchase}") {
            self.new_customers_only = true;
            format!("your first {purchase}")
        } else if headline.contains("every {purchase}") {
            format!("every {purchase}")
        } else {
            format!("your next {purchase}")
        };
        if headline.contains("item}") {
            let item = self.dice.pick(&self.trade.items);
            self.name_item(item);
            let an_item = with_article(item.name);
            self.gap("subject", an_item);
            return self.price(item);
        }
        if headline.contains("{range}") {
            about = self.dice.pick(&self.trade.ranges).name.to_owned();
            self.gap("range", about.clone());
        }
        if headline.contains("{spend}") {
            self.minimum_spend = Some(spend);
            self.gap("spend", dollars(spend));
            about = match headline.contains("{range}") {
                true => format!("{about} over {}", dollars(spend)),
                false => format!("{} of {} or more", with_article(purchase), dollars(spend)),
            };
        }
        self.gap("subject", about);
        spend
    }

    fn name_item(&mut self, item: Item) {
        self.gap("item", item.name);
        self.gap("an_item", with_article(item.name));
    }

    /// A price of an item, in cents, as shops write them.
    fn price(&mut self, item: Item) -> i64 {
        let whole = self.dice.between(item.price) * 100;
        if item.price.1 < 40 { whole - self.dice.pick(&[0, 1, 5, 50]) } else { whole }
    }

    /// A discount that suits a trade, in basis points, and its gap.
    fn share(&mut self, most_percent: u32) -> u32 {
        let most = most_percent * 100;
        let usual: Vec<u32> = SHARES.iter().copied().filter(|share| (most / 4..=most).contains(share)).collect();
        let share = self.dice.pick(&usual);
        self.gap("percent", format!("{}%", f64::from(share) / 100.0));
        share
    }

    /// A round amount off a price, in cents, and its gap: not less than a poster would show, nor more than half.
    fn amount(&mut self, price: i64) -> i64 {
        let share = i64::from(self.share(self.trade.most_percent));
        let cents = round(price * share / 10_000).max(if price < 400 { 50 } else { 100 }).min(price / 2);
        self.gap("amount", dollars(cents));
        self.estimated_saving = Some(cents);
        cents
    }

    /// What a share of a price saves, and now and then the most that it may save.
    fn bound(&mut self, price: i64, basis_points: u32) {
        let of = |cents: i64| cents * i64::from(basis_points) / 10_000;
        let saving = of(price);
        if self.dice.chance(45) {
            let cap = round(of(self.trade.spend.1 * 150)).max(round(saving)).max(200);
            self.gap("cap", dollars(cap));
            self.largest_discount = Some(cap);
        }
        self.estimated_saving = Some(self.largest_discount.map_or(saving, |cap| saving.min(cap)));
    }
}
