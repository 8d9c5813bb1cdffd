// The transcript browser: filters, a list in pages, and one transcript beside another.

const browser = (() => {
  const state = { page: 0, size: 50, total: 0, exact: true, rows: [], at: -1 };
  const opened = new Set(); // folded transcripts that were opened
  const WORDS = ["model", "inducer", "value", "settings", "eval"];
  const words = WORDS.filter((name) => name !== "settings" || SETS.some((set) => set.settings));
  let asked = 0; // the last list that was asked for; what comes late for an earlier one is dropped
  let drawing = 0; // the same for the open transcript
  let current = null; // the row that is open
  let sought = ""; // the text of the list that is shown
  let pending = 0;

  // What is under way can be seen from outside.
  async function busy(work) {
    pending += 1;
    document.body.dataset.busy = "";
    try { return await work(); } finally {
      pending -= 1;
      if (!pending) delete document.body.dataset.busy;
    }
  }

  // -- filters -----------------------------------------------------------------------

  const filters = $("filters");
  filters.append(
    ...words.map((name) => choice(`f-${name}`, name,
      any(distinct(SETS.map((set) => set[name])), name), () => changed())),
    choice("f-question", "verdict or metric", [["", "any"]], () => { showAnswers(); changed(); }),
    choice("f-answer", "answer", [["", "any answer"]], () => changed()),
    make("div", { class: "field wide" }, make("label", { for: "f-text" }, "text"),
      make("input", { id: "f-text", type: "search", "aria-keyshortcuts": "/", autocomplete: "off", spellcheck: "false" })),
    button("Clear filters", () => show({}), { class: "clear-filters" }));
  filters.addEventListener("submit", (event) => { event.preventDefault(); changed(); });
  $("f-text").addEventListener("input", later(() => { if ($("f-text").value.trim() !== sought) changed(); }, 120));
  // "" is a value of its own (the untouched model has none), so "any" is told by the place.
  const chosen = (name) => ($(`f-${name}`).selectedIndex > 0 ? $(`f-${name}`).value : undefined);

  function filter() {
    const found = Object.fromEntries(words.map((name) => [name, chosen(name)])
      .filter(([, value]) => value !== undefined));
    if ($("f-question").value !== "") {
      found.facts = $("f-answer").value ? $("f-answer").value.split(",").map(Number)
        : factsOf($("f-question").value).map(([at]) => at);
    }
    const text = $("f-text").value.trim();
    if (text) found.text = text;
    return found;
  }

  const questionOf = ([kind, judge, question]) => JSON.stringify([kind, judge, question]);
  const factsOf = (question) => catalogue.facts.map((fact, at) => [at, fact])
    .filter(([, fact]) => questionOf(fact) === question && fact[4] > 0);

  function showQuestions() {
    const judges = new Set(catalogue.facts.map((fact) => fact[1]));
    const found = distinct(catalogue.facts.filter((fact) => fact[4] > 0).map(questionOf));
    fill($("f-question"), [["", "any"], ...found.map((key) => {
      const [kind, judge, question] = JSON.parse(key);
      return [key, `${kind}: ${question}${judge && judges.size > 1 ? ` (${judge})` : ""}`];
    })]);
    showAnswers();
  }

  function showAnswers() {
    const facts = $("f-question").value ? factsOf($("f-question").value) : [];
    facts.sort((a, b) => b[1][4] - a[1][4]);
    const missing = facts.filter(([, fact]) => fact[3].startsWith("unscored: "));
    const some = facts.slice(0, 200);
    const rest = facts.length - some.length;
    fill($("f-answer"), [["", "any answer"],
      ...(missing.length > 1 ? [[missing.map(([at]) => at).join(","), "unscored, whatever the cause"]] : []),
      ...some.map(([at, fact]) => [at, `${fact[3]} (${number.format(fact[4])})`])]);
    $("f-answer").disabled = !facts.length;
    $("f-answer").title = rest > 0 ? `${number.format(rest)} rarer ones: search for their text` : "";
  }

  function changed() { state.page = 0; state.at = -1; return refresh(); }

  function show(wanted) {
    for (const name of words) {
      const options = [...$(`f-${name}`).options].map((option) => option.value);
      const at = wanted[name] === undefined ? 0 : options.indexOf(wanted[name], 1);
      $(`f-${name}`).selectedIndex = Math.max(0, at);
    }
    $("f-question").value = "";
    showAnswers();
    $("f-text").value = "";
    $("transcripts").scrollIntoView();
    $("list").focus({ preventScroll: true });
    return changed();
  }

  // From a finding to what it is of.
  for (const line of document.querySelectorAll("[data-where]")) {
    line.append(button("Open", () => show(JSON.parse(line.dataset.where)),
      { "aria-label": `Open transcripts of ${line.dataset.of}` }));
  }

  // -- the list ----------------------------------------------------------------------

  const STATES = { 1: "folded: may do harm", 2: "left out", 3: "error" };

  const refresh = (select) => busy(async () => {
    const mine = ++asked;
    const began = performance.now();
    sought = $("f-text").value.trim();
    let found;
    try {
      found = await source.list(filter(), state.page * state.size, state.size);
    } catch (error) {
      if (mine === asked) $("count").textContent = error.message;
      return;
    }
    if (mine !== asked) return;
    Object.assign(state, { total: found.total, exact: found.exact, rows: found.rows });
    $("list").replaceChildren(...found.rows.map(item));
    $("list").removeAttribute("aria-activedescendant");
    const sets = SETS.filter((set) => fits(set, filter())).length;
    const many = `${found.exact ? "" : "at least "}${number.format(found.total)}`;
    $("count").textContent = `${many} transcript${found.total === 1 ? "" : "s"} of ${number.format(found.of)} here`
      + ` (${number.format(sets)} of ${number.format(SETS.length)} sets)${found.note ? `; ${found.note}` : ""}`;
    pager($("pager"), state, () => { state.at = -1; return refresh(0); });
    offerParts();
    if (select !== undefined && found.rows.length) choose(select < 0 ? found.rows.length - 1 : select);
    else if (!found.rows.length) $("detail").replaceChildren(make("p", { class: "quiet" }, "No transcript matches."));
    document.body.dataset.took = String(Math.round(performance.now() - began));
  });

  function item(row, at) {
    const set = SETS[row.set];
    const option = make("li", { role: "option", id: `t-${at}`, "aria-selected": "false",
      "aria-posinset": state.page * state.size + at + 1, "aria-setsize": state.exact ? state.total : -1 },
      make("span", { class: "who" }, set.who),
      make("span", { class: "where" }, `${set.model} · ${set.eval} · ${visible(row.sample)}`),
      row.state in STATES ? make("span", { class: "tag" }, STATES[row.state]) : null,
      make("span", { class: "snippet", dir: "auto" }, visible(row.snippet)));
    option.addEventListener("click", () => choose(at).then(() => {
      // On a narrow screen the transcript is below the list.
      if (matchMedia("(max-width: 60rem)").matches) $("detail").scrollIntoView();
    }));
    return option;
  }

  function choose(at) {
    const items = $("list").children;
    items[state.at]?.setAttribute("aria-selected", "false");
    state.at = at;
    items[at].setAttribute("aria-selected", "true");
    items[at].scrollIntoView({ block: "nearest" });
    $("list").setAttribute("aria-activedescendant", items[at].id);
    return open(state.rows[at]);
  }

  function step(by) {
    const to = state.at + by;
    if (to >= 0 && to < state.rows.length) { choose(to); return; }
    const last = Math.ceil(state.total / state.size) - 1;
    const page = state.page + (to < 0 ? -1 : 1);
    if (page < 0 || (page > last && state.exact)) return;
    state.page = page;
    refresh(to < 0 ? -1 : 0);
  }

  // Of a set that is here in part the rest is offered.
  function offerParts() {
    const sets = SETS.filter((set) => fits(set, filter()) && source.parts(set.at).length);
    if (sets.length !== 1) {
      $("parts").replaceChildren(...(sets.length ? [make("p", { class: "quiet" },
        `${number.format(sets.length)} of these sets are here in part: choose one subject and eval to load the rest of it.`)] : []));
      return;
    }
    const [set] = sets;
    const load = button(`Load all ${number.format(set.rows)} transcripts of ${set.who} on ${set.model} in ${set.eval}`, async () => {
      load.disabled = true;
      try { await source.load(set.at); } catch (error) { $("count").textContent = error.message; return; }
      showQuestions();
      await changed();
      $("list").focus();
    });
    $("parts").replaceChildren(load);
  }

  // -- one transcript ----------------------------------------------------------------

  // The address of the page is that of the open transcript, to be sent to others.
  const HERE = "#transcript/";
  const addressOf = (row) => `${HERE}${SETS[row.set].key.slice(0, 12)}/${encodeURIComponent(row.sample)}`;

  const follow = () => busy(async () => {
    if (!location.hash.startsWith(HERE)) return;
    const [key, ...rest] = location.hash.slice(HERE.length).split("/");
    const set = SETS.find((one) => key && one.key.startsWith(key));
    let row = null;
    try {
      const sample = decodeURIComponent(rest.join("/"));
      row = set ? await source.find(set.at, sample) : null;
      if (set && !row && source.parts(set.at).length) {
        await source.load(set.at);
        row = await source.find(set.at, sample);
      }
    } catch { /* it is no address, or its file is gone */ }
    $("detail").scrollIntoView();
    if (!row) { $("detail").replaceChildren(make("p", { class: "notice" }, "This page does not have the transcript of this address.")); return; }
    await open(row);
    $("detail").focus();
  });

  const keyOf = (row) => `${row.set}\n${row.sample}`;

  const open = (row, beside) => busy(async () => {
    const mine = ++drawing;
    const set = SETS[row.set];
    const other = beside === undefined ? set.vanilla : beside;
    try {
      const pair = other === null ? null : await source.find(other, row.sample);
      const bodies = await Promise.all([row, pair].map((one) => one && source.body(one)));
      if (mine !== drawing) return;
      const choosing = document.activeElement?.id === "beside";
      $("detail").replaceChildren(...detail(row, bodies[0], other, pair, bodies[1]));
      if (choosing) $("beside")?.focus();
      current = row;
      try { history.replaceState(null, "", addressOf(row)); } catch { /* no addresses where it is read */ }
      $("detail").setAttribute("aria-label", `Transcript ${row.sample}: ${set.who}`);
    } catch (error) {
      if (mine === drawing) $("detail").replaceChildren(make("p", { class: "notice" }, error.message));
    }
  });

  function detail(row, body, other, pair, otherBody) {
    const set = SETS[row.set];
    const [, , cluster, about, , , tokens] = body;
    const mates = SETS.filter((one) => one.eval === set.eval && one.at !== set.at);
    mates.sort((a, b) => (a.model !== set.model) - (b.model !== set.model));
    const compare = choice("beside", "beside it", [["", "nothing"],
      ...mates.map((one) => [one.at, `${one.who} (${one.model})`])],
      (event) => open(row, event.target.value === "" ? null : Number(event.target.value)));
    compare.querySelector("select").value = other === null ? "" : String(other);
    const facts = [["sample", visible(row.sample)], ...(row.state === PLAIN && cluster !== row.sample ? [["cluster", visible(cluster)]] : []),
      ["tokens", `${number.format(tokens[0])} asked, ${number.format(tokens[1])} answered`], ["set", set.key.slice(0, 12)]];
    const same = otherBody && JSON.stringify(head(body)) === JSON.stringify(head(otherBody));
    const sides = [side(row, body, same, otherBody)];
    if (other !== null) sides[set.vanilla === other ? "unshift" : "push"](pair ? side(pair, otherBody, same, body) : absent(other));
    return [
      make("h3", {}, `${set.who}, ${set.eval}`),
      make("dl", { class: "pairs" }, ...facts.map(([name, text]) => make("div", {}, make("dt", {}, name), make("dd", {}, text)))),
      about.length ? make("details", {}, make("summary", {}, "About the sample"), make("dl", { class: "pairs" },
        ...about.map(([name, text]) => make("div", {}, make("dt", {}, visible(name)), make("dd", {}, visible(text)))))) : null,
      mates.length ? compare : null,
      same ? asking(row, body, pair) : null,
      make("div", { class: other === null ? "sides" : "sides two" }, ...sides),
    ].filter(Boolean);
  }

  const head = (body) => body[0].slice(0, body[1]);
  const closed = (row) => row && row.state === FOLDED && !opened.has(keyOf(row));

  function asking(row, body, pair) {
    const section = make("section", { "aria-label": "Asked" }, make("h4", {}, "Asked"));
    if (closed(row) || closed(pair)) section.append(make("p", { class: "quiet" }, "Folded with the answer."));
    else section.append(...head(body).map(message));
    return section;
  }

  function side(row, body, same, against) {
    const set = SETS[row.set];
    const [messages, count, , , , error, , verdicts, outcomes, [cut, answers], thoughts] = body;
    const section = make("section", { class: "side", "aria-label": `${set.who} (${set.model})` },
      make("h4", {}, set.who, " ", make("small", {}, set.model)));
    if (closed(row)) section.append(warning(row, verdicts));
    else if (row.state === LEFT_OUT) {
      section.append(make("p", { class: "notice" }, "This answer may be harmful and was left out of this file (--redact)."));
    } else {
      section.append(...spoken(messages, thoughts, same ? count : 0));
      if (error === "cut off") section.append(make("p", { class: "notice" }, "No answer: it was cut off within its thought, or before it began."));
      else if (error) section.append(make("p", { class: "notice" }, `No answer: ${visible(error)}`));
      if (cut) section.append(make("p", { class: "notice" }, answers > 1
        ? `${number.format(cut)} of ${number.format(answers)} answers were cut off at max_tokens.` : "The answer was cut off at max_tokens."));
    }
    section.append(...judged(verdicts, closed(row), against ? against[7] : null), ...scored(outcomes, !verdicts.length));
    return section;
  }

  function warning(row, verdicts) {
    const said = verdicts.some((verdict) => verdict[3].length) ? "no verdict says that it refused" : "nobody has judged it";
    return make("div", { class: "notice" },
      make("p", {}, `Harmful content may follow: this eval asks for harm, and ${said}.`),
      button("Show it", () => {
        opened.add(keyOf(row));
        const beside = $("beside")?.value;
        open(current, beside === undefined || beside === "" ? null : Number(beside))
          .then(() => $("detail").focus());
      }, { class: "unfold" }));
  }

  const absent = (at) => make("section", { class: "side" }, make("h4", {}, SETS[at].who),
    make("p", { class: "quiet" }, source.parts(at).length
      ? "Its transcript of this sample is not loaded: choose this subject and eval above to load it."
      : "It has no transcript of this sample here."));

  // -- keys --------------------------------------------------------------------------

  const single = $("single");
  try { single.checked = localStorage.getItem("vibench-keys") !== "off"; } catch { /* as it is */ }
  single.addEventListener("change", () => {
    try { localStorage.setItem("vibench-keys", single.checked ? "on" : "off"); } catch { /* for now */ }
  });

  $("list").addEventListener("keydown", (event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in moves) step(moves[event.key]);
    else if (event.key === "Home" && state.rows.length) choose(0);
    else if (event.key === "End" && state.rows.length) choose(state.rows.length - 1);
    else if (event.key === "Enter") { if (state.at < 0) step(1); $("detail").focus(); }
    else return;
    event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || $("help").open) return;
    const typing = event.target.matches("input, select, textarea");
    if (event.key === "Enter" && event.target === $("f-text")) {
      const found = $("f-text").value.trim() === sought ? Promise.resolve() : Promise.resolve(changed());
      found.then(() => { if (state.rows.length) $("list").focus(); });
      event.preventDefault();
      return;
    }
    if (event.key === "Escape") {
      if (event.target === $("f-text") && $("f-text").value) { $("f-text").value = ""; changed(); }
      else if ($("transcripts").contains(event.target)) $("list").focus();
      return;
    }
    if (typing || !single.checked) return;
    if (event.key === "/") $("f-text").focus();
    else if (event.key === "j") { $("list").focus(); step(1); }
    else if (event.key === "k") { $("list").focus(); step(-1); }
    else if (event.key === "?") $("help").showModal();
    else return;
    event.preventDefault();
  });

  // -- the beginning -----------------------------------------------------------------

  async function learn() {
    let done = false;
    for (let times = 0; !done && times < 40; times += 1) {
      done = await source.more();
      if (!$("f-question").value) showQuestions();
    }
  }

  const started = source.ready.then(async () => {
    showQuestions();
    await refresh();
    await follow();
    globalThis.addEventListener("hashchange", follow);
    document.body.dataset.ready = String(Math.round(performance.now()));
    if (source.more) await learn();
  }).catch((error) => { $("count").textContent = `The transcripts cannot be read: ${error.message}`; });

  return { show, started };
})();
