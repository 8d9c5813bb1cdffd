// Tables that sort, and the table of every contrast.

function sorter(heads, act) {
  // `heads` are the <th> of the columns; act(column, descending) sorts.
  heads.forEach((head, column) => {
    const words = [...head.childNodes];
    head.setAttribute("aria-sort", "none");
    const press = button("", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      act(column, descending);
    }, { class: "sort" });
    press.replaceChildren(...words);
    head.replaceChildren(press);
  });
}

// Numbers before words; what is missing is last either way.
function compare(a, b, descending) {
  const none = (x) => x === null || x === undefined || x === "" || x === "–" || x === "-";
  if (none(a) || none(b)) return none(a) - none(b);
  const sign = descending ? -1 : 1;
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  return sign * String(a).localeCompare(String(b), "en", { numeric: true });
}

function cellOrder(cell) {
  if (cell.dataset.order !== undefined) return Number(cell.dataset.order);
  const text = cell.textContent.trim();
  if (cell.classList.contains("n")) {
    const found = parseFloat(text.replaceAll(",", ""));
    return Number.isNaN(found) ? null : found;
  }
  return text;
}

for (const table of document.querySelectorAll("table.sortable")) {
  sorter([...table.tHead.rows[table.tHead.rows.length - 1].cells], (column, descending) => {
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [cellOrder(row.cells[column]), row]);
    rows.sort((a, b) => compare(a[0], b[0], descending));
    body.replaceChildren(...rows.map(([, row]) => row));
  });
}

const contrasts = (() => {
  const { names, columns } = data("contrast-data");
  const WORDS = ["model", "inducer", "value", "settings", "eval", "judge", "metric"];
  const length = columns.model.length;
  const cell = (name, i) => (WORDS.includes(name) ? names[columns[name][i]] : columns[name][i]);
  const heads = [["model", "model"], ["inducer", "inducer"], ["value", "value"], ["settings", "settings"],
    ["eval", "eval"], ["judge", "judge"], ["metric", "metric"], ["vanilla", "vanilla"], ["induced", "induced"],
    ["difference", "difference [95 % interval]"], ["p", "p"], ["q", "q"],
    ["mcnemar", "McNemar’s p"], ["n", "n"], ["clusters", "clusters"],
    ["unscored", "unscored"], ["cut_off", "cut off %"]].filter(([name]) => !["settings", "judge"].includes(name)
      || new Set(columns[name]).size > 1)
    .filter(([name]) => name !== "cut_off" || [...columns.cut_off, ...columns.vanilla_cut_off].some((share) => share > 0))
    .filter(([name]) => name !== "mcnemar" || columns.mcnemar.some((p) => p !== null));
  // At first by p, so that what is clear is on top.
  const state = { page: 0, size: 50, total: length, order: [...Array(length).keys()] };
  state.order.sort((a, b) => compare(columns.p[a], columns.p[b], false));
  const filters = ["model", "inducer", "value", "eval", "metric"];

  const digits = (x) => (x === null ? "–" : String(Number(x.toPrecision(3))));
  const score = (x, share) => (x === null ? "–" : share ? (100 * x).toFixed(1) : digits(x));
  const signed = (x, share) => {
    const text = score(x, share);
    return x > 0 && Number(text) !== 0 ? `+${text}` : text.replace(/^-(0(\.0+)?)$/, "$1");
  };
  const small = (x) => (x === null ? "–" : x < 0.001 ? "<0.001" : x.toFixed(3));

  function text(name, i) {
    const share = columns.share[i];
    if (WORDS.includes(name)) return cell(name, i) || "–";
    if (name === "vanilla" || name === "induced") return score(columns[name][i], share);
    if (["p", "q", "mcnemar"].includes(name)) return small(columns[name][i]);
    if (name === "cut_off") {
      const before = columns.vanilla_cut_off[i];
      const brief = (share) => (share === null ? "–" : (100 * share).toFixed(share < 0.1 ? 1 : 0));
      return `${before === null ? "" : `${brief(before)} → `}${brief(columns.cut_off[i])}`;
    }
    if (name !== "difference") return number.format(columns[name][i]);
    if (columns.difference[i] === null) return "–";
    const bounds = columns.low[i] === null ? "[no interval]"
      : `[${signed(columns.low[i], share)}, ${signed(columns.high[i], share)}]`;
    return `${signed(columns.difference[i], share)} ${bounds}${columns.mark[i]}`;
  }

  // The difference and its interval, on one scale for all; what is in words beside it.
  const ends = ["low", "high", "difference"].flatMap((name) => columns[name].filter((x, i) => x !== null && columns.share[i]));
  const [least, most] = ends.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [0, 0]);
  const place = (x) => (100 * (x - least)) / (most - least || 1);
  function bar(i) {
    const [low, high, at] = ["low", "high", "difference"].map((name) => columns[name][i]);
    if (!columns.share[i] || low === null || at === null) return null;
    const [zero, end] = [place(0), place(at)];
    const made = $("bar").content.firstElementChild.cloneNode(true);
    const put = (part, attributes) => Object.entries(attributes).forEach((one) => made.querySelector(part).setAttribute(...one));
    put("rect", { x: Math.min(zero, end), width: Math.abs(end - zero) });
    put(".zero", { x1: zero, x2: zero });
    put(".reach", { x1: place(low), x2: place(high) });
    return made;
  }

  function row(i) {
    const who = `${cell("inducer", i)} ${cell("value", i)} on ${cell("model", i)}`;
    const open = button("Open", () => browser.show({
      model: cell("model", i), inducer: cell("inducer", i), value: cell("value", i),
      settings: cell("settings", i), eval: cell("eval", i),
    }), { "aria-label": `Open transcripts of ${who} in ${cell("eval", i)}` });
    return make("tr", { class: columns.mark[i] === "†" ? "clear" : null },
      ...heads.map(([name], at) => (at === 0
        ? make("th", { scope: "row" }, text(name, i))
        : make("td", { class: WORDS.includes(name) ? name : "n" }, name === "difference" ? bar(i) : null, text(name, i)))),
      make("td", {}, open));
  }

  function draw() {
    const wanted = filters.map((name) => [columns[name], $(`c-${name}`).value])
      .filter(([, value]) => value !== "").map(([column, value]) => [column, Number(value)]);
    const clear = $("c-clear").checked;
    const found = state.order.filter((i) => wanted.every(([column, value]) => column[i] === value)
      && (!clear || columns.mark[i] === "†"));
    state.total = found.length;
    state.page = Math.min(state.page, Math.max(0, Math.ceil(found.length / state.size) - 1));
    const from = state.page * state.size;
    $("contrast-table").tBodies[0].replaceChildren(...found.slice(from, from + state.size).map(row));
    $("contrast-count").textContent = `${number.format(found.length)} of ${number.format(length)} contrasts`;
    pager($("contrast-pager"), state, draw);
  }

  const again = () => { state.page = 0; draw(); };
  $("contrast-filters").append(
    ...filters.map((name) => choice(`c-${name}`, name, [["", `any ${name}`],
      ...distinct(columns[name]).map((at) => [at, names[at] || "none"])], again)),
    make("label", { class: "check" }, make("input", { type: "checkbox", id: "c-clear" }), "clear ones only (†)"));
  $("c-clear").addEventListener("change", again);
  $("contrast-filters").addEventListener("submit", (event) => event.preventDefault());
  const line = $("contrast-table").tHead.rows[0];
  line.append(...heads.map(([name, words]) => make("th", { scope: "col", class: WORDS.includes(name) ? null : "n" }, words)));
  sorter([...line.cells], (column, descending) => {
    const name = heads[column][0];
    const keys = state.order.map((i) => [cell(name, i), i]);
    keys.sort((a, b) => compare(a[0], b[0], descending));
    state.order = keys.map(([, i]) => i);
    again();
  });
  line.cells[heads.findIndex(([name]) => name === "p")].setAttribute("aria-sort", "ascending");
  line.append(make("th", { scope: "col" }, make("span", { class: "sr" }, "transcripts")));
  draw();
  return { length };
})();
