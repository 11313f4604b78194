//! Categories name their icon; the kit draws it.

use ui::Icon;

/// The kit's icon of this name, or one that stands for any offer.
pub fn icon(name: &str) -> Icon {
    Icon::named(name).unwrap_or(Icon::TicketPercent)
}
