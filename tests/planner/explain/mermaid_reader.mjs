// Reads a flowchart from stdin with the real mermaid, without a browser, and tells what is in it.
// mermaid cleans labels with DOMPurify, which needs a browser's document: here it lets them pass, since nothing is shown.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const packages = pathToFileURL(`${process.argv[2]}/`);
const { default: purify } = await import(new URL("dompurify/dist/purify.es.mjs", packages));
purify.addHook = () => {};
purify.sanitize = (text) => text;
const { default: mermaid } = await import(new URL("mermaid/dist/mermaid.core.mjs", packages));
mermaid.initialize({ startOnLoad: false });
const { db } = await mermaid.mermaidAPI.getDiagramFromText(readFileSync(0, "utf8"));
const texts = [...db.getVertices().values()].map((node) => node.text);
process.stdout.write(JSON.stringify({ nodes: texts.length, edges: db.getEdges().length, texts }));
