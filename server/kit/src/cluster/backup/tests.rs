//! The names and files of backups. Whole rehearsals, with the program that Postgres calls, are among the program's tests.

use std::fs;
use std::path::PathBuf;

use super::*;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("kit-backup-{name}-{}", std::process::id()));
        fs::create_dir_all(path.join("wal")).expect("make a folder");
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_segment_is_archived_once_and_never_over_another() {
    let folder = Folder::new("archive");
    let (source, target, name) = (folder.0.join("segment"), folder.0.join("back"), "000000010000000000000007");
    fs::write(&source, vec![7; 1 << 20]).expect("write");
    for _ in 0..2 {
        archive_segment(&folder.0, &source, name).expect("archive");
    }
    assert!(fetch_segment(&folder.0, &[], name, &target).expect("fetch"));
    assert_eq!(fs::read(&target).expect("read"), vec![7; 1 << 20]);

    fs::write(&source, "another").expect("write");
    let refused = archive_segment(&folder.0, &source, name).expect_err("another file of this name").to_string();
    assert!(refused.contains("two data bases archive into the same folder"), "{refused}");
    assert!(fetch_segment(&folder.0, &[], name, &target).expect("fetch"));
    assert_eq!(fs::read(&target).expect("read").len(), 1 << 20, "the first one stays");
}

#[test]
fn a_segment_is_looked_for_in_surviving_logs_too_and_a_damaged_one_is_no_end_of_the_log() {
    let folder = Folder::new("fetch");
    let (old, target) = (folder.0.join("old"), folder.0.join("back"));
    fs::create_dir(&old).expect("make a folder");
    fs::write(old.join("00000002.history"), "1\t0/3000000").expect("write");
    assert!(!fetch_segment(&folder.0, &[], "00000002.history", &target).expect("nothing is there"));
    assert!(fetch_segment(&folder.0, &[old], "00000002.history", &target).expect("the old one has it"));

    let place = wal::place_of(&folder.0, "000000010000000000000007");
    fs::write(&place, b"no segment at all").expect("write");
    let refused = fetch_segment(&folder.0, &[], "000000010000000000000007", &target).expect_err("damage").to_string();
    assert!(refused.contains("000000010000000000000007.zst is damaged"), "{refused}");
}

#[test]
fn a_folder_that_is_away_takes_nothing_and_a_name_cannot_lead_out_of_it() {
    let folder = Folder::new("away");
    let source = folder.0.join("segment");
    fs::write(&source, "x").expect("write");
    let away = folder.0.join("away");
    assert!(archive_segment(&away, &source, "000000010000000000000007").is_err());
    assert!(!away.exists(), "it is not made");
    for name in ["../out", "", ".hidden", "a/b"] {
        assert!(matches!(archive_segment(&folder.0, &source, name), Err(BackupError::BadName(_))), "{name}");
    }
}

#[test]
fn a_gap_in_the_log_is_found_across_logs_and_timelines() {
    let names = |list: &[&str]| list.iter().map(|name| format!("{name:0>24}")).collect::<Vec<_>>().into_iter();
    let first = names(&["100000000000000FE"]).next().expect("a name").parse().expect("a segment");
    let gap = |list: &[&str]| wal::gap(names(list), first, 16 << 20).map(|segment| segment.to_string());
    assert_eq!(gap(&["100000000000000FE", "100000000000000FF", "20000000100000000"]), None);
    assert_eq!(gap(&["100000000000000FD", "100000000000000FE"]), None, "what came before does not count");
    assert_eq!(gap(&["100000000000000FE", "20000000100000000"]).as_deref(), Some("0000000100000000000000FF"));
    assert_eq!(gap(&["100000000000000FF"]).as_deref(), Some("0000000100000000000000FE"));
}

#[test]
fn a_place_in_the_log_is_told_by_the_segment_that_ends_there() {
    let name = |position| wal::Segment::before(3, position, 16 << 20).to_string();
    assert_eq!(name(0x0300_0000), "000000030000000000000002");
    assert_eq!(name(0x0300_0001), "000000030000000000000003");
    assert_eq!(name(0x2_0000_0001), "000000030000000200000000");
}

#[test]
fn a_manifest_that_was_changed_is_refused() {
    let folder = Folder::new("manifest");
    let segment: wal::Segment = "000000010000000000000007".parse().expect("a segment");
    let manifest = Manifest {
        format: 1,
        name: "n".to_owned(),
        system: "1".to_owned(),
        major: 15,
        first_segment: segment,
        last_segment: segment,
        segment_size: 16 << 20,
        begun_at: crate::clock::now(),
        ended_at: crate::clock::now(),
        files: vec![Entry { path: "PG_VERSION".to_owned(), size: 3, sha256: "00".to_owned() }],
        beside: Vec::new(),
    };
    manifest.write(&folder.0).expect("write");
    assert_eq!(Manifest::read(&folder.0).expect("read"), manifest);
    let file = folder.0.join("manifest.json");
    let text = fs::read_to_string(&file).expect("read").replace("\"major\":15", "\"major\":16");
    fs::write(&file, text).expect("write");
    let refused = Manifest::read(&folder.0).expect_err("it was changed").to_string();
    assert!(refused.ends_with("manifest.json is damaged: its checksum differs."), "{refused}");
}
