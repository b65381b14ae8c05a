// Holds the Step Functions definitions of an output tree against asl-validator, AWS's language service and JSONata's parser.
//
//     node stepfunctions.mjs OUT_OR_FILE …
//
// Of a folder, every stepfunctions/*.asl.json is read. Each `{% %}` must be the whole of its string and parse; a string
// that holds only one of the two marks is a finding. Exit: 0 nothing found, 1 something found, 2 could not check.

import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const tools = process.env.WINDLASS_TOOLS ?? path.join(root, ".tools");
const require = createRequire(path.join(tools, "node", "package.json"));

let validate, service, TextDocument, jsonata;
try {
  validate = require("asl-validator");
  service = require("amazon-states-language-service");
  ({ TextDocument } = require("vscode-languageserver-textdocument"));
  jsonata = require("jsonata");
} catch (error) {
  console.error(`cannot check: ${error.message.split("\n")[0]}; run tests/tools/install`);
  process.exit(2);
}

function files(given) {
  if (fs.statSync(given).isFile()) return [given];
  const folder = path.join(given, "stepfunctions");
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).filter((name) => name.endsWith(".asl.json")).sort().map((name) => path.join(folder, name));
}

// Every string of the definition with the place where it stands, as /States/load/Arguments/Key.
function* strings(value, place = "") {
  if (typeof value === "string") yield [place, value];
  else if (value && typeof value === "object") for (const key of Object.keys(value)) yield* strings(value[key], `${place}/${key}`);
}

function expressions(definition) {
  const found = [];
  let parsed = 0;
  for (const [place, text] of strings(definition)) {
    const opens = text.startsWith("{%"), closes = text.endsWith("%}");
    if (!opens && !closes) continue;
    if (!(opens && closes && text.length >= 4)) {
      found.push(`jsonata: ${place}: only one of {% and %} in ${JSON.stringify(text)}`);
      continue;
    }
    try {
      jsonata(text.slice(2, -2));
      parsed += 1;
    } catch (error) {
      found.push(`jsonata: ${place}: ${error.code} at ${error.position}: ${error.message} in ${text}`);
    }
  }
  return [found, parsed];
}

async function check(file) {
  const text = fs.readFileSync(file, "utf8");
  let definition;
  try {
    definition = JSON.parse(text);
  } catch (error) {
    return [[`json: ${error.message}`], 0];
  }
  const [found, parsed] = expressions(definition);

  const { isValid, errors } = validate(definition, { checkPaths: true, checkArn: true });
  for (const error of errors ?? []) found.push(`asl-validator: ${describe(error)}`);
  if (!isValid && !errors?.length) found.push("asl-validator: invalid, without a reason");

  const document = TextDocument.create(`file:///${path.basename(file)}`, "asl", 1, text);
  const language = service.getLanguageService({});
  const parsedDocument = language.parseJSONDocument(document);
  const settings = { validate: true, allowComments: false, trailingCommas: "error" };
  for (const finding of await language.doValidation(document, parsedDocument, settings)) {
    const { line, character } = finding.range.start;
    found.push(`amazon-states-language-service: ${line + 1}:${character + 1}: ${finding.message}`);
  }
  return [found, parsed];
}

function describe(error) {
  const rest = [error["Error code"], error.Message ?? error.message, error.path ?? error.instancePath, error.schemaError];
  const text = rest.filter(Boolean).map((part) => (typeof part === "string" ? part : JSON.stringify(part))).join(" ");
  return text || JSON.stringify(error);
}

let checked = 0, total = 0, count = 0;
try {
  for (const file of process.argv.slice(2).flatMap(files)) {
    const [found, parsed] = await check(file);
    for (const finding of found) console.log(`${path.basename(file)}: ${finding}`);
    checked += 1;
    total += parsed;
    count += found.length;
  }
} catch (error) {
  console.error(`cannot check: ${error.stack}`);
  process.exit(2);
}
if (!checked) {
  console.log("nothing was checked");
  count += 1;
}
console.log(`${checked} definitions and ${total} expressions checked, ${count} found`);
process.exit(count ? 1 : 0);
