//! The form of a record that several people may save: it shows what came back from a refusal, checks itself while one types,
//! and turns into the choice between two versions when somebody else saved meanwhile.

use crate::{
    conflict::{ConflictChoice, Shown},
    focus,
    live_form::LiveForm,
    shared::{Returned, messages, now},
};
use leptos::{form::FromFormData, prelude::*, server_fn::ServerFn};
use model::{
    AppError, Conflict, FieldErrors, Version,
    conflict::{Edited, Saved, alike},
};
use serde::{Serialize, de::DeserializeOwned};
use ui::{Button, ButtonKind, SaveBar, Tone, use_toasts};

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
    /// What the fields show when they are drawn.
    form: StoredValue<F>,
    conflict: StoredValue<Option<Conflict>>,
    /// How often the fields, or the choice in their place, were drawn: only when they must say something else than what was
    /// typed, so that nobody who goes on typing while a save is under way loses a letter.
    drawn: RwSignal<usize>,
    /// The version that the fields were made from: that of the last save, as soon as it is answered.
    seen: RwSignal<Version>,
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
    S: ServerFn<Output = Saved<F>, Error = AppError> + FromFormData + Clone + Send + Sync + 'static,
    F: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
{
    /// The form of a record as it stands in version `seen`, or as it came back; `check` says what the browser can know is
    /// wrong, `done` what is said in passing after a save.
    pub fn new(
        save: ServerAction<S>,
        mut form: F,
        mut seen: Version,
        back: Back<F>,
        check: fn(&S) -> FieldErrors,
        form_of: fn(S) -> F,
        done: fn(&S) -> &'static str,
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
        let edit = Self {
            live,
            save,
            form: StoredValue::new(form),
            conflict: StoredValue::new(kept),
            drawn: RwSignal::new(0),
            seen: RwSignal::new(seen),
            form_of,
        };
        let toasts = use_toasts();
        // A save from before this form was drawn is none of its business.
        Effect::watch(
            move || save.value().get(),
            move |answer, _, _| match answer {
                Some(Ok(saved)) => {
                    if let (Some(toasts), Some(sent)) = (toasts, live.sent()) {
                        toasts.show(Tone::Positive, done(&sent));
                    }
                    edit.saved(saved);
                }
                Some(Err(AppError::Conflict(conflict))) => edit.ask(conflict),
                Some(Err(error)) => live.answered(error),
                None => {}
            },
            false,
        );
        edit
    }

    fn saved(self, saved: &Saved<F>) {
        self.seen.set(saved.version);
        let chosen = self.conflict.try_update_value(Option::take).flatten().is_some();
        let form = match (self.live.sent(), self.live.read()) {
            (Some(sent), Some(typed)) if !chosen => saved.beside(&(self.form_of)(sent), &(self.form_of)(typed)),
            _ => Some(saved.form.clone()),
        };
        self.live.saved();
        if let Some(form) = form {
            self.form.set_value(form);
            self.draw();
        }
    }

    /// Somebody else saved meanwhile: what was sent and what stands are the two versions. Who went on typing while the answer
    /// was awaited keeps the fields, and chooses after the next save.
    fn ask(self, conflict: &Conflict) {
        if let (Some(sent), Some(typed)) = (self.live.sent(), self.live.read()) {
            let (sent, typed) = ((self.form_of)(sent), (self.form_of)(typed));
            if !alike(&sent, &typed) {
                let by = &conflict.by;
                let message =
                    format!("{by} saved this while you were editing. Save again to choose what to keep, field by field.");
                self.live.refuse(vec![(String::new(), message)]);
                return;
            }
            self.form.set_value(typed);
        }
        self.live.saved();
        self.live.set_unsaved(true);
        self.conflict.set_value(Some(conflict.clone()));
        self.draw();
    }

    fn draw(self) {
        focus::keep();
        self.drawn.update(|times| *times += 1);
    }

    /// What stands inside the `ActionForm`, after the hidden inputs that name the record: the fields and the button that saves
    /// them, or the choice between two versions. `back` is the record's address; `shown` says a field's raw value in words.
    pub fn body(
        self,
        save: &'static str,
        back: String,
        shown: impl Fn(&str, &str) -> String + Copy + Send + Sync + 'static,
        fields: impl Fn(F) -> AnyView + Copy + Send + Sync + 'static,
    ) -> impl IntoView {
        let fields = move || {
            view! {
                <input type="hidden" name="seen" value=move || self.seen.get().to_string()/>
                {fields(self.form.get_value())}
                <SaveBar>
                    <Button kind=ButtonKind::Primary submit=true disabled=self.save.pending()>{save}</Button>
                </SaveBar>
            }
        };
        let choice = move |conflict: Conflict| {
            let mine = self.form.get_value();
            view! { <ConflictChoice conflict=conflict form=mine back=back.clone() now=now() shown=Shown::new(shown) saving=self.save.pending()/> }
        };
        let content = move |_| match self.conflict.get_value() {
            Some(conflict) => choice(conflict).into_any(),
            None => fields().into_any(),
        };
        // New elements each time: one that was typed into shows what was typed, whatever its attribute says later.
        view! { <For each=move || [self.drawn.get()] key=|drawn| *drawn children=content/> }
    }
}
