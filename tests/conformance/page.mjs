// The page at / of a running service, in jsdom: it shows the model, sends what the form holds, and its snippets work as they stand.
//
//     node page.mjs http://127.0.0.1:8080 [--key KEY] [--python PYTHON]
//
// PYTHON is one with tritonclient. A second, made-up service has names that would break out of markup, of a shell and of Python.
// Exit: 0 nothing found, 1 something found, 2 could not check.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const tools = process.env.WINDLASS_TOOLS ?? path.join(here, "..", "..", ".tools");

function cannot(why) {
  console.error(`cannot check: ${why}`);
  process.exit(2);
}

let JSDOM;
try {
  ({ JSDOM } = createRequire(path.join(tools, "node", "package.json"))("jsdom"));
} catch (error) {
  cannot(`${error.message.split("\n")[0]}; run tests/tools/install`);
}

const [url, ...options] = process.argv.slice(2);
const option = name => (options.includes(name) ? options[options.indexOf(name) + 1] : undefined);
const [key, python] = [option("--key"), option("--python")];
const findings = [];
let checked = 0;
function expect(what, got, wanted) {
  checked += 1;
  if (JSON.stringify(got) !== JSON.stringify(wanted)) findings.push(`${what}: ${JSON.stringify(got)}, should be ${JSON.stringify(wanted)}`);
}

const served = await fetch(`${url}/`).catch(error => cannot(error));
const html = await served.text();
const policy = served.headers.get("content-security-policy") ?? "";
for (const tag of ["script", "style"]) {
  const inside = html.split(`<${tag}>`)[1]?.split(`</${tag}>`)[0] ?? "";
  const digest = createHash("sha256").update(inside).digest("base64");
  expect(`the policy names the ${tag}`, policy.includes(`${tag}-src 'sha256-${digest}'`), true);
}
expect("the policy allows nothing else", /unsafe|\*|https?:/.test(policy) || !policy.startsWith("default-src 'none'"), false);

/** The page with this `fetch`; errors in its script are findings. */
function open(fetch) {
  const page = new JSDOM(html, {
    url: `${url}/`,
    runScripts: "dangerously",
    beforeParse(window) {
      window.fetch = fetch;
      window.addEventListener("error", event => findings.push(`the script fails: ${event.message}`));
    },
  });
  return page.window;
}

async function until(what, holds) {
  for (let turn = 0; turn < 500; turn += 1) {
    if (holds()) return true;
    await new Promise(done => setTimeout(done, 10));
  }
  findings.push(`${what}: not within 5 s`);
  return false;
}

/** Texts of the table of tensors. */
const table = document => [...document.querySelectorAll("#signature tr")].map(row => [...row.children].map(cell => cell.textContent));
const tensors = metadata =>
  ["inputs", "outputs"].flatMap(kind =>
    metadata[kind].map(tensor => [kind.slice(0, -1), tensor.name, tensor.datatype, `[${tensor.shape.join(", ")}]`]));

async function realService() {
  const { document } = open((where, more) => fetch(new URL(where, url), more));
  const at = id => document.getElementById(id);
  if (key) {
    if (!(await until("the key is asked for", () => !at("key-row").hidden))) return;
    expect("nothing is shown without the key", at("rest").hidden, true);
    at("key").value = key;
    at("connect").click();
  }
  if (!(await until("the model is shown", () => !at("rest").hidden))) return;
  const headers = key ? { "x-api-key": key } : {};
  const [entry] = await (await fetch(`${url}/v2/repository/index`, { method: "POST", headers })).json();
  const metadata = await (await fetch(`${url}/v2/models/${entry.name}`, { headers })).json();
  expect("state", at("state").textContent, "ready");
  expect("name", at("name").textContent, metadata.name);
  expect("signature", table(document), tensors(metadata));
  expect("a field for each input", document.querySelectorAll("fieldset").length, metadata.inputs.length);
  const unlabelled = [...document.querySelectorAll("input, textarea")].filter(field => field.labels.length === 0);
  expect("fields without a label", unlabelled.map(field => field.id), []);
  const send = async wanted => {
    at("took").textContent = "";
    document.querySelector("form button").click();
    if (await until("an answer", () => / ms$/.test(at("took").textContent))) expect("status", at("took").textContent.slice(0, 3), wanted);
  };
  await send("200");
  expect("the outputs", JSON.parse(at("answer").textContent).outputs.map(output => output.name), metadata.outputs.map(output => output.name));
  const curl = run("bash", ["-c", at("curl").textContent + " --silent --noproxy '*'"]);
  expect("what curl gets", curl && JSON.parse(curl).outputs?.length, metadata.outputs.length);
  if (python) expect("what Python gets", run(python, ["-c", at("python").textContent])?.includes("'outputs'"), true);
  const first = at("data-0");
  first.value = "[1]";
  first.dispatchEvent(new document.defaultView.Event("input", { bubbles: true }));
  await send("400");
  expect("the error is shown", typeof JSON.parse(at("answer").textContent).error, "string");
  // Whole numbers of 64 bits reach the request as they were written.
  first.value = "[9007199254740993]";
  first.dispatchEvent(new document.defaultView.Event("input", { bubbles: true }));
  expect("large numbers stay", at("json").value.includes("9007199254740993"), true);
}

function run(program, parameters) {
  const ended = spawnSync(program, parameters, { encoding: "utf8", timeout: 60_000, env: { ...process.env, API_KEY: key ?? "" } });
  if (ended.status !== 0) findings.push(`${path.basename(program)} ended with ${ended.status}: ${(ended.stderr ?? ended.error?.message ?? "").slice(-600)}`);
  return ended.status === 0 ? ended.stdout : undefined;
}

async function hostileService() {
  const nasty = "</script><img src=x onerror=alert(1)>'\"`$(touch /tmp/pwned)\\\n\u2028&amp;${x}\u0000";
  const metadata = {
    name: nasty,
    inputs: [{ name: nasty, datatype: "INT64", shape: [-1, 2] }, { name: "$&", datatype: "BOOL", shape: [] }],
    outputs: [{ name: nasty, datatype: "FP32", shape: [-1] }],
  };
  const asked = [];
  const answer = value => ({ ok: true, status: 200, json: async () => value, text: async () => JSON.stringify(value) });
  const window = open(async (where, more) => {
    asked.push(where);
    if (where.endsWith("/infer")) return { ...answer({ error: nasty }), body: more.body };
    return answer(where.endsWith("/index") ? [{ name: nasty, version: nasty, state: "READY" }] : metadata);
  });
  const { document } = window;
  const before = new JSDOM(html).window.document.querySelectorAll("img, script").length;
  if (!(await until("hostile names are shown", () => !document.getElementById("rest").hidden))) return;
  expect("hostile names make no elements", document.querySelectorAll("img, script").length, before);
  expect("hostile names are shown as they are", table(document), tensors(metadata));
  const inputs = JSON.parse(document.getElementById("json").value).inputs;
  expect("hostile names are sent as they are", inputs.map(input => input.name), metadata.inputs.map(input => input.name));
  expect("data is that of its input", inputs.map(input => input.data), [[0, 0], [true]]);
  document.querySelector("form button").click();
  await until("an answer to hostile names", () => asked.some(where => where.endsWith("/infer")));
  expect("the path is escaped", asked.at(-1), `/v2/models/${encodeURIComponent(nasty)}/infer`);
  // A shell and a Python that print what they were given.
  const curl = "curl() { printf '%s' \"${@: -1}\"; }; " + document.getElementById("curl").textContent;
  expect("a shell reads the body", run("bash", ["-c", curl]), document.getElementById("json").value);
  if (python) {
    const names = document.getElementById("python").textContent.split("\n").filter(line => line.startsWith("inputs.append"));
    const literal = names[0].slice("inputs.append(triton.InferInput(".length).split(", list(")[0];
    expect("Python reads the name", run(python, ["-c", `import json; print(json.dumps(${literal}))`])?.trim() === undefined, false);
    expect("and reads it right", JSON.parse(run(python, ["-c", `import json; print(json.dumps(${literal}))`]) ?? "null"), nasty);
  }
}

await realService();
await hostileService();
findings.forEach(finding => console.log(finding));
console.log(`${checked} checked, ${findings.length} found`);
process.exit(findings.length > 0 ? 1 : 0);
