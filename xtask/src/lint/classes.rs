//! Finds the classes in Rust code and those that no rule is for.
//!
//! A text holds classes when it stands behind `class=` in a view or behind any name that ends in `class` or `classes`,
//! when a function returns it that such a place calls, or when all its words look like classes and one with a hyphen has
//! a rule. Functions are known by their names alone.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Delimiter, Group, Ident, Literal, TokenStream, TokenTree};

/// A file of Rust code.
pub struct Source {
    /// Its path in the workspace.
    pub name: String,
    pub tokens: TokenStream,
}

/// Functions whose argument is compared, not used.
const COMPARE: [&str; 7] = ["starts_with", "ends_with", "contains", "eq", "ne", "get", "matches"];

/// A text in the code that holds classes.
struct Found {
    text: String,
    line: usize,
}

/// A line for each class without a rule, in the order of files and lines.
pub fn faults(sources: &[Source], rules: &HashSet<String>) -> Vec<String> {
    let functions = Functions::of(sources);
    let mut called = HashSet::new();
    let mut found: Vec<Vec<Found>> = Vec::new();
    for source in sources {
        let mut collector = Collector::default();
        collector.search(&source.tokens);
        called.extend(collector.called);
        found.push(collector.found);
    }
    for (file, name) in functions.reached_from(called) {
        let mut collector = Collector::default();
        for body in &functions.bodies[&(file, name)] {
            collector.take_all(&body.stream());
        }
        found[file].extend(collector.found);
    }
    let mut faults = Vec::new();
    for (source, mut found) in sources.iter().zip(found) {
        found.extend(class_like_texts(&source.tokens, rules));
        let mut of_file: Vec<(usize, String)> = found.iter().flat_map(|found| faults_of(found, rules)).collect();
        of_file.sort();
        of_file.dedup();
        faults.extend(of_file.into_iter().map(|(line, fault)| format!("{}:{line}: {fault}", source.name)));
    }
    faults
}

fn faults_of(found: &Found, rules: &HashSet<String>) -> Vec<(usize, String)> {
    found
        .text
        .split_whitespace()
        .filter(|word| !is_placeholder(word) && !rules.contains(*word))
        .map(|word| {
            let fault = if word.contains(['{', '}']) {
                format!("the class `{word}` is put together from pieces: write each one whole")
            } else {
                format!("the class `{word}` has no rule in the stylesheet")
            };
            (found.line, fault)
        })
        .collect()
}

/// Whether a word of a `format!` is nothing but a value, which is a class in its own right.
fn is_placeholder(word: &str) -> bool {
    let inner = word.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    inner.is_some_and(|inner| !inner.contains(['{', '}']))
}

/// Texts that nothing marks as classes, but that look like nothing else.
fn class_like_texts(tokens: &TokenStream, rules: &HashSet<String>) -> Vec<Found> {
    let mut collector = Collector::default();
    collector.take_all(tokens);
    collector.found.retain(|found| {
        let words: Vec<_> = found.text.split_whitespace().collect();
        words.len() > 1
            && words.iter().all(|word| looks_like_class(word))
            && words.iter().any(|word| word.contains('-') && rules.contains(*word))
    });
    collector.found
}

fn looks_like_class(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase() || c == '-' || c == '[' || c == '!')
        && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_:/.[]()%#&!>*@=+,".contains(c))
        && !word.ends_with(['.', ',', ':', '!'])
}

/// The functions of all files that return a text, by file and name.
struct Functions {
    bodies: HashMap<(usize, String), Vec<Group>>,
}

impl Functions {
    fn of(sources: &[Source]) -> Functions {
        let mut functions = Functions { bodies: HashMap::new() };
        for (file, source) in sources.iter().enumerate() {
            functions.add(file, &source.tokens);
        }
        functions
    }

    fn add(&mut self, file: usize, tokens: &TokenStream) {
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.add(file, &group.stream()),
                TokenTree::Ident(word) if *word == "fn" => {
                    if let Some(TokenTree::Ident(name)) = tokens.get(index + 1)
                        && let Some(body) = text_function(&tokens[index + 2..])
                    {
                        let key = (file, name.to_string());
                        self.bodies.entry(key).or_default().push(body.clone());
                    }
                }
                _ => {}
            }
        }
    }

    /// The functions with these names, and those that they call.
    fn reached_from(&self, names: HashSet<String>) -> Vec<(usize, String)> {
        let mut waiting: Vec<String> = names.into_iter().collect();
        let mut seen: HashSet<String> = waiting.iter().cloned().collect();
        let mut reached = Vec::new();
        while let Some(name) = waiting.pop() {
            for (key, bodies) in self.bodies.iter().filter(|(key, _)| key.1 == name) {
                reached.push(key.clone());
                let mut collector = Collector::default();
                for body in bodies {
                    collector.take_all(&body.stream());
                }
                waiting.extend(collector.called.into_iter().filter(|called| seen.insert(called.clone())));
            }
        }
        reached
    }
}

/// The body of a function that returns a text, given what stands behind its name.
fn text_function(signature: &[TokenTree]) -> Option<&Group> {
    let mut returns_text = false;
    let mut behind_arrow = false;
    for (index, token) in signature.iter().enumerate() {
        match token {
            TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => {
                return returns_text.then_some(body);
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => return None,
            TokenTree::Punct(punct) if punct.as_char() == '>' => {
                behind_arrow |= index > 0 && is_punct(&signature[index - 1], '-');
            }
            TokenTree::Ident(word) if behind_arrow => {
                returns_text |= *word == "str" || *word == "String";
            }
            _ => {}
        }
    }
    None
}

/// Walks through code and gathers texts that hold classes.
#[derive(Default)]
struct Collector {
    found: Vec<Found>,
    /// The names of functions that are called where classes stand.
    called: HashSet<String>,
}

impl Collector {
    /// Looks for places where classes stand.
    fn search(&mut self, tokens: &TokenStream) {
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.search(&group.stream()),
                TokenTree::Ident(name) if names_classes(name) => self.take_behind(&tokens, index),
                _ => {}
            }
        }
    }

    /// Takes what stands behind a name that is said to hold classes.
    fn take_behind(&mut self, tokens: &[TokenTree], index: usize) {
        let before = index.checked_sub(1).map(|index| &tokens[index]);
        let behind = &tokens[index + 1..];
        if before.is_some_and(|token| is_word(token, "fn")) {
            if let Some(body) = text_function(behind) {
                self.take_all(&body.stream());
            }
        } else if starts_value(behind) {
            let is_statement =
                before.is_some_and(|token| ["let", "mut", "const", "static"].iter().any(|word| is_word(token, word)));
            self.take_value(&behind[1..], is_statement);
        } else if behind.first().is_some_and(|token| is_punct(token, ':'))
            && !behind.get(1).is_some_and(|token| is_punct(token, ':'))
        {
            self.take_behind_colon(&behind[1..]);
        }
    }

    /// `class:name=condition` of a view, `class: value` of a struct, or `CLASS: type = value`.
    fn take_behind_colon(&mut self, behind: &[TokenTree]) {
        let end = behind.iter().position(|token| ends_value(token) || is_punct(token, '=')).unwrap_or(behind.len());
        let words = &behind[..end];
        let is_type = words.iter().any(|token| is_punct(token, '&') || is_word(token, "String"));
        match behind.get(end) {
            Some(token) if is_punct(token, '=') && is_type => {
                self.take_value(&behind[end + 1..], true);
            }
            Some(token) if is_punct(token, '=') => {
                let name: String = words.iter().map(ToString::to_string).collect();
                if let Some(first) = words.first() {
                    self.found.push(Found { text: name, line: first.span().start().line });
                }
            }
            _ => self.take_value(words, false),
        }
    }

    /// Takes the texts of one value: of a statement up to its semicolon, of an attribute up to the next one.
    fn take_value(&mut self, tokens: &[TokenTree], is_statement: bool) {
        let end = tokens
            .iter()
            .enumerate()
            .position(|(index, token)| {
                if is_statement {
                    is_punct(token, ';')
                } else {
                    ends_value(token) && !ends_arrow(tokens, index) || index > 0 && starts_attribute(&tokens[index..])
                }
            })
            .unwrap_or(tokens.len());
        self.take(&tokens[..end]);
    }

    fn take_all(&mut self, tokens: &TokenStream) {
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        self.take(&tokens);
    }

    fn take(&mut self, tokens: &[TokenTree]) {
        for (index, token) in tokens.iter().enumerate() {
            let before = index.checked_sub(1).map(|index| &tokens[index]);
            match token {
                TokenTree::Literal(literal) => {
                    if let Some(text) = text_of(literal)
                        && !is_compared(tokens, index)
                    {
                        self.found.push(Found { text, line: literal.span().start().line });
                    }
                }
                TokenTree::Group(group) => {
                    if let Some(TokenTree::Ident(name)) = before
                        && group.delimiter() == Delimiter::Parenthesis
                    {
                        if COMPARE.iter().any(|word| name == word) {
                            continue;
                        }
                        self.called.insert(name.to_string());
                    }
                    self.take_all(&group.stream());
                }
                _ => {}
            }
        }
    }
}

fn names_classes(name: &Ident) -> bool {
    let name = name.to_string().to_lowercase();
    name.ends_with("class") || name.ends_with("classes")
}

/// Whether a text is only looked at: a pattern, or one side of a comparison.
fn is_compared(tokens: &[TokenTree], index: usize) -> bool {
    let at = |index: usize, wanted: char| tokens.get(index).is_some_and(|token| is_punct(token, wanted));
    let is_pattern = at(index + 1, '=') && at(index + 2, '>') || at(index + 1, '|') && !at(index + 2, '|');
    let is_right_side = index >= 2 && at(index - 1, '=') && (at(index - 2, '=') || at(index - 2, '!'));
    let is_left_side = at(index + 2, '=') && (at(index + 1, '=') || at(index + 1, '!'));
    is_pattern || is_right_side || is_left_side
}

/// Whether `= value` stands here, and neither `==` nor `=>`.
fn starts_value(tokens: &[TokenTree]) -> bool {
    tokens.first().is_some_and(|token| is_punct(token, '='))
        && !tokens.get(1).is_some_and(|token| is_punct(token, '=') || is_punct(token, '>'))
}

/// Whether the next attribute of a view stands here: `name=`, `on:name`, `data-name=`.
fn starts_attribute(tokens: &[TokenTree]) -> bool {
    let mut rest = tokens;
    loop {
        let [TokenTree::Ident(_), behind @ ..] = rest else {
            return false;
        };
        match behind {
            [next, more @ ..] if is_punct(next, '-') || is_punct(next, ':') => {
                // `::` leads on in a path.
                if more.first().is_some_and(|token| is_punct(token, ':')) {
                    return false;
                }
                rest = more;
            }
            _ => return starts_value(behind),
        }
    }
}

fn ends_value(token: &TokenTree) -> bool {
    [';', ',', '>'].iter().any(|end| is_punct(token, *end))
}

/// Whether the `>` at this place belongs to `=>` or `->`.
fn ends_arrow(tokens: &[TokenTree], index: usize) -> bool {
    index > 0 && is_punct(&tokens[index], '>') && (is_punct(&tokens[index - 1], '=') || is_punct(&tokens[index - 1], '-'))
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn is_word(token: &TokenTree, wanted: &str) -> bool {
    matches!(token, TokenTree::Ident(word) if word == wanted)
}

/// The text of a literal, if it is one.
fn text_of(literal: &Literal) -> Option<String> {
    let code = literal.to_string();
    if let Some(raw) = code.strip_prefix('r') {
        let text = raw.trim_matches('#');
        return Some(text.strip_prefix('"')?.strip_suffix('"')?.to_owned());
    }
    let inner = code.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next()? {
                // A line that goes on in the next one, or a blank of another kind.
                '\n' | 'n' | 't' | 'r' => text.push(' '),
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests;
