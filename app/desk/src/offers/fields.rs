//! The fields of an offer's form, grouped by what they decide.
//!
//! Fields that only one kind of offer has are shown by the stylesheet (`only-…` in `desk.css`) when that kind is chosen, so
//! that this works without scripts too; all of them are sent, and `parse` reads those that count.

use super::categories::CategoryChoice;
use crate::picture::{PictureFields, Raw};
use leptos::prelude::*;
use model::{
    AccountId, Currency,
    form::ticked,
    offers::{FormOptions, FundedBy, OfferForm, OfferKind, PlaceScope, RedemptionMethod},
    pictures::ShownPicture,
    time::{COMMON_ZONES, Weekdays},
};
use ui::{
    CheckboxField, CheckboxGroup, Choice, ComboField, DateTimeField, ErrorSummary, FieldSet, InputKind, MoneyField, NumberField,
    RadioGroup, SelectField, TextArea, TextField,
};

/// A closed list of words as choices of a form.
macro_rules! choices {
    ($words:ty) => {
        <$words>::ALL.iter().map(|word| (word.word().to_owned(), word.label().to_owned())).collect::<Vec<_>>()
    };
}
pub(super) use choices;

#[component]
pub fn OfferFields(
    form: OfferForm,
    options: FormOptions,
    /// The draft's, as it was loaded.
    #[prop(default = None)]
    picture: Option<ShownPicture>,
    /// Whether what was refused was to be sent for review.
    #[prop(optional, into)]
    sent_for_review: Signal<bool>,
) -> impl IntoView {
    let refused = Signal::derive(move || match sent_for_review.get() {
        true => "This was not sent for review. First:".to_owned(),
        false => "This is not saved yet. Please correct:".to_owned(),
    });
    let currency = if form.currency.is_empty() { "USD".to_owned() } else { form.currency.clone() };
    let raw = Raw {
        picture: form.picture.clone(),
        alt: form.picture_alt.clone(),
        x: form.picture_x.clone(),
        y: form.picture_y.clone(),
    };
    view! {
        <ErrorSummary title=refused/>
        <input type="hidden" name="form[merchant]" value=form.merchant.clone()/>
        <input type="hidden" name="form[client]" value=form.client.clone()/>
        <Value form=form.clone() currency=currency.clone()/>
        <Texts form=form.clone()/>
        <PictureFields raw=raw picture=picture/>
        <Where form=form.clone() options=options.clone()/>
        <When form=form.clone()/>
        <Redemption form=form.clone()/>
        <Conditions form=form.clone() currency=currency.clone()/>
        <Limits form=form.clone() currency=currency/>
        <Contract form=form owners=options.owners/>
    }
}

#[component]
fn Value(form: OfferForm, currency: String) -> impl IntoView {
    let currencies = Currency::all().map(|c| (c.code().to_owned(), c.code().to_owned())).collect();
    view! {
        <FieldSet legend="What members get">
            <TextField name="form[headline]" label="Headline" value=form.headline help="What it is, in a few words: 20% off any large pizza" required=true maxlength=120/>
            <SelectField name="form[kind]" label="Kind" options=choices!(OfferKind) value=form.kind empty="Choose one" required=true/>
            <div class="only only-percent_off only-buy_get only-cash_back">
                <NumberField name="form[percent]" label="Percent" value=form.percent decimal=true suffix="%"/>
            </div>
            <div class="only only-amount_off only-fixed_price only-cash_back">
                <MoneyField name="form[amount]" label="Amount" value=form.amount currency=currency/>
            </div>
            <div class="only only-buy_get">
                <NumberField name="form[buy]" label="Buy" value=form.buy help="How many they pay for."/>
                <NumberField name="form[get]" label="Get" value=form.get help="How many more they get: free, or with the percentage off where one is filled in."/>
            </div>
            <div class="only only-free_item">
                <TextField name="form[item]" label="Free item" value=form.item help="Reads after “Free”: dessert, oil check"/>
            </div>
            <div class="only only-points_multiplier">
                <NumberField name="form[multiplier]" label="Multiplier" value=form.multiplier help="3 gives three times the points." decimal=true suffix="×"/>
            </div>
            <div class="only only-other">
                <TextField name="form[other_value]" label="Value in words" value=form.other_value help="Stands in large type on the card." maxlength=60/>
            </div>
            <SelectField name="form[currency]" label="Currency" options=currencies value=if form.currency.is_empty() { "USD".to_owned() } else { form.currency } help="Of every amount here; that of the locations’ country." required=true/>
        </FieldSet>
    }
}

#[component]
fn Texts(form: OfferForm) -> impl IntoView {
    view! {
        <FieldSet legend="What members read" help="Terms, exclusions and how to redeem may use Markdown: lists, bold, links.">
            <TextArea name="form[summary]" label="Summary" value=form.summary help="One or two sentences."/>
            <TextArea name="form[how_to_redeem]" label="How to redeem" value=form.how_to_redeem/>
            <TextArea name="form[terms]" label="Terms" value=form.terms tall=true/>
            <TextArea name="form[exclusions]" label="Exclusions" value=form.exclusions/>
        </FieldSet>
    }
}

#[component]
fn Where(form: OfferForm, options: FormOptions) -> impl IntoView {
    let locations: Vec<_> = options.locations.into_iter().map(|l| (l.id.to_string(), l.label)).collect();
    let tops: Vec<_> = PlaceScope::ALL.iter().map(|s| Choice::new(s.word(), s.label())).collect();
    let scope = if form.place_scope.is_empty() { PlaceScope::All.word().to_owned() } else { form.place_scope };
    view! {
        <FieldSet legend="Where">
            <RadioGroup name="form[place_scope]" label="Where it applies" options=tops value=scope required=true/>
            <div class="only only-some">
                {if locations.is_empty() {
                    view! { <p class="field-help">"The merchant has no locations yet. Add them on the merchant’s page first."</p> }.into_any()
                } else {
                    view! { <CheckboxGroup name="form[locations][]" label="Locations" options=locations values=form.locations/> }.into_any()
                }}
            </div>
            <div class="only only-rule">
                <TextField name="form[rule_regions]" label="States" value=form.rule_regions help="Separated by commas: NY, NJ"/>
                <TextField name="form[rule_cities]" label="Cities" value=form.rule_cities help="Separated by commas."/>
                <TextField name="form[rule_postal_prefixes]" label="Postal codes" value=form.rule_postal_prefixes help="Beginnings, separated by commas: 100, 112. A location that matches any of the three takes part, also one that opens later."/>
            </div>
            <div class="only only-online">
                <TextField name="form[online_url]" label="Online address" value=form.online_url kind=InputKind::Url help="Where it is used."/>
                <TextField name="form[online_regions]" label="Regions" value=form.online_regions help="Countries or states it is meant for: US, US-NY. Empty for everywhere."/>
            </div>
        </FieldSet>
        <FieldSet legend="How members find it">
            <CategoryChoice categories=options.categories values=form.categories/>
            <TextField name="form[tags]" label="Tags" value=form.tags help="Words separated by commas: vegan, family"/>
        </FieldSet>
    }
}

#[component]
fn When(form: OfferForm) -> impl IntoView {
    let zones = COMMON_ZONES.iter().map(|zone| ((*zone).to_owned(), zone.replace('_', " "))).collect();
    let days = Weekdays::DAYS.iter().map(|(_, word, name)| ((*word).to_owned(), (*name).to_owned())).collect();
    let weekdays =
        if form.weekdays.is_empty() { Weekdays::ALL.names().into_iter().map(str::to_owned).collect() } else { form.weekdays };
    view! {
        <FieldSet legend="When" help="Times are wall times: what a clock at the place shows.">
            <ComboField name="form[zone]" label="Time zone" options=zones value=form.zone help="Empty: that of each location. An online offer needs one."/>
            <div class="field-grid">
            <DateTimeField name="form[valid_from]" label="Valid from" value=form.valid_from/>
            <DateTimeField name="form[valid_until]" label="Valid until" value=form.valid_until help="Ends at this moment: 12:00 AM makes the day before the last one. Empty for no end."/>
            </div>
            <CheckboxGroup name="form[weekdays][]" label="Weekdays" options=days values=weekdays inline=true/>
            <div class="field-grid">
            <TextField name="form[hours_from]" label="From hour" value=form.hours_from placeholder="11:00"/>
            <TextField name="form[hours_until]" label="Until hour" value=form.hours_until placeholder="14:30" help="Both empty for the whole day; an end before the start goes past midnight."/>
            </div>
            <TextArea name="form[blackout]" label="Black-out dates" value=form.blackout help="One a line: 2026-12-24, or 2026-12-24..2026-12-26"/>
        </FieldSet>
    }
}

#[component]
fn Redemption(form: OfferForm) -> impl IntoView {
    let methods: Vec<_> = RedemptionMethod::ALL.iter().map(|m| Choice::new(m.word(), m.label())).collect();
    let method = if form.redemption.is_empty() { RedemptionMethod::Token.word().to_owned() } else { form.redemption };
    view! {
        <FieldSet legend="Redemption">
            <RadioGroup name="form[redemption]" label="How it is redeemed" options=methods value=method required=true/>
            <div class="only only-shared_code">
                <TextField name="form[shared_code]" label="Shared code" value=form.shared_code maxlength=60/>
            </div>
            <div class="only only-link">
                <TextField name="form[redeem_url]" label="Redemption link" value=form.redeem_url kind=InputKind::Url/>
            </div>
        </FieldSet>
    }
}

#[component]
fn Conditions(form: OfferForm, currency: String) -> impl IntoView {
    view! {
        <FieldSet legend="Conditions">
            <div class="field-grid">
            <MoneyField name="form[minimum_spend]" label="Minimum spend" value=form.minimum_spend currency=currency.clone()/>
            <MoneyField name="form[largest_discount]" label="Largest discount" value=form.largest_discount currency=currency.clone() help="The most that is taken off at once."/>
            <MoneyField name="form[face_value]" label="Face value" value=form.face_value currency=currency.clone()/>
            <MoneyField name="form[estimated_saving]" label="Estimated saving" value=form.estimated_saving currency=currency help="What members typically save."/>
            <NumberField name="form[minimum_age]" label="Minimum age" value=form.minimum_age suffix="years"/>
            </div>
            <CheckboxField name="form[combinable]" label="May be combined with other offers" value=ticked(&form.combinable)/>
            <CheckboxField name="form[new_customers_only]" label="New customers only" value=ticked(&form.new_customers_only)/>
        </FieldSet>
    }
}

#[component]
fn Limits(form: OfferForm, currency: String) -> impl IntoView {
    view! {
        <FieldSet legend="Limits" help="How many redemptions there may be; empty for no limit.">
            <div class="field-grid">
            <NumberField name="form[limit_member_day]" label="Per member a day" value=form.limit_member_day/>
            <NumberField name="form[limit_member_week]" label="Per member a week" value=form.limit_member_week/>
            <NumberField name="form[limit_member_month]" label="Per member a month" value=form.limit_member_month/>
            <NumberField name="form[limit_member_ever]" label="Per member ever" value=form.limit_member_ever/>
            <NumberField name="form[limit_total]" label="In all" value=form.limit_total/>
            <MoneyField name="form[budget]" label="Budget" value=form.budget currency=currency help="Each claim reserves the largest discount."/>
            </div>
        </FieldSet>
    }
}

#[component]
fn Contract(form: OfferForm, owners: Vec<(AccountId, String)>) -> impl IntoView {
    let owners = owners.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let funding = if form.funding.is_empty() { FundedBy::Merchant.word().to_owned() } else { form.funding };
    view! {
        <FieldSet legend="Between us and the merchant" help="Members never see this.">
            <SelectField name="form[funding]" label="Funded by" options=choices!(FundedBy) value=funding required=true/>
            <div class="only only-shared">
                <NumberField name="form[funding_share]" label="Merchant’s share" value=form.funding_share decimal=true suffix="%"/>
            </div>
            <div class="field-grid">
            <DateTimeField name="form[contract_from]" label="Contract from" value=form.contract_from date_only=true/>
            <DateTimeField name="form[contract_until]" label="Contract until" value=form.contract_until date_only=true/>
            </div>
            <SelectField name="form[owner]" label="Account owner" options=owners value=form.owner empty="Nobody"/>
            <NumberField name="form[priority]" label="Priority" value=form.priority help="0 to 100; higher stands first where nothing else decides."/>
        </FieldSet>
    }
}
