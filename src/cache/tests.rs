//! The store against everything that can happen to its files.

use std::path::{Path, PathBuf};

use super::{Digest, Place, Store};

struct Room {
    _temporary: tempfile::TempDir,
    folder: PathBuf,
    key: PathBuf,
}

impl Room {
    fn new() -> Room {
        let temporary = tempfile::tempdir().expect("a folder");
        let (folder, key) = (temporary.path().join("records"), temporary.path().join("state/cache.key"));
        Room { _temporary: temporary, folder, key }
    }

    fn open(&self) -> Store {
        self.open_as(b"this build")
    }

    fn open_as(&self, identity: &[u8]) -> Store {
        Store::open(Place { folder: &self.folder, key: &self.key, identity }).expect("a store")
    }

    fn segments(&self) -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> =
            std::fs::read_dir(&self.folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
        all.sort();
        all
    }
}

/// The name of another segment of the same build.
fn copy_of(path: &Path) -> PathBuf {
    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
    path.with_file_name(format!("{}-0000000000000000.records", &name[..16]))
}

fn digest(number: u8) -> Digest {
    *blake3::hash(&[number]).as_bytes()
}

fn kept(store: &Store) -> Vec<Option<Vec<u8>>> {
    (0..3).map(|number| store.get(&digest(number))).collect()
}

/// Three records in one segment.
fn three() -> (Room, Vec<Option<Vec<u8>>>) {
    let room = Room::new();
    let all = [&b"no"[..], b"", b"a longer answer"];
    let store = room.open();
    for (number, bytes) in all.iter().enumerate() {
        store.put(&digest(number as u8), bytes);
    }
    drop(store);
    (room, all.iter().map(|bytes| Some(bytes.to_vec())).collect())
}

#[test]
fn what_is_kept_is_there_in_the_next_run() {
    let (room, all) = three();
    assert_eq!(kept(&room.open()), all);
    assert_eq!(room.open().get(&digest(9)), None);
    assert_eq!(room.segments().len(), 1, "a run that adds nothing writes nothing");
}

#[test]
fn a_segment_cut_anywhere_keeps_only_whole_records() {
    let (room, all) = three();
    let path = room.segments().remove(0);
    let bytes = std::fs::read(&path).expect("bytes");
    for length in 0..bytes.len() {
        std::fs::write(&path, &bytes[..length]).expect("written");
        let found = kept(&room.open());
        assert!(found.iter().zip(&all).all(|(found, all)| found.is_none() || found == all), "cut at {length}");
        assert_eq!(found.last(), Some(&None), "cut at {length}");
    }
}

#[test]
fn an_altered_byte_is_noticed_wherever_it_is() {
    let (room, all) = three();
    let path = room.segments().remove(0);
    let bytes = std::fs::read(&path).expect("bytes");
    for at in 0..bytes.len() {
        for flip in [1, 0x80, 0xff] {
            let mut altered = bytes.clone();
            altered[at] ^= flip;
            std::fs::write(&path, &altered).expect("written");
            let found = kept(&room.open());
            assert!(found.iter().zip(&all).all(|(found, all)| found.is_none() || found == all), "byte {at}");
            assert_ne!(found, all, "byte {at}: nothing lies in a segment that no seal covers");
        }
    }
}

#[test]
fn an_answer_does_not_pass_for_another_question() {
    let (room, all) = three();
    let path = room.segments().remove(0);
    let mut bytes = std::fs::read(&path).expect("bytes");
    // The answers and seals of the first and of the third stay, their digests change places.
    let third = bytes.len() - 32 - b"a longer answer".len() - 32;
    let (first, other) = (bytes[4..36].to_vec(), bytes[third..third + 32].to_vec());
    bytes[4..36].copy_from_slice(&other);
    bytes[third..third + 32].copy_from_slice(&first);
    std::fs::write(&path, &bytes).expect("written");
    assert_eq!(kept(&room.open()), [None, all[1].clone(), None]);
}

#[test]
fn another_build_and_another_key_believe_nothing() {
    let (room, all) = three();
    let path = room.segments().remove(0);
    assert_eq!(kept(&room.open_as(b"another build")), [None, None, None]);
    let other = Room::new();
    drop(other.open());
    // Under any name: what the other would call its own segments too.
    other.open().put(&digest(7), b"");
    let own = other.segments().remove(0);
    std::fs::copy(&path, &own).expect("copied");
    assert_eq!(kept(&other.open()), [None, None, None]);
    std::fs::copy(&path, copy_of(&path)).expect("copied");
    assert_eq!(kept(&room.open()), all, "a copy of what one has written oneself is as good as the first");
}

#[test]
fn a_forged_record_is_put_right() {
    let (room, _) = three();
    let path = room.segments().remove(0);
    let mut bytes = std::fs::read(&path).expect("bytes");
    bytes[36] ^= 1;
    std::fs::write(&path, &bytes).expect("written");
    let store = room.open();
    assert_eq!(store.get(&digest(0)), None);
    store.put(&digest(0), b"no");
    drop(store);
    // The forged one stands in the older segment, and is not asked for any more.
    for _ in 0..3 {
        assert_eq!(room.open().get(&digest(0)), Some(b"no".to_vec()));
    }
    assert_eq!(room.segments().len(), 2);
}

#[test]
fn what_is_put_later_counts() {
    let room = Room::new();
    let store = room.open();
    store.put(&digest(0), b"first");
    store.put(&digest(0), b"second");
    assert_eq!(store.get(&digest(0)), Some(b"second".to_vec()));
    drop(store);
    assert_eq!(room.open().get(&digest(0)), Some(b"second".to_vec()));
    room.open().put(&digest(0), b"third");
    assert_eq!(room.open().get(&digest(0)), Some(b"third".to_vec()));
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let room = Room::new();
    drop(room.open());
    let names = ["measurements.records", "0123456789abcdef.records", "0123456789ABCDEF-0123456789abcdef.records", "a-b.records"];
    for name in names {
        let file = std::fs::File::create(room.folder.join(name)).expect("a file");
        // More than all segments may have; it takes no room on the disk.
        file.set_len(300 << 20).expect("a length");
    }
    room.open().put(&digest(1), b"x");
    drop(room.open());
    assert!(names.iter().all(|name| room.folder.join(name).exists()));
    assert_eq!(room.open().get(&digest(1)), Some(b"x".to_vec()));
}

#[test]
fn rubbish_is_no_error() {
    let room = Room::new();
    drop(room.open());
    let name = {
        room.open().put(&digest(1), b"x");
        room.segments().remove(0)
    };
    for rubbish in [&b"\xff\xff\xff\xff"[..], b"", b"text", &[0; 1000], &[0xff; 1000]] {
        std::fs::write(&name, rubbish).expect("written");
        assert_eq!(room.open().get(&digest(1)), None);
    }
    std::fs::create_dir(copy_of(&name)).expect("a folder");
    assert_eq!(room.open().get(&digest(1)), None);
}

#[test]
fn many_runs_leave_few_segments() {
    let room = Room::new();
    for number in 0..100 {
        room.open().put(&digest(number), &[number]);
    }
    assert!(room.segments().len() <= 26, "{}", room.segments().len());
    let store = room.open();
    assert!((0..100).all(|number| store.get(&digest(number)) == Some(vec![number])));
}

#[test]
fn two_at_once_do_not_disturb_each_other() {
    let room = Room::new();
    let (a, b) = (room.open(), room.open());
    std::thread::scope(|scope| {
        scope.spawn(|| (0..50).for_each(|number| a.put(&digest(number), b"a")));
        scope.spawn(|| (50..100).for_each(|number| b.put(&digest(number), b"b")));
    });
    drop((a, b));
    let store = room.open();
    assert!((0..100).all(|number| store.get(&digest(number)).is_some()));
}

#[test]
fn the_key_is_its_owners_alone() {
    let (room, all) = three();
    let open = |room: &Room| Store::open(Place { folder: &room.folder, key: &room.key, identity: b"this build" });
    let inside = room.folder.join("cache.key");
    assert!(Store::open(Place { folder: &room.folder, key: &inside, identity: b"" }).is_err(), "a key beside the records");
    std::fs::write(&room.key, b"short").expect("written");
    assert!(open(&room).is_err(), "no key");
    std::fs::remove_file(&room.key).expect("removed");
    assert_eq!(kept(&open(&room).expect("a new key")), [None, None, None], "a lost key takes all with it");
    assert_ne!(kept(&room.open()), all);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode(&room.key), mode(&room.folder)), (0o600, 0o700));
        std::fs::set_permissions(&room.key, std::fs::Permissions::from_mode(0o644)).expect("set");
        assert!(open(&room).is_err(), "others can read it");
        std::fs::set_permissions(&room.key, std::fs::Permissions::from_mode(0o600)).expect("set");
        assert!(open(&room).is_ok());
        let state = room.key.parent().expect("a folder");
        std::fs::set_permissions(state, std::fs::Permissions::from_mode(0o777)).expect("set");
        assert!(open(&room).is_err(), "others can put another in its place");
        std::fs::set_permissions(state, std::fs::Permissions::from_mode(0o700)).expect("set");
        let away = state.join("elsewhere");
        std::fs::rename(&room.key, &away).expect("moved");
        std::os::unix::fs::symlink(&away, &room.key).expect("a link");
        assert!(open(&room).is_err(), "a link");
    }
}

#[test]
fn a_folder_that_cannot_be_written_to_keeps_nothing() {
    let room = Room::new();
    let store = room.open();
    std::fs::remove_dir_all(&room.folder).expect("removed");
    store.put(&digest(1), b"x");
    store.flush();
    assert_eq!(store.get(&digest(1)), Some(b"x".to_vec()), "this run still knows");
    std::fs::write(&room.folder, b"a file").expect("written");
    assert!(Store::open(Place { folder: &room.folder, key: &room.key, identity: b"" }).is_err());
}
