"use strict";
// One annotator's answers: kept in the browser, written to a file, read from one.

const KIT = JSON.parse(document.getElementById("kit").textContent);
const BY_ID = new Map(KIT.items.map((item) => [item.id, item]));
const EMPTY = Object.freeze({ labels: Object.freeze([]), none: false, note: "" });

const keep = {
  works: true,
  key: (...parts) => JSON.stringify(["vibench", KIT.kit, ...parts]),
  get(...parts) {
    try {
      return JSON.parse(localStorage.getItem(this.key(...parts)));
    } catch {
      return null;
    }
  },
  set(thing, ...parts) {
    try {
      localStorage.setItem(this.key(...parts), JSON.stringify(thing));
      this.works = true;
    } catch {
      this.works = false;
    }
    return this.works;
  },
};

const isAnswered = (answer) => answer.none || answer.labels.length > 0;
const isEmpty = (answer) => !isAnswered(answer) && !answer.note.trim();
const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// What may be said of an item, whatever a file or the browser's storage holds.
function sound(item, given) {
  if (!given || !Array.isArray(given.labels) || typeof given.note !== "string") return EMPTY;
  const labels = item.labels.filter((label) => given.labels.includes(label));
  return { labels, none: given.none === true && labels.length === 0, note: given.note };
}

class Answers {
  constructor(annotator) {
    this.annotator = annotator;
    this.all = new Map();
    for (const item of KIT.items) this.reread(item);
  }

  get(item) {
    return this.all.get(item.id) ?? EMPTY;
  }

  reread(item) {
    this.all.set(item.id, sound(item, keep.get(this.annotator, item.id)));
  }

  set(item, answer) {
    this.all.set(item.id, answer);
    return keep.set(answer, this.annotator, item.id);
  }

  get answered() {
    return KIT.items.filter((item) => isAnswered(this.get(item))).length;
  }

  get place() {
    const at = KIT.items.findIndex((item) => item.id === keep.get(this.annotator, "at", "item"));
    return at < 0 ? 0 : at;
  }

  set place(index) {
    keep.set(KIT.items[index].id, this.annotator, "at", "item");
  }

  // JSON lines: answered items, and those with only a justification so far.
  toFile() {
    return KIT.items
      .map((item) => [item, this.get(item)])
      .filter(([, answer]) => !isEmpty(answer))
      .map(([item, answer]) =>
        JSON.stringify({
          kit: KIT.kit,
          item: item.id,
          annotator: this.annotator,
          labels: answer.labels,
          none: answer.none,
          justification: answer.note,
        }) + "\n")
      .join("");
  }

  // The answers of a downloaded file, or an Error that says which line is wrong.
  fromFile(text) {
    const found = new Map();
    text.replace(/^\uFEFF/, "").split("\n").forEach((line, index) => {
      if (line.trim()) {
        const [item, answer] = this.fromLine(line, `Line ${index + 1}`);
        found.set(item, answer);
      }
    });
    return found;
  }

  fromLine(line, where) {
    let row;
    try {
      row = JSON.parse(line);
    } catch {
      throw new Error(`${where} is not JSON: choose a file that was downloaded here.`);
    }
    if (row?.kit !== KIT.kit) throw new Error(`${where} is of another kit, not ${KIT.kit}.`);
    if (row.annotator !== this.annotator) {
      throw new Error(`${where} is an answer of ${row.annotator}, and you are ${this.annotator}.`);
    }
    const item = BY_ID.get(row.item);
    if (!item) throw new Error(`${where} is about an item that is not in this kit.`);
    const given = { labels: row.labels, none: row.none, note: row.justification };
    const answer = sound(item, given);
    if (answer.labels.length !== row.labels?.length || answer.none !== row.none
        || answer.note !== row.justification) {
      throw new Error(`${where} does not fit its item.`);
    }
    return [item, answer];
  }
}
