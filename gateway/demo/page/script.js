"use strict";

// Everything that comes from a server or a person becomes text, never markup: nodes are made by `node` only.
const byId = (id) => document.getElementById(id);
const people = JSON.parse(byId("people").textContent);
const MODES = ["ok", "slow", "down", "garbled"];
const MODE_HINTS = {ok: "answers", slow: "answers after four seconds", down: "resets connections", garbled: "answers broken JSON"};
const OWN_KEY = "own";
const TONES = {
  complete: "good", ok: "good", partial: "warn", degraded: "warn", fallback: "warn", stale: "warn", needs_input: "warn",
  pending: "warn", skipped: "", denied: "bad", failed: "bad",
};
const SIGNS = {good: "✓ ", warn: "! ", bad: "✕ ", "": ""};

let intents = [];
let asking = null;

function node(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && !name.includes("-")) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function asText(value) {
  return typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
}

function badge(word) {
  const tone = TONES[word] ?? "";
  return node("span", {className: `badge ${tone}`}, SIGNS[tone] + word);
}

function show(id, fault) {
  const place = byId(id);
  place.textContent = fault ?? "";
  place.hidden = !fault;
}

// Talking to the gateway

function headers() {
  const chosen = byId("person").value;
  const key = chosen === OWN_KEY ? byId("own-key").value.trim() : people[Number(chosen)].key;
  const sent = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Language": byId("locale").value};
  return key ? {...sent, "X-API-Key": key} : sent;
}

async function fetchJson(path, options) {
  const started = performance.now();
  const response = await fetch(path, {cache: "no-store", credentials: "omit", ...options});
  const raw = await response.text();
  let body;
  try {
    body = JSON.parse(raw);
  } catch {
    body = {detail: "The answer is not JSON."};
  }
  return {status: response.status, ok: response.ok, body, ms: performance.now() - started};
}

async function ask(request) {
  asking?.abort();
  const mine = (asking = new AbortController());
  const place = byId("answer");
  place.setAttribute("aria-busy", "true");
  try {
    const body = JSON.stringify({...request, locale: byId("locale").value, channel: "demo"});
    const answer = await fetchJson("/v1/chat", {method: "POST", headers: headers(), body, signal: mine.signal});
    if (mine === asking) place.replaceChildren(...renderAnswer(answer));
    markFields(answer.body, request.intent);
  } catch (fault) {
    if (mine === asking) place.replaceChildren(node("p", {className: "fault"}, `The gateway can't be reached: ${fault.message}`));
  } finally {
    if (mine === asking) place.setAttribute("aria-busy", "false");
  }
}

// The answer

function renderAnswer({status, body, ms}) {
  const parts = [renderBadges(status, body, ms)];
  const text = body.reply?.text ?? body.detail ?? body.title;
  if (text) parts.push(node("p", {className: "reply"}, asText(text)));
  parts.push(...(body.reply?.blocks ?? []).map(renderBlock));
  parts.push(renderNext(body.reply ?? {}), ...renderErrors(body.errors ?? []), ...renderSteps(body.meta ?? {}));
  parts.push(node("details", {}, node("summary", {}, "The whole answer, as JSON"), node("pre", {tabIndex: 0}, JSON.stringify(body, null, 2))));
  return parts.filter(Boolean);
}

function renderBadges(status, body, ms) {
  const words = typeof body.status === "string" ? [badge(body.status)] : [node("span", {className: "badge bad"}, `✕ ${asText(body.code)}`)];
  if (body.level) words.push(node("span", {className: "badge"}, `level ${asText(body.level)}`));
  if (body.intent) words.push(node("span", {className: "badge"}, asText(body.intent)));
  return node("div", {className: "badges"}, ...words, node("span", {className: "soft"}, `HTTP ${status} · ${Math.round(ms)} ms`));
}

function renderBlock(block) {
  const rows = Array.isArray(block?.list) ? block.list.slice(0, block.max ?? block.list.length) : block?.card ? [block.card] : [];
  if (!rows.length) return null;
  return node("ul", {className: "block"}, ...rows.map((row) =>
    node("li", {}, node("span", {}, asText(row.title)), node("span", {}, asText(row.text)))));
}

function renderNext(reply) {
  const actions = (reply.actions ?? []).map((action) => chip(asText(action.label), () => openForm(action.intent, action.input ?? {})));
  const suggestions = (reply.suggestions ?? []).map((text) => chip(asText(text), () => send(asText(text))));
  const all = [...actions, ...suggestions];
  return all.length ? node("div", {className: "chips"}, ...all) : null;
}

function renderErrors(errors) {
  if (!errors.length) return [];
  const rows = errors.map((error) => {
    const where = error.step ?? error.pointer ?? error.path;
    const code = [error.code, error.detail_code].filter(Boolean).join(" / ");
    return node("li", {}, where ? node("code", {}, asText(where)) : null, where ? " " : null, code ? `${code}: ` : null, asText(error.message));
  });
  return [node("h3", {className: "part"}, "What went wrong"), node("ul", {className: "errors"}, ...rows)];
}

function renderSteps(meta) {
  const steps = Object.entries(meta.steps ?? {});
  if (!steps.length) return [];
  const longest = Math.max(meta.ms ?? 0, ...steps.map(([, step]) => step.ms ?? 0), 1);
  const head = node("tr", {}, ...["Step", "Calls", "Status", "Time"].map((word) => node("th", {scope: "col"}, word)));
  const rows = steps.map(([name, step]) => node("tr", {},
    node("td", {}, node("code", {}, name)),
    node("td", {}, step.operation ? node("code", {}, callee(step)) : "–"),
    node("td", {}, badge(step.status), ...rung(step)),
    node("td", {className: "bar"}, bar(step, longest))));
  const total = meta.ms === undefined ? "" : ` · ${Math.round(meta.ms)} of ${asText(meta.deadline_ms ?? "–")} ms`;
  const table = node("table", {}, node("thead", {}, head), node("tbody", {}, ...rows));
  return [node("h3", {className: "part"}, `Steps${total}`), node("div", {className: "scroll"}, table)];
}

function callee(step) {
  return !step.source || String(step.operation).startsWith(`${step.source}.`) ? asText(step.operation) : `${step.source}.${step.operation}`;
}

function rung(step) {
  return step.rung === undefined || step.rung === null || step.status === "ok" ? [] : [node("span", {className: "soft"}, ` rung ${step.rung}`)];
}

function bar(step, longest) {
  if (step.ms === undefined || step.ms === null) return node("span", {className: "soft"}, "–");
  const fill = node("div", {className: `fill ${TONES[step.status] ?? ""}`});
  fill.style.setProperty("--share", String(step.ms / longest));
  return node("div", {className: "track"}, fill, node("span", {}, `${step.ms.toFixed(step.ms < 10 ? 1 : 0)} ms`));
}

function chip(text, act) {
  return node("button", {type: "button", className: "chip-button", onclick: act}, text);
}

// Asking by message

function send(message) {
  byId("message").value = message;
  ask({message});
}

function renderExamples() {
  const readers = intents.filter((intent) => !intent.writes); // a message alone never writes
  const whole = readers.flatMap((intent) => (intent.examples ?? []).map((text) => [intent, text])).filter(([, text]) => !text.includes("{")).slice(0, 5);
  const filled = readers.flatMap((intent) => (intent.examples ?? []).slice(0, 1)).filter((text) => text.includes("{")).slice(0, 5);
  const SAMPLES = {order_id: "1007", customer_id: "C1001", employee_id: "E2017", query: "lamp", city: "Hamburg"};
  const fill = (text) => text.replace(/\{(\w+)\}/g, (slot, name) => SAMPLES[name] ?? slot);
  const texts = [...new Set([...filled.map(fill), ...whole.map(([, text]) => text)])];
  byId("examples").replaceChildren(...texts.map((text) => chip(text, () => send(text))));
}

// Asking by form

async function loadIntents() {
  const {ok, body} = await fetchJson("/v1/intents", {headers: headers()}).catch((fault) => ({ok: false, body: {detail: fault.message}}));
  intents = ok ? body.intents : [];
  show("intents-fault", ok ? null : asText(body.detail ?? "The intents can't be read."));
  const before = byId("intent").value;
  byId("intent").replaceChildren(...intents.map((intent) => node("option", {value: intent.name}, intent.name)));
  if (intents.some((intent) => intent.name === before)) byId("intent").value = before;
  renderExamples();
  renderForm();
}

function openForm(name, input) {
  if (!intents.some((intent) => intent.name === name)) return;
  byId("intent").value = name;
  renderForm(input);
  byId("form").querySelector("input, select, textarea, button")?.focus();
}

function renderForm(input = {}) {
  const intent = intents.find((one) => one.name === byId("intent").value);
  byId("summary").textContent = intent?.summary ?? "";
  const schema = intent?.input ?? {};
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]) =>
    renderField(name, property, (schema.required ?? []).includes(name), input[name] ?? property.default));
  byId("form").replaceChildren(...(intent ? [...fields, node("button", {type: "submit", className: "primary"}, "Ask")] : []));
}

function renderField(name, property, required, value) {
  const id = `field-${name}`;
  const control = renderControl(property, value);
  Object.assign(control, {id, name, required});
  control.setAttribute("aria-describedby", `${id}-hint ${id}-fault`);
  control.dataset.kind = kindOf(property);
  control.dataset.fallback = asText(property.default);
  const label = node("label", {htmlFor: id}, (property.title ?? name) + (required ? " *" : ""));
  const head = control.type === "checkbox" ? [node("div", {className: "check"}, control, label)] : [label, control];
  const hint = node("p", {id: `${id}-hint`, className: "hint"}, property.description ?? "");
  return node("div", {className: "field"}, ...head, hint, node("p", {id: `${id}-fault`, className: "fault", hidden: true}));
}

function kindOf(property) {
  const types = [property.type ?? "any"].flat().filter((type) => type !== "null");
  return property.enum ? "enum" : types.length === 1 ? types[0] : "any";
}

function renderControl(property, value) {
  const kind = kindOf(property);
  if (kind === "enum") {
    const options = property.enum.map((one) => node("option", {value: JSON.stringify(one), selected: one === value}, asText(one)));
    return node("select", {}, node("option", {value: ""}, "–"), ...options);
  }
  if (kind === "boolean") return node("input", {type: "checkbox", checked: value === true});
  const text = value === undefined || value === null ? "" : asText(value);
  if (kind === "integer" || kind === "number") return node("input", {type: "text", inputMode: "decimal", value: text});
  const long = kind !== "string" || (property.maxLength ?? 0) > 200;
  return long ? node("textarea", {value: text, placeholder: kind === "string" ? "" : "JSON"}) : node("input", {type: "text", value: text});
}

// A value that can't be read is sent as it stands: what the gateway says about it is part of the show.
function readControl(control) {
  const kind = control.dataset.kind;
  if (kind === "boolean") return control.checked ? true : control.dataset.fallback === "true" ? false : undefined;
  if (control.value === "") return undefined;
  if (kind === "string") return control.value;
  try {
    return JSON.parse(control.value);
  } catch {
    return control.value;
  }
}

function readForm() {
  const controls = [...byId("form").elements].filter((control) => control.name);
  return Object.fromEntries(controls.map((control) => [control.name, readControl(control)]).filter(([, value]) => value !== undefined));
}

function markFields(body, intent) {
  if (intent !== byId("intent").value) return;
  for (const control of byId("form").elements) {
    if (!control.name) continue;
    const faults = (body.errors ?? []).filter((error) => String(error.pointer ?? "").split("/").includes(control.name));
    control.setAttribute("aria-invalid", String(faults.length > 0));
    show(`field-${control.name}-fault`, faults.map((fault) => asText(fault.message)).join(" "));
  }
}

// The backends

async function loadSystems(change) {
  const options = change ? {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(change)} : {};
  const {ok, body} = await fetchJson("/demo/backends", options).catch((fault) => ({ok: false, body: {detail: fault.message}}));
  show("systems-fault", ok ? null : asText(body.detail ?? "The backends can't be read."));
  if (ok) renderSystems(body.systems);
}

function renderSystems(systems) {
  const place = byId("systems");
  if (place.childElementCount !== systems.length) place.replaceChildren(...systems.map(renderSystem));
  for (const system of systems) {
    const box = byId(`system-${system.name}`);
    box.dataset.mode = system.mode;
    for (const choice of box.querySelectorAll("input")) choice.checked = choice.value === system.mode;
  }
}

function renderSystem(system) {
  const choices = MODES.map((mode) => node("label", {title: `${system.name} ${MODE_HINTS[mode]}`},
    node("input", {type: "radio", name: `mode-${system.name}`, value: mode, onchange: () => loadSystems({name: system.name, mode})}), mode));
  return node("fieldset", {className: "system", id: `system-${system.name}`},
    node("legend", {}, system.name.replaceAll("_", " ")), node("div", {className: "modes"}, ...choices));
}

async function mendAll() {
  for (const box of byId("systems").children) await loadSystems({name: box.id.slice("system-".length), mode: "ok"});
}

// Start

function choosePerson() {
  byId("own-key-row").hidden = byId("person").value !== OWN_KEY;
  loadIntents();
}

byId("person").append(
  ...people.map((person, index) => node("option", {value: String(index)}, person.label)),
  node("option", {value: OWN_KEY}, "Another key …"),
);
byId("person").addEventListener("change", choosePerson);
byId("own-key").addEventListener("change", loadIntents);
byId("intent").addEventListener("change", () => renderForm());
byId("mend").addEventListener("click", mendAll);
byId("chat").addEventListener("submit", (event) => {
  event.preventDefault();
  if (byId("message").value.trim()) ask({message: byId("message").value.trim()});
});
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  ask({intent: byId("intent").value, input: readForm()});
});
window.addEventListener("focus", () => loadSystems());
loadSystems();
loadIntents();
