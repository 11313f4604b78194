//! The fields of a merchant's and of a location's form, grouped by what they decide.

use super::words::meaning;
use crate::picture::{PictureFields, Raw};
use leptos::prelude::*;
use model::{
    categories::{Category, options},
    merchants::{LocationForm, MerchantForm, MerchantStatus},
    pictures::ShownPicture,
    time::COMMON_ZONES,
};
use ui::{
    CheckboxGroup, Choice, ComboField, DateTimeField, ErrorSummary, FieldSet, InputKind, NumberField, RadioGroup, TextArea,
    TextField,
};

#[component]
pub fn MerchantFields(
    form: MerchantForm,
    categories: Vec<Category>,
    /// The merchant is closed, and stays so.
    #[prop(optional)]
    closed: bool,
    /// The merchant's, as it was loaded.
    #[prop(default = None)]
    picture: Option<ShownPicture>,
) -> impl IntoView {
    // Closing cannot be undone: it has a question of its own, beside the form.
    let choices = MerchantStatus::ALL
        .into_iter()
        .filter(|status| (*status == MerchantStatus::Closed) == closed)
        .map(|next| Choice::new(next.word(), next.label()).help(meaning(next)))
        .collect();
    let raw = Raw { picture: form.picture, alt: form.picture_alt, x: form.picture_x, y: form.picture_y };
    view! {
        <ErrorSummary/>
        <FieldSet legend="Who it is">
            <TextField name="form[name]" label="Name" value=form.name help="As members read it." required=true maxlength=200/>
            <TextField name="form[brand]" label="Brand" value=form.brand help="The name over several merchants, such as a chain and its franchisees. A new one is made when there is none of this name." maxlength=200/>
            <TextField name="form[website]" label="Website" value=form.website kind=InputKind::Url placeholder="https://example.com"/>
        </FieldSet>
        <PictureFields raw=raw picture=picture/>
        <FieldSet legend="Whether it takes part">
            <RadioGroup name="form[status]" label="Status" options=choices value=form.status required=true/>
        </FieldSet>
        <FieldSet legend="Where it is filed">
            <CheckboxGroup name="form[categories][]" label="Categories" options=options(&categories) values=form.categories/>
            <TextArea name="form[external_ids]" label="External ids" value=form.external_ids help="What other systems call it: one a line, source and id, such as crm: 1042."/>
        </FieldSet>
    }
}

#[component]
pub fn LocationFields(
    form: LocationForm,
    /// What is known of the postal code, in words.
    #[prop(into)]
    postal_hint: Signal<String>,
) -> impl IntoView {
    let zones = COMMON_ZONES.iter().map(|zone| ((*zone).to_owned(), String::new())).collect();
    view! {
        <ErrorSummary/>
        <FieldSet legend="Where it is">
            <TextField name="form[name]" label="Name" value=form.name help="What tells it from the merchant’s other locations, such as Broadway. May be empty." maxlength=120/>
            <TextField name="form[street]" label="Street and number" value=form.street required=true maxlength=200/>
            <TextField name="form[city]" label="City" value=form.city required=true maxlength=120/>
            <TextField name="form[region]" label="State or province" value=form.region help="The code, such as NY." maxlength=80/>
            <div class="flex flex-col gap-1">
                <TextField name="form[postal_code]" label="Postal code" value=form.postal_code required=true maxlength=20/>
                <p class="field-help" role="status">{move || postal_hint.get()}</p>
            </div>
            <TextField name="form[country]" label="Country" value=form.country help="Two letters, such as US." required=true maxlength=2/>
        </FieldSet>
        <FieldSet legend="On the map" help="Leave both empty to take the centre of the postal code.">
            <NumberField name="form[latitude]" label="Latitude" value=form.latitude help="Degrees, such as 40.7484." decimal=true suffix="°"/>
            <NumberField name="form[longitude]" label="Longitude" value=form.longitude help="Degrees, such as -73.9967." decimal=true suffix="°"/>
        </FieldSet>
        <FieldSet legend="When it is open">
            <TextArea name="form[hours]" label="Hours" value=form.hours help="One line for days with the same hours: Mon-Fri 09:00-17:00. An end before the start goes past midnight; 00:00-24:00 is around the clock."/>
            <ComboField name="form[time_zone]" label="Time zone" value=form.time_zone options=zones help="Leave it empty to take that of the postal code."/>
            <DateTimeField name="form[closed_from]" label="Closed from" value=form.closed_from help="The first day of a closure, such as a refit." date_only=true/>
            <DateTimeField name="form[closed_until]" label="Closed until" value=form.closed_until help="The last day. Empty means until further notice." date_only=true/>
        </FieldSet>
        <FieldSet legend="How to find it elsewhere">
            <TextField name="form[phone]" label="Phone" value=form.phone kind=InputKind::Tel/>
            <TextArea name="form[external_ids]" label="External ids" value=form.external_ids help="What other systems call it: one a line, source and id, such as pos: 17."/>
        </FieldSet>
    }
}
