//! What a change did to a text, line by line.

/// A line of a text before and after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    Same(&'a str),
    Removed(&'a str),
    Added(&'a str),
}

/// Longer texts than this, in pairs of lines that differ, are told as replaced whole: a comparison costs a step for each.
const MOST_PAIRS: usize = 4_000_000;

/// The lines of both texts in order, with as many as possible told as the same.
pub fn compare_lines<'a>(before: &'a str, after: &'a str) -> Vec<Line<'a>> {
    let (old, new): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let end = old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    let mut lines: Vec<_> = old[..start].iter().copied().map(Line::Same).collect();
    between(&old[start..old.len() - end], &new[start..new.len() - end], &mut lines);
    lines.extend(old[old.len() - end..].iter().copied().map(Line::Same));
    lines
}

/// What is left when the same beginning and end are cut off, by the longest common subsequence.
fn between<'a>(old: &[&'a str], new: &[&'a str], lines: &mut Vec<Line<'a>>) {
    let (mut i, mut j) = (0, 0);
    if old.len().saturating_mul(new.len()) <= MOST_PAIRS {
        let common = common_lengths(old, new);
        let width = new.len() + 1;
        while i < old.len() && j < new.len() {
            if old[i] == new[j] {
                lines.push(Line::Same(old[i]));
                (i, j) = (i + 1, j + 1);
            } else if common[(i + 1) * width + j] >= common[i * width + j + 1] {
                lines.push(Line::Removed(old[i]));
                i += 1;
            } else {
                lines.push(Line::Added(new[j]));
                j += 1;
            }
        }
    }
    lines.extend(old[i..].iter().copied().map(Line::Removed));
    lines.extend(new[j..].iter().copied().map(Line::Added));
}

/// At `i * (new.len() + 1) + j`, how many lines `old[i..]` and `new[j..]` have in common.
fn common_lengths(old: &[&str], new: &[&str]) -> Vec<u32> {
    let width = new.len() + 1;
    let mut common = vec![0; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = if old[i] == new[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: &str, after: &str) -> Vec<String> {
        let sign = |line: Line<'_>| match line {
            Line::Same(text) => format!(" {text}"),
            Line::Removed(text) => format!("-{text}"),
            Line::Added(text) => format!("+{text}"),
        };
        compare_lines(before, after).into_iter().map(sign).collect()
    }

    #[test]
    fn an_added_line_is_the_only_change() {
        assert_eq!(told("a\nb\nc", "a\nb\nnew\nc"), [" a", " b", "+new", " c"]);
        assert_eq!(told("a\na", "a\na\na").iter().filter(|line| line.starts_with('+')).count(), 1);
    }

    #[test]
    fn what_moved_past_others_leaves_them_in_place() {
        assert_eq!(told("a\nb\nc\nd", "x\nb\nd\ny"), ["-a", "+x", " b", "-c", " d", "+y"]);
    }

    #[test]
    fn nothing_and_everything_are_changes_too() {
        assert_eq!(told("", "a\nb"), ["+a", "+b"]);
        assert_eq!(told("a\nb", ""), ["-a", "-b"]);
        assert_eq!(told("a\nb", "a\nb"), [" a", " b"]);
    }

    #[test]
    fn texts_too_long_to_compare_are_replaced_whole() {
        let long = |letter: &str| (0..2_001).map(|n| format!("{letter}{n}")).collect::<Vec<_>>().join("\n");
        let (old, new) = (long("a"), long("b"));
        let lines = compare_lines(&old, &new);
        assert_eq!((lines[0], lines[2_001]), (Line::Removed("a0"), Line::Added("b0")));
        assert_eq!(lines.len(), 4_002);
    }
}
