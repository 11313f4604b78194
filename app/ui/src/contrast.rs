//! Holds the themes of `style/theme.css` to the contrast they promise.

use std::collections::HashMap;

/// A colour in Oklab: lightness, green to red, blue to yellow.
type Lab = [f64; 3];

const THEMES: &str = include_str!("../../../style/theme.css");

/// Text, ground and the least ratio (WCAG 2.2) between them.
const PAIRS: [(&str, &str, f64); 24] = [
    ("color-base-content", "color-base-100", 7.0),
    ("color-base-content", "color-base-200", 7.0),
    ("color-base-content", "color-base-300", 7.0),
    ("color-base-content", "chosen", 7.0),
    ("muted", "color-base-100", 4.5),
    ("muted", "color-base-200", 4.5),
    ("muted", "color-base-300", 4.5),
    ("muted", "chosen", 4.5),
    ("color-primary", "color-base-100", 4.5),
    ("color-primary", "color-base-200", 4.5),
    ("color-primary", "chosen", 4.5),
    ("color-error", "color-base-100", 4.5),
    ("color-error", "color-base-200", 4.5),
    ("field-line", "color-base-100", 3.0),
    ("field-line", "color-base-200", 3.0),
    ("color-primary-content", "color-primary", 4.5),
    ("color-neutral-content", "color-neutral", 4.5),
    ("color-info-content", "color-info", 4.5),
    ("color-success-content", "color-success", 4.5),
    ("color-warning-content", "color-warning", 4.5),
    ("color-error-content", "color-error", 4.5),
    // The ring of focus against what is around it.
    ("color-primary", "color-base-300", 3.0),
    ("color-neutral", "color-base-100", 3.0),
    ("color-error", "chosen", 3.0),
];

/// Colours of states, which stand as text on a tenth of themselves.
const TONES: [&str; 5] = ["color-base-content", "color-success", "color-warning", "color-error", "color-info"];

fn oklch(text: &str) -> Option<Lab> {
    let mut parts = text.split_whitespace();
    let lightness: f64 = parts.next()?.strip_suffix('%')?.parse().ok()?;
    let chroma: f64 = parts.next()?.parse().ok()?;
    let hue: f64 = parts.next()?.parse().ok()?;
    let (sin, cos) = hue.to_radians().sin_cos();
    Some([lightness / 100.0, chroma * cos, chroma * sin])
}

/// Relative luminance, of the colour as far as a screen of sRGB can show it.
fn luminance([lightness, a, b]: Lab) -> f64 {
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
    let red = 4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s;
    let green = -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s;
    let blue = -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s;
    0.2126 * red.clamp(0.0, 1.0) + 0.7152 * green.clamp(0.0, 1.0) + 0.0722 * blue.clamp(0.0, 1.0)
}

fn ratio(one: Lab, other: Lab) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

fn mixed(share: f64, colour: Lab, ground: Lab) -> Lab {
    std::array::from_fn(|part| share * colour[part] + (1.0 - share) * ground[part])
}

/// The colours of each theme, by the name of their variable.
fn themes() -> Vec<(&'static str, HashMap<&'static str, Lab>)> {
    THEMES
        .split("@plugin \"daisyui/theme\"")
        .skip(1)
        .map(|block| {
            let block = block.split("\n}").next().unwrap_or_default();
            let name = block.split('"').nth(1).unwrap_or_default();
            let colours = block
                .lines()
                .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": oklch("))
                .filter_map(|(variable, value)| Some((variable, oklch(value.strip_suffix(");")?)?)))
                .collect();
            (name, colours)
        })
        .collect()
}

#[test]
fn text_and_borders_of_both_themes_have_the_contrast_they_promise() {
    let themes = themes();
    let names: Vec<_> = themes.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["tessera", "tessera-dark"]);
    for (theme, colours) in themes {
        let colour = |name: &str| *colours.get(name).unwrap_or_else(|| panic!("{theme} does not set --{name}"));
        for (text, ground, least) in PAIRS {
            let found = ratio(colour(text), colour(ground));
            assert!(found >= least, "{theme}: {text} on {ground} is {found:.2}, not {least}");
        }
        for tone in TONES {
            let ground = mixed(0.1, colour(tone), colour("color-base-100"));
            let found = ratio(colour(tone), ground);
            assert!(found >= 4.5, "{theme}: {tone} on a tenth of itself is {found:.2}, not 4.5");
        }
    }
}

#[test]
fn black_on_white_is_the_greatest_contrast() {
    assert!((ratio([1.0, 0.0, 0.0], [0.0, 0.0, 0.0]) - 21.0).abs() < 0.01);
}
