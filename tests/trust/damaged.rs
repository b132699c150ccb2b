//! Cut at every byte, flipped at every bit, of another version; in both forms.

use lexport::emit::{ReadError, read_binary, read_json};

use super::support::Place;
use super::{REGIME, binary, json, table, told};

#[test]
fn every_cut_is_a_cut() {
    let document = json();
    for at in 0..document.len() - 1 {
        let read = read_json(&document[..at]);
        assert!(matches!(read, Err(ReadError::Cut(_))), "{at}: {read:?}");
    }
    assert_eq!(read_json(&document[..document.len() - 1]).as_ref(), Ok(table()), "white space is free");
    let bytes = binary();
    for at in 1..bytes.len() {
        let read = read_binary(&bytes[..at]);
        assert!(matches!(read, Err(ReadError::Cut(_))), "{at}: {read:?}");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert_eq!(read_binary(&longer), Err(ReadError::Hash));
}

#[test]
fn every_bit_counts() {
    let document = json();
    for (at, bit) in (0..document.len() - 1).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        let mut altered = document.clone();
        altered[at] ^= 1 << bit;
        assert!(
            read_json(&altered).is_err(),
            "byte {at}, bit {bit}: {:?} became {:?}",
            document[at] as char,
            altered[at] as char
        );
    }
    let bytes = binary();
    for (at, bit) in (0..bytes.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        let mut altered = bytes.clone();
        altered[at] ^= 1 << bit;
        let read = read_binary(&altered);
        let right = match at {
            0..8 => matches!(read, Err(ReadError::Shape(_))),
            8..12 => matches!(read, Err(ReadError::Schema(_))),
            16..24 => matches!(read, Err(ReadError::Cut(_) | ReadError::Hash)),
            _ => matches!(read, Err(ReadError::Hash)),
        };
        assert!(right, "byte {at}, bit {bit}: {read:?}");
    }
}

/// Another spelling of the same table is another file: whoever signs or compares files must not be surprised.
#[test]
fn another_spelling_is_refused() {
    let text = String::from_utf8(json()).expect("text");
    let spaced = text.replace(":[", " :\n\t[ ").replace("},{", "} ,\r\n {");
    assert_eq!(read_json(spaced.as_bytes()).as_ref(), Ok(table()), "white space is free");
    let regime = "\"regime\":\"demo\",\"title\":\"\"";
    for (what, by) in [
        ("é", "\\u00e9"),
        ("demo", "d\\u0065mo"),
        (regime, "\"title\":\"\",\"regime\":\"demo\""),
        ("\"domain\":\"bool\"", "\"domain\":{\"bool\":null}"),
        ("\"ordered\":false,", "\"ordered\":false,\"more\":1,"),
        ("\"label\":\"\"", "\"label\":\"\",\"more\":1"),
        ("{\"flag\":{\"input\":6}}", "{\"flag\":[6]}"),
    ] {
        assert!(text.contains(what), "{what}");
        assert!(matches!(read_json(text.replacen(what, by, 1).as_bytes()), Err(ReadError::Shape(_) | ReadError::Hash)), "{by}");
    }
}

#[test]
fn the_command_says_what_is_wrong() {
    let place = Place::with(&[("demo.lxp", REGIME), ("rows.csv", "quantity,a\n5,CN\n")]);
    let ran = place.run("build demo.lxp --to json,binary -o out");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    told(&place.run("decide out --in rows.csv"), &["LX5003", "2 tables", "out/demo.lxt, out/demo.table.json"]);
    let (document, bytes) =
        (place.read("out/demo.table.json").into_bytes(), std::fs::read(place.path().join("out/demo.lxt")).unwrap());
    assert_eq!((&document, &bytes), (&json(), &binary()), "the same regime gives the same bytes");
    let one = place.run("decide out/demo.table.json --in rows.csv");
    let other = place.run("decide out/demo.lxt --in rows.csv");
    assert_eq!((one.code, &one.out), (Some(0), &other.out), "{}", other.all());
    // What it is stands in its first bytes, not in its name.
    place.put("alone/x.table.json", &bytes);
    assert_eq!(place.run("decide alone --in rows.csv").out, one.out);
    place.put("x.lxt", &document);
    assert_eq!(place.run("decide x.lxt --in rows.csv").out, one.out);

    let says = |name: &str, bytes: &[u8], words: &str| {
        place.put(name, bytes);
        told(&place.run(&format!("decide {name} --in rows.csv")), &["LX5003", name, words]);
    };
    let altered = |bytes: &[u8], at: usize, to: u8| {
        let mut bytes = bytes.to_vec();
        bytes[at] = to;
        bytes
    };
    says("empty", b"", "cut short");
    says("half", &bytes[..bytes.len() / 2], "cut short");
    says("half.json", &document[..document.len() / 2], "cut short");
    says("begun", &bytes[..5], "cut short");
    says("altered", &altered(&bytes, 2000, 7), "altered");
    says("altered.json", &altered(&document, 100, b'7'), "altered");
    for (before, after) in [("first", 1u8), ("next", 3)] {
        says(before, &altered(&bytes, 8, after), &format!("version \"binary {after}\""));
        let other = String::from_utf8(document.clone()).unwrap().replace("table/2", &format!("table/{after}"));
        says(&format!("{before}.json"), other.as_bytes(), &format!("version \"lexport.table/{after}\""));
    }
    // What a transfer as text makes of it.
    let text: Vec<u8> = bytes.iter().flat_map(|byte| if *byte == b'\n' { vec![b'\r', b'\n'] } else { vec![*byte] }).collect();
    says("text", &text, "not a table");
    says("picture", b"\x89PNG\r\n\x1a\n and so on", "not a table");
    says("noise", &(0..=255).collect::<Vec<u8>>(), "not a table");
}

/// A table is not given the answers of another one: the vectors are asked.
#[test]
fn a_table_that_does_not_give_its_own_answers_is_refused() {
    let mut wrong = table().clone();
    wrong.roots.swap(0, 2);
    wrong.decisions.swap(0, 2);
    let why = "malformed: check vector 0: the table does not give its answer";
    let read = read_json(&lexport::emit::json(&wrong).unwrap().bytes);
    assert!(read.as_ref().is_err_and(|error| error.to_string().contains(why)), "{read:?}");
    let read = read_binary(&lexport::emit::binary(&wrong).unwrap().bytes);
    assert!(read.as_ref().is_err_and(|error| error.to_string().contains(why)), "{read:?}");
}

#[test]
fn what_has_no_end_is_no_table() {
    if cfg!(unix) {
        let place = Place::with(&[("rows.csv", "quantity,a\n5,CN\n")]);
        told(&place.run("decide /dev/zero --in rows.csv"), &["/dev/zero", "does not end"]);
    }
}
