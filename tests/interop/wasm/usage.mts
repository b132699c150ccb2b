// Right uses of the types, and wrong ones where they are marked: the compiler must refuse exactly those.
import { load, InputError, type Answer, type Inputs, type Known, type Outcome } from "./everything.mjs";

const table = await load();
const partly: Inputs = { destination: "CN", performance: "4800.25", asked: ["LPP"], item: "3A090.a" };
const some = table.decide(partly);
const requirement: Answer<"none" | "notice" | "license"> = some.requirement;
if (requirement.kind === "open") {
  const next: keyof Inputs | undefined = requirement.ask;
  const count: number = requirement.possible.length;
  const exact: boolean = requirement.exact;
  void [next, count, exact];
} else if (requirement.kind === "value") {
  const value: "none" | "notice" | "license" = requirement.value;
  const cite: string | undefined = requirement.rules[0]?.cite;
  void [value, cite];
}

const known: Known = {
  date: "2024-01-01", item: "EAR99", destination: "BR", origin: "select", headquarters: "NL", performance: 1600.5, area: 10n,
  price: "0.01", quantity: 1, balance: -5, datacenter: true, import: false, asked: new Set<"LPP" | "NAC">(["NAC"]),
};
const all = table.decide(known);
const duty: Outcome<string> = all.duty;
const usable: readonly ("NAC" | "LPP" | "ACA" | "lambda")[] | undefined = table.decideOne("usable", known).value;
const allowed: boolean | undefined = all.allowed.value;
const rule: string | undefined = all.class.rules[0]?.name;
const numbers: Int32Array = table.batch("requirement", { destination: new Uint8Array(4), price: new BigInt64Array(4) });
void [duty, usable, allowed, rule, numbers, InputError];

// @ts-expect-error no such input
table.decide({ destinaton: "CN" });
// @ts-expect-error no such member
table.decide({ destination: "FR" });
// @ts-expect-error a flag is no text
table.decide({ datacenter: "yes" });
// @ts-expect-error null is no value
table.decide({ date: null });
// @ts-expect-error no member of the set
table.decide({ asked: ["XYZ"] });
// @ts-expect-error no such decision
table.decideOne("requirements", known);
// @ts-expect-error with unknown inputs the answer may be open
const settled: Outcome<string> = table.decide(partly).duty;
// @ts-expect-error no value of the decision
if (all.requirement.value === "forbidden") void 0;
// @ts-expect-error a column of another width
table.batch("requirement", { destination: new Int32Array(4) });
void settled;
