"use strict";

const BASE = "/_amplifybackend/";
const PAGE = 25; // rows of a list
const MORE = 50; // environments that are shown, and how many more at a time
const LONGEST_PAUSE = 10_000; // between two attempts to connect, in milliseconds
const BUSY = new Set(["PENDING", "RUNNING"]);

const $ = (id) => document.getElementById(id);
const now = { overview: [], faults: [], jobs: [], calls: [] };
const seen = {}; // the versions of what is shown, by part
const pages = { jobs: 0, calls: 0 };
let token = "1";
let shownEnvironments = MORE;
let chosen = { entity: "environment", key: "", title: "" };
let known = { operations: [], jobs: [], errors: [], states: {} };

// ---------------------------------------------------------------- elements

/** An element with properties, attributes where there is a dash, and children. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** Makes a list show items; rows stay what they are by key, so that focus and open details stay. */
function sync(list, items, keyOf, update) {
  const rows = new Map([...list.children].map((row) => [row.dataset.key, row]));
  const keys = items.map(keyOf);
  const kept = new Set(keys);
  for (const [key, row] of rows) if (!kept.has(key)) remove(row);
  items.forEach((item, place) => {
    const key = keys[place];
    let row = rows.get(key);
    if (!row) {
      row = make("li");
      row.dataset.key = key;
    }
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
    update(row, item);
  });
}

/** Removes a row; what has the focus in it passes that on to its neighbor, or to the heading. */
function remove(row) {
  const focused = row.contains(document.activeElement);
  const name = document.activeElement?.name;
  const near = row.nextElementSibling ?? row.previousElementSibling;
  const heading = row.closest("section")?.querySelector("h2");
  row.remove();
  if (focused) ((name && near?.querySelector(`[name="${name}"]`)) || heading)?.focus();
}

/** Fills a row anew if what it shows has changed; a button with the focus keeps it by its name. */
function refill(row, item, children) {
  const text = JSON.stringify(item);
  if (row.shown === text) return;
  row.shown = text;
  const name = row.contains(document.activeElement) && document.activeElement.name;
  row.replaceChildren(...children());
  if (name) row.querySelector(`[name="${name}"]`)?.focus();
}

function button(name, text, about, action) {
  const made = make("button", { name, type: "button", "aria-label": `${text} ${about}` }, text);
  made.addEventListener("click", () => attempt(action));
  return made;
}

function kindOf(state) {
  if (/ing$/.test(state) || BUSY.has(state)) return "busy";
  return /^(FAILED|STALE|absent|expired)$/.test(state) ? "bad" : "good";
}

const stateText = (state) => make("span", { className: `state ${kindOf(state)}` }, state);

// ---------------------------------------------------------------- the control API

async function ask(action, values = {}) {
  const answer = await fetch(BASE + action, {
    method: "POST",
    headers: { "X-Amplifybackend-Control": token, "Content-Type": "application/json" },
    body: JSON.stringify(values),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.message ?? `The server answered ${answer.status}.`);
  return said;
}

/** Does what a button is for, and shows why it failed. */
async function attempt(action) {
  try {
    await action();
    $("problem").textContent = "";
  } catch (error) {
    $("problem").textContent = error.message;
  }
}

// ---------------------------------------------------------------- what is shown

const asks = {
  overview: () => ask("overview"),
  faults: () => ask("faults"),
  jobs: () => {
    const which = $("jobs-bar").elements.which.value;
    const part = { limit: PAGE + 1, skip: pages.jobs * PAGE };
    return ask("jobs", which === "all" ? part : { ...part, unfinished: true });
  },
  calls: () => {
    const { operation, outcome } = $("calls-bar").elements;
    const part = { limit: PAGE + 1, skip: pages.calls * PAGE };
    if (operation.value) part.operation = operation.value;
    if (outcome.value) part.failed = outcome.value === "failed";
    return ask("calls", part);
  },
};
const shows = { overview: showApps, faults: showFaults, jobs: showJobs, calls: showCalls };
const underWay = {};

/** Asks for a part and shows it; what comes in between is asked for once, afterwards. */
async function refresh(part) {
  if (underWay[part]) {
    underWay[part] = "again";
    return;
  }
  do {
    underWay[part] = "asked";
    try {
      now[part] = await asks[part]();
      shows[part]();
    } catch (error) {
      $("problem").textContent = error.message;
    }
  } while (underWay[part] === "again");
  underWay[part] = "";
}

const keyOfApp = (app) => `${app.region} ${app.app}`;

function showApps() {
  const sought = $("find").value.trim().toLowerCase();
  const matches = (text) => text.toLowerCase().includes(sought);
  let room = shownEnvironments;
  let left = 0;
  const apps = [];
  for (const app of now.overview) {
    const whole = matches(`${app.app} ${app.name}`);
    const found = app.environments.filter((one) => whole || matches(one.environment));
    if (!whole && !found.length) continue;
    const environments = found.slice(0, Math.max(room, 0));
    left += found.length - environments.length;
    room -= environments.length + 1;
    if (room >= -1) apps.push({ ...app, environments, total: found.length });
    else left += 1;
  }
  $("apps-title").textContent = `Apps (${now.overview.length})`;
  sync($("apps"), apps, keyOfApp, showApp);
  $("more").hidden = !left;
  $("more").textContent = `Show more (${left} left)`;
  showStates();
}

function showApp(row, app) {
  if (!row.list) {
    row.list = make("ul");
    row.summary = make("summary");
    row.append(make("details", { open: true }, row.summary, row.list));
  }
  const number = app.total === 1 ? "1 environment" : `${app.total} environments`;
  row.summary.textContent = `${app.app} (${app.name}), ${app.region}, ${number}`;
  const at = keyOfApp(app);
  const tokens = Object.entries(app.tokens).filter(([, count]) => count);
  const items = app.environments.map((one) => ({ ...one, at, entity: "environment", name: one.environment }));
  items.push({ at, entity: "studio", name: "", state: app.studio });
  for (const [state, count] of tokens) items.push({ at, entity: "token", name: `${count}`, state });
  sync(row.list, items, (item) => `${item.entity} ${item.name} ${item.entity === "token" ? item.state : ""}`, showEntity);
}

function showEntity(row, item) {
  if (!row.choose) {
    row.choose = make("button", { type: "button" });
    row.choose.addEventListener("click", () => choose(row.item));
    row.append(row.choose);
  }
  row.item = item;
  const key = keyOfEntity(item);
  const label = `${item.entity}${item.name ? ` ${item.name}` : ""}: `;
  const text = label + item.state;
  if (row.choose.textContent !== text) row.choose.replaceChildren(label, stateText(item.state));
  row.choose.setAttribute("aria-current", String(chosen.key === key));
  if (!item.resources?.length && !row.list) return;
  if (!row.list) row.append((row.list = make("ul")));
  const inner = item.resources.map((one) => ({ ...one, at: `${item.at} ${item.name}` }));
  sync(row.list, inner, (one) => one.entity, showEntity);
}

const keyOfEntity = (item) => `${item.at} ${item.entity} ${item.entity === "environment" ? item.name : item.entity === "token" ? item.state : ""}`;

function choose(item) {
  chosen = { entity: item.entity, key: keyOfEntity(item), title: item.name };
  $("entity").value = item.entity;
  showApps();
}

/** The state of the chosen entity; none if it is gone, or only a kind of entity was chosen. */
function chosenState() {
  for (const row of $("apps").querySelectorAll("li")) {
    if (row.item && keyOfEntity(row.item) === chosen.key) return row.item.state;
  }
  return "";
}

function showJobs() {
  const rows = page("jobs", now.jobs);
  sync($("jobs"), rows, (job) => job.job, (row, job) => refill(row, job, () => jobCells(job)));
}

function jobCells(job) {
  const about = `${job.operation} of ${job.app}/${job.environment}`;
  const text = make("span", { className: "main" }, `${about} `, stateText(job.status));
  if (job.error) text.append(make("span", { className: "bad" }, ` ${job.error}`));
  if (job.rule) text.append(make("span", { className: "soft" }, ` (rule ${job.rule})`));
  if (!BUSY.has(job.status)) return [text];
  const fail = () => {
    const error = $("jobs-bar").elements.error.value;
    return ask("fail-job", error ? { job: job.job, error } : { job: job.job });
  };
  return [
    text,
    button("finish", "Finish", about, () => ask("finish", { job: job.job })),
    button("fail", "Fail", about, fail),
  ];
}

function showFaults() {
  sync($("faults"), now.faults, (one) => String(one.fault), (row, one) => refill(row, one, () => faultCells(one)));
}

function faultCells(fault) {
  const what = { fail: "fails with", delay: "is delayed by", override: "is overridden", "fail-next": "next job fails:" }[fault.kind];
  const by = fault.kind === "delay" ? `${fault.seconds} seconds` : (fault.error ?? "");
  const left = fault.times === null ? "always" : fault.times ? `${fault.times} to go` : "used up";
  const about = `${fault.operation} ${what} ${by}`;
  const more = [fault.after ? `after ${fault.after} calls` : "", Object.keys(fault.when).length ? `when ${JSON.stringify(fault.when)}` : "", left];
  return [
    make("span", { className: "main" }, about, make("span", { className: "soft" }, ` (${more.filter(Boolean).join(", ")})`)),
    button("remove", "Remove", about, () => ask("remove-fault", { fault: fault.fault })),
  ];
}

function showCalls() {
  const rows = page("calls", now.calls);
  sync($("calls"), rows, (call) => String(call.number), (row, call) => refill(row, call, () => [callDetails(call)]));
}

function callDetails(call) {
  const { AppId, BackendEnvironmentName } = call.params;
  const where = [AppId, BackendEnvironmentName].filter(Boolean).join("/");
  const outcome = make("span", { className: call.error ? "bad" : "good" }, call.error ?? "answered");
  const summary = make("summary", {}, `#${call.number} ${call.operation} ${where} `, outcome);
  const details = make("details", {}, summary);
  const fill = () => {
    const text = (value) => make("pre", { tabIndex: 0 }, JSON.stringify(value, null, 2));
    details.append(make("p", { className: "soft" }, `${call.region}, through ${call.transport}`), text(call.params));
    details.append(call.error ? make("p", { className: "bad" }, call.message ?? call.error) : text(call.response));
  };
  details.addEventListener("toggle", fill, { once: true });
  return details;
}

/** The rows of a page, newest first, and what its pager can do. */
function page(part, found) {
  const rows = found.slice(Math.max(found.length - PAGE, 0)).reverse();
  const pager = $(`${part}-pager`);
  const [newer, older] = pager.children;
  newer.disabled = pages[part] === 0;
  older.disabled = found.length <= PAGE;
  pager.hidden = newer.disabled && older.disabled;
  return rows;
}

// ---------------------------------------------------------------- the state diagram

const SVG = "http://www.w3.org/2000/svg";

function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

let drawn = "";

function showStates() {
  const moves = known.states[chosen.entity] ?? [];
  const state = chosenState();
  const subject = chosen.entity + (chosen.title && state ? ` ${chosen.title}` : "");
  const text = JSON.stringify([subject, state, moves.length]);
  if (text === drawn) return;
  drawn = text;
  $("entity-title").textContent = state ? `States: ${subject} is ${state}` : `States: ${subject}`;
  $("diagram").replaceChildren(diagram(moves, state, subject));
  const merged = Object.entries(Object.groupBy ? Object.groupBy(moves, (one) => `${one.from} \u2192 ${one.to}`) : grouped(moves));
  $("moves").replaceChildren(
    ...merged.map(([way, causes]) => {
      const possible = causes[0].from === state;
      const by = causes.map((one) => one.by).join(", ");
      return make("li", { className: possible ? "now" : "soft" }, `${way}: ${by}${possible ? " (possible now)" : ""}`);
    }),
  );
}

function grouped(moves) {
  const groups = {};
  for (const one of moves) (groups[`${one.from} \u2192 ${one.to}`] ??= []).push(one);
  return groups;
}

const [ROW, WIDTH, HEIGHT, MIDDLE] = [46, 110, 28, 190];

/** States one below the other; ways down bend to the right, ways up to the left. */
function diagram(moves, state, subject) {
  const names = [...new Set(moves.flatMap((one) => [one.from, one.to]))];
  const high = names.length * ROW + 10;
  const label = `State diagram of ${subject}${state ? `, which is ${state}` : ""}; the list below says the same.`;
  const svg = draw("svg", { viewBox: `0 0 ${2 * MIDDLE} ${high}`, width: 2 * MIDDLE, height: high, role: "img", "aria-label": label });
  svg.append(draw("defs", {}, tip("tip"), tip("tip-now")));
  const middle = (name) => names.indexOf(name) * ROW + ROW / 2 + 5;
  const ways = new Map(moves.map((one) => [`${one.from} ${one.to}`, one]));
  for (const { from, to } of ways.values()) {
    const current = from === state;
    const path = from === to ? loop(middle(from)) : bend(middle(from), middle(to));
    svg.append(draw("path", { class: current ? "way now" : "way", d: path, "marker-end": `url(#${current ? "tip-now" : "tip"})` }));
  }
  for (const name of names) {
    const box = draw("rect", { x: MIDDLE - WIDTH / 2, y: middle(name) - HEIGHT / 2, width: WIDTH, height: HEIGHT, rx: 8 });
    svg.append(draw("g", { class: name === state ? "now" : "" }, box, draw("text", { x: MIDDLE, y: middle(name) }, name)));
  }
  return svg;
}

function bend(start, end) {
  const side = end > start ? 1 : -1;
  const edge = MIDDLE + (side * WIDTH) / 2;
  const far = edge + side * (14 + 26 * (Math.abs(end - start) / ROW));
  return `M${edge} ${start + 5 * side}C${far} ${start + 5 * side} ${far} ${end - 5 * side} ${edge} ${end - 5 * side}`;
}

function loop(at) {
  const edge = MIDDLE + WIDTH / 2;
  return `M${edge} ${at - 6}C${edge + 40} ${at - 20} ${edge + 40} ${at + 20} ${edge} ${at + 6}`;
}

function tip(id) {
  const size = { id, viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 8, markerHeight: 8, markerUnits: "userSpaceOnUse", orient: "auto" };
  return draw("marker", size, draw("path", { d: "M0 0 8 4 0 8z" }));
}

// ---------------------------------------------------------------- events

let stream = null;
let pause = 0;

/** Listens for events until the connection ends, then tries again. */
async function connect() {
  if (stream) return;
  const mine = (stream = new AbortController());
  try {
    const headers = { "X-Amplifybackend-Control": token };
    const answer = await fetch(`${BASE}events`, { headers, signal: mine.signal });
    if (!answer.ok) return await rejected(answer);
    await begin();
    await read(answer.body.getReader());
  } catch {
    // The server has ended, or this page is hidden: the next lines say so.
  }
  if (stream === mine) stream = null;
  link("Disconnected", "off");
  if (document.hidden) return;
  pause = Math.min(pause * 2 || 500, LONGEST_PAUSE);
  setTimeout(connect, pause);
}

async function rejected(answer) {
  stream = null;
  link("Not connected", "off");
  $("problem").textContent = (await answer.json()).message;
  $("token").hidden = document.body.dataset.control !== "token";
}

async function begin() {
  known = await ask("reference");
  pause = 0;
  for (const part of Object.keys(seen)) delete seen[part];
  for (const select of [$("calls-bar").elements.operation, $("fault").elements.operation]) options(select, known.operations);
  options($("fault").elements.error, known.errors);
  $("fault").elements.error.append(make("option", { value: "" }, "its next job fails"));
  options($("entity"), Object.keys(known.states));
  $("entity").value = chosen.entity;
  $("token").hidden = true;
  document.querySelector("main").hidden = false;
  $("problem").textContent = "";
  link("Connected", "on");
}

function options(select, names) {
  const { value } = select;
  const fixed = [...select.options].filter((option) => option.value === "" && option.text === "all");
  select.replaceChildren(...fixed, ...names.map((name) => make("option", { value: name }, name)));
  if (value || fixed.length) select.value = value;
}

async function read(reader) {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const events = text.split("\n\n");
    text = events.pop();
    const newest = events.filter((one) => one.startsWith("data: ")).pop();
    if (newest) heed(JSON.parse(newest.slice("data: ".length)));
  }
}

/** Asks for what has another version than what is shown. */
function heed({ clock, ...versions }) {
  $("clock").textContent = clock;
  $("clock").dateTime = clock;
  for (const [part, version] of Object.entries(versions)) {
    if (seen[part] === version) continue;
    seen[part] = version;
    refresh(part);
  }
}

function link(text, kind) {
  $("link").textContent = text;
  $("link").className = kind;
}

// ---------------------------------------------------------------- controls

function onSubmit(id, action) {
  const form = $(id);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(() => action(form.elements));
  });
}

for (const form of document.querySelectorAll("form.bar")) form.addEventListener("submit", (event) => event.preventDefault());
onSubmit("shift", ({ seconds }) => ask("clock", { shift: Number(seconds.value) }));
onSubmit("fault", ({ operation, error, message, times }) => {
  const text = message.value;
  if (error.value) {
    const fault = { operation: operation.value, error: error.value, times: Number(times.value), optional: true };
    return ask("fail", text ? { ...fault, message: text } : fault);
  }
  const failure = { operation: operation.value, optional: true };
  return ask("fail-next", text ? { ...failure, error: text } : failure);
});
onSubmit("token", ({ token: field }) => {
  token = field.value;
  field.value = "";
  $("problem").textContent = "";
  return connect();
});

$("jobs-bar").elements.advance.addEventListener("click", () => attempt(() => ask("advance")));
for (const part of ["jobs", "calls"]) {
  const first = () => {
    pages[part] = 0;
    refresh(part);
  };
  $(`${part}-bar`).addEventListener("change", (event) => event.target.tagName === "SELECT" && first());
  $(`${part}-pager`).addEventListener("click", ({ target }) => {
    if (target.name) pages[part] += target.name === "older" ? 1 : -1;
    refresh(part);
  });
}

$("find").addEventListener("input", () => {
  shownEnvironments = MORE;
  showApps();
});
$("more").addEventListener("click", () => {
  shownEnvironments += MORE;
  showApps();
});
$("entity").addEventListener("change", () => {
  chosen = { entity: $("entity").value, key: "", title: "" };
  showApps();
});
$("dump").addEventListener("click", () =>
  attempt(async () => {
    const file = new Blob([JSON.stringify(await ask("dump"), null, 2)], { type: "application/json" });
    const url = URL.createObjectURL(file);
    make("a", { href: url, download: "amplifybackend-state.json" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }),
);
$("load").addEventListener("change", ({ target }) =>
  attempt(async () => {
    const text = await target.files[0].text();
    target.value = "";
    let state;
    try {
      state = JSON.parse(text);
    } catch {
      throw new Error("The file is not JSON. Choose one that this page or the action dump has written.");
    }
    await ask("load", { state });
  }),
);

// A browser opens few connections to a server: a page that nobody sees gives its own back.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) stream?.abort();
  else if (document.body.dataset.control !== "token" || token !== "1") connect();
});

const NEEDS = {
  signature: "This server checks signatures, which this page cannot make. Start it with a control token as well.",
  off: "The control API is off, because other machines reach this server. Start it with a control token.",
};
const needs = document.body.dataset.control;
if (needs === "token") {
  $("token").hidden = false;
  link("Not connected", "off");
} else if (NEEDS[needs]) {
  link("Not connected", "off");
  $("problem").textContent = NEEDS[needs];
} else {
  connect();
}
