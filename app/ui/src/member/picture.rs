//! A picture in the sizes that it stands in, cropped to its focal point, or a logo shown whole.

use leptos::prelude::*;

/// A cover's width to its height: what a wider picture is cropped to.
const COVER: f64 = 1.6;

/// A picture and where its files are.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The folder of its files, each of which is `<width>.<ending>` in it.
    pub folder: String,
    /// The widths there are; its own is the last.
    pub widths: Vec<u32>,
    pub width: u32,
    pub height: u32,
    /// The ending of the files for browsers without WebP.
    pub fallback: &'static str,
    /// The point that stays in sight, in thousandths from the left and from the top.
    pub focus: (u16, u16),
    /// What it shows.
    pub alt: String,
    /// A logo: shown whole, not cropped.
    pub whole: bool,
}

/// How wide a cover is on the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CoverSize {
    /// On a card in a grid.
    #[default]
    Card,
    /// On top of an offer's page.
    Page,
    /// Beside a name.
    Small,
}

impl CoverSize {
    /// What browsers choose a file by. A picture that is wider than the cover needs more pixels than the cover has.
    fn sizes(self, picture: &Picture) -> String {
        let ratio = f64::from(picture.width) / f64::from(picture.height.max(1));
        let times = (ratio / COVER).max(1.0);
        let part = |n: f64, unit: &str| format!("{:.0}{unit}", n * times);
        match self {
            CoverSize::Card => {
                let (wide, middle, narrow) = (part(20.0, "rem"), part(33.0, "vw"), part(50.0, "vw"));
                format!("(min-width: 80rem) {wide}, (min-width: 48rem) {middle}, {narrow}")
            }
            CoverSize::Page => format!("(min-width: 64rem) {}, {}", part(40.0, "rem"), part(100.0, "vw")),
            CoverSize::Small => part(10.0, "rem"),
        }
    }
}

/// Steps of five per cent, written out so that the stylesheet's scanner finds each: the policy allows no style on an element.
const ACROSS: [&str; 21] = [
    "focus-x-0",
    "focus-x-5",
    "focus-x-10",
    "focus-x-15",
    "focus-x-20",
    "focus-x-25",
    "focus-x-30",
    "focus-x-35",
    "focus-x-40",
    "focus-x-45",
    "focus-x-50",
    "focus-x-55",
    "focus-x-60",
    "focus-x-65",
    "focus-x-70",
    "focus-x-75",
    "focus-x-80",
    "focus-x-85",
    "focus-x-90",
    "focus-x-95",
    "focus-x-100",
];
const DOWN: [&str; 21] = [
    "focus-y-0",
    "focus-y-5",
    "focus-y-10",
    "focus-y-15",
    "focus-y-20",
    "focus-y-25",
    "focus-y-30",
    "focus-y-35",
    "focus-y-40",
    "focus-y-45",
    "focus-y-50",
    "focus-y-55",
    "focus-y-60",
    "focus-y-65",
    "focus-y-70",
    "focus-y-75",
    "focus-y-80",
    "focus-y-85",
    "focus-y-90",
    "focus-y-95",
    "focus-y-100",
];

/// The step that is nearest to so many thousandths.
fn step(steps: &[&'static str; 21], thousandths: u16) -> &'static str {
    steps[usize::from((thousandths.min(1000) + 25) / 50)]
}

impl Picture {
    fn srcset(&self, ending: &str) -> String {
        let one = |width: &u32| format!("{}/{width}.{ending} {width}w", self.folder);
        self.widths.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    /// The file for browsers that know none of it: wide enough for a card.
    fn source(&self) -> String {
        let width = self.widths.iter().copied().find(|width| *width >= 640).unwrap_or(self.width);
        format!("{}/{width}.{}", self.folder, self.fallback)
    }

    fn class(&self) -> String {
        if self.whole {
            return "cover-logo".to_owned();
        }
        format!("cover-picture {} {}", step(&ACROSS, self.focus.0), step(&DOWN, self.focus.1))
    }
}

/// The picture on a cover.
#[component]
pub(super) fn CoverPicture(
    picture: Picture,
    size: CoverSize,
    /// One of the first things on its page: not loaded only when it comes into sight.
    eager: bool,
) -> impl IntoView {
    let sizes = size.sizes(&picture);
    view! {
        <picture>
            <source type="image/webp" srcset=picture.srcset("webp") sizes=sizes.clone()/>
            <img
                class=picture.class()
                src=picture.source()
                srcset=picture.srcset(picture.fallback)
                sizes=sizes
                width=picture.width
                height=picture.height
                loading=if eager { "eager" } else { "lazy" }
                decoding="async"
                alt=picture.alt
            />
        </picture>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32) -> Picture {
        Picture {
            folder: "/pictures/0f".into(),
            widths: vec![320, width],
            width,
            height,
            fallback: "jpg",
            focus: (0, 974),
            alt: "A \"cup\"".into(),
            whole: false,
        }
    }

    #[test]
    fn a_picture_names_its_files_its_size_and_its_focal_point_and_has_no_style() {
        let html = view! { <CoverPicture picture=picture(800, 500) size=CoverSize::Small eager=false/> }.to_html();
        for part in [
            r#"srcset="/pictures/0f/320.webp 320w, /pictures/0f/800.webp 800w""#,
            r#"srcset="/pictures/0f/320.jpg 320w, /pictures/0f/800.jpg 800w""#,
            r#"src="/pictures/0f/800.jpg""#,
            r#"width="800" height="500""#,
            r#"loading="lazy""#,
            "cover-picture focus-x-0 focus-y-95",
            "A &quot;cup&quot;",
        ] {
            assert!(html.contains(part), "{part} is missing in {html}");
        }
        assert!(!html.contains("style="), "{html}");
    }

    #[test]
    fn a_wide_picture_asks_for_as_many_pixels_as_are_seen_of_it() {
        assert_eq!(CoverSize::Small.sizes(&picture(800, 500)), "10rem");
        assert_eq!(CoverSize::Small.sizes(&picture(500, 800)), "10rem");
        assert_eq!(CoverSize::Small.sizes(&picture(1600, 500)), "20rem");
    }
}
