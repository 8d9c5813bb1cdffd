"use strict";
// What all parts of the page use. Text reaches the page as text alone: nothing here parses HTML.

const $ = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");
const data = (id) => JSON.parse($(id).textContent);

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

function button(label, act, attributes = {}) {
  const element = make("button", { type: "button", ...attributes }, label);
  element.addEventListener("click", act);
  return element;
}

// A select with its label. `options` are [value, text]; the first one stands for "any".
function choice(id, label, options, act) {
  const select = make("select", { id });
  fill(select, options);
  select.addEventListener("change", act);
  return make("div", { class: "field" }, make("label", { for: id }, label), select);
}

function fill(select, options) {
  const before = select.value;
  select.replaceChildren(...options.map(([value, text]) => make("option", { value }, text)));
  select.value = options.some(([value]) => String(value) === before) ? before : options[0][0];
}

const distinct = (values) => [...new Set(values)];
const any = (values, name) => [["", `any ${name}`], ...values.map((v) => [v, v === "" ? "none" : v])];

function later(act, wait) {
  let timer = 0;
  return () => { clearTimeout(timer); timer = setTimeout(act, wait); };
}

// Control characters and those that reorder text are shown for what they are.
const PICTURES = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const HARMLESS = new Set(["\u200c", "\u200d", "\u200e", "\u200f"]); // scripts need these
function visible(text) {
  return text.replaceAll("\r\n", "\n").replace(PICTURES, (c) => {
    const code = c.codePointAt(0);
    if (HARMLESS.has(c)) return c;
    if (code < 32) return String.fromCodePoint(0x2400 + code);
    return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
  });
}

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

async function unpack(text) {
  const bytes = bytesOf(text);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

function pager(where, state, act) {
  const pages = Math.max(1, Math.ceil(state.total / state.size));
  // Who pressed one of these buttons goes on from there, though they are made anew.
  const pressed = where.contains(document.activeElement) ? document.activeElement.textContent : "";
  const go = (page) => () => { state.page = page; act(); };
  const said = `Page ${number.format(state.page + 1)} of ${number.format(pages)}${state.exact === false ? " or more" : ""}`;
  where.replaceChildren(
    button("First", go(0), state.page ? {} : { disabled: "" }),
    button("Previous", go(state.page - 1), state.page ? {} : { disabled: "" }),
    make("span", {}, said),
    button("Next", go(state.page + 1), state.page + 1 < pages || state.exact === false ? {} : { disabled: "" }),
    ...(state.exact === false ? [] : [button("Last", go(pages - 1), state.page + 1 < pages ? {} : { disabled: "" })]));
  where.hidden = pages < 2 && state.exact !== false;
  if (!pressed) return;
  const there = [...where.querySelectorAll("button:not(:disabled)")];
  (there.find((one) => one.textContent === pressed) ?? there[0])?.focus();
}

// -- light and dark ------------------------------------------------------------------

const preferred = matchMedia("(prefers-color-scheme: dark)");
function remembered() {
  try { return localStorage.getItem("vibench-theme"); } catch { return null; }
}
function theme(name) {
  const dark = name ? name === "dark" : preferred.matches;
  if (name) document.documentElement.dataset.theme = name;
  $("theme").setAttribute("aria-pressed", String(dark));
}
$("theme").addEventListener("click", () => {
  const next = $("theme").getAttribute("aria-pressed") === "true" ? "light" : "dark";
  theme(next);
  try { localStorage.setItem("vibench-theme", next); } catch { /* it holds for this visit */ }
});
preferred.addEventListener("change", () => { if (!remembered()) theme(null); });
theme(remembered());

// -- the help ------------------------------------------------------------------------

$("help-open").addEventListener("click", () => $("help").showModal());
