// What is shown, and what mouse and keyboard do.

const $ = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");
const UNKEPT = "This browser does not keep answers: download them before you leave.";
let answers = null;
let at = 0;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children); // strings become text, never markup
  return element;
}

let fading = 0;
function say(text, bad = false) {
  $("news").textContent = text;
  $("news").classList.toggle("bad", bad);
  clearTimeout(fading);
  fading = setTimeout(() => { $("news").textContent = ""; }, bad ? 15000 : 5000);
}

const item = () => KIT.items[at];

function show(index, focus = true) {
  at = Math.min(Math.max(index, 0), KIT.items.length - 1);
  answers.place = at;
  $("title").textContent = `Item ${number.format(at + 1)} of ${number.format(KIT.items.length)}`;
  $("jump").value = at + 1;
  $("back").disabled = at === 0;
  $("next").disabled = at === KIT.items.length - 1;
  showConversation();
  showChoices();
  showState();
  window.scrollTo(0, 0);
  if (focus) $("title").focus({ preventScroll: true });
}

function showConversation() {
  const last = item().messages.length - 1;
  $("turns").replaceChildren(...item().messages.map(([role, content], index) => {
    const name = role[0].toUpperCase() + role.slice(1);
    const heading = index === last ? `${name}: the response to judge` : name;
    return make("article", { class: index === last ? "turn judged" : "turn" },
      make("h2", {}, heading),
      make("div", { class: "text", dir: "auto" }, content));
  }));
}

function showChoices() {
  const choice = (name, key, kind, definition) => {
    const box = make("input", { type: "checkbox", value: name, "aria-keyshortcuts": key });
    box.addEventListener("change", () => (kind ? toggleNone() : toggle(name)));
    return make("label", { class: `choice ${kind}` }, box, make("b", {}, name),
      make("kbd", { "aria-hidden": "true" }, key),
      ...(definition ? [make("small", {}, definition)] : []));
  };
  $("choices").replaceChildren(
    ...item().labels.map((label, index) =>
      choice(label, String(index + 1), "", KIT.definitions[label])),
    choice("None of these", "0", "none", ""));
  $("note").value = answers.get(item()).note;
}

function showState() {
  const answer = answers.get(item());
  const boxes = $("choices").querySelectorAll("input");
  item().labels.forEach((label, index) => {
    boxes[index].checked = answer.labels.includes(label);
  });
  boxes[boxes.length - 1].checked = answer.none;
  const done = answers.answered;
  const total = KIT.items.length;
  $("state").textContent = isAnswered(answer) ? "Answered" : "Not answered yet";
  $("state").classList.toggle("good", isAnswered(answer));
  $("done").max = total;
  $("done").value = done;
  $("count").textContent = `${number.format(done)} of ${number.format(total)} answered`;
  $("unanswered").disabled = done === total;
  $("download").classList.toggle("main", done === total);
}

function put(change) {
  const before = answers.answered;
  if (!answers.set(item(), { ...answers.get(item()), ...change })) {
    say(UNKEPT, true);
  }
  showState();
  if (answers.answered === KIT.items.length && before < KIT.items.length) {
    say("Every item is answered. Download your answers and hand the file in.");
  }
}

function toggle(label) {
  const { labels } = answers.get(item());
  const wanted = (one) => (one === label ? !labels.includes(one) : labels.includes(one));
  put({ labels: item().labels.filter(wanted), none: false });
}

function toggleNone() {
  put({ labels: [], none: !answers.get(item()).none });
}

function step(by) {
  if (at + by >= 0 && at + by < KIT.items.length) show(at + by);
  else say(by > 0 ? "This is the last item." : "This is the first item.");
}

function nextUnanswered() {
  const total = KIT.items.length;
  for (let ahead = 1; ahead <= total; ahead += 1) {
    const index = (at + ahead) % total;
    if (!isAnswered(answers.get(KIT.items[index]))) return show(index);
  }
  return say("Every item is answered.");
}

function begin(annotator) {
  answers = new Answers(annotator);
  keep.set(annotator, "who");
  $("who").textContent = annotator;
  $("main").hidden = false;
  $("start").close();
  show(answers.place);
  if (!keep.get(annotator, "read the guidelines")) {
    keep.set(true, annotator, "read the guidelines");
    $("guide").showModal();
  }
  if (!keep.works) say(UNKEPT, true);
}

function choosePerson() {
  $("people").replaceChildren(...KIT.annotators.map((name) => {
    const done = new Answers(name).answered;
    const button = make("button", { type: "button", value: name }, make("b", {}, name),
      ...(done ? [` (${number.format(done)} answered here)`] : []));
    button.addEventListener("click", () => begin(name));
    return button;
  }));
  $("start").showModal();
}

function download() {
  const safe = (text) => text.replace(/[^\p{L}\p{N}_-]+/gu, "-");
  const url = URL.createObjectURL(new Blob([answers.toFile()], { type: "application/x-ndjson" }));
  const name = `answers-${safe(KIT.kit)}-${safe(answers.annotator)}.jsonl`;
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
  const left = KIT.items.length - answers.answered;
  say(`Downloaded as ${name}.` + (left ? ` ${number.format(left)} not answered yet.` : ""));
}

async function load(file) {
  let found;
  try {
    found = answers.fromFile(await file.text());
  } catch (error) {
    return say(`Nothing was loaded. ${error.message}`, true);
  }
  const count = (many) => `${number.format(many)} answer${many === 1 ? "" : "s"}`;
  const differ = [...found].filter(([one, answer]) =>
    !isEmpty(answers.get(one)) && !isSame(answers.get(one), answer)).map(([one]) => one);
  const replace = differ.length === 0 || window.confirm(
    `${count(differ.length)} given here and in the file, differently. Take the file's?`);
  for (const [one, answer] of found) {
    if (replace || !differ.includes(one)) answers.set(one, answer);
  }
  const taken = found.size - (replace ? 0 : differ.length);
  nextUnanswered();
  show(at);
  return say(`Loaded ${count(taken)} from the file.`);
}

function onKey(event) {
  const target = event.target instanceof Element ? event.target : document.body;
  if (!answers || document.querySelector("dialog[open]")) return;
  const typing = target.closest("textarea, input:not([type=checkbox])");
  if (typing) {
    if (event.key === "Escape") $("title").focus();
    else if (typing.id === "note" && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      step(1);
    } else return;
    event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || !$("keys").checked) return;
  if (event.key === "Enter" && target.closest("button")) return;
  const action = actionOf(event);
  if (action) {
    event.preventDefault();
    action();
  }
}

function actionOf(event) {
  const key = event.key.toLowerCase();
  const moves = {
    j: () => step(1), arrowright: () => step(1), enter: () => step(1),
    k: () => step(-1), arrowleft: () => step(-1),
    u: nextUnanswered, w: () => $("note").focus(), "?": () => $("guide").showModal(),
  };
  if (moves[key]) return moves[key];
  // Where digits need Shift, the key in their place will do.
  const digit = /^\d$/.test(key) ? key : /^Digit(\d)$/.exec(event.code)?.[1];
  if (event.repeat) return null;
  if (key === "n" || digit === "0") return toggleNone;
  const label = item().labels[Number(digit) - 1];
  return label === undefined ? null : () => toggle(label);
}

$("switch").addEventListener("click", choosePerson);
$("start").addEventListener("close", () => { if (!answers) choosePerson(); });
$("unanswered").addEventListener("click", nextUnanswered);
$("download").addEventListener("click", download);
$("load").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", async () => {
  const [file] = $("file").files;
  if (file) await load(file);
  $("file").value = "";
});
$("help").addEventListener("click", () => $("guide").showModal());
$("back").addEventListener("click", () => step(-1));
$("next").addEventListener("click", () => step(1));
$("jump").addEventListener("change", () => show(Math.trunc($("jump").valueAsNumber || at + 1) - 1));
$("jump").max = KIT.items.length;
$("note").addEventListener("input", () => put({ note: $("note").value }));
$("form").addEventListener("submit", (event) => event.preventDefault());
$("keys").checked = keep.get("keys") ?? true;
$("keys").addEventListener("change", () => keep.set($("keys").checked, "keys"));
document.addEventListener("keydown", onKey);
window.addEventListener("beforeunload", (event) => { if (!keep.works) event.preventDefault(); });
// Another window of the same browser: its answers are ours too.
window.addEventListener("storage", () => {
  if (!answers) return;
  const note = $("note").value;
  for (const one of KIT.items) answers.reread(one);
  showState();
  if (document.activeElement !== $("note")) $("note").value = answers.get(item()).note;
  else if (note !== answers.get(item()).note) put({ note });
});

const known = keep.get("who");
if (KIT.annotators.includes(known)) begin(known);
else choosePerson();
