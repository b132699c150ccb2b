// What is wrong is refused by name; what is the same number is the same, however it is written.
import assert from "node:assert/strict";

const { load, loadSync, InputError, ModuleError } = await import(process.argv[2]);
const table = await load();
let count = 0;
const refused = (inputs, name, message) => {
  for (const ask of [(one) => table.decide(one), (one) => table.decideMany([one]), (one) => table.remaining("requirement", one)]) {
    assert.throws(() => ask(inputs), (error) => {
      assert.ok(error instanceof InputError, String(error.stack));
      assert.equal(error.input, name);
      assert.match(error.message, message);
      return true;
    });
  }
  count++;
};
refused({ destination: "FR" }, "destination", /"FR" is no member of Country/);
refused({ destination: "selec" }, "destination", /did you mean "select"\?/);
refused({ destination: "toString" }, "destination", /no member/);
refused({ destination: 1 }, "destination", /1 is no member/);
refused({ destination: null }, "destination", /null is no member/);
refused({ destinaton: "CN" }, "destinaton", /no such input; did you mean "destination"\?/);
refused({ destinaton: undefined }, "destinaton", /no such input/);
refused({ toString: "CN" }, "toString", /no such input/);
refused({ datacenter: 1 }, "datacenter", /1 is neither true nor false/);
refused({ asked: "LPP" }, "asked", /"LPP" is no set/);
refused({ asked: ["LPP", "XYZ"] }, "asked", /"XYZ" is no member of Licence/);
refused({ performance: -1 }, "performance", /-1 is outside of 0 to 1000000 TPP/);
refused({ performance: "1000000.01" }, "performance", /outside of 0 to 1000000/);
refused({ performance: 0.001 }, "performance", /lies between two steps of 0\.01/);
refused({ performance: "1.005" }, "performance", /lies between two steps/);
refused({ performance: 0.1 + 0.2 }, "performance", /more digits than a JavaScript number surely keeps/);
refused({ performance: NaN }, "performance", /NaN is no number/);
refused({ performance: Infinity }, "performance", /Infinity is no number/);
refused({ performance: "" }, "performance", /"" is no number/);
refused({ performance: "1,5" }, "performance", /is no number/);
refused({ performance: "0x10" }, "performance", /is no number/);
refused({ performance: " 1" }, "performance", /is no number/);
refused({ performance: true }, "performance", /true is no number/);
refused({ performance: "1e999999999" }, "performance", /outside/);
refused({ performance: "1e-999999999" }, "performance", /between two steps/);
refused({ price: 2 ** 60 }, "price", /more digits|outside/);
refused({ price: "90000000000000.01" }, "price", /outside of 0 to 90000000000000 USD/);
refused({ balance: "-9000000000000.001" }, "balance", /outside/);
refused({ quantity: 1.5 }, "quantity", /between two steps of 1$/);
refused({ date: "2022-10-06" }, "date", /outside of 2022-10-07 to 2027-12-31/);
refused({ date: "2023-02-29" }, "date", /there is no day 2023-02-29/);
refused({ date: "2024-1-1" }, "date", /is no day/);
refused({ date: new Date(0) }, "date", /a Date is no day/);
assert.throws(() => table.decide(null), TypeError);
assert.throws(() => table.decide("x"), TypeError);
// An array is no case, and what a case inherits is no part of it.
assert.throws(() => table.decideOne("requirement", []), TypeError);
assert.throws(() => table.decide(new Map()), TypeError);
assert.throws(() => table.decideMany([[]]), TypeError);
refused(Object.create({ destination: "CN" }), "destination", /inherits/);
refused(new (class { get destination() { return "CN"; } itme = 1; })(), "itme", /no such input/);
assert.throws(() => table.decideOne("requirment", {}), /did you mean "requirement"\?/);
assert.throws(() => table.batch("requirement", {}), InputError);
assert.throws(() => table.outcome("requirement", -1), InputError);
assert.throws(() => table.outcome("requirement", 1e6), RangeError);
// Values of a column that are outside name the input, by number.
const at = ["date", "item", "destination", "origin", "headquarters", "performance", "area", "price", "quantity", "balance", "datacenter", "import", "asked"];
const columns = {
  date: Int32Array.of(19700, 19700), item: Uint8Array.of(0, 0), destination: Uint8Array.of(0, 6), origin: Uint8Array.of(1, 1),
  headquarters: Uint8Array.of(0, 0), performance: Int32Array.of(5, 5), area: Int32Array.of(5, 5), price: BigInt64Array.of(5n, 5n),
  quantity: Int32Array.of(1, 1), balance: BigInt64Array.of(1n, 1n), datacenter: Uint8Array.of(0, 0), import: Uint8Array.of(0, 0),
  asked: BigUint64Array.of(0n, 0n),
};
const found = table.batch("requirement", columns);
assert.ok(found[0] >= 0);
assert.equal(found[1], -1 - at.indexOf("destination"));
assert.throws(() => table.outcome("requirement", found[1]), (error) => error.input === "destination");
assert.throws(() => table.batch("requirement", { ...columns, item: Uint8Array.of(0) }), InputError);
assert.throws(() => table.batch("requirement", { ...columns, item: [0, 0] }), InputError);
assert.throws(() => table.batch("requirement", { ...columns, itme: Uint8Array.of(0, 0) }), InputError);
// The same number, however it is written.
for (const [name, steps, forms] of [
  ["performance", 480025, [4800.25, "4800.25", "4_800.250", "48002.5e-1", "0.480025e4"]],
  ["performance", 30, [0.3, "0.3", ".3", "0.30"]],
  ["performance", 100000000, [1e6, 1000000n, "1000000", "1e6", "1E+6"]],
  ["price", 9000000000000000n, ["90000000000000", 9e13, 90000000000000n]],
  ["price", 8999999999999999n, ["89999999999999.99"]],
  ["balance", -9000000000000000n, ["-9000000000000", -9e12]],
  ["balance", -4294967297n, ["-4294967.297", -4294967.297]],
  ["balance", -1n, [-0.001, "-0.001", "-1e-3"]],
  ["balance", 0n, [0, -0, "-0", "0.000", 0n]],
  ["date", 19723, ["2024-01-01"]],
  ["date", 19782, ["2024-02-29"]],
]) {
  for (const form of forms) assert.equal(table.code(name, form), steps, `${name} ${form}`);
}
// Unknown is unknown: nothing is left of one case in the next.
const whole = { ...Object.fromEntries(at.map((name) => [name, undefined])), destination: "CN" };
assert.equal(table.decide({}).class.kind, "open");
assert.deepEqual(table.decide(whole), table.decide({ destination: "CN" }));
assert.throws(() => loadSync(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])), ModuleError);
await assert.rejects(load(new URL("./absent.wasm", import.meta.url)));
console.log(`refusals: ${count}`);
