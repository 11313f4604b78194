//! The form of a record that several people may save: it shows what came back from a refusal, checks itself while one types,
//! and turns into the choice between two versions when somebody else saved meanwhile.

use crate::{
    conflict::{ConflictChoice, Shown},
    live_form::LiveForm,
    shared::{Returned, messages, now},
};
use leptos::{form::FromFormData, prelude::*, server_fn::ServerFn};
use model::{AppError, Conflict, FieldErrors, Version, conflict::Edited};
use serde::Serialize;
use ui::{Button, ButtonKind, SaveBar};

/// A form that came back, with the version that it was made from.
pub type Back<F> = Option<Returned<Edited<F>>>;

/// How often it was done, for what loads the record again: after a refusal it must stand as it was typed.
pub fn times_done<S>(action: ServerAction<S>) -> Memo<usize>
where
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    Memo::new(move |before: Option<&usize>| match action.value().get() {
        Some(Ok(_)) => action.version().get(),
        _ => before.copied().unwrap_or_default(),
    })
}

/// The state of one record's form `F`, which the server function `S` saves.
pub struct EditForm<S: ServerFn + 'static, F: 'static> {
    /// Goes to the `ActionForm`.
    pub live: LiveForm<S>,
    save: ServerAction<S>,
    typed: StoredValue<F>,
    seen: Version,
    conflict: Memo<Option<Conflict>>,
    form_of: fn(S) -> F,
}

impl<S: ServerFn + 'static, F: 'static> Clone for EditForm<S, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: ServerFn + 'static, F: 'static> Copy for EditForm<S, F> {}

impl<S, F> EditForm<S, F>
where
    S: ServerFn<Error = AppError> + FromFormData + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
    F: Serialize + Clone + Send + Sync + 'static,
{
    /// The form of a record as it stands in version `seen`, or as it came back; `check` says what the browser can know is wrong.
    pub fn new(
        save: ServerAction<S>,
        mut form: F,
        mut seen: Version,
        back: Back<F>,
        check: fn(&S) -> FieldErrors,
        form_of: fn(S) -> F,
    ) -> Self {
        let (mut first, mut kept) = (Vec::new(), None);
        if let Some(Returned { form: edited, error }) = back {
            (form, seen) = (edited.form, edited.seen);
            match error {
                AppError::Conflict(conflict) => kept = Some(*conflict),
                other => first = messages(&other),
            }
        }
        let live = LiveForm::new(first, check).of_record();
        if kept.is_some() {
            live.set_unsaved(true);
        }
        provide_context(live.errors());
        Effect::new(move |_| match save.value().get() {
            Some(Err(AppError::Conflict(_))) => live.set_unsaved(true),
            Some(Err(error)) => live.answered(&error),
            _ => {}
        });
        // Changes only when a conflict comes, so that other refusals leave the fields as they were typed.
        let conflict = Memo::new(move |_| match save.value().get() {
            Some(Err(AppError::Conflict(conflict))) => Some(*conflict),
            Some(Ok(_)) => None,
            _ => kept.clone(),
        });
        Self { live, save, typed: StoredValue::new(form), seen, conflict, form_of }
    }

    /// What stands inside the `ActionForm`, after the hidden inputs that name the record: the fields and the button that saves
    /// them, or the choice between two versions. `back` is the record's address; `shown` says a field's raw value in words.
    pub fn body(
        self,
        save: &'static str,
        back: String,
        shown: impl Fn(&str, &str) -> String + Copy + Send + Sync + 'static,
        fields: impl Fn(F) -> AnyView + Send + Sync + 'static,
    ) -> impl IntoView {
        let fields = move || {
            view! {
                <input type="hidden" name="seen" value=self.seen.to_string()/>
                {fields(self.typed.get_value())}
                <SaveBar>
                    <Button kind=ButtonKind::Primary submit=true disabled=self.save.pending()>{save}</Button>
                </SaveBar>
            }
        };
        let choice = move |conflict: Conflict| {
            let mine = self.live.sent().map_or_else(|| self.typed.get_value(), self.form_of);
            view! { <ConflictChoice conflict=conflict form=mine back=back.clone() now=now() shown=Shown::new(shown)/> }
        };
        move || match self.conflict.get() {
            Some(conflict) => choice(conflict).into_any(),
            None => fields().into_any(),
        }
    }
}
