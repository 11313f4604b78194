//! Files in a folder and in a bucket: both do the same.

use chrono::TimeDelta;

use super::*;

async fn text(blob: Blob) -> String {
    let parts: Vec<Bytes> = blob.content.try_collect().await.expect("the content");
    String::from_utf8(parts.concat()).expect("text")
}

async fn keeps_files(blobs: &Blobs) {
    assert!(blobs.get("a", "1.txt").await.expect("an answer").is_none(), "nothing is there yet");
    assert!(blobs.folders_from_before(crate::clock::now()).await.expect("a list").is_empty());
    for (folder, name, content) in
        [("a", "1.txt", "one"), ("a", "2.txt", "two"), ("b", "1.txt", "other"), ("a", "1.txt", "first")]
    {
        blobs.put(folder, name, content.as_bytes().to_vec()).await.expect("kept");
    }
    let found = blobs.get("a", "1.txt").await.expect("an answer").expect("a file");
    assert_eq!((found.length, text(found).await.as_str()), (5, "first"), "the last one counts");
    assert_eq!(blobs.length("b", "1.txt").await.expect("an answer"), Some(5));
    assert_eq!(blobs.length("b", "2.txt").await.expect("an answer"), None);

    let now = crate::clock::now();
    assert!(blobs.folders_from_before(now - TimeDelta::hours(1)).await.expect("a list").is_empty(), "all are new");
    assert_eq!(blobs.folders_from_before(now + TimeDelta::hours(1)).await.expect("a list"), ["a", "b"]);
    assert!(!blobs.delete_folder_from_before("a", now - TimeDelta::hours(1)).await.expect("an answer"), "written since");
    assert!(blobs.delete_folder_from_before("a", now + TimeDelta::hours(1)).await.expect("an answer"));
    assert_eq!(blobs.folders_from_before(now + TimeDelta::hours(1)).await.expect("a list"), ["b"]);
    assert!(blobs.get("a", "2.txt").await.expect("an answer").is_none());
}

#[tokio::test]
async fn a_folder_keeps_files() {
    let folder = std::env::temp_dir().join(format!("tessera-blobs-{}", uuid::Uuid::now_v7()));
    keeps_files(&Blobs::in_folder(&folder.join("not/there yet")).expect("a folder")).await;
    std::fs::remove_dir_all(&folder).expect("a folder that was made with the first file");
}

/// Needs a bucket, which `cargo xtask test` makes in a server of its own: `TESSERA_TEST_BUCKET` names it, and the usual
/// `AWS_*` variables say where it is.
#[tokio::test]
async fn a_bucket_keeps_files() {
    let Ok(bucket) = std::env::var("TESSERA_TEST_BUCKET") else {
        println!("skipped: there is no bucket to test with");
        return;
    };
    for prefix in ["", "/some/folder"] {
        let blobs = Blobs::in_bucket(&format!("{bucket}{prefix}")).expect("a bucket");
        keeps_files(&blobs).await;
        assert!(blobs.delete_folder_from_before("b", crate::clock::now() + TimeDelta::hours(1)).await.expect("an answer"));
    }
}

#[test]
fn a_bucket_without_a_name_is_refused() {
    assert!(Blobs::in_bucket("s3:///x").is_err());
}
