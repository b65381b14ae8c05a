// Reads a flowchart on standard input with Mermaid's own parser.
//
//     node mermaid.mjs <drawing.mmd
//
// Exit: 0 it is one, 1 it is none, 2 could not check.

import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const tools = process.env.WINDLASS_TOOLS ?? path.join(here, "..", "..", ".tools");
const require = createRequire(path.join(tools, "node", "package.json"));

let mermaid;
try {
  const { JSDOM } = require("jsdom");
  const { window } = new JSDOM("");
  // Mermaid cleans labels with the help of a document.
  Object.assign(globalThis, { window, document: window.document, Element: window.Element });
  ({ default: mermaid } = await import(pathToFileURL(require.resolve("mermaid"))));
} catch (error) {
  console.error(`cannot check: ${error.message.split("\n")[0]}; run tests/tools/install`);
  process.exit(2);
}

try {
  const { diagramType } = await mermaid.parse(fs.readFileSync(0, "utf8"));
  if (!diagramType.startsWith("flowchart")) throw new Error(`this is a ${diagramType}`);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
