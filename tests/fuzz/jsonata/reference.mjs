// Answers lines {"expr", "data", "bindings"} as `skafu-local eval jsonata --lines` does, with the
// npm package. {"skip": …} where the reference has no answer that could be compared.
import { createRequire } from "node:module";
import { join } from "node:path";
import readline from "node:readline";

const require = createRequire(join(process.env.JSONATA_HOME ?? process.cwd(), "x.js"));
const jsonata = require("jsonata");
const limits = { timeout: 400, stack: 250, sequence: 200000 };

function holdsFunction(value, depth = 0) {
  if (typeof value === "function" || value?._jsonata_lambda || value?._jsonata_function) return true;
  if (depth > 20 || value === null || typeof value !== "object") return false;
  return Object.values(value).some((member) => holdsFunction(member, depth + 1));
}

async function answer(request) {
  try {
    const result = await jsonata(request.expr, limits).evaluate(request.data, request.bindings);
    if (result === undefined) return { undefined: true };
    if (holdsFunction(result) || JSON.stringify(result).length > 100000) return { skip: "result" };
    return { result };
  } catch (error) {
    const limited = ["D1011", "D1012", "D2015"].includes(error.code);
    return error.code && !limited ? { error: { code: error.code } } : { skip: String(error) };
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
