/** An input has no value that the table is good for; `input` is its name. */
export class InputError extends Error {
  constructor(input, message) {
    super(`${input}: ${message}`);
    this.name = "InputError";
    this.input = input;
  }
}

/** The module is not the one of this wrapper, or cannot be had. */
export class ModuleError extends Error {
  constructor(message) {
    super(message);
    this.name = "ModuleError";
  }
}

const ARRAYS = { u8: Uint8Array, u16: Uint16Array, i32: Int32Array, i64: BigInt64Array, set: BigUint64Array };

/** What a value is called in a message. */
function told(value) {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? value.slice(0, 60) + "…" : value);
  if (typeof value === "bigint") return `${value}n`;
  if (value === null || typeof value !== "object") return String(value);
  return Array.isArray(value) ? "an array" : `a ${value.constructor?.name ?? "object"}`;
}

/** The name nearest to a wrong one, for a message: the fewest letters changed, two at the most. */
function nearest(name, names) {
  let best, least = 3;
  for (const other of names) {
    if (Math.abs(other.length - name.length) >= least) continue;
    let row = Array.from({ length: other.length + 1 }, (_, at) => at);
    for (let i = 1; i <= name.length; i++) {
      const next = [i];
      for (let j = 1; j <= other.length; j++) {
        next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (name[i - 1] === other[j - 1] ? 0 : 1));
      }
      row = next;
    }
    if (row[other.length] < least) [best, least] = [other, row[other.length]];
  }
  return best === undefined ? "" : `; did you mean ${JSON.stringify(best)}?`;
}

const DECIMAL = /^(-?)(\d[\d_]*|)(?:\.([\d_]*))?(?:[eE]([+-]?\d{1,9}))?$/;

/** The steps of a decimal text, exactly: a BigInt; `undefined` if it is no number, `null` if it lies between two steps. */
function parsed(text, mantissa, scale) {
  const parts = DECIMAL.exec(text);
  if (parts === null) return undefined;
  const whole = parts[2].replaceAll("_", ""), fraction = (parts[3] ?? "").replaceAll("_", "");
  if (whole === "" && fraction === "") return undefined;
  let digits = BigInt(whole + fraction);
  if (digits === 0n) return 0n;
  const shift = Number(parts[4] ?? 0) - fraction.length + scale;
  // No domain has so many digits.
  if (Math.abs(shift) > 400 + fraction.length) return shift > 0 ? 1n << 1000n : null;
  const power = 10n ** BigInt(Math.abs(shift));
  if (shift >= 0) digits *= power;
  else if (digits % power !== 0n) return null;
  else digits /= power;
  if (digits % mantissa !== 0n) return null;
  digits /= mantissa;
  return parts[1] === "-" ? -digits : digits;
}

/** Powers of ten that a number holds exactly. */
const POWERS = Array.from({ length: 16 }, (_, power) => 10 ** power);

/** As `parsed` for plain text of 15 digits at the most, without BigInts; `undefined`: ask that. */
function short(text, mantissa, scale) {
  const length = text.length;
  if (length === 0 || length > 17) return undefined;
  let at = text.charCodeAt(0) === 45 ? 1 : 0, digits = 0, count = 0, point = -1;
  for (; at < length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit >= 0 && digit <= 9) {
      digits = digits * 10 + digit;
      count++;
    } else if (digit === -2 && point < 0) point = count;
    else return undefined;
  }
  if (count === 0 || count > 15) return undefined;
  const shift = scale - (point < 0 ? 0 : count - point);
  if (shift > 15) return undefined;
  if (shift >= 0) digits *= POWERS[shift];
  else if (digits % POWERS[-shift] !== 0) return undefined;
  else digits /= POWERS[-shift];
  if (digits > Number.MAX_SAFE_INTEGER || digits % mantissa !== 0) return undefined;
  digits /= mantissa;
  return text.charCodeAt(0) === 45 ? 0 - digits : digits;
}

/** A function from a value to steps: a safe integer, or a BigInt where that is not enough. */
function stepping(input) {
  const mantissa = BigInt(input.mantissa), scale = input.scale;
  const power = scale <= 15 ? 10 ** scale : 0, small = Number(mantissa);
  const refuse = (why) => {
    throw new InputError(input.name, why);
  };
  const between = (value) => refuse(`${told(value)} lies between two steps of ${decimal(1n, mantissa, scale)}`);
  const settle = (steps, value) => {
    if (steps === undefined) refuse(`${told(value)} is no number`);
    if (steps === null) between(value);
    return steps;
  };
  return (value) => {
    if (typeof value === "number") {
      if (power > 0) {
        // Below 10^15 a decimal and the double next to it are one to one: the quotient gives back what was written.
        const digits = Math.round(value * power);
        if (digits > -1e15 && digits < 1e15 && digits / power === value) {
          if (small === 1) return digits;
          const steps = digits / small;
          return Number.isInteger(steps) ? steps : between(value);
        }
      }
      if (!Number.isFinite(value)) refuse(`${value} is no number`);
      const text = String(value);
      if (!Number.isSafeInteger(value) && text.replace(/e.*$/, "").replace(/\D/g, "").replace(/^0+/, "").length > 15) {
        refuse(`${text} has more digits than a JavaScript number surely keeps: write it as text`);
      }
      return settle(parsed(text, mantissa, scale), value);
    }
    if (typeof value === "string") return short(value, small, scale) ?? settle(parsed(value, mantissa, scale), value);
    if (typeof value === "bigint") return settle(parsed(String(value), mantissa, scale), value);
    return refuse(`${told(value)} is no number: give text, a number or a BigInt`);
  };
}

/** So many steps as decimal text. */
function decimal(steps, mantissa, scale) {
  let digits = String(steps * mantissa);
  if (scale === 0) return digits;
  digits = digits.padStart(scale + 1, "0");
  return (digits.slice(0, -scale) + "." + digits.slice(-scale)).replace(/\.?0+$/, "");
}

/** The last day of each month. */
const LAST = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The number that some characters of a text are; not a number if one of them is no digit. */
function digits(text, from, to) {
  let all = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    all = all * 10 + digit;
  }
  return all;
}

/** The days since 1970-01-01 of `YYYY-MM-DD`. (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013.) */
function day(input, text) {
  const shaped = typeof text === "string" && text.length === 10 && text.charCodeAt(4) === 45 && text.charCodeAt(7) === 45;
  const year = shaped ? digits(text, 0, 4) : NaN, month = shaped ? digits(text, 5, 7) : NaN, of = shaped ? digits(text, 8, 10) : NaN;
  if (Number.isNaN(year + month + of)) throw new InputError(input.name, `${told(text)} is no day: write it as "2025-01-13"`);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const last = month === 2 && leap ? 29 : LAST[month - 1];
  if (last === undefined || of < 1 || of > last) throw new InputError(input.name, `there is no day ${text}`);
  const y = month <= 2 ? year - 1 : year, era = Math.floor(y / 400), inEra = y - era * 400;
  const inYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + of - 1;
  return era * 146097 + inEra * 365 + Math.floor(inEra / 4) - Math.floor(inEra / 100) + inYear - 719468;
}

/** Writes a value of an input into a row, or throws: what is written is of its domain. */
function encoder(input, memory) {
  const { at, name } = input;
  const bytes = new Uint8Array(memory), halves = new Uint16Array(memory), ints = new Int32Array(memory);
  const longs = new BigInt64Array(memory);
  const refuse = (why) => {
    throw new InputError(name, why);
  };
  if (input.kind === "bool") {
    return (value, row) => {
      if (value === true) bytes[row + at] = 1;
      else if (value === false) bytes[row + at] = 0;
      else refuse(`${told(value)} is neither true nor false`);
    };
  }
  if (input.kind === "enum" || input.kind === "set") {
    const { members, name: of } = ENUMS[input.of];
    const numbers = new Map(members.map((member, number) => [member, number]));
    const unknown = (value) => {
      const hint = typeof value === "string" ? nearest(value, members) : "";
      refuse(`${told(value)} is no member of ${of}${hint}`);
    };
    if (input.kind === "enum") {
      const number = (value) => numbers.get(value) ?? unknown(value);
      if (input.store === "u8") return (value, row) => (bytes[row + at] = number(value));
      if (input.store === "u16") return (value, row) => (halves[(row + at) >> 1] = number(value));
      return (value, row) => (ints[(row + at) >> 2] = number(value));
    }
    return (value, row) => {
      if (value === null || typeof value !== "object" || typeof value[Symbol.iterator] !== "function") {
        refuse(`${told(value)} is no set: give an array or a Set of names`);
      }
      const from = (row + at) >> 2;
      ints.fill(0, from, from + (input.bytes >> 2));
      for (const one of value) {
        const number = numbers.get(one);
        if (number === undefined) unknown(one);
        ints[from + (number >> 5)] |= 1 << (number & 31);
      }
    };
  }
  const [lo, hi] = [BigInt(input.lo), BigInt(input.hi)];
  const safe = (bound) => (bound >= -(2n ** 53n) && bound <= 2n ** 53n ? Number(bound) : bound);
  const [least, most] = [safe(lo), safe(hi)];
  const steps = input.kind === "date" ? (value) => day(input, value) : stepping(input);
  const outside = (value) => {
    const unit = input.unit ? " " + input.unit : "";
    refuse(`${told(value)} is outside of ${input.least} to ${input.most}${unit}`);
  };
  if (input.store === "i32") {
    return (value, row) => {
      const count = steps(value);
      // A BigInt and a number are compared exactly.
      if (!(count >= least && count <= most)) outside(value);
      ints[(row + at) >> 2] = Number(count);
    };
  }
  return (value, row) => {
    const count = steps(value);
    if (!(count >= least && count <= most)) outside(value);
    if (typeof count === "bigint") {
      longs[(row + at) >> 3] = count;
    } else {
      // Both halves of two's complement; exact, as a power of two divides exactly.
      ints[(row + at) >> 2] = count | 0;
      ints[((row + at) >> 2) + 1] = Math.floor(count / 4294967296);
    }
  };
}

