//! The ways in which classes are written.

use std::str::FromStr;

use super::*;

fn faults_in(code: &str) -> Vec<String> {
    let rules = ["btn", "btn-primary", "p-4", "md:p-2", "badge", "tone-info"];
    let rules = rules.into_iter().map(str::to_owned).collect();
    let source = Source { name: "a.rs".to_owned(), tokens: TokenStream::from_str(code).expect("Rust code") };
    faults(&[source], &rules)
}

fn one_fault(code: &str, class: &str) {
    let faults = faults_in(code);
    assert_eq!(faults.len(), 1, "{code}: {faults:?}");
    assert!(faults[0].contains(&format!("`{class}`")), "{faults:?}");
}

fn no_fault(code: &str) {
    let faults = faults_in(code);
    assert!(faults.is_empty(), "{code}: {faults:?}");
}

#[test]
fn an_attribute_of_a_view_is_read_whole_and_no_further() {
    one_fault("view! { <a class=\"btn btm-primary\" id=\"x\">\"some words\"</a> }", "btm-primary");
    one_fault("view! { <a id=\"x\" class=\"bnt\"/> }", "bnt");
    no_fault("view! { <a class=\"btn md:p-2\" id=\"x\" data-kind=\"y\">\"words\"</a> }");
    no_fault("view! { <a class=tone data-kind=\"y\" on:click=go>\"words\"</a> }");
}

#[test]
fn the_line_is_named() {
    assert_eq!(
        faults_in("fn A() {\n  view! {\n <a class=\"oops\"/> }\n}"),
        ["a.rs:3: the class `oops` has no rule in the stylesheet"]
    );
}

#[test]
fn every_branch_of_a_value_is_read() {
    one_fault("view! { <a class=move || if on() { \"btn\" } else { \"bad\" } id=\"x\"/> }", "bad");
    one_fault("view! { <a class={match kind { \"x\" => \"btn\", \"y\" | \"z\" => \"bad\", _ => \"p-4\" }}/> }", "bad");
    one_fault("view! { <a class=(\"bad\", move || on())/> }", "bad");
    one_fault("view! { <a class=on.then_some(\"bad\")/> }", "bad");
}

#[test]
fn what_is_compared_is_no_class() {
    no_fault("view! { <a class=move || if kind == \"live\" { \"btn\" } else { \"\" }/> }");
    no_fault("view! { <a class=move || if \"live\" != kind { \"btn\" } else { \"\" }/> }");
    no_fault("view! { <a class=move || if kind.starts_with(\"live\") { \"btn\" } else { \"p-4\" }/> }");
}

#[test]
fn a_class_on_a_condition_is_read_by_its_name() {
    one_fault("view! { <a class:is-open=move || open.get() id=\"x\"/> }", "is-open");
    no_fault("view! { <a class:btn-primary=move || open.get() id=\"x\"/> }");
}

#[test]
fn names_that_end_in_class_hold_classes() {
    one_fault("let class = if a > b { \"btn\" } else { \"bad\" };", "bad");
    one_fault("const FIELD_CLASS: &str = \"bad\";", "bad");
    one_fault("fn row_class(on: bool) -> &'static str { if on { \"btn\" } else { \"bad\" } }", "bad");
    one_fault("view! { <Panel body_class=\"bad\"/> }", "bad");
    one_fault("Panel { class: \"bad\", title: \"x\" }", "bad");
    no_fault("fn f(class: &'static str, title: &str) -> bool { title == \"x\" }");
}

#[test]
fn functions_that_are_called_for_classes_are_followed() {
    let code = "fn outer(self) -> &'static str { self.inner() } \
        fn inner(self) -> &'static str { \"bad\" } \
        fn other(self) -> &'static str { \"words\" } \
        fn is_on(self) -> bool { self.name == \"words\" }";
    no_fault(code);
    one_fault(&format!("{code} fn A() {{ view! {{ <a class=move || self.outer()/> }} }}"), "bad");
}

#[test]
fn a_text_of_classes_is_known_wherever_it_stands() {
    one_fault("fn badge(self) -> &'static str { \"badge tone-infi tone-info\" }", "tone-infi");
    no_fault("let text = \"The badge is tone-info here\";");
    no_fault("let text = \"sign in to see the badge\";");
}

#[test]
fn a_class_in_pieces_is_refused_and_whole_ones_in_a_format_are_not() {
    one_fault("let class = format!(\"btn btn-{kind}\");", "btn-{kind}");
    no_fault("let class = format!(\"btn {extra} {}\", more);");
}

#[test]
fn raw_and_continued_texts_are_read() {
    one_fault("let class = r#\"btn bad\"#;", "bad");
    no_fault("let class = \"btn \\\n     p-4\";");
}
