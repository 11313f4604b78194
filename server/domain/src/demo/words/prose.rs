//! The longer texts of an offer, and how gaps, articles and amounts become sentences.

use super::{Kind, Method, Reach, draft::Draft, templates::*};

impl Draft<'_> {
    pub(super) fn terms(&mut self, value_terms: &[&'static str], combinable: bool, minimum_age: Option<u8>) -> String {
        let some = 1 + self.dice.below(2);
        let mut how = self.dice.some(value_terms, some);
        if self.largest_discount.is_some() {
            how.push(self.dice.pick(if self.setting.kind == Kind::CashBack { CASH_BACK_CAP_TERMS } else { CAP_TERMS }));
        }
        if self.minimum_spend.is_some() {
            how.push(self.dice.pick(SPEND_TERMS));
        }
        if self.new_customers_only {
            how.push(self.dice.pick(NEW_TERMS));
        }
        if let Some(age) = minimum_age {
            self.gap("age", age.to_string());
            how.push(self.dice.pick(AGE_TERMS));
        }
        let mut rest = vec![self.dice.pick(match self.setting.reach {
            Reach::AllLocations => ALL_LOCATIONS_TERMS,
            Reach::SomeLocations => SOME_LOCATIONS_TERMS,
            Reach::Online => ONLINE_TERMS,
        })];
        rest.push(self.dice.pick(if combinable { TOGETHER_TERMS } else { ALONE_TERMS }));
        // What is said at a counter or a table does not fit a website.
        let online = self.setting.reach == Reach::Online;
        let some = 1 + self.dice.below(2);
        rest.extend(self.dice.some(if online { &[] } else { &self.trade.voice.terms }, some));
        let some = 1 + self.dice.below(2) + usize::from(online);
        rest.extend(self.dice.some(GENERAL_TERMS, some));
        let (how, rest) = (self.bullets(&how), self.bullets(&rest));
        match self.dice.below(3) {
            0 => format!("{how}\n{rest}"),
            1 => format!("**How it works**\n\n{how}\n\n**Good to know**\n\n{rest}"),
            _ => format!("{}\n\n{how}\n{rest}", self.fill("These terms of {brand} apply besides those of the program.")),
        }
    }

    /// Exclusions that take nothing back of what the headline promises.
    pub(super) fn exclusions(&mut self, headline: &str) -> String {
        let open: Vec<&str> = self.trade.voice.exclusions.iter().copied().filter(|line| !contradicts(line, headline)).collect();
        let some = 2 + self.dice.below(3);
        let lines = self.dice.some(&open, some);
        let lines = self.bullets(&lines);
        match self.dice.below(3) {
            0 => lines,
            1 => format!("Not valid for:\n\n{lines}"),
            _ => format!("The offer does not cover:\n\n{lines}"),
        }
    }

    pub(super) fn how_to_redeem(&mut self) -> String {
        let online = self.setting.reach == Reach::Online;
        let steps = self.dice.pick(match self.setting.method {
            Method::Token => TOKEN_STEPS,
            Method::SingleUseCode | Method::SharedCode if online => ONLINE_CODE_STEPS,
            Method::SingleUseCode | Method::SharedCode => CODE_STEPS,
            Method::Link => LINK_STEPS,
            Method::CardLinked => CARD_STEPS,
        });
        let numbered = steps.iter().enumerate().map(|(i, step)| format!("{}. {}", i + 1, self.fill(step)));
        numbered.collect::<Vec<_>>().join("\n")
    }

    fn bullets(&self, lines: &[&str]) -> String {
        lines.iter().map(|line| format!("- {}", self.fill(line))).collect::<Vec<_>>().join("\n")
    }

    pub(super) fn one_of(&mut self, templates: &[&'static str]) -> String {
        let template = self.dice.pick(templates);
        self.fill(template)
    }

    pub(super) fn gap(&mut self, name: &'static str, text: impl Into<String>) {
        self.gaps.push((name, text.into()));
    }

    /// A sentence with its gaps filled and a capital at its start, unless a brand that is written otherwise stands there.
    pub(super) fn fill(&self, template: &str) -> String {
        let filled = self.gaps.iter().fold(template.to_owned(), |text, (name, gap)| text.replace(&format!("{{{name}}}"), gap));
        if template.starts_with("{brand}") { filled } else { capitalized(&filled) }
    }
}

/// Whether an exclusion names a thing that a headline names too, be it in the singular or the plural.
pub(super) fn contradicts(exclusion: &str, headline: &str) -> bool {
    let headline = headline.to_lowercase();
    let exclusion = exclusion.to_lowercase();
    let mut things =
        exclusion.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 3 && !["unless", "stated"].contains(word));
    things.any(|thing| headline.contains(thing.trim_end_matches('s')))
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

pub(super) fn with_article(name: &str) -> String {
    let vowel = name.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']) && !name.starts_with("one-");
    let article = if vowel || name.starts_with("hour") || name.starts_with("LED") { "an" } else { "a" };
    format!("{article} {name}")
}

/// Cents as people write dollars: `$5`, `$12.50`.
pub(super) fn dollars(cents: i64) -> String {
    if cents % 100 == 0 { format!("${}", cents / 100) } else { format!("${}.{:02}", cents / 100, cents % 100) }
}

/// The nearest amount that a poster would show.
pub(super) fn round(cents: i64) -> i64 {
    let step = match cents {
        ..1_000 => 100,
        1_000..5_000 => 500,
        5_000..20_000 => 1_000,
        20_000..100_000 => 2_500,
        _ => 5_000,
    };
    (cents + step / 2) / step * step
}
