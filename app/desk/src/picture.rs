//! A record's picture: uploaded and taken away beside the form, its focal point and its words edited in it.

use crate::{
    live_form::Wait,
    shared::{Returned, messages},
};
use leptos::{
    ev::{Event, KeyboardEvent, MouseEvent},
    html,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlInputElement},
};
use model::pictures::{
    Focus, PictureOf, RefusedUpload, ShownPicture, UPLOAD, UPLOAD_ALT, UPLOAD_BEFORE, UPLOAD_FILE, UPLOAD_LOGO,
};
use ui::{Button, Card, ErrorSummary, FieldSet, FileField, FormErrors, NumberField, SummaryErrors, TextField};

/// What the kit needs to show a picture.
pub fn on_cover(picture: ShownPicture) -> ui::Picture {
    ui::Picture {
        folder: picture.folder(),
        fallback: picture.fallback(),
        widths: picture.widths,
        width: picture.width,
        height: picture.height,
        focus: (picture.focus.x, picture.focus.y),
        alt: picture.alt,
        whole: picture.logo,
    }
}

/// The raw values of the fields in a form.
pub struct Raw {
    pub picture: String,
    pub alt: String,
    pub x: String,
    pub y: String,
}

/// The picture's fields in the record's form: without a picture none that can be seen.
#[component]
pub fn PictureFields(
    raw: Raw,
    /// The picture, as far as it is known.
    picture: Option<ShownPicture>,
) -> impl IntoView {
    let known = picture.filter(|picture| picture.hash.as_str() == raw.picture);
    let fields = (!raw.picture.is_empty()).then(|| {
        view! {
            <FieldSet legend="Picture">
                <FocusFields x=raw.x y=raw.y picture=known/>
                <TextField name="form[picture_alt]" label="What the picture shows" value=raw.alt help="Read out to those who cannot see it: A cappuccino on a wooden table." required=true maxlength=250/>
            </FieldSet>
        }
    });
    view! {
        <input type="hidden" name="form[picture]" value=raw.picture.clone()/>
        {fields}
    }
}

const X: &str = "form[picture_x]";
const Y: &str = "form[picture_y]";
/// How far an arrow key moves the point, in thousandths; with Shift held, so many times as far.
const STEP: i32 = 10;
const STRIDE: i32 = 5;

/// Two numbers, and where scripts run a picture to click on.
#[component]
fn FocusFields(x: String, y: String, picture: Option<ShownPicture>) -> impl IntoView {
    let middle = Focus::default();
    let read = |raw: &str, otherwise: u16| raw.trim().parse::<u16>().unwrap_or(otherwise).min(1000);
    let point = RwSignal::new((read(&x, middle.x), read(&y, middle.y)));
    let node = NodeRef::<html::Div>::new();
    // Typed into the numbers: the mark follows.
    let follow = move |_: Event| {
        let value = |name: &str| input(node, name).map(|input| input.value());
        if let (Some(x), Some(y)) = (value(X), value(Y)) {
            point.set((read(&x, middle.x), read(&y, middle.y)));
        }
    };
    let move_to = move |x: i32, y: i32| {
        let (x, y) = (x.clamp(0, 1000), y.clamp(0, 1000));
        for (name, value) in [(X, x), (Y, y)] {
            if let Some(input) = input(node, name) {
                input.set_value(&value.to_string());
                // The form hears of it as if it had been typed.
                for kind in ["input", "change"] {
                    if let Ok(event) = document().create_event("Event") {
                        event.init_event_with_bubbles(kind, true);
                        let _ = input.dispatch_event(&event);
                    }
                }
            }
        }
    };
    let clicked = move |event: MouseEvent| {
        // A click of the keyboard has no place.
        if event.detail() == 0 {
            return;
        }
        if let Some(element) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) {
            let share = |at: i32, length: i32| at * 1000 / length.max(1);
            move_to(share(event.offset_x(), element.client_width()), share(event.offset_y(), element.client_height()));
        }
    };
    let pressed = move |event: KeyboardEvent| {
        let step = if event.shift_key() { STEP * STRIDE } else { STEP };
        let (dx, dy) = match event.key().as_str() {
            "ArrowLeft" => (-step, 0),
            "ArrowRight" => (step, 0),
            "ArrowUp" => (0, -step),
            "ArrowDown" => (0, step),
            _ => return,
        };
        event.prevent_default();
        let (x, y) = point.get_untracked();
        move_to(i32::from(x) + dx, i32::from(y) + dy);
    };
    let shown = picture.map(|picture| {
        let (width, height) = (f64::from(picture.width), f64::from(picture.height));
        let radius = width.max(height) / 40.0;
        let source = format!("{}/{}.{}", picture.folder(), picture.widths.first().copied().unwrap_or(picture.width), picture.fallback());
        let at = move |point: u16, length: f64| f64::from(point) / 1000.0 * length;
        view! {
            <button type="button" class="focus-picture" aria-label="Focal point" aria-describedby="focus-help" on:click=clicked on:keydown=pressed>
                <img src=source alt="" width=picture.width height=picture.height/>
                <svg class="focus-mark" viewBox=format!("0 0 {width} {height}") aria-hidden="true">
                    <circle cx=move || at(point.get().0, width) cy=move || at(point.get().1, height) r=radius/>
                </svg>
            </button>
        }
    });
    view! {
        <div class="flex flex-col gap-3" node_ref=node on:input=follow>
            {shown}
            <p class="field-help" id="focus-help">
                "The focal point stays in sight where the picture is cropped. Click on it in the picture, move it with the arrow keys, or fill in where it lies."
            </p>
            <div class="field-grid">
                <NumberField name=X label="From the left" value=x suffix="‰"/>
                <NumberField name=Y label="From the top" value=y suffix="‰"/>
            </div>
        </div>
    }
}

fn input(node: NodeRef<html::Div>, name: &str) -> Option<HtmlInputElement> {
    node.get_untracked()?.query_selector(&format!("[name='{name}']")).ok()??.dyn_into().ok()
}

/// The form that uploads a record's picture, with the one that is there. It works with what is saved, so it waits while
/// something is typed that is not.
#[component]
pub fn PictureCard(
    of: PictureOf,
    /// The record in the address.
    #[prop(into)]
    id: String,
    picture: Option<ShownPicture>,
    /// What was refused.
    refused: Option<Returned<RefusedUpload>>,
) -> impl IntoView {
    let refused = refused.filter(|refused| refused.form.logo == (of == PictureOf::Brand));
    // Two of these forms stand on a merchant's page.
    let own = move |field: &str| match of {
        PictureOf::Brand => field.replace(UPLOAD, UPLOAD_LOGO),
        PictureOf::Offer | PictureOf::Merchant => field.to_owned(),
    };
    let errors = refused.as_ref().map(|refused| messages(&refused.error)).unwrap_or_default();
    let errors = errors.into_iter().map(|(field, message)| (own(&field), message)).collect();
    let alt = refused.map(|refused| refused.form.upload_alt).unwrap_or_default();
    let (title, verb, gone) = match (of, &picture) {
        (PictureOf::Brand, None) => ("Brand’s logo", "Upload logo", ""),
        (PictureOf::Brand, Some(_)) => ("Brand’s logo", "Replace logo", "Remove logo"),
        (_, None) => ("Picture", "Upload picture", ""),
        (_, Some(_)) => ("Picture", "Replace picture", "Remove picture"),
    };
    let help = match of {
        PictureOf::Offer => "JPEG, PNG or WebP. Members see it once a revision with it is published.",
        PictureOf::Merchant => "JPEG, PNG or WebP. Members see it at once, and on the merchant’s offers without a picture.",
        PictureOf::Brand => "JPEG, PNG or WebP. Members see it where neither the offer nor the merchant has a picture.",
    };
    let address = format!("/desk/pictures/{}/{id}", of.word());
    let remove = format!("{address}/remove");
    let before = picture.as_ref().map(|picture| picture.hash.to_string()).unwrap_or_default();
    let shown = picture.map(|picture| view! { <div class="w-40"><ui::Cover picture=Some(on_cover(picture))/></div> });
    let wait = Wait::new();
    view! {
        <Card title=title>
            <form class="flex flex-col gap-3" method="post" enctype="multipart/form-data" action=address on:submit:capture=move |event| wait.for_save(&event)>
                <Told errors=errors>
                    {wait.notice()}
                    {shown}
                    <input type="hidden" name=own(UPLOAD_BEFORE) value=before/>
                    <FileField name=own(UPLOAD_FILE) label="File" accept="image/jpeg,image/png,image/webp" help=help/>
                    <TextField name=own(UPLOAD_ALT) label="What it shows" value=alt help="Read out to those who cannot see it." maxlength=250/>
                    <div class="flex flex-wrap gap-2">
                        <Button submit=true>{verb}</Button>
                        {(!gone.is_empty()).then(|| view! { <button class="btn btn-quiet" type="submit" formaction=remove>{gone}</button> })}
                    </div>
                </Told>
            </form>
        </Card>
    }
}

/// The fields of a form with what was wrong with them, and no messages of other forms.
#[component]
fn Told(errors: Vec<(String, String)>, children: Children) -> impl IntoView {
    let errors = Signal::stored(errors);
    provide_context(FormErrors(errors));
    provide_context(SummaryErrors(errors));
    view! {
        <ErrorSummary title="The picture was not taken:"/>
        {children()}
    }
}
