// Where transcripts come from: the file itself and files beside it, or the server.
//
// A source has: sets; facts (each [kind, judge, question, answer, how many]); ready, a promise;
// list(filter, offset, limit) -> {total, exact, rows}; body(row); find(set, sample) -> row or null.
// A row is {set, sample, state, snippet, facts}; state 1 is folded, 2 left out, 3 an error.

const catalogue = data("catalogue");
const PLAIN = 0, FOLDED = 1, LEFT_OUT = 2, FAILED = 3;

const SETS = catalogue.sets.map(([model, inducer, value, settings, evaluation, vanilla, rows, key, judges], at) => ({
  at, model, inducer, value, settings, eval: evaluation, vanilla, rows, key, judges,
  who: [inducer === "none" ? "vanilla" : value ? `${inducer} on ${value}` : inducer, settings].filter(Boolean).join(", "),
}));

const asRow = (set, [sample, state, snippet, facts], more) => ({ set, sample, state, snippet, facts, ...more });

function fits(set, filter) {
  return ["model", "inducer", "value", "settings", "eval"].every(
    (name) => filter[name] === undefined || set[name] === filter[name]);
}

function searched(row, body) {
  const [messages, , cluster, about, , error, , verdicts, , , thoughts] = body;
  return [row.sample, cluster, error ?? "", ...about.flat(), ...[...messages, ...thoughts].map(([, text]) => text ?? ""),
    ...verdicts.flatMap((verdict) => [...verdict[3], verdict[4] ?? "", verdict[5]])].join("\n").toLowerCase();
}

function fileSource() {
  // The blocks stand behind this script, so that a page can be read while they come.
  const packed = new Promise((resolve) => {
    const all = () => resolve([...document.querySelectorAll("script.block")]);
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", all); else all();
  });
  const bodies = new Map(); // by block: a promise of its bodies
  const here = new Map(); // by block: its bodies, once they are unpacked
  const texts = new Map(); // by row: its text in lower case
  const waiting = new Map(); // by file name: who waits for it
  const loaded = new Set(); // sets that are here as a whole
  let rows = [];
  let index = null;

  globalThis.vibenchPart = (name, text) => waiting.get(name)?.(text);

  const ready = unpack($("lines").textContent).then((blocks) => {
    blocks.forEach((lines, block) => {
      const set = catalogue.blocks[block][0];
      lines.forEach((line, at) => rows.push(asRow(set, line, { block, at })));
    });
    count();
    ahead();
  });

  function count() {
    index = null;
    catalogue.facts.forEach((fact) => { fact[4] = 0; });
    for (const row of rows) for (const fact of row.facts) catalogue.facts[fact][4] += 1;
  }

  function open(block) {
    if (!bodies.has(block)) {
      bodies.set(block, packed.then((all) => unpack(all[block].textContent)).then(keep(block)));
    }
    return bodies.get(block);
  }
  const keep = (block) => (own) => { here.set(block, own); return own; };

  // While nothing else is to be done, so that the first search need not wait for it.
  const idle = globalThis.requestIdleCallback ?? ((act) => setTimeout(act, 50));
  function ahead(block = 0) {
    if (block < catalogue.blocks.length) idle(() => open(block).then(() => ahead(block + 1)));
  }
  const body = async (row) => (await open(row.block))[row.at];

  async function list(filter, offset, limit) {
    await ready;
    const sets = new Set(SETS.filter((set) => fits(set, filter)).map((set) => set.at));
    const facts = filter.facts && new Set(filter.facts);
    let found = rows.filter((row) => sets.has(row.set) && (!facts || row.facts.some((f) => facts.has(f))));
    if (filter.text) {
      const needle = filter.text.toLowerCase();
      await Promise.all(distinct(found.map((row) => row.block)).map(open));
      found = found.filter((row) => {
        if (!texts.has(row)) texts.set(row, searched(row, here.get(row.block)[row.at]));
        return texts.get(row).includes(needle);
      });
    }
    return { total: found.length, exact: true, rows: found.slice(offset, offset + limit), of: rows.length };
  }

  async function find(set, sample) {
    await ready;
    index ??= new Map(rows.map((row) => [`${row.set}\n${row.sample}`, row]));
    return index.get(`${set}\n${sample}`) ?? null;
  }

  // The files beside the page that hold a set as a whole; () where it is here already.
  const parts = (set) => (loaded.has(set) ? [] : catalogue.parts[set]);

  async function load(set) {
    const names = parts(set);
    const fresh = [];
    for (const name of names) {
      const [lines, own] = await unpack(await fetchPart(name));
      const block = `${set}/${name}`;
      bodies.set(block, Promise.resolve(keep(block)(own)));
      lines.forEach((line, at) => fresh.push(asRow(set, line, { block, at })));
    }
    loaded.add(set);
    rows = [...rows.filter((row) => row.set !== set), ...fresh];
    rows.sort((a, b) => a.set - b.set);
    count();
  }

  function fetchPart(name) {
    // A page opened from a disk may not fetch, but it may load scripts.
    return new Promise((resolve, reject) => {
      const url = [...catalogue.folder, name].map(encodeURIComponent).join("/");
      const rule = globalThis.trustedTypes?.createPolicy && policy();
      const script = make("script", {});
      const done = (act) => (value) => { waiting.delete(name); script.remove(); act(value); };
      waiting.set(name, done(resolve));
      script.addEventListener("error", done(() => reject(new Error(
        `The file ${catalogue.folder.join("/")}/${name} is not beside this page.`))));
      script.src = rule ? rule.createScriptURL(url) : url;
      document.head.append(script);
    });
  }
  let made = null;
  const policy = () => (made ??= trustedTypes.createPolicy("beside", { createScriptURL: (url) => url }));

  return { ready, list, body, find, parts, load };
}

function servedSource() {
  const call = async (name, asked) => {
    const answer = await fetch(`${name}?${new URLSearchParams(asked)}`, { cache: "no-store" });
    if (!answer.ok) throw new Error((await answer.text()).slice(0, 300) || `The server said ${answer.status}.`);
    return answer.json();
  };
  const learn = (facts) => facts.forEach(([at, ...fact]) => { catalogue.facts[at] = fact; });
  async function list(filter, offset, limit) {
    const { facts, ...words } = filter;
    const found = await call("list", { ...words, ...(facts ? { facts: facts.join(",") } : {}), offset, limit });
    return { ...found, rows: found.rows.map(([set, ...line]) => asRow(set, line)) };
  }
  const body = (row) => call("open", { set: row.set, sample: row.sample }).then((found) => found.body);
  const find = async (set, sample) => {
    const found = await call("open", { set, sample });
    return found.line ? asRow(set, found.line) : null;
  };
  // Questions become known as the server reads; it is asked until it has read enough.
  async function more() {
    const found = await call("facts", {});
    learn(found.facts);
    return found.done;
  }
  return { ready: Promise.resolve(), list, body, find, more, parts: () => [] };
}

const source = catalogue.mode === "served" ? servedSource() : fileSource();
