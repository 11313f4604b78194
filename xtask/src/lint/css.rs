//! Reads the names of classes out of a stylesheet.

use std::collections::HashSet;

/// Every class for which the stylesheet has a rule.
pub fn classes(css: &str) -> HashSet<String> {
    let mut found = HashSet::new();
    let mut chars = css.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        match c {
            '"' | '\'' => skip_string(&mut chars, c),
            '/' if chars.peek() == Some(&'*') => skip_comment(&mut chars),
            // A dot behind a digit, or before one, belongs to a number.
            '.' if !before.is_ascii_digit() => {
                let name = read_name(&mut chars);
                if !name.is_empty() {
                    found.insert(name);
                }
            }
            '\\' => {
                chars.next();
            }
            _ => {}
        }
        before = c;
    }
    found
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Reads an identifier, its escapes undone; nothing when a number stands there.
fn read_name(chars: &mut Chars) -> String {
    let mut name = String::new();
    if chars.peek().is_some_and(char::is_ascii_digit) {
        return name;
    }
    while let Some(&c) = chars.peek() {
        if c == '\\' {
            chars.next();
            name.extend(read_escape(chars));
        } else if c.is_alphanumeric() || c == '-' || c == '_' || !c.is_ascii() {
            name.push(c);
            chars.next();
        } else {
            break;
        }
    }
    name
}

/// Reads what stands behind a backslash: up to six hexadecimal digits and one blank, or one character as it is.
fn read_escape(chars: &mut Chars) -> Option<char> {
    let mut digits = String::new();
    while digits.len() < 6 {
        match chars.peek() {
            Some(c) if c.is_ascii_hexdigit() => digits.extend(chars.next()),
            _ => break,
        }
    }
    if digits.is_empty() {
        return chars.next();
    }
    if chars.peek().is_some_and(|c| c.is_ascii_whitespace()) {
        chars.next();
    }
    u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
}

fn skip_string(chars: &mut Chars, quote: char) {
    while let Some(c) = chars.next() {
        if c == quote {
            return;
        }
        if c == '\\' {
            chars.next();
        }
    }
}

fn skip_comment(chars: &mut Chars) {
    let mut before = ' ';
    chars.next();
    for c in chars {
        if before == '*' && c == '/' {
            return;
        }
        before = c;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(css: &str) -> Vec<String> {
        let mut names: Vec<_> = classes(css).into_iter().collect();
        names.sort();
        names
    }

    #[test]
    fn escaped_names_are_read_as_they_stand_in_the_code() {
        assert_eq!(
            sorted(r".hover\:bg-primary:hover{} .w-1\/2{} .\32xl\:p-4{} .\[\&_p\]\:mt-2 p{} .p-0\.5{} .\!flex{}"),
            ["!flex", "2xl:p-4", "[&_p]:mt-2", "hover:bg-primary", "p-0.5", "w-1/2"]
        );
    }

    #[test]
    fn every_selector_of_a_rule_counts() {
        assert_eq!(
            sorted("@media (width>=40rem){.btn.wide,a>.card:is(:where(.group):hover *){}}"),
            ["btn", "card", "group", "wide"]
        );
    }

    #[test]
    fn numbers_texts_and_comments_are_none() {
        assert!(sorted("a{opacity:.5;margin:1.5em;content:\".no\"}/* .never */").is_empty());
    }
}
