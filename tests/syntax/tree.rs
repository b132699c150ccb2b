//! Trees out of choices: a list of numbers decides what is grown. When the list is at its end every choice is the first, which
//! is the simplest; so proptest's shrinking of the list shrinks the tree.

use lexport::source::{Span, Spanned};
use lexport::syntax::ast::*;

/// The choices.
pub struct Choices {
    data: Vec<u32>,
    at: usize,
}

const NOWHERE: Span = Span::NOWHERE;

const NAMES: &[&str] = &[
    "a",
    "chip",
    "lpp_year",
    "X9",
    "3A090.a",
    "5A992.z.1",
    "D:5",
    "least",
    "sum",
    "first",
    "value",
    "enforced",
    "subject",
    "at",
    "the",
    "csv",
    "with",
    "no",
    "strict",
    "exactly",
    "one",
    "never",
    "rule",
    "exception",
    "restriction",
    "date",
    "status",
    "count",
    "case",
    "base",
    "key",
    "label",
    "cite",
    "open",
    "input",
    "regime",
    "record",
    "unit",
    "group",
    "groups",
    "row",
    "table",
    "money",
    "percent",
    "column",
    "all",
    "by",
    "on",
    "to",
    "until",
    "from",
    "about",
    "use",
    "of",
    "as",
    "set",
    "number",
    "bool",
    "ordered",
    "step",
    "usually",
    "capability",
    "scenario",
    "prove",
    "accept",
    "decision",
    "define",
    "constant",
    "enum",
    "attribute",
    "grows",
    "equals",
    "effective",
    "suspended",
    "amends",
    "cap",
    "counts",
    "move",
    "per",
    "repeal",
    "replace",
    "stay",
];

const TYPE_WORDS: &[&str] = &["bool", "date", "count", "percent", "money", "number", "set", "ordered"];

const TEXTS: &[&str] =
    &["", "742.6(a)(6)(iii)", "a \"quoted\" \\ word", "-- no comment", "§ 740.2, „ähnlich“", "{ } , rule x when", "a title"];

const DAYS: &[&str] = &["2025-01-13", "2024-02-29", "0001-01-01", "9999-12-31"];

fn pauses(kind: StatusKind) -> bool {
    matches!(kind, StatusKind::Suspended | StatusKind::NotEnforced | StatusKind::Enjoined)
}

impl Choices {
    /// From numbers.
    pub fn new(data: Vec<u32>) -> Self {
        Choices { data, at: 0 }
    }

    fn pick(&mut self, count: usize) -> usize {
        let next = self.data.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        next as usize % count
    }

    fn chance(&mut self) -> bool {
        self.pick(2) == 1
    }

    fn one(&mut self, list: &[&str]) -> String {
        let at = self.pick(list.len());
        list[at].to_owned()
    }

    fn maybe<T>(&mut self, grow: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance().then(|| grow(self))
    }

    fn many<T>(&mut self, least: usize, mut grow: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = least + self.pick(4) * self.pick(3);
        (0..count).map(|_| grow(self)).collect()
    }

    /// A whole file.
    pub fn unit(&mut self) -> Unit {
        let count = 1 + self.pick(6);
        let items = (0..count).map(|_| Item { kind: self.item(), span: NOWHERE }).collect();
        Unit { items, comments: Vec::new(), lost: Vec::new() }
    }

    fn name(&mut self) -> Name {
        Spanned::new(self.one(NAMES), NOWHERE)
    }

    fn type_name(&mut self) -> Name {
        let name = self.name();
        if TYPE_WORDS.contains(&&*name.node) { Spanned::new("Chip".to_owned(), NOWHERE) } else { name }
    }

    fn names(&mut self) -> Vec<Name> {
        self.many(1, Self::name)
    }

    fn text(&mut self) -> Text {
        Spanned::new(self.one(TEXTS), NOWHERE)
    }

    fn day(&mut self) -> Text {
        Spanned::new(self.one(DAYS), NOWHERE)
    }

    fn path(&mut self) -> Path {
        let regime = self.pick(5) == 4;
        let regime = regime.then(|| Spanned::new("old".to_owned(), NOWHERE));
        let mut parts = self.many(1, Self::name);
        let last = parts.len() - 1;
        for part in &mut parts[..last] {
            if part.node.contains(['.', ':']) {
                part.node = "chip".to_owned(); // `3A090.a` is one code.
            }
        }
        Path { regime, parts, span: NOWHERE }
    }

    fn number(&mut self) -> NumberLit {
        let digits = self.one(&["0", "26_900_000", "5.92", "1e26", "1.5e-3", "007"]);
        let unit = self.maybe(|c| c.one(&["TPP", "%", "TPP/mm2", "GB/s", "W*h"]));
        NumberLit { digits, unit, span: NOWHERE, negative: false }
    }

    fn signed(&mut self) -> NumberLit {
        let negative = self.chance();
        NumberLit { negative, ..self.number() }
    }

    fn value(&mut self) -> Value {
        match self.pick(5) {
            0 => Value::Path(self.path()),
            1 => Value::Number(self.signed()),
            2 => Value::Date(self.day()),
            3 => Value::Bool(Spanned::new(self.chance(), NOWHERE)),
            _ => Value::Set(self.many(0, Self::name), NOWHERE),
        }
    }

    fn values(&mut self) -> Vec<Value> {
        self.many(1, Self::value)
    }

    fn assignment(&mut self) -> Assignment {
        Assignment { path: self.path(), value: self.pick(4).checked_sub(1).map(|_| self.value()), with: Vec::new() }
    }

    fn given_item(&mut self) -> Assignment {
        let mut one = self.assignment();
        if one.value.is_some() {
            one.with = self.many(0, |c| (c.name(), c.value()));
        }
        one
    }

    fn member(&mut self, depth: usize) -> MemberDecl {
        let children = if depth > 0 && self.pick(3) == 2 { self.many(1, |c| c.member(depth - 1)) } else { Vec::new() };
        MemberDecl { name: self.name(), label: self.maybe(Self::text), children }
    }

    fn ty(&mut self) -> Type {
        let kind = match self.pick(6) {
            0 => TypeKind::Bool,
            1 => TypeKind::Date { range: self.maybe(|c| (c.day(), c.day())) },
            2 => TypeKind::Number {
                unit: self.maybe(|c| Spanned::new(c.one(&["%", "USD", "TPP", "TPP/mm2"]), NOWHERE)),
                range: self.maybe(|c| (c.signed(), c.signed())),
                step: self.maybe(Self::number),
            },
            3 => TypeKind::Set(Box::new(self.ty())),
            4 => TypeKind::Named(self.type_name()),
            _ => TypeKind::Inline { ordered: self.chance(), members: self.many(1, |c| c.member(1)) },
        };
        Type { kind, span: NOWHERE }
    }

    fn options(&mut self) -> Vec<InputOption> {
        let capability = self.chance().then_some(InputOption::Capability(NOWHERE));
        let usually = self.maybe(|c| InputOption::Usually(c.values()));
        capability.into_iter().chain(usually).collect()
    }

    fn mark(&mut self) -> Mark {
        let kind = if self.chance() { MarkKind::Recalled } else { MarkKind::Inferred };
        Mark { kind, note: self.maybe(Self::text), span: NOWHERE }
    }

    fn status(&mut self) -> Vec<StatusItem> {
        let mut lines: Vec<StatusItem> = Vec::new();
        for _ in 0..self.pick(4) {
            let kinds = [
                StatusKind::Codified,
                StatusKind::Effective,
                StatusKind::Compliance,
                StatusKind::Suspended,
                StatusKind::NotEnforced,
                StatusKind::Enjoined,
                StatusKind::Repealed,
                StatusKind::Until,
                StatusKind::Sunset,
            ];
            let kind = kinds[self.pick(kinds.len())];
            if kind == StatusKind::Sunset {
                let (scope, by) = (Some(self.expr(2)), self.maybe(Self::text));
                lines.push(StatusItem {
                    kind,
                    from: Spanned::new(String::new(), NOWHERE),
                    until: None,
                    by,
                    scope,
                    span: NOWHERE,
                });
                continue;
            }
            let pausing = pauses(kind);
            let line = StatusItem {
                kind,
                from: self.day(),
                until: if pausing { self.maybe(Self::day) } else { None },
                by: if pausing { self.maybe(Self::text) } else { None },
                scope: if pausing { self.maybe(|c| c.expr(2)) } else { None },
                span: NOWHERE,
            };
            // An `until` behind an open pause is the end of that pause.
            let open = lines
                .last()
                .is_some_and(|last| pauses(last.kind) && last.until.is_none() && last.by.is_none() && last.scope.is_none());
            let ends = |kind| matches!(kind, StatusKind::Until | StatusKind::Repealed);
            let ended = ends(kind) && lines.iter().any(|line| ends(line.kind));
            if !(open && kind == StatusKind::Until || ended) {
                lines.push(line);
            }
        }
        lines
    }

    fn set(&mut self, depth: usize) -> SetExpr {
        match self.pick(if depth > 0 { 5 } else { 2 }) {
            0 => SetExpr::Named(self.path()),
            1 => {
                let member = |c: &mut Self| SetMember { name: c.name(), from: c.maybe(Self::day), until: c.maybe(Self::day) };
                SetExpr::Listed(self.many(0, member), NOWHERE)
            }
            2 => SetExpr::Union(Box::new(self.set(depth - 1)), Box::new(self.set(depth - 1))),
            3 => SetExpr::Difference(Box::new(self.set(depth - 1)), Box::new(self.set(depth - 1))),
            _ => SetExpr::Intersection(Box::new(self.set(depth - 1)), Box::new(self.set(depth - 1))),
        }
    }

    fn expr(&mut self, depth: usize) -> Expr {
        let below = depth.saturating_sub(1);
        let kind = match self.pick(if depth > 0 { 15 } else { 4 }) {
            0 => ExprKind::Path(self.path()),
            1 => ExprKind::Bool(self.chance()),
            2 => ExprKind::Number(self.number()),
            3 => ExprKind::Date(self.day().node),
            4 => ExprKind::Not(self.boxed(below)),
            5 => ExprKind::And(self.many(2, |c| c.expr(below))),
            6 => ExprKind::Or(self.many(2, |c| c.expr(below))),
            7 => ExprKind::Implies(self.boxed(below), self.boxed(below)),
            8 => {
                let ops = [
                    CompareOp::Is,
                    CompareOp::IsNot,
                    CompareOp::Less,
                    CompareOp::LessOrEqual,
                    CompareOp::Greater,
                    CompareOp::GreaterOrEqual,
                ];
                ExprKind::Compare(ops[self.pick(ops.len())], self.boxed(below), self.boxed(below))
            }
            9 => ExprKind::In { of: self.boxed(below), negated: self.chance(), set: self.set(2) },
            10 => ExprKind::Has(self.boxed(below), self.path()),
            11 => {
                let ops = [ArithOp::Add, ArithOp::Subtract, ArithOp::Multiply, ArithOp::Divide];
                ExprKind::Arith(ops[self.pick(ops.len())], self.boxed(below), self.boxed(below))
            }
            12 if self.chance() => ExprKind::WithinCap(self.name()),
            12 => ExprKind::Negative(self.boxed(below)),
            13 => ExprKind::If(self.boxed(below), self.boxed(below), self.boxed(below)),
            _ if self.chance() => ExprKind::Call(self.name(), self.many(1, |c| c.expr(below))),
            _ => {
                let over = if self.chance() {
                    let paths = self.many(1, Self::path);
                    QuantDomain::Listed(
                        paths.into_iter().map(|path| Expr { kind: ExprKind::Path(path), span: NOWHERE }).collect(),
                    )
                } else {
                    QuantDomain::Set(self.set(2))
                };
                ExprKind::Quantified { every: self.chance(), var: self.name(), over, body: self.boxed(below) }
            }
        };
        Expr { kind, span: NOWHERE }
    }

    fn boxed(&mut self, depth: usize) -> Box<Expr> {
        Box::new(self.expr(depth))
    }

    fn outcome(&mut self, in_table: bool) -> ExpectKind {
        match self.pick(if in_table { 4 } else { 8 }) {
            0 => ExpectKind::Is(self.value()),
            1 => ExpectKind::Conflicts,
            2 => ExpectKind::NoValue,
            3 => {
                let possible = self.values();
                let asking = if in_table { Vec::new() } else { self.many(0, Self::path) };
                ExpectKind::Open { possible, asking }
            }
            4 => ExpectKind::IsNot(self.value()),
            5 => ExpectKind::Includes(self.value()),
            6 => ExpectKind::AtLeast(self.value()),
            _ => ExpectKind::AtMost(self.value()),
        }
    }

    fn rule(&mut self) -> RuleDecl {
        let kind = [RuleKind::Rule, RuleKind::Exception, RuleKind::Restriction][self.pick(3)];
        let least = usize::from(kind == RuleKind::Restriction);
        let mut overrides: Vec<Override> = self.many(least, |c| {
            let kinds = [
                OverrideKind::Overrides,
                OverrideKind::Notwithstanding,
                OverrideKind::SubjectTo,
                OverrideKind::MovedFrom,
                OverrideKind::Under,
            ];
            Override { kind: kinds[c.pick(5)], rules: c.names(), span: NOWHERE }
        });
        if kind == RuleKind::Exception {
            overrides.insert(0, Override { kind: OverrideKind::To, rules: self.names(), span: NOWHERE });
        }
        let cite = self.maybe(Self::text);
        let title = if cite.is_some() { self.maybe(Self::text) } else { None };
        let conclusion = |c: &mut Self| Conclusion { decision: c.name(), includes: c.chance(), value: c.value() };
        if kind == RuleKind::Rule && self.pick(4) == 3 {
            let kinds = [
                LimbKind::Scope,
                LimbKind::Technology,
                LimbKind::Plant,
                LimbKind::Contents,
                LimbKind::Reach,
                LimbKind::Knowledge,
            ];
            return RuleDecl {
                kind,
                name: self.name(),
                cite,
                title,
                mark: self.maybe(Self::mark),
                overrides,
                when: None,
                limbs: self.many(1, |c| Limb { kind: kinds[c.pick(6)], body: c.expr(3), span: NOWHERE }),
                license: self.many(0, Self::name),
                then: self.many(1, conclusion),
                status: self.status(),
            };
        }
        RuleDecl {
            kind,
            name: self.name(),
            cite,
            title,
            mark: self.maybe(Self::mark),
            overrides,
            when: self.maybe(|c| c.expr(4)),
            limbs: Vec::new(),
            license: Vec::new(),
            then: if kind == RuleKind::Restriction { Vec::new() } else { self.many(0, conclusion) },
            status: self.status(),
        }
    }

    fn act(&mut self) -> ItemKind {
        match self.pick(14) {
            12 => {
                let cite = self.maybe(Self::text);
                let title = if cite.is_some() { self.maybe(Self::text) } else { None };
                let (fields, keeps) = (self.many(0, |c| (c.name(), c.ty())), self.many(0, Self::path));
                ItemKind::Link(LinkDecl { name: self.name(), cite, title, fields, keeps })
            }
            10 => {
                let carried = |c: &mut Self| Carried {
                    target: c.path(),
                    what: match c.pick(3) {
                        0 => Carries::Includes(c.path()),
                        1 => Carries::Adds(c.path()),
                        _ => Carries::Holds,
                    },
                };
                ItemKind::Along(AlongDecl { link: self.name(), when: self.maybe(|c| c.expr(3)), then: self.many(1, carried) })
            }
            11 => ItemKind::Node(NodeDecl {
                name: self.name(),
                title: self.maybe(Self::text),
                given: self.many(1, Self::given_item),
            }),
            0 => {
                let cite = self.maybe(Self::text);
                let title = if cite.is_some() { self.maybe(Self::text) } else { None };
                ItemKind::Amendment(AmendmentDecl { name: self.name(), cite, title, status: self.status() })
            }
            1 => ItemKind::Repeal(RepealDecl { rules: self.names(), cite: self.maybe(Self::text), status: self.status() }),
            2 => {
                let with = loop {
                    let item = self.item();
                    if matches!(
                        item,
                        ItemKind::Rule(_) | ItemKind::Group(_) | ItemKind::Define(_) | ItemKind::Input(_) | ItemKind::Cap(_)
                    ) {
                        break item;
                    }
                    // The choices have an end, and then it is always the same.
                    if self.at > self.data.len() {
                        break ItemKind::Rule(self.rule());
                    }
                };
                ItemKind::Replace(ReplaceDecl { with: Box::new(with) })
            }
            3 => ItemKind::Move(MoveDecl { rule: self.name(), to: self.text(), status: self.status() }),
            4 => ItemKind::Rename(RenameDecl { from: self.name(), to: self.name() }),
            5 => {
                let line = StatusItem {
                    kind: StatusKind::Suspended,
                    from: self.day(),
                    until: self.maybe(Self::day),
                    by: self.maybe(Self::text),
                    scope: self.maybe(|c| c.expr(2)),
                    span: NOWHERE,
                };
                ItemKind::Stay(StayDecl { rules: self.names(), line })
            }
            6 => ItemKind::Reinstate(ReinstateDecl { rules: self.names(), from: self.day(), by: self.maybe(Self::text) }),
            7 => {
                let field = |c: &mut Self| Field { name: c.name(), title: c.maybe(Self::text), ty: c.ty(), options: c.options() };
                let by = match self.pick(3) {
                    0 => Extension::Enum(self.many(1, |c| c.member(2))),
                    1 => Extension::Decision(self.many(1, |c| c.member(1))),
                    _ => Extension::Record(self.many(1, field)),
                };
                ItemKind::Extend(ExtendDecl { name: self.name(), by })
            }
            9 => {
                let of = |c: &mut Self| Path { regime: None, ..c.path() };
                let titles = self.many(1, |c| TitleOf { of: of(c), title: c.text() });
                ItemKind::Titles(TitlesDecl { language: self.name(), titles })
            }
            8 => {
                let cite = self.maybe(Self::text);
                let title = if cite.is_some() { self.maybe(Self::text) } else { None };
                ItemKind::Authority(AuthorityDecl {
                    name: self.name(),
                    cite,
                    title,
                    limits: self.many(0, |c| Limit { most: c.expr(2), from: c.maybe(Self::day) }),
                    days: self.maybe(Self::number),
                    status: self.status(),
                })
            }
            _ => {
                let cite = self.maybe(Self::text);
                let title = if cite.is_some() { self.maybe(Self::text) } else { None };
                let window = match self.pick(5) {
                    0 => Window::CalendarYear,
                    1 => Window::CalendarQuarter,
                    2 => Window::Rolling(self.number()),
                    3 => Window::Between(self.day(), self.day()),
                    _ => Window::Lifetime,
                };
                ItemKind::Cap(CapDecl {
                    name: self.name(),
                    cite,
                    title,
                    mark: self.maybe(Self::mark),
                    counts: self.expr(3),
                    when: self.maybe(|c| c.expr(2)),
                    keys: self.many(0, Self::path),
                    reporters: self.many(0, Self::path),
                    window: Spanned::new(window, NOWHERE),
                    limits: self.many(1, |c| Limit { most: c.expr(2), from: c.maybe(Self::day) }),
                    stock: self.chance(),
                })
            }
        }
    }

    fn item(&mut self) -> ItemKind {
        match self.pick(22) {
            19.. => self.act(),
            0 => ItemKind::UnitDecl(UnitDecl { name: self.name(), title: self.maybe(Self::text) }),
            1 => ItemKind::Rule(self.rule()),
            2 => {
                let params = if self.chance() { self.many(1, |c| (c.name(), c.ty())) } else { Vec::new() };
                ItemKind::Define(DefineDecl { name: self.name(), cite: self.maybe(Self::text), params, body: self.expr(5) })
            }
            3 => ItemKind::Regime(Regime {
                name: self.name(),
                title: self.maybe(Self::text),
                cite: self.maybe(Self::text),
                amends: self.maybe(Self::text),
                status: self.status(),
            }),
            4 if self.chance() => ItemKind::Use(Use { path: self.text(), quoted: true }),
            4 => ItemKind::Use(Use {
                path: Spanned::new(self.one(&["std/countries", "std", "rule/date"]), NOWHERE),
                quoted: false,
            }),
            5 => ItemKind::Compare(Compare { path: self.text(), name: self.name() }),
            6 => {
                let body = if self.chance() {
                    EnumBody::Listed { ordered: self.chance(), members: self.many(1, |c| c.member(3)) }
                } else {
                    EnumBody::Csv { path: self.text(), key: self.name(), label: self.maybe(Self::name) }
                };
                ItemKind::Enum(EnumDecl { name: self.name(), title: self.maybe(Self::text), body })
            }
            7 => {
                let source = if self.chance() {
                    AttributeSource::Csv { path: self.text(), key: self.name(), column: self.name() }
                } else {
                    AttributeSource::Listed(self.many(1, Self::assignment))
                };
                ItemKind::Attribute(AttributeDecl { name: self.name(), of: self.name(), ty: self.ty(), source })
            }
            8 => {
                ItemKind::Group(GroupDecl { name: self.name(), of: self.name(), cite: self.maybe(Self::text), set: self.set(4) })
            }
            9 => ItemKind::Groups(GroupsDecl { of: self.name(), path: self.text() }),
            10 => {
                let field = |c: &mut Self| Field { name: c.name(), title: c.maybe(Self::text), ty: c.ty(), options: c.options() };
                ItemKind::Record(RecordDecl { name: self.name(), title: self.maybe(Self::text), fields: self.many(1, field) })
            }
            11 => ItemKind::Constant(ConstantDecl {
                name: self.name(),
                title: self.maybe(Self::text),
                mark: self.maybe(Self::mark),
                ty: self.name(),
                fields: self.many(1, Self::assignment),
            }),
            12 => ItemKind::Input(InputDecl {
                names: self.names(),
                title: self.maybe(Self::text),
                ty: self.ty(),
                options: self.options(),
            }),
            13 => {
                let combine = match self.pick(6) {
                    0 => Combine::ExactlyOne,
                    1 => Combine::Strictest,
                    2 => Combine::LeastStrict,
                    3 => Combine::Sum,
                    4 => Combine::All,
                    _ => Combine::First(self.names()),
                };
                ItemKind::Decision(DecisionDecl {
                    name: self.name(),
                    title: self.maybe(Self::text),
                    ty: self.ty(),
                    combine: Spanned::new(combine, NOWHERE),
                    otherwise: self.maybe(Self::value),
                })
            }
            14 => {
                ItemKind::Base(BaseDecl { name: self.name(), on: self.maybe(Self::name), given: self.many(1, Self::assignment) })
            }
            15 => {
                let expect = |c: &mut Self| Expect {
                    decision: c.name(),
                    outcome: c.outcome(false),
                    because: c.many(0, Self::name),
                    span: NOWHERE,
                };
                ItemKind::Scenario(ScenarioDecl {
                    title: self.text(),
                    cite: self.maybe(Self::text),
                    on: self.maybe(Self::name),
                    given: self.many(0, Self::assignment),
                    expect: self.many(1, expect),
                })
            }
            16 => {
                let row = |c: &mut Self| TableRow {
                    values: c.many(1, |c| c.maybe(Self::value)),
                    outcomes: c.many(1, |c| c.outcome(true)),
                    because: c.many(0, Self::name),
                    note: c.maybe(Self::text),
                    span: NOWHERE,
                };
                ItemKind::ScenarioTable(ScenarioTable {
                    title: self.text(),
                    cite: self.maybe(Self::text),
                    on: self.maybe(Self::name),
                    given: self.many(0, Self::assignment),
                    inputs: self.many(1, Self::path),
                    outputs: self.names(),
                    rows: self.many(1, row),
                })
            }
            17 => ItemKind::Accept(AcceptDecl {
                code: self.name(),
                rules: self.many(0, Self::name),
                about: self.many(0, Self::path),
                reason: self.text(),
                until: self.maybe(Self::day),
            }),
            _ => {
                let claim = match self.pick(7) {
                    0 => Claim::EveryCase(self.expr(3)),
                    1 => Claim::Monotone { decision: self.path(), tightens: self.chance(), input: self.path() },
                    2 => Claim::Equals(self.path(), self.path()),
                    3 => Claim::Tiers { decision: self.path(), input: self.path(), from: self.set(2), to: self.set(2) },
                    4 => Claim::Blind { decision: self.path(), input: self.path() },
                    5 => Claim::NeverIn(self.name(), self.expr(3)),
                    _ => Claim::AtLeastAsStrict(self.path(), self.path()),
                };
                let scope = match claim {
                    Claim::NeverIn(..) => None,
                    _ => self.maybe(|c| c.expr(3)),
                };
                let (name, cite, shows) = (self.name(), self.maybe(Self::text), self.maybe(Self::name));
                match self.pick(4) {
                    0 => ItemKind::Property(ProveDecl { name, cite, shows, roles: self.many(1, Self::name), claim, scope }),
                    1 => {
                        let roles = self.many(1, |c| (c.name(), c.expr(2)));
                        let pattern = self.name();
                        ItemKind::ProveCast(CastDecl { name, cite, title: None, shows, pattern, keeps: Vec::new(), roles })
                    }
                    _ => ItemKind::Prove(ProveDecl { name, cite, shows, roles: Vec::new(), claim, scope }),
                }
            }
        }
    }
}
