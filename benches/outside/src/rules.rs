//! Regimes of any size over ten attributes, as data: what is written for each engine from it says the same.
//!
//! A rule names entries of a control list, a group of destinations, and some of: mode, end use, performance, bandwidth, worth,
//! headquarters, whether it is for a datacenter, a day from which on it counts. As in real regimes a rule belongs to a family of items, so their number
//! grows with that of the rules. Deterministic in the seed.

/// The same sequence on every machine (Steele, Lea, Flood: SplitMix, OOPSLA 2014).
pub struct Numbers(u64);

impl Numbers {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Numbers(seed)
    }

    /// The next number below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// The countries of the generated regimes.
pub const COUNTRIES: [&str; 76] = [
    "AE", "AR", "AT", "AU", "BE", "BR", "BY", "CA", "CH", "CL", "CN", "CO", "CU", "CZ", "DE", "DK", "EG", "ES", "FI", "FR", "GB",
    "GR", "HK", "HU", "ID", "IE", "IL", "IN", "IQ", "IR", "IT", "JO", "JP", "KE", "KH", "KP", "KR", "KW", "KZ", "LA", "LB", "LY",
    "MA", "MM", "MO", "MX", "MY", "NG", "NL", "NO", "NZ", "OM", "PE", "PH", "PK", "PL", "PT", "QA", "RO", "RS", "RU", "SA", "SE",
    "SG", "SY", "TH", "TN", "TR", "TW", "UA", "UZ", "VE", "VN", "YE", "ZA", "ZW",
];
/// How the item leaves.
pub const MODES: [&str; 5] = ["export", "reexport", "transfer", "deemed", "remote"];
/// What it is for.
pub const USES: [&str; 12] = [
    "civil", "military", "nuclear", "missile", "space", "research", "medical", "telecom", "energy", "police", "academic", "other",
];
/// The first and the last day, since 1970-01-01: 2022-01-01 and 2027-12-31.
pub const DAYS: (i64, i64) = (18_993, 21_183);

/// A shipment: the ten attributes.
#[derive(Clone, Copy, Debug)]
pub struct Shipment {
    /// A number of [`Regime::items`].
    pub item: u16,
    /// A number of [`COUNTRIES`].
    pub destination: u8,
    /// A number of [`COUNTRIES`].
    pub headquarters: u8,
    /// A number of [`MODES`].
    pub mode: u8,
    /// A number of [`USES`].
    pub purpose: u8,
    /// Whether it is for a datacenter.
    pub datacenter: bool,
    /// Performance, bandwidth and worth.
    pub amounts: [i64; 3],
    /// The day.
    pub date: i64,
}

/// What a rule asks; what is empty or none is not asked.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    /// The items, consecutive.
    pub items: (u16, u16),
    /// A number of [`Regime::groups`].
    pub destination: usize,
    /// A number of [`Regime::groups`].
    pub headquarters: Option<usize>,
    /// The modes, by number.
    pub modes: Vec<u8>,
    /// The end uses, by number.
    pub purposes: Vec<u8>,
    /// Whether it must be for a datacenter.
    pub datacenter: Option<bool>,
    /// At least so much performance, less than so much bandwidth, at least so much worth.
    pub performance: Option<i64>,
    /// Less than this.
    pub bandwidth: Option<i64>,
    /// At least this.
    pub worth: Option<i64>,
    /// From this day on.
    pub from: Option<i64>,
    /// What it requires: 1 a notice, 2 a licence.
    pub requires: u8,
}

/// A regime: what no rule speaks to requires nothing, and where several speak the strictest holds.
pub struct Regime {
    /// Names of the entries of the control list.
    pub items: Vec<String>,
    /// Members by group, rising.
    pub groups: Vec<Vec<u8>>,
    /// The rules, licences first.
    pub rules: Vec<Rule>,
}

/// The values of the decision.
pub const VALUES: [&str; 3] = ["none", "notice", "license"];

impl Rule {
    /// Whether it applies.
    pub fn applies(&self, groups: &[Vec<u8>], s: &Shipment) -> bool {
        (self.items.0..=self.items.1).contains(&s.item)
            && groups[self.destination].contains(&s.destination)
            && self.headquarters.is_none_or(|group| groups[group].contains(&s.headquarters))
            && (self.modes.is_empty() || self.modes.contains(&s.mode))
            && (self.purposes.is_empty() || self.purposes.contains(&s.purpose))
            && self.datacenter.is_none_or(|asked| asked == s.datacenter)
            && self.performance.is_none_or(|least| s.amounts[0] >= least)
            && self.bandwidth.is_none_or(|below| s.amounts[1] < below)
            && self.worth.is_none_or(|least| s.amounts[2] >= least)
            && self.from.is_none_or(|day| s.date >= day)
    }
}

impl Regime {
    /// With so many rules.
    pub fn generate(rules: usize, seed: u64) -> Regime {
        let mut numbers = Numbers::new(seed);
        let families = (rules / 12).max(8);
        let items =
            (0..families).flat_map(|family| ["a", "b", "c", "d"].map(|part| format!("{}.{part}", code(family)))).collect();
        let groups: Vec<Vec<u8>> = (0..40)
            .map(|_| {
                let size = 2 + numbers.below(18);
                let mut members: Vec<u8> = (0..size).map(|_| numbers.below(COUNTRIES.len() as u64) as u8).collect();
                members.sort_unstable();
                members.dedup();
                members
            })
            .collect();
        let mut all: Vec<Rule> = (0..rules).map(|_| rule(&mut numbers, families, groups.len())).collect();
        all.sort_by_key(|rule| std::cmp::Reverse(rule.requires));
        Regime { items, groups, rules: all }
    }

    /// What it comes to: a number of [`VALUES`].
    pub fn decide(&self, s: &Shipment) -> u8 {
        self.rules.iter().find(|rule| rule.applies(&self.groups, s)).map_or(0, |rule| rule.requires)
    }

    /// Shipments: one in two near a rule, so that all outcomes are met.
    pub fn shipments(&self, count: usize, seed: u64) -> Vec<Shipment> {
        let mut numbers = Numbers::new(seed);
        (0..count)
            .map(|_| {
                let rule = &self.rules[numbers.below(self.rules.len() as u64) as usize];
                let near = numbers.chance(60);
                let item = if near { rule.items.0 } else { numbers.below(self.items.len() as u64) as u16 };
                let country = |numbers: &mut Numbers, group: Option<usize>| match group {
                    Some(group) if near => self.groups[group][numbers.below(self.groups[group].len() as u64) as usize],
                    _ => numbers.below(COUNTRIES.len() as u64) as u8,
                };
                let one_of = |numbers: &mut Numbers, asked: &[u8], all: u64| {
                    if near && !asked.is_empty() {
                        asked[numbers.below(asked.len() as u64) as usize]
                    } else {
                        numbers.below(all) as u8
                    }
                };
                Shipment {
                    item,
                    destination: country(&mut numbers, Some(rule.destination)),
                    headquarters: country(&mut numbers, rule.headquarters),
                    mode: one_of(&mut numbers, &rule.modes, 5),
                    purpose: one_of(&mut numbers, &rule.purposes, 12),
                    datacenter: numbers.chance(50),
                    amounts: [numbers.below(9_000) as i64, numbers.below(7_000) as i64, numbers.below(60_000) as i64],
                    date: DAYS.0 + numbers.below((DAYS.1 - DAYS.0 + 1) as u64) as i64,
                }
            })
            .collect()
    }
}

fn rule(numbers: &mut Numbers, families: usize, groups: usize) -> Rule {
    let family = numbers.below(families as u64) as u16 * 4;
    let items = match numbers.below(4) {
        0 => (family, family + 3),
        1 => (family, family + 1),
        _ => {
            let one = family + numbers.below(4) as u16;
            (one, one)
        }
    };
    let mut rule = Rule { items, destination: numbers.below(groups as u64) as usize, ..Rule::default() };
    if numbers.chance(50) {
        rule.modes = [vec![0], vec![0, 1], vec![2], vec![0, 1, 2]][numbers.below(4) as usize].clone();
    }
    if numbers.chance(35) {
        rule.purposes = [vec![1], vec![2, 3], vec![5], vec![4, 9]][numbers.below(4) as usize].clone();
    }
    if numbers.chance(35) {
        rule.performance = Some(100 * (1 + numbers.below(80) as i64));
    }
    if numbers.chance(15) {
        rule.bandwidth = Some(100 * (1 + numbers.below(60) as i64));
    }
    if numbers.chance(20) {
        rule.worth = Some(1000 * (1 + numbers.below(50) as i64));
    }
    if numbers.chance(25) {
        rule.headquarters = Some(numbers.below(groups as u64) as usize);
    }
    if numbers.chance(15) {
        rule.datacenter = Some(numbers.chance(50));
    }
    if numbers.chance(15) {
        rule.from = Some(DAYS.0 + 30 * (1 + numbers.below(40) as i64));
    }
    rule.requires = if numbers.chance(65) { 2 } else { 1 };
    rule
}

fn code(family: usize) -> String {
    let letter = [b'A', b'B', b'C', b'D', b'E'][family / 100 % 5] as char;
    format!("{}{letter}{:03}", family / 500, family % 100 + 1)
}
