// Evaluates JSONata as Step Functions would: a list of {template, variables} on the standard input, a list of {value} or {error} back.
// A template is JSON in which strings `{% … %}` are expressions; an expression without a result is an error.
const jsonata = require("jsonata");

// JSON knows no infinity, and would write null.
function finite(value) {
  if (typeof value === "number" && !Number.isFinite(value)) throw new Error("no finite number");
  if (value !== null && typeof value === "object") Object.values(value).forEach(finite);
  return value;
}

async function evaluate(template, variables) {
  if (typeof template === "string") {
    if (!template.startsWith("{%") || !template.endsWith("%}")) return template;
    const expression = jsonata(template.slice(2, -2));
    expression.registerFunction("parse", JSON.parse);
    const value = await expression.evaluate(undefined, variables);
    if (value === undefined) throw new Error("nothing");
    return finite(value);
  }
  if (Array.isArray(template)) return Promise.all(template.map((part) => evaluate(part, variables)));
  if (template === null || typeof template !== "object") return template;
  const entries = Object.entries(template).map(async ([key, part]) => [key, await evaluate(part, variables)]);
  return Object.fromEntries(await Promise.all(entries));
}

async function main() {
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  const results = [];
  for (const { template, variables } of JSON.parse(text)) {
    try {
      results.push({ value: await evaluate(template, variables) });
    } catch (error) {
      results.push({ error: String(error.message) });
    }
  }
  console.log(JSON.stringify(results));
}

main();
