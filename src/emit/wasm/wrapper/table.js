/** The wrapper of an instance. */
class Table {
  #exports;
  #bytes;
  #ints;
  #words;
  #at;
  #encoders;
  #decisions;

  constructor(instance) {
    const exports = (this.#exports = instance.exports);
    const at = (this.#at = {});
    for (const [name, value] of Object.entries(exports)) if (value instanceof WebAssembly.Global) at[name] = value.value >>> 0;
    // The memory does not grow, so the views stay good.
    const memory = exports.memory.buffer;
    this.#bytes = new Uint8Array(memory);
    this.#ints = new Int32Array(memory);
    this.#words = new BigUint64Array(memory);
    this.#encoders = INPUTS.map((input) => encoder(input, memory));
    this.#decisions = DECISIONS.map((decision, number) => {
      const outcomes = new Map();
      const all = decision.outcomes.map((raw) => {
        const rules = Object.freeze(raw.rules.map((rule) => RULES[rule]));
        if (Array.isArray(raw.value)) Object.freeze(raw.value);
        if (raw.values) Object.freeze(raw.values.map((one) => (Array.isArray(one) ? Object.freeze(one) : one)));
        const one = Object.freeze({ ...raw, rules });
        outcomes.set(raw.outcome, one);
        return one;
      });
      return {
        name: decision.name,
        number,
        uses: decision.uses,
        all,
        outcomes,
        one: exports[`decide_${number}`],
        rows: exports[`rows_${number}`],
        columns: exports[`columns_${number}`],
      };
    });
  }

  get regime() {
    return ABOUT.regime;
  }

  get about() {
    return structuredClone(ABOUT);
  }

  get rules() {
    return RULES;
  }

  get decisions() {
    return DECISIONS.map((decision) => decision.name);
  }

  /** Writes a case; how many of its inputs are not known. */
  #encode(inputs, row) {
    if (inputs === null || typeof inputs !== "object" || Array.isArray(inputs) || inputs instanceof Map) throw new TypeError(`a case is an object of inputs, not ${told(inputs)}`);
    const bytes = this.#bytes, marks = this.#at.unknown, encoders = this.#encoders;
    let given = 0, unknown = 0;
    for (let number = 0; number < NAMES.length; number++) {
      // What a case inherits is no part of it.
      let value = Object.hasOwn(inputs, NAMES[number]) ? inputs[NAMES[number]] : undefined;
      if (value !== undefined) given++;
      else if (ONLY[number] !== undefined) value = ONLY[number];
      if (value === undefined) {
        bytes[marks + number] = 1;
        unknown++;
      } else {
        bytes[marks + number] = 0;
        encoders[number](value, row);
      }
    }
    let keys = 0;
    for (const _ in inputs) keys++;
    if (keys !== given) {
      for (const key in inputs) {
        if (!INPUT_NUMBERS.has(key)) throw new InputError(key, `there is no such input${nearest(key, INPUT_NUMBERS.keys())}`);
        if (!Object.hasOwn(inputs, key)) throw new InputError(key, "the case inherits it, and does not have it itself");
      }
    }
    return unknown;
  }

  #decision(name) {
    const number = DECISION_NUMBERS.get(name);
    if (number === undefined) throw new TypeError(`there is no decision ${told(name)}${nearest(String(name), DECISION_NUMBERS.keys())}`);
    return this.#decisions[number];
  }

  /** The module refused: the table is not good for the value of an input. */
  #refused(found) {
    const input = INPUTS[-1 - found];
    const only = ABOUT.readings.length > 0 ? ` (it was built for ${ABOUT.readings.join(", ")})` : "";
    return new InputError(input.name, `the table is not good for this value${input.kind === "enum" ? only : ""}`);
  }

  /** Of the case that was written. */
  #known(decision) {
    const found = decision.one(this.#at.row);
    const outcome = decision.outcomes.get(found);
    if (outcome === undefined) throw found < 0 ? this.#refused(found) : new ModuleError(`there is no outcome ${found}`);
    return outcome;
  }

  #classify() {
    const found = this.#exports.classify(this.#at.row);
    if (found < 0) throw this.#refused(found);
  }

  /** Of the case that was classified. */
  #open(decision) {
    const count = this.#exports.open(decision.number);
    const { possible: bits, hangs, ask, exact } = this.#at;
    const possible = decision.all.filter(({ outcome }) => (this.#bytes[bits + (outcome >> 3)] >> (outcome & 7)) & 1);
    if (possible.length !== count || count === 0) throw new ModuleError(`${count} outcomes are possible, ${possible.length} are known`);
    const first = this.#ints[ask >> 2];
    return {
      possible,
      ask: first < 0 ? undefined : INPUTS[first].name,
      hangsOn: INPUTS.filter((_, number) => this.#bytes[hangs + number] === 1).map((input) => input.name),
      exact: this.#ints[exact >> 2] === 1,
    };
  }

  #settled(open) {
    return open.possible.length === 1 ? open.possible[0] : { kind: "open", ...open };
  }

  decide(inputs) {
    const unknown = this.#encode(inputs, this.#at.row);
    const results = {};
    let classified = false;
    for (const decision of this.#decisions) {
      if (unknown === 0 || !decision.uses.some((input) => this.#bytes[this.#at.unknown + input] === 1)) {
        results[decision.name] = this.#known(decision);
        continue;
      }
      if (!classified) this.#classify();
      classified = true;
      results[decision.name] = this.#settled(this.#open(decision));
    }
    return results;
  }

  decideOne(name, inputs) {
    const decision = this.#decision(name);
    const unknown = this.#encode(inputs, this.#at.row);
    if (unknown === 0 || !decision.uses.some((input) => this.#bytes[this.#at.unknown + input] === 1)) return this.#known(decision);
    this.#classify();
    return this.#settled(this.#open(decision));
  }

  remaining(name, inputs) {
    const decision = this.#decision(name);
    this.#encode(inputs, this.#at.row);
    this.#classify();
    return this.#open(decision);
  }

  decideMany(cases) {
    const { block, block_rows: most, row_bytes: bytes, out } = this.#at;
    const results = new Array(cases.length);
    for (let from = 0; from < cases.length; from += most) {
      const count = Math.min(most, cases.length - from);
      const open = new Set();
      for (let row = 0; row < count; row++) {
        const place = block + row * bytes;
        // What is not known has any value of its domain there, and is not looked at.
        if (this.#encode(cases[from + row], place) > 0) open.add(row);
        results[from + row] = {};
      }
      for (const decision of this.#decisions) {
        decision.rows(block, count, out);
        for (let row = 0; row < count; row++) {
          if (open.has(row)) continue;
          const found = this.#ints[(out >> 2) + row];
          const outcome = decision.outcomes.get(found);
          if (outcome === undefined) throw found < 0 ? this.#refused(found) : new ModuleError(`there is no outcome ${found}`);
          results[from + row][decision.name] = outcome;
        }
      }
      for (const row of open) results[from + row] = this.decide(cases[from + row]);
    }
    return results;
  }

  batch(name, columns) {
    const decision = this.#decision(name);
    const { block, block_rows: most, columns: addresses, out } = this.#at;
    for (const key in columns) {
      if (!INPUT_NUMBERS.has(key)) throw new InputError(key, `there is no such input${nearest(key, INPUT_NUMBERS.keys())}`);
    }
    let length;
    const used = decision.uses.map((number) => {
      const input = INPUTS[number], column = columns[input.name], kind = ARRAYS[input.store];
      if (!(column instanceof kind)) {
        throw new InputError(input.name, `${told(column)} is no column: \`${name}\` needs one, a ${kind.name}`);
      }
      const each = input.bytes / kind.BYTES_PER_ELEMENT, count = each === 0 ? length ?? 0 : column.length / each;
      if (length === undefined && each > 0) length = count;
      if (count !== (length ?? 0) || !Number.isInteger(count)) {
        throw new InputError(input.name, `the column has ${column.length} entries, the others have ${length} cases`);
      }
      return { column, each, target: new kind(this.#bytes.buffer, block + input.at * most, most * each) };
    });
    if (length === undefined) throw new TypeError(`\`${name}\` looks at no input: there is nothing to count cases by`);
    const results = new Int32Array(length);
    for (let from = 0; from < length; from += most) {
      const count = Math.min(most, length - from);
      for (const { column, each, target } of used) target.set(column.subarray(from * each, (from + count) * each));
      decision.columns(addresses, count, out);
      results.set(this.#ints.subarray(out >> 2, (out >> 2) + count), from);
    }
    return results;
  }

  outcome(name, number) {
    const decision = this.#decision(name);
    const outcome = decision.outcomes.get(number);
    if (outcome !== undefined) return outcome;
    if (Number.isInteger(number) && number < 0 && -1 - number < INPUTS.length) throw this.#refused(number);
    throw new RangeError(`decision \`${name}\` has no outcome ${told(number)}`);
  }

  code(name, value) {
    const number = INPUT_NUMBERS.get(name);
    if (number === undefined) throw new InputError(String(name), `there is no such input${nearest(String(name), INPUT_NUMBERS.keys())}`);
    const { at, bytes, store } = INPUTS[number], row = this.#at.row;
    this.#encoders[number](value, row);
    if (store === "set") return this.#words.slice((row + at) >> 3, (row + at + bytes) >> 3);
    return new ARRAYS[store](this.#bytes.buffer, row + at, 1)[0];
  }

  async selfTest(given) {
    const document = given ?? JSON.parse(new TextDecoder().decode(await fetched(new URL(FILES.vectors, import.meta.url))));
    const { table } = JSON.parse(IDENTITY);
    if (document.schema !== "lexport.vectors/1" || document.table !== table) throw new ModuleError("the check vectors are of another table");
    const { vectors } = document;
    const cases = vectors.map((vector) => vector.inputs);
    const many = this.decideMany(cases);
    let answers = 0;
    const same = (found, expected, number, how) => {
      const rules = found.rules.map((rule) => rule.name);
      const plain = { ...found, rules };
      delete plain.outcome;
      const sorted = (of) => JSON.stringify(Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1)));
      if (sorted(plain) !== sorted(expected)) {
        throw new ModuleError(`check vector ${number}, ${how}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(plain)}`);
      }
      answers++;
    };
    const columns = {};
    for (const input of INPUTS) {
      const each = input.bytes / ARRAYS[input.store].BYTES_PER_ELEMENT, column = new ARRAYS[input.store](cases.length * each);
      cases.forEach((one, number) => {
        const code = this.code(input.name, one[input.name]);
        if (input.store === "set") column.set(code, number * each);
        else column[number] = code;
      });
      columns[input.name] = column;
    }
    for (const { name, uses } of this.#decisions) {
      const found = uses.length > 0 ? this.batch(name, columns) : undefined;
      vectors.forEach((vector, number) => {
        const expected = vector.answers[name];
        same(this.decideOne(name, vector.inputs), expected, number, `${name} by itself`);
        same(many[number][name], expected, number, `${name} among many`);
        if (found !== undefined) same(this.outcome(name, found[number]), expected, number, `${name} by columns`);
        const left = this.remaining(name, vector.inputs);
        if (left.possible.length !== 1) throw new ModuleError(`check vector ${number}: ${name} is open although all is known`);
        same(left.possible[0], expected, number, `${name} as an open case`);
      });
    }
    return { vectors: vectors.length, answers };
  }
}

const INPUT_NUMBERS = new Map(INPUTS.map((input, number) => [input.name, number]));
const DECISION_NUMBERS = new Map(DECISIONS.map((decision, number) => [decision.name, number]));
for (const rule of RULES) Object.freeze(rule);
Object.freeze(RULES);
const NAMES = INPUTS.map((input) => input.name);
/** What an input is if nothing is said: the one reading that the table is good for. */
const ONLY = INPUTS.map((input) => (typeof input.fill === "number" ? ENUMS[input.of].members[input.fill] : undefined));

async function fetched(url) {
  if (url.protocol === "file:" && globalThis.process?.versions?.node) {
    // By a variable, so that what packs for browsers does not look for it.
    const files = "node:fs/promises";
    const { readFile } = await import(/* webpackIgnore: true */ /* @vite-ignore */ files);
    return readFile(url);
  }
  const response = await fetch(url);
  if (!response.ok) throw new ModuleError(`${url}: ${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}

function checked(module) {
  if (new Uint8Array(new Uint32Array([1]).buffer)[0] !== 1) throw new ModuleError("this machine stores numbers the other way round");
  const found = WebAssembly.Module.customSections(module, "lexport.table").map((section) => new TextDecoder().decode(section));
  if (found.length !== 1 || found[0] !== IDENTITY) {
    throw new ModuleError(
      `the module is not the one of this wrapper; it says ${found.join(", ") || "nothing"}, the wrapper ${IDENTITY}: `
        + "use the files of one `lexport build` together",
    );
  }
  return module;
}

/** Loads the module: from beside this file, or a URL, bytes, a response or a compiled module. */
export async function load(source = new URL(FILES.module, import.meta.url)) {
  let module = source;
  if (typeof source === "string") source = new URL(source, globalThis.document?.baseURI ?? import.meta.url);
  if (source instanceof URL) source = await fetched(source);
  else if (typeof Response === "function" && source instanceof Response) source = await source.arrayBuffer();
  if (!(source instanceof WebAssembly.Module)) module = await WebAssembly.compile(source);
  return new Table(await WebAssembly.instantiate(checked(module)));
}

/** The same at once, from bytes or a compiled module. */
export function loadSync(source) {
  const module = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source);
  return new Table(new WebAssembly.Instance(checked(module)));
}
