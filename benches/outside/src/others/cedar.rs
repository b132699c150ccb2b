//! Cedar: a policy for each rule. A licence is a `forbid`, a notice a `permit`, so one question tells all three: denied for a reason, allowed,
//! denied for none. Destinations, items and modes are principals, resources and actions, groups are their parents: what Cedar looks at first.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression,
};

use super::Engine;
use crate::rules::{COUNTRIES, MODES, Regime, Shipment, USES};

/// The policies, the entities and the requests.
pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    requests: Vec<Request>,
}

fn uid(kind: &str, name: &str) -> EntityUid {
    let kind: EntityTypeName = kind.parse().expect("a type");
    EntityUid::from_type_name_and_id(kind, EntityId::new(name))
}

fn any_of(names: &[&str], kind: &str) -> String {
    names.iter().map(|name| format!("{kind}\"{name}\"")).collect::<Vec<_>>().join(", ")
}

/// The rules in Cedar's words.
fn policies(regime: &Regime) -> String {
    let mut out = String::new();
    for (number, rule) in regime.rules.iter().enumerate() {
        let effect = if rule.requires == 2 { "forbid" } else { "permit" };
        let modes: Vec<&str> = rule.modes.iter().map(|mode| MODES[usize::from(*mode)]).collect();
        let action = if modes.is_empty() { "action".to_owned() } else { format!("action in [{}]", any_of(&modes, "Action::")) };
        let items = regime.items_of(rule);
        let mut parts = Vec::new();
        let resource = match items.len() {
            1 => format!("resource == Item::\"{}\"", items[0]),
            4 => format!("resource in Family::\"{}\"", regime.family_of(rule.items.0)),
            _ => {
                parts.push(format!("resource in [{}]", any_of(&items, "Item::")));
                "resource".to_owned()
            }
        };
        if !rule.purposes.is_empty() {
            let uses: Vec<&str> = rule.purposes.iter().map(|purpose| USES[usize::from(*purpose)]).collect();
            parts.push(format!("[{}].contains(context.purpose)", any_of(&uses, "")));
        }
        parts.extend(
            rule.datacenter.map(|asked| if asked { "context.datacenter".to_owned() } else { "!context.datacenter".into() }),
        );
        parts.extend(rule.performance.map(|least| format!("context.performance >= {least}")));
        parts.extend(rule.bandwidth.map(|below| format!("context.bandwidth < {below}")));
        parts.extend(rule.worth.map(|least| format!("context.worth >= {least}")));
        parts.extend(rule.from.map(|day| format!("context.date >= {day}")));
        parts.extend(rule.headquarters.map(|group| format!("context.headquarters in Group::\"g{group}\"")));
        let when = if parts.is_empty() { String::new() } else { format!(" when {{ {} }}", parts.join(" && ")) };
        let group = rule.destination;
        let _ = writeln!(out, "@id(\"r{number}\") {effect}(principal in Group::\"g{group}\", {action}, {resource}){when};");
    }
    out
}

fn entities(regime: &Regime) -> Entities {
    let mut all = Vec::new();
    for (number, country) in COUNTRIES.iter().enumerate() {
        let groups = regime.groups.iter().enumerate().filter(|(_, members)| members.contains(&(number as u8)));
        let parents: HashSet<EntityUid> = groups.map(|(group, _)| uid("Group", &format!("g{group}"))).collect();
        all.push(Entity::new_no_attrs(uid("Country", country), parents));
    }
    for (number, item) in regime.items.iter().enumerate() {
        all.push(Entity::new_no_attrs(uid("Item", item), [uid("Family", regime.family_of(number as u16))].into()));
    }
    for kind in MODES {
        all.push(Entity::new_no_attrs(uid("Action", kind), HashSet::new()));
    }
    let groups = (0..regime.groups.len()).map(|group| uid("Group", &format!("g{group}")));
    all.extend(groups.map(|group| Entity::new_no_attrs(group, HashSet::new())));
    let families: HashSet<&str> = (0..regime.items.len() as u16).map(|item| regime.family_of(item)).collect();
    all.extend(families.into_iter().map(|family| Entity::new_no_attrs(uid("Family", family), HashSet::new())));
    Entities::from_entities(all, None).expect("entities without a circle")
}

fn request(regime: &Regime, s: &Shipment) -> Request {
    let [performance, bandwidth, worth] = s.amounts.map(RestrictedExpression::new_long);
    let headquarters = RestrictedExpression::new_entity_uid(uid("Country", COUNTRIES[usize::from(s.headquarters)]));
    let pairs: HashMap<String, RestrictedExpression> = [
        ("headquarters", headquarters),
        ("purpose", RestrictedExpression::new_string(USES[usize::from(s.purpose)].to_owned())),
        ("datacenter", RestrictedExpression::new_bool(s.datacenter)),
        ("performance", performance),
        ("bandwidth", bandwidth),
        ("worth", worth),
        ("date", RestrictedExpression::new_long(s.date)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let context = Context::from_pairs(pairs).expect("a context");
    let (country, mode) = (COUNTRIES[usize::from(s.destination)], MODES[usize::from(s.mode)]);
    let item = uid("Item", &regime.items[usize::from(s.item)]);
    Request::new(uid("Country", country), uid("Action", mode), item, context, None).expect("a request")
}

impl Engine for Cedar {
    const NAME: &'static str = "Cedar";
    const PACKAGE: &'static str = "cedar-policy";

    fn read(regime: &Regime) -> Result<Self, String> {
        let policies = policies(regime).parse().expect("policies that Cedar reads");
        Ok(Cedar { authorizer: Authorizer::new(), policies, entities: entities(regime), requests: Vec::new() })
    }

    fn hold(&mut self, regime: &Regime, shipments: &[Shipment]) {
        self.requests = shipments.iter().map(|shipment| request(regime, shipment)).collect();
    }

    fn decide(&mut self, number: usize) -> u8 {
        let response = self.authorizer.is_authorized(&self.requests[number], &self.policies, &self.entities);
        assert!(response.diagnostics().errors().next().is_none(), "a policy failed");
        match response.decision() {
            Decision::Allow => 1,
            Decision::Deny if response.diagnostics().reason().next().is_some() => 2,
            Decision::Deny => 0,
        }
    }
}
