use super::*;
use crate::{LocationId, MerchantId};
use uuid::Uuid;

fn filled() -> OfferForm {
    OfferForm {
        merchant: MerchantId(Uuid::from_u128(1)).to_string(),
        headline: "20% off any large pizza".into(),
        kind: "percent_off".into(),
        percent: "20".into(),
        currency: "USD".into(),
        place_scope: "all".into(),
        redemption: "token".into(),
        funding: "merchant".into(),
        ..Default::default()
    }
}

fn message(spoil: impl FnOnce(&mut OfferForm), field: &str) -> String {
    let mut form = filled();
    spoil(&mut form);
    let errors = form.parse().expect_err(field);
    errors.at(field).unwrap_or_else(|| panic!("no message at {field}, but {errors:?}")).to_owned()
}

#[test]
fn the_smallest_draft_is_taken() {
    filled().parse().unwrap();
}

#[test]
fn an_end_before_a_start_is_refused_at_the_end() {
    let text = message(
        |f| {
            f.valid_from = "2026-05-02T10:00".into();
            f.valid_until = "2026-05-02T10:00".into();
        },
        "valid_until",
    );
    assert!(text.contains("not after the start"));
}

#[test]
fn more_than_all_cannot_be_taken_off() {
    for percent in ["120", "0", "-5", "100.01", "abc", ""] {
        message(|f| f.percent = percent.into(), "percent");
    }
    let mut all = filled();
    all.percent = "100".into();
    all.parse().unwrap();
}

#[test]
fn a_currency_that_is_none_is_named() {
    let text = message(|f| f.currency = "XXQ".into(), "currency");
    assert!(text.contains("XXQ"));
}

#[test]
fn each_kind_asks_for_its_own_value() {
    for (kind, field) in [
        ("amount_off", "amount"),
        ("fixed_price", "amount"),
        ("buy_get", "buy"),
        ("free_item", "item"),
        ("points_multiplier", "multiplier"),
        ("other", "other_value"),
    ] {
        message(|f| f.kind = kind.into(), field);
    }
    message(
        |f| {
            f.kind = "cash_back".into();
            f.percent.clear();
        },
        "percent",
    );
    message(|f| f.kind = "gift".into(), "kind");
}

#[test]
fn fields_that_contradict_each_other_are_refused() {
    message(
        |f| {
            f.kind = "amount_off".into();
            f.amount = "10".into();
            f.minimum_spend = "5".into();
        },
        "minimum_spend",
    );
    message(|f| f.budget = "1000".into(), "largest_discount");
    message(
        |f| {
            f.limit_member_day = "5".into();
            f.limit_member_ever = "2".into();
        },
        "limit_member_ever",
    );
    message(
        |f| {
            f.place_scope = "online".into();
            f.online_url = "https://example.com".into();
        },
        "zone",
    );
    message(|f| f.place_scope = "some".into(), "locations");
    message(|f| f.place_scope = "rule".into(), "rule_regions");
    message(
        |f| {
            f.contract_from = "2026-05-02".into();
            f.contract_until = "2026-05-01".into();
        },
        "contract_until",
    );
    message(
        |f| {
            f.funding = "shared".into();
            f.funding_share = "100".into();
        },
        "funding_share",
    );
    message(|f| f.blackout = "Christmas".into(), "blackout");
    // Postgres would take these years, but not hand them back.
    for far in ["+262142-12-31", "2026-12-24..+262142-12-31", "0001-01-01..2026-12-24", "2026-12-24..", ".."] {
        message(|f| f.blackout = far.into(), "blackout");
    }
    message(|f| f.hours_from = "10:00".into(), "hours_until");
}

#[test]
fn every_field_goes_to_the_form_and_comes_back() {
    let mut forms = vec![filled()];
    let edits: Vec<fn(&mut OfferForm)> = vec![
        |f| {
            f.kind = "buy_get".into();
            f.buy = "2".into();
            f.get = "1".into();
            f.percent = "50".into();
        },
        |f| {
            f.kind = "cash_back".into();
            f.percent = String::new();
            f.amount = "7.25".into();
        },
        |f| {
            f.kind = "points_multiplier".into();
            f.multiplier = "2.5".into();
        },
        |f| {
            f.place_scope = "some".into();
            f.locations = vec![LocationId(Uuid::from_u128(9)).to_string()];
        },
        |f| {
            f.place_scope = "rule".into();
            f.rule_regions = "NY, NJ".into();
            f.rule_postal_prefixes = "100".into();
        },
        |f| {
            f.place_scope = "online".into();
            f.online_url = "https://example.com".into();
            f.online_regions = "US-NY".into();
            f.zone = "UTC".into();
        },
        |f| {
            f.weekdays = vec!["mon".into(), "fri".into()];
            f.hours_from = "22:00".into();
            f.hours_until = "02:00".into();
        },
        |f| {
            f.blackout = "2026-12-24..2026-12-26\n2026-12-31".into();
            f.combinable = "on".into();
            f.minimum_age = "21".into();
        },
        |f| {
            f.redemption = "shared_code".into();
            f.shared_code = "SAVE20".into();
            f.tags = "Vegan, late".into();
        },
        |f| {
            f.funding = "shared".into();
            f.funding_share = "33.33".into();
            f.budget = "5000".into();
            f.largest_discount = "20".into();
        },
    ];
    for edit in edits {
        let mut form = filled();
        edit(&mut form);
        forms.push(form);
    }
    for form in forms {
        let content = form.parse().unwrap();
        let again = OfferForm::of(&content);
        assert_eq!(again.parse().unwrap(), content);
        let json = serde_json::to_string(&content).unwrap();
        assert_eq!(serde_json::from_str::<OfferContent>(&json).unwrap(), content, "{json}");
    }
}

#[test]
fn a_comparison_names_just_what_differs() {
    let (mine, mut theirs) = (filled(), filled());
    theirs.headline = "25% off".into();
    theirs.categories = vec!["b".into(), "a".into()];
    let names: Vec<_> = mine.differences(&theirs).into_iter().map(|d| d.name).collect();
    assert_eq!(names, ["headline", "categories"]);
}

#[test]
fn a_draft_may_be_thin_but_a_review_wants_it_whole() {
    let errors = filled().parse().unwrap().ready_for_review().unwrap_err();
    for field in ["summary", "terms", "how_to_redeem", "categories", "valid_from"] {
        assert!(errors.at(field).is_some(), "{field}");
    }
}

#[test]
fn regions_of_an_online_offer_are_countries_or_their_parts() {
    let online = |regions: &str| OfferForm {
        place_scope: "online".into(),
        online_url: "https://example.com".into(),
        online_regions: regions.into(),
        zone: "UTC".into(),
        ..filled()
    };
    for none in ["Everywhere", "ZZ", "USA", "US-", "US-NEWY", "US-N Y", "-NY", "US NY"] {
        let errors = online(none).parse().expect_err(none);
        assert!(errors.at("online_regions").unwrap().contains(&none.to_uppercase()), "{none}");
    }
    let content = online("us-ny, GB-ENG, CA, FR-75").parse().unwrap();
    let Places::Online { regions, .. } = content.places else { panic!("online") };
    assert_eq!(regions, ["US-NY", "GB-ENG", "CA", "FR-75"]);
}
