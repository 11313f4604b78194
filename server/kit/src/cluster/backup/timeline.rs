//! Which way the log goes. Each restore begins a timeline of its own, and tells in a `.history` file where it left the one
//! before.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use super::error::{Doing as _, Result};
use super::manifest::Manifest;
use super::wal::{self, Segment, position};

/// What of the log is there: in the backup folder, and in logs that survived.
pub(super) struct Log<'a> {
    folder: &'a std::path::Path,
    others: &'a [PathBuf],
    names: HashSet<String>,
}

impl<'a> Log<'a> {
    pub fn look(folder: &'a std::path::Path, others: &'a [PathBuf]) -> Result<Log<'a>> {
        let mut names = HashSet::from_iter(wal::archived(folder)?);
        for other in others {
            let entries = fs::read_dir(other).doing("read", other)?.flatten();
            names.extend(entries.filter_map(|entry| entry.file_name().into_string().ok()));
        }
        Ok(Log { folder, others, names })
    }

    /// The first segment after a backup that is missing though later ones are there.
    pub fn gap(&self, backup: &Manifest) -> Option<Segment> {
        wal::gap(self.names.iter().cloned(), backup.first_segment, backup.segment_size)
    }

    /// The newest timeline that can be followed from a backup, and whether there is one that cannot, because the log
    /// between them went nowhere or because it parted before the backup was made.
    pub fn timeline(&self, backup: &Manifest) -> Result<(u32, bool)> {
        let own = backup.first_segment.timeline();
        let mut newer = Vec::new();
        for name in self.names.iter().filter_map(|name| name.strip_suffix(".history")) {
            newer.extend(u32::from_str_radix(name, 16).ok().filter(|timeline| *timeline > own));
        }
        newer.sort_unstable();
        for timeline in newer.iter().rev() {
            if self.leads_to(*timeline, backup)? {
                return Ok((*timeline, newer.last() != Some(timeline)));
            }
        }
        Ok((own, !newer.is_empty()))
    }

    /// Whether the log goes from a backup to a timeline without a break: each timeline on the way must have been archived
    /// from the segment on in which it begins. Else Postgres would go on, unasked, on the one that was left.
    fn leads_to(&self, timeline: u32, backup: &Manifest) -> Result<bool> {
        let steps = parse_story(&self.story(timeline)?);
        let own = backup.first_segment.timeline();
        let Some(begin) = steps.iter().position(|(parent, _)| *parent == own) else { return Ok(false) };
        let children = steps[begin + 1..].iter().map(|(parent, _)| *parent).chain([timeline]);
        let is_there = |(left, child): (u64, u32)| {
            let first = Segment::holding(child, left, backup.segment_size);
            first.place() >= backup.last_segment.place() && self.names.contains(&first.to_string())
        };
        Ok(steps[begin..].iter().map(|(_, left)| *left).zip(children).all(is_there))
    }

    fn story(&self, timeline: u32) -> Result<String> {
        let name = format!("{timeline:08X}.history");
        let place = wal::place_of(self.folder, &name);
        if place.exists() {
            return wal::read(&place);
        }
        let survived = self.others.iter().map(|other| other.join(&name)).find(|path| path.exists());
        survived.map_or(Ok(String::new()), |path| fs::read_to_string(&path).doing("read", &path))
    }
}

/// Reads lines such as `1\t0/50012A8\tbefore 2026-11-28 12:00:00+00`: a timeline and where it was left.
fn parse_story(text: &str) -> Vec<(u32, u64)> {
    let parse = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.parse().ok()?, position(words.next()?)?))
    };
    text.lines().filter_map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_is_read_line_by_line() {
        assert_eq!(
            parse_story("1\t0/50012A8\tbefore 2026-11-28 12:00:00+00\n\n# a remark\n2\t1/0\tno recovery target specified\n"),
            [(1, 0x0500_12A8), (2, 0x1_0000_0000)]
        );
    }
}
