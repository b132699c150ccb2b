
/** An exact decimal: text, a BigInt, or a number of at most 15 digits (others are refused: they may have lost some). */
export type Decimal = string | number | bigint;

/** A case in which everything is known. */
export type Known = { readonly [I in keyof Inputs]-?: Exclude<Inputs[I], undefined> };

/** A rule that carried an outcome. */
export interface Rule {
  readonly name: RuleName;
  readonly cite: string;
  readonly title: string;
}

/** The decision has a value. Numbers are exact decimal text, dates `YYYY-MM-DD`. */
export interface Value<V> {
  readonly kind: "value";
  readonly value: V;
  readonly values?: undefined;
  readonly rules: readonly Rule[];
  /** Its number in the table, as `batch` gives it. */
  readonly outcome: number;
}

/** No rule speaks, and there is no default. */
export interface Gap {
  readonly kind: "gap";
  readonly value?: undefined;
  readonly values?: undefined;
  readonly rules: readonly Rule[];
  readonly outcome: number;
}

/** Rules disagree. */
export interface Conflict<V> {
  readonly kind: "conflict";
  readonly value?: undefined;
  /** What they say. */
  readonly values: readonly V[];
  readonly rules: readonly Rule[];
  readonly outcome: number;
}

export type Outcome<V> = Value<V> | Gap | Conflict<V>;

/** What unknown inputs leave. */
export interface Remaining<V> {
  /** The outcomes still possible; never too few. */
  readonly possible: readonly Outcome<V>[];
  /** The input to ask for first; `undefined` if nothing is to be asked. */
  readonly ask: keyof Inputs | undefined;
  /** All inputs that the answer may hang on. */
  readonly hangsOn: readonly (keyof Inputs)[];
  /** Whether each of them is reached in some case. */
  readonly exact: boolean;
}

/** More than one outcome is still possible. */
export interface Open<V> extends Remaining<V> {
  readonly kind: "open";
  readonly value?: undefined;
  readonly values?: undefined;
  readonly rules?: undefined;
  readonly outcome?: undefined;
}

export type Answer<V> = Outcome<V> | Open<V>;
export type Outcomes = { readonly [D in keyof Decisions]: Outcome<Decisions[D]> };
export type Answers = { readonly [D in keyof Decisions]: Answer<Decisions[D]> };

/** An input has no value that the table is good for. */
export class InputError extends Error {
  readonly name: "InputError";
  /** The name of the input. */
  readonly input: string;
}

/** The module is not the one of this wrapper, or cannot be had. */
export class ModuleError extends Error {
  readonly name: "ModuleError";
}

/** The check vectors: the content of `NAME.vectors.json`. */
export interface Vectors {
  readonly schema: string;
  readonly table: string;
  readonly vectors: readonly unknown[];
}

export interface Table {
  readonly regime: string;
  /** Whose table it is: regime, title, hash of the program, readings and first and last day that it is good for. */
  readonly about: {
    readonly regime: string;
    readonly title: string;
    readonly source: string;
    readonly readings: readonly string[];
    readonly dates: readonly [string, string] | null;
  };
  readonly rules: readonly Rule[];
  readonly decisions: readonly (keyof Decisions)[];
  /** All decisions of a case. Throws `InputError` for a value outside of its domain. */
  decide(inputs: Known): Outcomes;
  decide(inputs: Inputs): Answers;
  /** One decision of a case. */
  decideOne<D extends keyof Decisions>(decision: D, inputs: Known): Outcome<Decisions[D]>;
  decideOne<D extends keyof Decisions>(decision: D, inputs: Inputs): Answer<Decisions[D]>;
  /** What is still possible, also if it is one outcome only. */
  remaining<D extends keyof Decisions>(decision: D, inputs: Inputs): Remaining<Decisions[D]>;
  /** All decisions of many cases. */
  decideMany(cases: readonly Known[]): Outcomes[];
  decideMany(cases: readonly Inputs[]): Answers[];
  /**
   * One decision of many cases, by columns: the numbers of outcomes; `-1 - i` if input number `i` has no value that the table is good
   * for. Columns that the decision does not look at may be left out.
   */
  batch(decision: keyof Decisions, columns: Columns): Int32Array;
  /** The outcome of a number. Throws `InputError` for a number below zero. */
  outcome<D extends keyof Decisions>(decision: D, number: number): Outcome<Decisions[D]>;
  /** A value as columns have it. */
  code<I extends keyof Inputs>(input: I, value: Exclude<Inputs[I], undefined>): number | bigint | BigUint64Array;
  /** Asks the check vectors in every way; throws at the first answer that differs. */
  selfTest(vectors?: Vectors): Promise<{ readonly vectors: number; readonly answers: number }>;
}

/** Loads the module: from beside the wrapper, or a URL, bytes, a response or a compiled module. */
export function load(source?: string | URL | BufferSource | Response | WebAssembly.Module): Promise<Table>;

/** The same at once, from bytes or a compiled module. */
export function loadSync(source: BufferSource | WebAssembly.Module): Table;
