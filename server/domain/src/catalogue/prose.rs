//! Texts that staff write as Markdown, as HTML that is safe on a public page.

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html::push_html};
use std::{collections::HashSet, sync::LazyLock};

/// What text may be made of. No pictures: they would tell another site who reads the page.
const TAGS: [&str; 18] =
    ["p", "br", "em", "strong", "b", "i", "s", "del", "code", "pre", "ul", "ol", "li", "blockquote", "a", "h3", "h4", "hr"];

/// What reads from its own side, as its first letter says: a paragraph may be in another script than the page. A list as a whole,
/// with its marks.
const SIDED: [&str; 6] = ["p", "ul", "ol", "blockquote", "h3", "h4"];

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .tags(HashSet::from(TAGS))
        .generic_attributes(HashSet::from(["title"]))
        .url_schemes(HashSet::from(["https", "http", "mailto", "tel"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("nofollow noopener noreferrer"));
    for tag in SIDED {
        builder.set_tag_attribute_value(tag, "dir", "auto");
    }
    builder
});

/// Sanitised HTML. Headings start below those of the page.
pub(super) fn html(markdown: &str) -> String {
    let events = Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH).map(|event| match event {
        Event::Start(Tag::Heading { level, .. }) => {
            Event::Start(Tag::Heading { level: below_the_page(level), id: None, classes: Vec::new(), attrs: Vec::new() })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(below_the_page(level))),
        other => other,
    });
    let mut raw = String::new();
    push_html(&mut raw, events);
    SANITISER.clean(&raw).to_string().trim().to_owned()
}

fn below_the_page(level: HeadingLevel) -> HeadingLevel {
    if level == HeadingLevel::H1 { HeadingLevel::H3 } else { HeadingLevel::H4 }
}

#[cfg(test)]
mod tests {
    use super::html;

    #[test]
    fn markdown_becomes_html() {
        assert_eq!(
            html("# Rules\n\nOne *per* table, see [here](https://example.com/a?b=1&c=2).\n\n- a\n- b"),
            "<h3 dir=\"auto\">Rules</h3>\n<p dir=\"auto\">One <em>per</em> table, see <a href=\"https://example.com/a?b=1&amp;c=2\" \
             rel=\"nofollow noopener noreferrer\">here</a>.</p>\n<ul dir=\"auto\">\n<li>a</li>\n<li>b</li>\n</ul>"
        );
        assert_eq!(html("  \n"), "");
    }

    #[test]
    fn nothing_that_runs_or_calls_elsewhere_gets_through() {
        for hostile in [
            "<script>alert(1)</script>",
            "a <SCRIPT src=//evil.example/x.js></SCRIPT> b",
            "<img src=x onerror=alert(1)>",
            "![x](https://evil.example/pixel.gif)",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt&colon;alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "<a href=\"vbscript:x\" onclick=alert(1)>x</a>",
            "<svg><script>alert(1)</script></svg>",
            "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
            "<form action=/desk><button>Sign in</button></form>",
            "<style>body{display:none}</style>",
            "<p style=\"position:fixed\">x</p>",
            "<math><mtext></table><style><!--</style><img title=\"--><img src=1 onerror=alert(1)>\">",
            "<!-- --><b>ok</b>",
            "<h1 id=main>x</h1>",
        ] {
            let html = html(hostile).to_lowercase();
            for banned in [
                "<script",
                "<img",
                "onerror",
                "onclick",
                "<svg",
                "<iframe",
                "<form",
                "<style",
                "style=",
                "id=",
                "href=\"j",
                "href=\"v",
                "href=\"d",
                "evil.example",
            ] {
                assert!(!html.contains(banned), "{hostile} gave {html}");
            }
        }
    }
}
