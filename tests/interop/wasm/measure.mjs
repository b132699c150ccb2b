// Nanoseconds per decision. Usage: node measure.mjs FOLDER NAME, of what `lexport build PATH --to wasm -o FOLDER` wrote.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";

const [folder, name] = process.argv.slice(2);
const { loadSync } = await import(pathToFileURL(resolve(folder, `${name}.mjs`)));
const bytes = readFileSync(resolve(folder, `${name}.wasm`));
const table = loadSync(bytes);
const cases = JSON.parse(readFileSync(resolve(folder, `${name}.vectors.json`), "utf8")).vectors.map((vector) => vector.inputs);
const inputs = Object.keys(cases[0]), decisions = table.decisions;

/** The best of some runs, in nanoseconds for each of `count`. */
function best(count, run) {
  let least = Infinity;
  for (let round = 0; round < 9; round++) {
    const start = process.hrtime.bigint();
    run();
    least = Math.min(least, Number(process.hrtime.bigint() - start) / count);
  }
  return least.toFixed(1);
}

let sink = 0;
const rounds = Math.ceil(200_000 / cases.length), asked = rounds * cases.length;
const all = best(asked, () => {
  for (let round = 0; round < rounds; round++) for (const one of cases) sink += table.decide(one)[decisions[0]].outcome;
});
// The module by itself: rows as the wrapper writes them.
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
const most = Math.min(exports.block_rows.value, cases.length), row = exports.row_bytes.value;
const widths = new Map([["Uint8Array", 1], ["Uint16Array", 2], ["Int32Array", 4], ["BigInt64Array", 8], ["BigUint64Array", 8]]);
const columns = {};
for (const input of inputs) columns[input] = cases.map((one) => table.code(input, one[input]));
const batch = (decision, columns) => {
  for (;;) {
    try {
      return table.batch(decision, columns);
    } catch (error) {
      const wanted = /needs one, a (\w+)$/.exec(error.message);
      if (wanted === null || !Array.isArray(columns[error.input])) throw error;
      const of = columns[error.input];
      columns[error.input] = of[0] instanceof BigUint64Array
        ? BigUint64Array.from(of.flatMap((set) => [...set])) : globalThis[wanted[1]].from(of);
    }
  }
};
const many = 1_000_000;
for (const [number, decision] of decisions.entries()) {
  const one = best(asked, () => {
    for (let round = 0; round < rounds; round++) for (const given of cases) sink += table.decideOne(decision, given).outcome;
  });
  batch(decision, columns);
  const long = {};
  for (const [input, column] of Object.entries(columns)) {
    if (Array.isArray(column)) continue;
    const each = column.length / cases.length;
    long[input] = new column.constructor(many * each);
    for (let at = 0; at < many; at++) {
      const from = ((at * 7919) % cases.length) * each;
      for (let word = 0; word < each; word++) long[input][at * each + word] = column[from + word];
    }
  }
  const columnwise = best(many, () => (sink += table.batch(decision, long)[0]));
  // Rows in the block: put together from the columns where the wrapper puts inputs.
  const memory = new Uint8Array(exports.memory.buffer), starts = new Int32Array(exports.memory.buffer, exports.columns.value, inputs.length);
  for (const [at, input] of inputs.entries()) {
    const column = columns[input];
    if (Array.isArray(column)) continue;
    const offset = (starts[at] - exports.block.value) / exports.block_rows.value;
    const each = (column.length / cases.length) * widths.get(column.constructor.name);
    const raw = new Uint8Array(column.buffer);
    for (let to = 0; to < most; to++) memory.set(raw.subarray(to * each, to * each + each), exports.block.value + to * row + offset);
  }
  const decide = exports[`decide_${number}`], rows = exports[`rows_${number}`], block = exports.block.value, out = exports.out.value;
  const times = Math.ceil(400_000 / most);
  const single = best(times * most, () => {
    for (let round = 0; round < times; round++) for (let to = 0; to < most; to++) sink += decide(block + to * row);
  });
  const rowwise = best(times * most, () => {
    for (let round = 0; round < times; round++) sink += rows(block, most, out);
  });
  console.log(`${name} ${decision}: object ${one}, row ${single}, batch of rows ${rowwise}, batch of columns ${columnwise} ns`);
}
console.log(`${name}: all ${decisions.length} decisions from an object ${all} ns; module ${bytes.length} bytes (${sink === 0.5})`);
