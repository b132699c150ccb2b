//! What a reader of French is told: messages chosen by `--lang` or the locale, and titles that a regime gives in French. Documents for
//! tools do not depend on the surroundings.

mod support;

use std::fmt::Write as _;

use support::Place;

/// A regime with one mistake of each common kind, and scenarios that do not all come out.
const REGIME: &str = r#"regime essai "A regime with faults" cite "Order 2"

enum Country { CN "China", DE "Germany", US "United States" }

input date        : date from 2024-01-01 to 2025-12-31 usually 2024-06-03
input destination : Country usually CN
input quantity    : count from 1 to 100_000 capability usually 20_000
input price       : number of EUR from 0 EUR to 10 EUR step 0.5 EUR usually 2.5 EUR
input special     : bool usually false

unit EUR "euro"

record Chip { tpp : count from 0 to 9 }
input chip : Chip

group EMBARGO of Country = { CN, DE from 2025-01-01 }

decision licence "Licence requirement" : { none, license } takes exactly one otherwise none
decision level   "Level of review"     : ordered { low < middle < high } takes the strictest
decision marks   "What is put on it"   : set of { red, blue } takes all

rule many "Order 2, section 1" "large orders" when quantity > 10_000 then licence is license
rule allies "Order 2, section 2" "allies" when destination is DE then licence is none
rule impossible "Order 2, section 3" when quantity > 50 and quantity < 20 then licence is license
rule reds "Order 2, section 4" when special or quantity > 5 then marks includes red
rule reds_again "Order 2, section 4 (bis)" when special then marks includes red

rule strict "Order 3" when destination in EMBARGO and quantity < 50_000 then level is high
rule lenient "Order 3 (2)" recalled when destination in EMBARGO and quantity >= 50_000 then level is low
exception waiver "Order 4" to strict when destination is US and price > 2 EUR then level is middle

prove large_need_one "Order 2" : every case where quantity >= 10_000 satisfies licence is license
prove small_are_free "Order 2" : every case where quantity <= 10_000 satisfies licence is none

accept LX4007 about level because "the threshold is the law's own"

scenario "a large order" "Order 2" given quantity is 20_000, destination is US, date is 2024-06-03 expect licence is license because many
scenario "a small order" given quantity is 3, destination is US, special is false, date is 2024-06-03 expect licence is license
scenario "who knows" given quantity is 20_000 expect licence open { none, license } asking destination
"#;

const TITLES: &str = r#"titles fr {
  essai "Un régime avec des défauts",
  many "grandes commandes",
  allies "alliés",
  licence "licence d’exportation",
  licence.license "licence exigée",
  Country.CN "Chine", Country.DE "Allemagne", Country.US "États-Unis",
  level.high "examen approfondi",
  quantity "nombre de pièces",
  large_need_one "les grandes commandes exigent une licence"
}
"#;

fn place() -> Place {
    Place::with(&[("essai/regime.lxp", REGIME), ("essai/titles-fr.lxp", TITLES)])
}

fn told(place: &Place, line: &str) -> String {
    let ran = place.run(line);
    format!("$ lexport {line}\n{}", ran.all())
}

#[test]
fn a_check_is_told_in_french() {
    insta::assert_snapshot!(told(&place(), "check essai --lang fr"));
}

#[test]
fn an_explanation_is_told_in_french() {
    let place = place();
    let mut out = String::new();
    for case in [
        "quantity=20000 destination=DE date=2024-06-03 price=2.5 special=false",
        "quantity=20000 destination=CN date=2024-06-03 price=2.5 special=true",
        "quantity=20000",
    ] {
        let _ = writeln!(out, "{}\n", told(&place, &format!("explain essai {case} --lang fr")));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn scenarios_and_differences_are_told_in_french() {
    let place = place();
    let mut out = told(&place, "test essai --lang fr");
    let _ = writeln!(out, "\n{}", told(&place, "diff essai --between 2024-06-03 2025-06-03 --lang fr"));
    let _ = writeln!(out, "\n{}", told(&place, "build essai --to json -o out --lang fr"));
    insta::assert_snapshot!(out);
}

/// The first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set counts, and `--lang` before all of them.
#[test]
fn the_locale_chooses_what_people_read() {
    let place = place();
    let run = |variables: &[(&str, &str)], line: &str| {
        place.run_where(variables, &line.split_whitespace().collect::<Vec<_>>(), b"").out
    };
    let (french, english) = (run(&[], "check essai --lang fr"), run(&[], "check essai --lang en"));
    assert!(french.contains("démontrée") && english.contains(" proved"), "{french}{english}");
    let same = |variables: &[(&str, &str)], line: &str, expected: &str| {
        assert_eq!(run(variables, line), expected, "{variables:?} {line}");
    };
    same(&[], "check essai", &english);
    same(&[("LANG", "fr_FR.UTF-8")], "check essai", &french);
    same(&[("LANG", "fr")], "check essai", &french);
    same(&[("LANG", "fr_CA.UTF-8"), ("LC_MESSAGES", "C")], "check essai", &english);
    same(&[("LANG", "C"), ("LC_MESSAGES", "fr_BE")], "check essai", &french);
    same(&[("LC_ALL", "de_DE"), ("LANG", "fr_FR")], "check essai", &english);
    same(&[("LC_ALL", ""), ("LANG", "fr_FR")], "check essai", &french);
    same(&[("LANG", "fr_FR")], "check essai --lang en", &english);
    same(&[("LANG", "frisian")], "check essai", &english);
}

/// Machines read the same whatever the locale; sentences follow `--lang`, everything else stays.
#[test]
fn documents_depend_on_lang_alone() {
    let place = place();
    for line in [
        "check essai --format json",
        "check essai --format sarif",
        "check essai --format junit",
        "test essai --format json",
        "test essai --format junit",
        "explain essai quantity=20000 destination=DE --format json",
        "diff essai --between 2024-06-03 2025-06-03 --format json",
        "ir essai",
    ] {
        let words: Vec<&str> = line.split_whitespace().collect();
        let plain = place.run_with(&words, b"");
        let abroad = place.run_where(&[("LC_ALL", "fr_FR.UTF-8")], &words, b"");
        assert_eq!(plain.out, abroad.out, "{line}");
        assert_eq!(plain.code, abroad.code, "{line}");
        let french = place.run(&format!("{line} --lang fr"));
        assert_eq!(plain.code, french.code, "{line}");
        let english = place.run(&format!("{line} --lang en"));
        assert_eq!(plain.out, english.out, "{line}");
    }
    let read = |line: &str| -> serde_json::Value { serde_json::from_str(&place.run(line).out).expect("JSON") };
    let (english, french) = (read("check essai --format json"), read("check essai --format json --lang fr"));
    let (one, other) = (english["findings"].as_array().unwrap(), french["findings"].as_array().unwrap());
    assert_eq!(one.len(), other.len());
    assert!(one.len() > 4, "{one:?}");
    let mut differ = 0;
    for (one, other) in one.iter().zip(other) {
        differ += usize::from(one["title"] != other["title"]);
        let (mut one, mut other) = (one.clone(), other.clone());
        for finding in [&mut one, &mut other] {
            // The sentences; of evidence what it says.
            for key in ["title", "notes", "fix"] {
                finding[key].take();
            }
            for evidence in finding["evidence"].as_array_mut().unwrap() {
                evidence["says"].take();
            }
        }
        assert_eq!(one, other);
    }
    assert_eq!(differ, one.len(), "every title has its French");
}

/// Numbers in words have a decimal comma; names, values of case files and files do not.
#[test]
fn numbers_are_written_as_each_language_does() {
    let place = place();
    let case = "quantity=20000 destination=DE date=2024-06-03 price=2.5 special=false";
    let french = place.run(&format!("explain essai {case} --lang fr")).out;
    assert!(french.contains("20\u{202f}000") && french.contains("2,5 EUR"), "{french}");
    let english = place.run(&format!("explain essai {case}")).out;
    assert!(english.contains("20,000") && english.contains("2.5 EUR"), "{english}");
    let json = place.run(&format!("explain essai {case} --format json --lang fr")).out;
    assert!(json.contains("\"price\": 2.5") && json.contains("\"quantity\": 20000"), "{json}");
}

#[test]
fn another_language_is_refused_with_those_that_are_known() {
    let ran = place().run("check essai --lang de");
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    assert!(ran.err.contains("en, fr") || ran.err.contains("[possible values: en, fr]"), "{}", ran.all());
}

/// Each mistake in `titles` says what, where, and what was perhaps meant.
#[test]
fn mistakes_in_titles_are_explained() {
    let mistakes = [
        ("a name that nothing bears", r#"titles fr { licens "licence" }"#),
        ("a member that is none", r#"titles fr { licence.licence "exigée" }"#),
        ("a type that is none", r#"titles fr { Contry.CN "Chine" }"#),
        ("a field that is none", r#"titles fr { chip.tp "performance" }"#),
        ("members of what has none", r#"titles fr { quantity.many "beaucoup" }"#),
        ("a group", r#"titles fr { EMBARGO "embargo" }"#),
        ("an enumeration as a whole", r#"titles fr { Country "pays" }"#),
        ("a title given twice", r#"titles fr { many "grandes", allies "alliés", many "nombreuses" }"#),
        ("a title given twice, in two places", "titles fr { Country.CN \"Chine\" }\ntitles fr { destination.CN \"Chine\" }"),
        ("an empty title", r#"titles fr { many "" }"#),
        ("another language", r#"titles de { many "viele" }"#),
        ("the language of the source", r#"titles en { many "many" }"#),
    ];
    let mut out = String::new();
    for (what, text) in mistakes {
        let place = Place::with(&[("essai/regime.lxp", REGIME), ("essai/titles-fr.lxp", text)]);
        let ran = place.run("check essai");
        assert_eq!(ran.code, Some(2), "{what}: {}", ran.all());
        let _ = writeln!(out, "{what}\n{}", ran.err);
    }
    insta::assert_snapshot!(out);
}

/// An amendment inherits the titles of the law that it amends, and may give others.
#[test]
fn titles_are_inherited() {
    let place = Place::with(&[
        (
            "old/regime.lxp",
            "regime old \"Old\" cite \"A\"\ninput n : count from 1 to 9\ndecision d : bool takes exactly one otherwise false\nrule r \"A 1\" when n > 3 then d is true\nprove p : every case satisfies n > 0\ntitles fr { old \"ancien\", r \"la règle\", d \"la décision\", p \"la propriété\" }\n",
        ),
        (
            "new/regime.lxp",
            "regime new \"New\" cite \"B\" amends \"../old\"\nrule s \"B 1\" when n > 7 then d is true\ntitles fr { new \"nouveau\", r \"l’ancienne règle\" }\n",
        ),
    ]);
    let ran = place.run("explain new n=5 --lang fr");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(ran.out.contains("new\u{a0}: nouveau") && ran.out.contains("d (la décision)"), "{}", ran.all());
    assert!(ran.out.contains("l’ancienne règle"), "{}", ran.all());
}

/// Regimes that are compared share inputs and types: what is checked calls them by its own words, and both may title them.
#[test]
fn compared_regimes_may_title_the_same_things() {
    let regime = |name: &str, input: &str| {
        format!(
            "regime {name} \"R\"\nenum E {{ a, b }}\ninput n : count from 1 to 9\ninput e : E\n\
             decision d : bool takes exactly one otherwise false\nrule r \"1\" when n > 3 and e is a then d is true\n\
             prove {name}_p : every case satisfies n > 0\n\
             titles fr {{ n \"{input}\", e.a \"{input} a\", r \"règle de {name}\", {name}_p \"propriété\" }}\n"
        )
    };
    let new = regime("new", "nouveau") + "compare with \"../old\" as old\nprove same : d equals old::d\n";
    let place = Place::with(&[("old/regime.lxp", &regime("old", "ancien")), ("new/regime.lxp", &new)]);
    let ran = place.run("explain new n=5 e=a --lang fr");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(ran.out.contains("n (nouveau)") && ran.out.contains("a (nouveau a)"), "{}", ran.all());
    assert!(ran.out.contains("règle de new") && !ran.out.contains("ancien"), "{}", ran.all());
    let ran = place.run("diff old new --lang fr");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
}

/// The titles of the standard library and of a real regime are all in use: `policies/us-2023-11`.
#[test]
fn a_real_regime_speaks_french() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
    let case = "date=2024-06-03 reading=letter mode=export origin=US destination=CN chip=RTX4090 quantity=1 consignee.hq=CN \
                consignee.parent_hq=CN consignee.located=CN end_user.hq=CN end_user.parent_hq=CN end_user.located=CN";
    let ran = Place::new().run(&format!("explain {folder}/us-2023-11 {case} --lang fr"));
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    insta::assert_snapshot!(ran.out.replace(folder, "policies"));
}
