//! Signatures: made, checked, refused; and with OpenSSL on the other side.

use std::process::Command;

use super::support::{Place, Ran};
use super::{REGIME, told};

/// A table in both forms, a row, and the keys of a ministry and of somebody.
fn place() -> Place {
    let place = Place::with(&[("demo.lxp", REGIME), ("rows.csv", "quantity,a\n5,CN\n")]);
    good(&place.run("build demo.lxp --to json,binary -o out"));
    for name in ["ministry", "somebody"] {
        let ran = place.run(&format!("keygen {name}"));
        good(&ran);
        assert!(
            ran.err.contains(&format!("wrote {name}: the private key"))
                && ran.err.contains(&format!("wrote {name}.pub: the public key"))
        );
        assert!(!ran.all().contains("BEGIN"), "no key is shown: {}", ran.all());
    }
    place
}

fn good(ran: &Ran) -> &Ran {
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    ran
}

fn bytes(place: &Place, path: &str) -> Vec<u8> {
    std::fs::read(place.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn a_signed_table_is_believed() {
    let place = place();
    for table in ["out/demo.lxt", "out/demo.table.json"] {
        let decide = format!("decide {table} --signed-by ministry.pub --in rows.csv");
        told(&place.run(&decide), &["LX5008", &format!("`{table}` is not signed"), &format!("lexport sign {table}")]);
        told(&place.run(&format!("verify {table} --key ministry.pub")), &["LX5008", "is not signed"]);
        let ran = good(&place.run(&format!("sign {table} --key ministry"))).err.clone();
        assert!(ran.contains("the table of demo") && ran.contains(&format!("wrote {table}.sig")), "{ran}");
        assert_eq!(bytes(&place, &format!("{table}.sig")).len(), 64);
        assert!(good(&place.run(&format!("verify {table} --key ministry.pub"))).err.contains("signed by "));
        let plain = place.run(&format!("decide {table} --in rows.csv"));
        assert_eq!(good(&place.run(&decide)).out, plain.out);
        // The same key signs the same bytes the same way.
        let signature = bytes(&place, &format!("{table}.sig"));
        good(&place.run(&format!("sign {table} --key ministry --out again")));
        assert_eq!(bytes(&place, "again"), signature);
        good(&place.run(&format!("{decide} --signature again")));
        good(&place.run(&format!("verify {table} --key ministry.pub --signature again")));
    }
}

/// No key is ever overwritten, nor the table that is signed.
#[test]
fn a_signature_takes_no_other_place() {
    let place = place();
    let files = ["ministry", "ministry.pub", "somebody", "somebody.pub", "out/demo.lxt"];
    let before: Vec<Vec<u8>> = files.iter().map(|file| bytes(&place, file)).collect();
    for file in files {
        let code = if file.starts_with("somebody") { "LX5005" } else { "LX5004" };
        told(&place.run(&format!("sign out/demo.lxt --key ministry --out {file}")), &[code, file]);
    }
    told(&place.run("decide out/demo.lxt --in rows.csv --to csv --out ministry"), &["is a key"]);
    let after: Vec<Vec<u8>> = files.iter().map(|file| bytes(&place, file)).collect();
    assert!(before == after);
    // A signature may be made anew.
    good(&place.run("sign out/demo.lxt --key somebody"));
    good(&place.run("sign out/demo.lxt --key ministry"));
}

#[test]
fn what_does_not_fit_is_refused() {
    let place = place();
    good(&place.run("sign out/demo.lxt --key ministry"));
    good(&place.run("sign out/demo.table.json --key somebody"));
    let wrong = "made with another key or for other bytes";
    told(&place.run("verify out/demo.lxt --key somebody.pub"), &["LX5008", wrong, "the key is "]);
    told(&place.run("decide out/demo.table.json --signed-by ministry.pub --in rows.csv"), &["LX5008", wrong]);
    told(&place.run("verify out/demo.lxt --key ministry.pub --signature out/demo.table.json.sig"), &["LX5008", wrong]);
    let (table, signature) = (bytes(&place, "out/demo.lxt"), bytes(&place, "out/demo.lxt.sig"));
    // A table that is well-formed and another one.
    place.put("other.lxp", REGIME.replace("fee is 5", "fee is 6").as_bytes());
    good(&place.run("build other.lxp --to binary -o other"));
    place.put("other/demo.lxt.sig", &signature);
    told(&place.run("decide other --signed-by ministry.pub --in rows.csv"), &["LX5008", wrong]);
    // One that was altered is not even looked into.
    place.put("altered.lxt", &[&table[..100], b"!", &table[101..]].concat());
    place.put("altered.lxt.sig", &signature);
    told(&place.run("verify altered.lxt --key ministry.pub"), &["LX5008", wrong]);
    for (length, words) in [(63, "64 bytes, and this one 63"), (0, "64 bytes, and this one 0")] {
        place.put("out/demo.lxt.sig", &signature[..length]);
        told(&place.run("verify out/demo.lxt --key ministry.pub"), &["LX5008", words]);
    }
    place.put("out/demo.lxt.sig", &[&signature[..], b"\n"].concat());
    told(&place.run("verify out/demo.lxt --key ministry.pub"), &["LX5008", "and this one 65"]);
    told(&place.run("decide out/demo.lxt --signature out/demo.lxt.sig --in rows.csv"), &["--signed-by"]);
    // What is no table is not signed.
    told(&place.run("sign demo.lxp --key ministry"), &["LX5003", "demo.lxp", "build it first"]);
    told(&place.run("sign altered.lxt --key ministry"), &["LX5003", "altered"]);
    told(&place.run("sign nowhere --key ministry"), &["LX2005", "nowhere"]);
    told(&place.run("sign out --key ministry"), &["LX5003", "2 tables"]);
    assert!(!place.path().join("demo.lxp.sig").exists());
}

#[test]
fn keys_that_cannot_be_used() {
    let place = place();
    good(&place.run("sign out/demo.lxt --key ministry"));
    told(&place.run("sign out/demo.lxt --key ministry.pub"), &["LX5009", "`ministry.pub`", "it is a public key"]);
    told(&place.run("verify out/demo.lxt --key ministry"), &["LX5009", "`ministry`", "it is a private key"]);
    told(&place.run("verify out/demo.lxt --key demo.lxp"), &["LX5009", "no Ed25519 key in PEM", "lexport keygen"]);
    told(&place.run("verify out/demo.lxt --key nowhere.pub"), &["LX5009", "nowhere.pub"]);
    told(&place.run("decide out/demo.lxt --signed-by rows.csv --in rows.csv"), &["LX5009", "rows.csv"]);
    place.put("noise", &[0xff; 100_000]);
    told(&place.run("verify out/demo.lxt --key noise"), &["LX5009", "no Ed25519 key"]);
    // No key is overwritten, neither half.
    let before = (bytes(&place, "ministry"), bytes(&place, "ministry.pub"));
    told(&place.run("keygen ministry"), &["LX5009", "`ministry` is there already"]);
    place.put("half.pub", b"");
    told(&place.run("keygen half"), &["LX5009", "`half.pub` is there already"]);
    assert!(!place.path().join("half").exists());
    assert_eq!((bytes(&place, "ministry"), bytes(&place, "ministry.pub")), before);
    assert_ne!(bytes(&place, "somebody"), before.0);
    told(&place.run("keygen nowhere/key"), &["LX5009"]);
}

#[cfg(unix)]
#[test]
fn a_private_key_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = place();
    let path = place.path().join("ministry");
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&place.path().join("ministry.pub"))), (0o600, 0o644));
    for open in [0o640, 0o604, 0o644] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(open)).expect("permissions");
        told(&place.run("sign out/demo.lxt --key ministry"), &["LX5009", "others can read it", "chmod 600 ministry"]);
    }
    assert!(!place.path().join("out/demo.lxt.sig").exists());
}

/// Runs OpenSSL, if there is one that knows what is asked.
fn openssl(place: &Place, line: &str) -> Option<(bool, String)> {
    let output = Command::new("openssl").args(line.split(' ')).current_dir(place.path()).output().ok()?;
    let said = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}

/// The lines of `docs/trust.md`: OpenSSL believes what Lexport signed, and the other way round; and neither believes what was altered.
#[test]
fn openssl_agrees() {
    let place = place();
    if !openssl(&place, "version").is_some_and(|(_, version)| version.starts_with("OpenSSL 3")) {
        eprintln!("skipped: no OpenSSL 3 on this machine");
        return;
    }
    let run = |line: &str| openssl(&place, line).expect("openssl");
    good(&place.run("sign out/demo.lxt --key ministry"));
    let verify = "pkeyutl -verify -pubin -inkey ministry.pub -rawin -in out/demo.lxt -sigfile out/demo.lxt.sig";
    let (good_one, said) = run(verify);
    assert!(good_one && said.contains("Signature Verified Successfully"), "{said}");
    assert!(!run(&verify.replace("ministry", "somebody")).0);
    assert!(!run(&verify.replace("-in out/demo.lxt", "-in out/demo.table.json")).0);
    // The private key is one that it reads, and the public one is its other half.
    let (read, said) = run("pkey -in ministry -pubout");
    assert!(read && said == place.read("ministry.pub"), "{said}");
    let (_, text) = run("pkey -pubin -in ministry.pub -noout -text");
    let shown: String = text.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    let name = place.run("verify out/demo.lxt --key ministry.pub").err;
    let name = name.rsplit("signed by ").next().expect("a name").trim().to_owned();
    assert!(shown.contains(&name) && name.len() == 64, "{name} in {text}");

    assert!(run("genpkey -algorithm ED25519 -out office").0);
    assert!(run("pkey -in office -pubout -out office.pub").0);
    assert!(run("pkeyutl -sign -inkey office -rawin -in out/demo.table.json -out out/demo.table.json.sig").0);
    good(&place.run("verify out/demo.table.json --key office.pub"));
    good(&place.run("decide out/demo.table.json --signed-by office.pub --in rows.csv"));
    // And its key signs here; the signature of Ed25519 is the same whoever makes it.
    good(&place.run("sign out/demo.table.json --key office --out again"));
    assert_eq!(bytes(&place, "again"), bytes(&place, "out/demo.table.json.sig"));
    assert!(run("pkey -in office -aes256 -passout pass:secret -out locked").0);
    told(&place.run("sign out/demo.lxt --key locked"), &["LX5009", "passphrase", "openssl pkey"]);
    assert!(run("genpkey -algorithm X25519 -out exchange").0);
    told(&place.run("sign out/demo.lxt --key exchange"), &["LX5009", "no Ed25519 key"]);
}
