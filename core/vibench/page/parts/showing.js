// What was said in a transcript, and what judges and scores say of it.

const CUT = 20000; // characters of a text before the rest has to be asked for

function message([role, text]) {
  return make("div", { class: `turn ${["user", "assistant", "system"].includes(role) ? role : ""}` },
    make("h5", {}, visible(role)), ...(text === null ? [make("p", { class: "quiet" }, "left out")] : long(text)));
}

// The messages from one place on, each behind the thoughts that led to it, which are folded.
function spoken(messages, thoughts, from) {
  const thought = (place) => thoughts.filter(([at]) => at === place).map(([, text]) =>
    make("details", { class: "thought" }, make("summary", {}, "Thought (not judged)"), ...long(text)));
  return [...messages.slice(from).flatMap((one, at) => [...thought(from + at), message(one)]),
    ...thought(messages.length)];
}

// A text, of a very long one the beginning.
function long(text) {
  const box = make("div", { class: "text", dir: "auto" }, visible(text.slice(0, CUT)));
  if (text.length <= CUT) return [box];
  let shown = CUT;
  const left = () => `Show more (${number.format(text.length - shown)} characters left)`;
  const more = button(left(), () => {
    box.append(visible(text.slice(shown, shown + 5 * CUT)));
    shown += 5 * CUT;
    if (shown >= text.length) more.remove(); else more.textContent = left();
  });
  return [box, more];
}

function table(caption, heads, rows) {
  return make("div", { class: "scroll" }, make("table", {}, make("caption", {}, caption),
    make("thead", {}, make("tr", {}, ...heads.map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell, at) => (at === 0
      ? make("th", { scope: "row" }, cell) : make("td", { dir: "auto" }, cell))))))));
}

const plain = (name) => visible(name).replace(/^behaviour\//, "").replaceAll("_", " ");

const answered = ([, , , labels, unscored]) => (unscored === null
  ? visible(labels.join(", ")) || "none of them" : `unscored: ${visible(unscored)}`);

// `others` are the verdicts of what stands beside; where they are of another mind it is marked.
function judged(verdicts, hidden, others) {
  if (!verdicts.length) return [];
  const asked = (verdict) => JSON.stringify(verdict.slice(0, 3));
  const beside = new Map((others ?? []).map((verdict) => [asked(verdict), answered(verdict)]));
  const differs = (verdict) => beside.has(asked(verdict)) && beside.get(asked(verdict)) !== answered(verdict);
  const answer = (verdict) => (differs(verdict)
    ? make("strong", { class: "differs" }, answered(verdict), make("span", { class: "sr" }, " (differs)")) : answered(verdict));
  const judges = distinct(verdicts.map(([judge]) => judge));
  const turns = verdicts.some((verdict) => verdict[2] > 0);
  const rows = verdicts.map((verdict) => [
    plain(verdict[1]), ...(turns ? [String(verdict[2] + 1)] : []), ...(judges.length > 1 ? [verdict[0]] : []),
    answer(verdict), hidden ? "folded with the answer" : visible(verdict[5]) || "–"]);
  return [table(judges.length > 1 ? "Verdicts" : `Verdicts of ${judges[0]}`,
    ["question", ...(turns ? ["turn"] : []), ...(judges.length > 1 ? ["judge"] : []), "answer", "reasoning"], rows)];
}

function scored(outcomes, alone) {
  if (!outcomes.length) return [];
  const turns = outcomes.some((outcome) => outcome[4] > 0);
  const rows = outcomes.map(([judge, metric, value, unscored, turn]) => [
    plain(metric) + (judge ? ` (${judge})` : ""), ...(turns ? [String(turn + 1)] : []),
    value === null ? `unscored: ${visible(unscored ?? "")}` : String(value)]);
  return [make("details", alone ? { open: "" } : {}, make("summary", {}, "Scores"),
    table("Scores", ["metric", ...(turns ? ["turn"] : []), "score"], rows))];
}
