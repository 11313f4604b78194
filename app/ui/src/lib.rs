//! The design system: the document, the frames of the portals, forms, lists and the parts of their pages.
//!
//! It knows no word of the domain: texts, addresses and choices come from the caller. Everything works as plain HTML;
//! WebAssembly only adds to it. There is no island here, so that the fully hydrated portals may use all of it.
//! `use ui::*;` brings the whole kit; [`KitPage`] shows every component in every state.
//!
//! `name` props take `&str` or `String`. A prop with `=` is optional and shows its default; `slot` takes
//! `|| view! { .. }`; `..` after a component stands for its children.
//!
//! | component | props |
//! |---|---|
//! | **Document, frames** | |
//! | [`Document`] .. | `stylesheet portal lang="en" dir="ltr" theme="" theme_css="" nonce="" hydration: slot` |
//! | [`DeskFrame`] .. | `name home="/desk" sections: Vec<NavSection> path: Signal<String> account account_detail="" account_menu: slot` |
//! | [`PlainFrame`] .. | `name title`: sign-in, a password to set, an error page |
//! | [`SiteFrame`] .. | `name home="/" logo="" links: Vec<(href, words)> path="" search: slot account: slot footer: slot` |
//! | [`SkipLink`], [`BrandMark`] | inside the frames already |
//! | **Page** | |
//! | [`PageHead`] | `title crumbs: Vec<(href, words)> badge: slot action: slot lead: slot` |
//! | [`RecordColumns`] .. | `aside: slot` |
//! | [`Card`] .. | `title="" actions: slot` |
//! | [`DescriptionList`] .. [`Detail`] .. | detail: `label` |
//! | [`Tabs`] | `label tabs: Vec<Tab> current: Signal<String>`; `Tab::new(href, words).count("3")` |
//! | [`Stat`] | `label value hint="" href=""` |
//! | [`Timeline`] .. [`TimelineRow`] .. | row: `tone icon title time: slot` |
//! | [`Prose`] | `html`: sanitised already |
//! | [`Breadcrumbs`] | `crumbs` (part of `PageHead`) |
//! | **Actions** | |
//! | [`Button`] .. | `kind=ButtonKind::Secondary (Primary, Quiet, Danger) href="" submit=false name="" value="" form="" formaction="" opens="" disabled: Signal<bool> icon icon_only="" small=false` |
//! | [`SaveBar`] .. | `status: Signal<String>` |
//! | [`ConfirmDialog`] .. | `id title text`; opened by `Button opens=id` |
//! | **Forms** | every field: `name label value="" help="" required=false` |
//! | [`FormErrors`] | context: `FormErrors(Signal<Vec<(key, message)>>)`; key = last part of the name, `""` = whole form |
//! | [`ErrorSummary`] | `title="This is not saved yet. Please correct:"` |
//! | [`FieldSet`] .. | `legend help=""` |
//! | [`TextField`] | `kind=InputKind::Text (Email, Password, Tel, Url) autocomplete="" placeholder="" maxlength=0 readonly=false` |
//! | [`TextArea`] | `tall=false placeholder=""` |
//! | [`NumberField`] | `decimal=false suffix=""` |
//! | [`MoneyField`] | `currency` |
//! | [`DateTimeField`] | `date_only=false`; value `YYYY-MM-DDTHH:MM` |
//! | [`ComboField`] | `options: Vec<(value, words)> placeholder=""` |
//! | [`SelectField`] | `options: Vec<(value, words)> empty="" autocomplete=""` |
//! | [`CheckboxField`] | `value: bool`, no `required`; sends `true` |
//! | [`CheckboxGroup`] | `options: Vec<(value, words)> values: Vec<String> inline=false` instead of `value` |
//! | [`RadioGroup`] | `options: Vec<Choice> cards=false`; `Choice::new(value, words).help("..").icon(Icon::Store)` |
//! | [`SearchField`] | `name="q" label value="" placeholder=""` |
//! | **Lists** | |
//! | [`Table`] .. | `label stacks=false`; cell classes `num`, `wrap`, `row-actions`; first cell `<th scope="row">` |
//! | [`SortLink`] | `label href sort=Sort::None (Ascending, Descending) numeric=false`: a whole `<th>` |
//! | [`CursorPager`] | `text="" previous="" next=""` |
//! | [`FilterBar`] .. | `action label` |
//! | [`FilterSelect`] | `name label options: Vec<(value, words)> value=""` |
//! | [`Chips`] .. [`Chip`] | `label`; chip: `label href removes=false current=false icon` |
//! | [`DiffRow`] | `name label mine theirs chosen="" mine_label="Your version" theirs_label="Saved version"`; sends `mine` or `theirs` |
//! | **State** | |
//! | [`Tone`] | `Neutral Positive Caution Negative Info` |
//! | [`StateBadge`] | `tone label icon` |
//! | [`Alert`] .. | `tone title` |
//! | [`EmptyState`] | `icon title text="" action: slot` |
//! | [`Skeleton`] | `rows=3 label="Loading"` |
//! | [`RelativeTime`] | `text exact datetime` |
//! | [`ToastRegion`] | in `DeskFrame`; `provide_toasts()` above it, `use_toasts()` below, `.show(tone, text)`, `.show_undo(text, callback)`, `.clear()` |
//! | **Member** | |
//! | [`Hero`] .. | `title lead=""` |
//! | [`OfferGrid`] .. [`OfferCard`] | card: `href value headline merchant distance="" until="" hue: u8=0 icon picture="" level=2 (3 in a section with a heading)` |
//! | [`Cover`] | `hue icon picture="" alt=""` |
//! | [`Facets`] .. | `label="Filters" count=0 rail: slot` |
//! | [`KeyFacts`] | `facts: Vec<KeyFact>`; `KeyFact::new(icon, label, value)` |
//! | **Classes** beside Tailwind's utilities | `link` in running text, `text-muted`, `border-line`, `bg-base-200`, `shadow-raised` |
//! | **Icons** | |
//! | [`IconSvg`] | `icon: Icon class=""`; `Icon::House`, `Icon::Search`, .. see `icon.rs` |

pub mod action;
#[cfg(test)]
mod contrast;
pub mod data;
pub mod document;
pub mod form;
pub mod frame;
pub mod icon;
pub mod kit;
pub mod member;
pub mod page;
mod text;
pub mod toast;
pub mod tone;

pub use action::*;
pub use data::*;
pub use document::*;
pub use form::*;
pub use frame::*;
pub use icon::*;
pub use kit::KitPage;
pub use member::*;
pub use page::*;
pub use toast::*;
pub use tone::*;
