// Asks a wrapper: lines in, lines out. A line is `known` or `open` and a case as JSON; the reply tells each decision in words.

/** An outcome in words: its number, its value as case files write it, its rules. */
export function words(outcome) {
  const text = (value) => (Array.isArray(value) ? `{${value.join(", ")}}` : String(value));
  const said =
    outcome.kind === "value" ? text(outcome.value)
    : outcome.kind === "gap" ? "(gap)"
    : `(conflict: ${outcome.values.map(text).join(", ")})`;
  return `${outcome.outcome} ${said} [${outcome.rules.map((rule) => rule.name).join(" ")}]`;
}

/** The replies. All ways through the wrapper must come to the same, else the reply says so. */
export function replies(table, lines) {
  const known = lines.filter((line) => line.startsWith("known ")).map((line) => JSON.parse(line.slice(6)));
  const many = table.decideMany(known);
  const columns = byColumns(table, known);
  let at = 0;
  return lines.map((line) => {
    if (line.startsWith("known ")) {
      const number = at++, inputs = known[number], all = table.decide(inputs);
      const said = table.decisions.map((decision) => {
        const here = words(all[decision]);
        for (const other of [table.decideOne(decision, inputs), many[number][decision], columns(decision, number)]) {
          if (words(other) !== here) return `decide: ${here}, otherwise: ${words(other)}`;
        }
        return here;
      });
      return said.join("; ");
    }
    const inputs = JSON.parse(line.slice(5)), all = table.decide(inputs);
    const said = table.decisions.map((decision) => {
      const left = table.remaining(decision, inputs), here = all[decision];
      const same = here.kind === "open"
        ? here.ask === left.ask && here.exact === left.exact && here.possible.length === left.possible.length
        : left.possible.length === 1 && left.possible[0] === here;
      if (!same) return `remaining and decide differ on ${decision}`;
      if (left.ask !== undefined && left.hangsOn[0] === undefined) return "asks for what the answer does not hang on";
      return `${left.possible.map(words).join(" | ")}/${left.ask ?? "-"}/${left.exact}`;
    });
    return said.join("; ");
  });
}

function byColumns(table, cases) {
  const columns = {};
  for (const input of Object.keys(cases[0] ?? {})) {
    const codes = cases.map((one) => table.code(input, one[input])), first = codes[0];
    if (first instanceof BigUint64Array) {
      columns[input] = new BigUint64Array(codes.length * first.length);
      codes.forEach((code, number) => columns[input].set(code, number * first.length));
    } else {
      columns[input] = codes;
    }
  }
  const found = new Map();
  const typed = (decision) => {
    // The error names the kind of array that is wanted: each column is made so, one after the other.
    for (;;) {
      try {
        return table.batch(decision, columns);
      } catch (error) {
        const wanted = /needs one, a (\w+)$/.exec(error.message);
        if (wanted === null || !Array.isArray(columns[error.input])) throw error;
        columns[error.input] = globalThis[wanted[1]].from(columns[error.input]);
      }
    }
  };
  return (decision, number) => {
    if (!found.has(decision)) found.set(decision, typed(decision));
    return table.outcome(decision, found.get(decision)[number]);
  };
}

if (globalThis.process?.versions?.node) {
  const { readFileSync, writeSync } = await import("node:fs");
  const { load } = await import(process.argv[2]);
  const table = await load();
  await table.selfTest();
  const lines = readFileSync(0, "utf8").split("\n").filter((line) => line !== "");
  const text = Buffer.from(replies(table, lines).join("\n") + "\n");
  for (let at = 0; at < text.length; ) at += writeSync(1, text, at);
}
