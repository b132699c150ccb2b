//! The page of docs/language.md.
use lexport::source::Files;
#[test]
fn page() {
    let doc = include_str!("../docs/language.md");
    let start = doc.find("```lxp").unwrap() + 7;
    let page = &doc[start..start + doc[start..].find("```").unwrap()];
    let mut files = Files::default();
    let id = files.add("page.lxp", page).unwrap();
    let (unit, messages) = lexport::syntax::parse(id, page);
    println!("{:#?}", messages);
    println!("{}", unit.items.len());
    assert!(messages.is_empty());
    assert_eq!(unit.items.len(), 24);
}
