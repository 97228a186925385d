// The same as bench.cpp with the npm package: node bench.mjs FOLDER [ID-PART]
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const require = createRequire(join(process.env.JSONATA_HOME ?? process.cwd(), "x.js"));
const jsonata = require("jsonata");
const windows = 6; // the best of them counts
const window = 1e6; // nanoseconds
const [folder, wanted = ""] = process.argv.slice(2);
const datasets = new Map();

function dataset(name) {
  if (!datasets.has(name)) {
    datasets.set(name, JSON.parse(readFileSync(join(folder, "datasets", `${name}.json`))));
  }
  return datasets.get(name);
}

async function nanoseconds(expression, input, bindings) {
  const first = process.hrtime.bigint();
  await expression.evaluate(input, bindings);
  const slow = Number(process.hrtime.bigint() - first) > 20 * window;
  for (let i = 0; i < (slow ? 1 : 50); i++) await expression.evaluate(input, bindings);
  let best = Infinity;
  for (let i = 0; i < (slow ? 2 : windows); i++) {
    const start = process.hrtime.bigint();
    let rounds = 0;
    let elapsed = 0;
    for (; elapsed < window; elapsed = Number(process.hrtime.bigint() - start)) {
      const batch = slow ? 1 : 8;
      for (let j = 0; j < batch; j++) await expression.evaluate(input, bindings);
      rounds += batch;
    }
    best = Math.min(best, elapsed / rounds);
  }
  return best;
}

for (const line of readFileSync(join(folder, "cases.jsonl"), "utf8").split("\n")) {
  if (!line) continue;
  const test = JSON.parse(line);
  if (!test.dataset || test.expected.error || !test.id.includes(wanted)) continue;
  const expression = jsonata(test.expr);
  console.log(test.id, (await nanoseconds(expression, dataset(test.dataset), test.bindings)).toFixed(1));
}
