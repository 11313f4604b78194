//! What the desk's pages share: data that loads, addresses with filters, forms that come back after a refusal.

use crate::focus;
use leptos::{prelude::*, server_fn::ServerFn, text_prop::TextProp};
use leptos_meta::Title;
use leptos_router::{
    hooks::{use_location, use_query_map},
    params::ParamsMap,
};
use model::{
    AppError, FieldErrors, FormKey, KeptFormId, Timestamp,
    access::Permission,
    sign_in::SECOND_FACTOR_PATH,
    time::{exact, relative},
};
use serde::{Serialize, de::DeserializeOwned};
use ui::{Alert, Button, EmptyState, Icon, PageHead, RelativeTime, Skeleton, Tone, use_toasts};

/// Shows what a resource loaded, a skeleton until then, and one sentence when it was refused.
pub fn loaded<T, V>(resource: Resource<Result<T, AppError>>, view: impl Fn(T) -> V + Send + Sync + 'static) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let view = StoredValue::new(view);
    view! {
        <Transition fallback=|| view! { <Skeleton rows=8/> }>
            {move || Suspend::new(async move {
                let loaded = resource.await;
                focus::keep();
                match loaded {
                    Ok(value) => view.with_value(|view| view(value)).into_any(),
                    Err(error) => refusal(&error),
                }
            })}
        </Transition>
    }
}

/// One sentence that says why there is nothing to show, and the way on.
pub fn refusal(error: &AppError) -> AnyView {
    // An id in the address that is none reaches no server function that would say so.
    #[cfg(feature = "ssr")]
    if let (AppError::NotFound, Some(response)) = (error, use_context::<api::server::ResponseOptions>()) {
        response.set_status(api::server::StatusCode::NOT_FOUND);
    }
    let title = match error {
        AppError::NotFound => {
            let back = way_back(&use_location().pathname.get_untracked());
            return nothing("Nothing here", Icon::Search, error, back);
        }
        AppError::Forbidden => return nothing("Not for your role", Icon::Lock, error, TO_OVERVIEW),
        AppError::Unauthenticated => "Signed out",
        AppError::SecondFactorWanted => "Second factor",
        _ => "This did not load",
    };
    let text = error.to_string();
    let way_on = match error {
        AppError::Unauthenticated => Some(("/desk/sign-in", "Sign in")),
        AppError::SecondFactorWanted => Some((SECOND_FACTOR_PATH, "Set it up")),
        _ => None,
    };
    let way_on = way_on.map(|(href, words)| view! { <a class="link" href=href rel="external">{words}</a> });
    view! { <div class="py-4"><Alert tone=Tone::Negative title=title><p>{text}" "{way_on}</p></Alert></div> }.into_any()
}

/// The page in place of one that is not there, or not for this person.
fn nothing(title: &'static str, icon: Icon, error: &AppError, (href, words): WayBack) -> AnyView {
    view! {
        <Title text=title/>
        <PageHead title=title/>
        <EmptyState icon=icon title=error.to_string() action=move || view! { <Button href=href>{words}</Button> }/>
    }
    .into_any()
}

/// An address, and the words of the link to it.
type WayBack = (&'static str, &'static str);

const TO_OVERVIEW: WayBack = ("/desk", "To the overview");

/// From a record that is not there to the list it would stand in; from anywhere else to the overview.
fn way_back(path: &str) -> WayBack {
    let lists = [
        ("/desk/offers", "To the offers"),
        ("/desk/merchants", "To the merchants"),
        ("/desk/accounts", "To the accounts"),
        ("/desk/mail", "To the mail"),
        ("/desk/jobs", "To the jobs"),
    ];
    let list =
        lists.into_iter().find(|(list, _)| path.strip_prefix(list).is_some_and(|rest| rest.len() > 1 && rest.starts_with('/')));
    list.unwrap_or(TO_OVERVIEW)
}

/// Whether a form that leads away when it has succeeded is to take no further click: until the page it leads to stands, what
/// is typed or clicked there would be lost, or make another record.
pub fn leaving<S, T>(action: ServerAction<S>) -> Signal<bool>
where
    S: ServerFn<Output = T, Error = AppError> + Send + Sync + Clone + 'static,
    T: Send + Sync + 'static,
{
    let (pending, value) = (action.pending(), action.value());
    Signal::derive(move || pending.get() || value.with(|value| matches!(value, Some(Ok(_)))))
}

/// For a form that adds a record: posted twice it counts once, with or without scripts.
#[component]
pub fn CountsOnce() -> impl IntoView {
    view! { <input type="hidden" name="key" value=FormKey::random().to_string()/> }
}

/// The page for those who hold the permission; for others one sentence, and the status that says so. What the page loads is
/// refused as well, by the server.
pub fn only_for(permission: Permission, page: impl FnOnce() -> AnyView) -> AnyView {
    if crate::frame::viewer().may(permission) {
        return page();
    }
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<api::server::ResponseOptions>() {
        response.set_status(api::server::StatusCode::FORBIDDEN);
    }
    refusal(&AppError::Forbidden)
}

/// The same for a page that loads nothing the server would refuse: it is asked, so that the audit log tells of the refusal.
pub fn form_only_for(permission: Permission, page: impl FnOnce() -> AnyView) -> AnyView {
    if crate::frame::viewer().may(permission) {
        return page();
    }
    let asked = Resource::new_blocking(|| (), move |()| api::accounts::demand(permission));
    view! {
        {only_for(permission, || ().into_any())}
        <Suspense>{move || Suspend::new(async move { drop(asked.await) })}</Suspense>
    }
    .into_any()
}

/// The address's query as a list's query: fields of the same name, empty where the address has none.
pub fn query<Q: DeserializeOwned + Default + Serialize + Send + Sync + PartialEq + Clone + 'static>() -> Memo<Q> {
    let map = use_query_map();
    Memo::new(move |_| map.with(from_map))
}

fn from_map<Q: DeserializeOwned + Default>(map: &ParamsMap) -> Q {
    let fields: serde_json::Map<String, serde_json::Value> =
        map.clone().into_iter().map(|(name, value)| (name.into_owned(), value.into())).collect();
    serde_json::from_value(fields.into()).unwrap_or_default()
}

/// The address of a list with this query; empty fields are left out.
pub fn address(path: &str, query: &impl Serialize) -> String {
    let mut map = ParamsMap::new();
    if let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(query) {
        for (name, value) in fields {
            if let serde_json::Value::String(value) = value
                && !value.is_empty()
            {
                map.insert(name, value);
            }
        }
    }
    format!("{path}{}", map.to_query_string())
}

/// The title of a page whose record may be renamed while it is on show. The document asks for its title when the page is
/// written out, and by then a signal of the page itself may be gone; a counted one is not.
pub fn title_of<T: Send + Sync + 'static>(record: &ArcRwSignal<T>, title: fn(&T) -> String) -> TextProp {
    let record = record.clone();
    TextProp::from(move || record.with(title))
}

/// Sets a signal to what is new only.
pub fn renew<T: PartialEq + Send + Sync + 'static>(signal: &ArcRwSignal<T>, now: T) {
    if signal.with_untracked(|before| *before != now) {
        signal.set(now);
    }
}

/// A form that was refused without scripts, as it was typed, with the refusal.
#[derive(Clone, Debug, PartialEq)]
pub struct Returned<F> {
    pub form: F,
    pub error: AppError,
}

/// The form that the address's `kept` names. It is given back once: reload and the page starts anew.
pub fn returned<F>() -> Resource<Option<Returned<F>>>
where
    F: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let map = use_query_map();
    let id = map.with_untracked(|map| map.get("kept").and_then(|id| id.parse::<KeptFormId>().ok()));
    Resource::new_blocking(
        || (),
        move |()| async move {
            let kept = api::kept::take_kept_form(id?).await.ok()??;
            Some(Returned { form: serde_json::from_str(&kept.form).ok()?, error: kept.error })
        },
    )
}

impl<F: Serialize> Serialize for Returned<F> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.form, &self.error).serialize(serializer)
    }
}

impl<'de, F: DeserializeOwned> serde::Deserialize<'de> for Returned<F> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (form, error) = serde::Deserialize::deserialize(deserializer)?;
        Ok(Self { form, error })
    }
}

/// Says in passing that something was done, each time it was.
pub fn tell_done<S>(action: ServerAction<S>, words: &'static str)
where
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let toasts = use_toasts();
    Effect::new(move |_| {
        if let (Some(Ok(_)), Some(toasts)) = (action.value().get(), toasts) {
            toasts.show(Tone::Positive, words);
        }
    });
}

/// Says what became of an action: a word when it is done, messages when it was refused.
pub fn follow<S>(action: ServerAction<S>, refused: RwSignal<Vec<(String, String)>>, done: &'static str)
where
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let toasts = use_toasts();
    Effect::new(move |_| match action.value().get() {
        Some(Ok(_)) => {
            refused.set(Vec::new());
            toasts.into_iter().for_each(|toasts| toasts.show(Tone::Positive, done));
        }
        Some(Err(error)) => {
            refused.set(messages(&error));
            if let Some(page) = document().get_element_by_id("main") {
                focus::to_refusal(&page);
            }
        }
        None => {}
    });
}

/// What is said in a form whose session has ended; the form itself stays.
const SIGNED_OUT: &str =
    "You are signed out. Sign in again in another tab of this browser, then save: what you typed stays here.";

/// Messages for the kit's fields: those at fields, and any other refusal as a message of the whole form.
pub fn messages(error: &AppError) -> Vec<(String, String)> {
    match error {
        AppError::Invalid(errors) => field_messages(errors),
        AppError::Unauthenticated => vec![(String::new(), SIGNED_OUT.to_owned())],
        other => vec![(String::new(), other.to_string())],
    }
}

pub fn field_messages(errors: &FieldErrors) -> Vec<(String, String)> {
    errors.0.iter().map(|e| (e.field.clone(), e.message.clone())).collect()
}

/// The time of the page, for words such as "3 hours ago": the server's when it renders, the browser's after.
#[cfg(feature = "ssr")]
pub fn now() -> Timestamp {
    api::server::now()
}

/// The time of the page, for words such as "3 hours ago": the server's when it renders, the browser's after.
#[cfg(not(feature = "ssr"))]
pub fn now() -> Timestamp {
    Timestamp::from_timestamp_millis(js_sys::Date::now() as i64).unwrap_or_default()
}

/// A moment in words such as "3 hours ago", with the exact one at hand.
pub fn time(at: Timestamp) -> impl IntoView {
    view! { <RelativeTime text=relative(at, now()) exact=exact(at) datetime=at.to_rfc3339()/> }
}

#[cfg(test)]
mod tests {
    use super::way_back;

    #[test]
    fn the_way_back_from_a_record_leads_to_its_list() {
        for (path, list) in [
            ("/desk/offers/1", "/desk/offers"),
            ("/desk/offers/1/revisions/2", "/desk/offers"),
            ("/desk/merchants/1/locations/new", "/desk/merchants"),
            ("/desk/accounts/1", "/desk/accounts"),
            ("/desk/mail/1", "/desk/mail"),
            ("/desk/jobs/1", "/desk/jobs"),
            ("/desk/accounts", "/desk"),
            ("/desk/offerside/1", "/desk"),
            ("/desk/kit", "/desk"),
        ] {
            assert_eq!(way_back(path).0, list, "{path}");
        }
    }
}
