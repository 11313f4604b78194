//! Forms: fields with label, help and message, and the summary that leads to what is wrong.
//!
//! Messages reach the fields through the context, so that a page says them once:
//!
//! ```ignore
//! provide_context(FormErrors(errors.into()));     // Signal<Vec<(field key, message)>>
//! view! {
//!     <form method="post" action=action.url() novalidate>
//!         <ErrorSummary/>
//!         <TextField name="form[headline]" label="Headline" value=draft.headline required=true/>
//!     </form>
//! }
//! ```
//!
//! Fields are uncontrolled: `value` is what stands there first, and the page listens to `input`, `change` and `submit` of its
//! `<form>`. The key of a field is the last part of its name (`form[weekdays][]` has the key `weekdays`) and the id of its
//! control is `f-<key>`. Forms say `novalidate`: the messages are ours, the same with JavaScript and without.

mod choice;
mod field;
mod input;
mod summary;

pub use choice::{CheckboxField, CheckboxGroup, Choice, RadioGroup, SelectField};
pub use field::{FieldSet, FormErrors};
pub use input::{ComboField, DateTimeField, InputKind, MoneyField, NumberField, SearchField, TextArea, TextField};
pub use summary::ErrorSummary;
