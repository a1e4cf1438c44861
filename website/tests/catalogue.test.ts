import { beforeEach, describe, expect, it } from "vitest";
import type { Page } from "../src/api";
import { Catalogue, type Source } from "../src/catalogue";
import type { Content, Stored, Summary } from "../src/item";
import { Problem } from "../src/problem";

const busy = new Problem("http", "Busy.", { status: 503 });

function summary(n: number, changes: Partial<Summary> = {}): Summary {
  const date = `2026-01-${String(n).padStart(2, "0")}T00:00:00.000Z`;
  return {
    id: `i${n}`,
    name: `Item ${n}`,
    created_at: date,
    updated_at: date,
    version: "1",
    ...changes,
  };
}

/** A promise and the ways to settle it, to look at what is shown in between. */
function later<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

class FakeSource implements Source {
  pages: (Page | Error)[] = [];
  asked: [string | null, number][] = [];
  writing = later<Stored>();
  deleting = later<void>();
  deletions: [string, boolean][] = [];

  async list(cursor: string | null, limit: number): Promise<Page> {
    this.asked.push([cursor, limit]);
    const page = this.pages.shift();
    if (!page) throw new Error("one page too many");
    if (page instanceof Error) throw page;
    return page;
  }
  put(_: Content, __: string | null): Promise<Stored> {
    return this.writing.promise;
  }
  delete(id: string, keepalive = false): Promise<void> {
    this.deletions.push([id, keepalive]);
    return this.deleting.promise;
  }
}

let source: FakeSource;
let catalogue: Catalogue;
let changes: number;
const shown = () =>
  catalogue.rows().map(({ item, change }) => `${item.name}${change ? ` ${change}` : ""}`);

beforeEach(() => {
  source = new FakeSource();
  changes = 0;
  catalogue = new Catalogue(source, () => {
    changes++;
  });
});

async function loaded(...items: Summary[]): Promise<void> {
  source.pages.push({ items, cursor: null });
  await catalogue.load();
}

describe("load", () => {
  it("shows what the API lists, page after page", async () => {
    source.pages.push(
      { items: [summary(3), summary(2)], cursor: "c" },
      { items: [summary(1)], cursor: null },
    );
    await catalogue.load();
    expect(catalogue.more).toBe(true);
    await catalogue.load();
    expect(shown()).toEqual(["Item 3", "Item 2", "Item 1"]);
    expect(catalogue.more).toBe(false);
    expect(source.asked).toEqual([
      [null, 25],
      ["c", 25],
    ]);
  });

  it("does nothing more at the end", async () => {
    await loaded(summary(1));
    await catalogue.load();
    expect(source.asked).toHaveLength(1);
  });

  it("goes on until there is as much as before", async () => {
    const many = Array.from({ length: 100 }, (_, n) => summary(1, { id: `m${n}` }));
    source.pages.push({ items: many, cursor: "c" }, { items: [summary(2)], cursor: "d" });
    source.pages.push({
      items: Array.from({ length: 30 }, (_, n) => summary(1, { id: `n${n}` })),
      cursor: "e",
    });
    await catalogue.load(125);
    expect(source.asked.map(([, limit]) => limit)).toEqual([100, 25, 25]);
    expect(catalogue.loaded).toBe(131);
  });

  it("says what went wrong, and goes on from there", async () => {
    source.pages.push({ items: [summary(2)], cursor: "c" }, busy, {
      items: [summary(1)],
      cursor: null,
    });
    await catalogue.load();
    await catalogue.load();
    expect(catalogue.problem).toBe(busy);
    expect(shown()).toEqual(["Item 2"]);
    await catalogue.load();
    expect(catalogue.problem).toBeNull();
    expect(shown()).toEqual(["Item 2", "Item 1"]);
    expect(source.asked[2]?.[0]).toBe("c");
  });

  it("asks once at a time", async () => {
    source.pages.push({ items: [], cursor: null });
    await Promise.all([catalogue.load(), catalogue.load()]);
    expect(source.asked).toHaveLength(1);
  });
});

describe("save", () => {
  const content = { id: "i1", name: "New name", price: "5", description: "long" };
  const result: Stored = { item: { ...summary(1), ...content, version: "2" }, etag: '"t"' };

  it("shows a change at once, then what was stored", async () => {
    await loaded(summary(2), summary(1));
    const saving = catalogue.save(content, '"s"');
    expect(shown()).toEqual(["Item 2", "New name saving"]);
    source.writing.resolve(result);
    await saving;
    expect(shown()).toEqual(["Item 2", "New name"]);
    expect(catalogue.row("i1")).not.toHaveProperty("description");
  });

  it("takes a change back when it fails", async () => {
    await loaded(summary(1));
    const before = changes;
    const saving = catalogue.save(content, '"s"');
    source.writing.reject(busy);
    await expect(saving).rejects.toBe(busy);
    expect(shown()).toEqual(["Item 1"]);
    expect(changes).toBe(before + 2);
  });

  it("shows a new item first, and takes it away when it fails", async () => {
    await loaded(summary(1));
    const saving = catalogue.save({ id: "n", name: "New" }, null);
    expect(shown()).toEqual(["New creating", "Item 1"]);
    source.writing.reject(busy);
    await expect(saving).rejects.toBe(busy);
    expect(shown()).toEqual(["Item 1"]);
  });

  it("outlives a list that does not know of it yet", async () => {
    source.pages.push({ items: [summary(2)], cursor: "c" }, { items: [summary(1)], cursor: null });
    await catalogue.load();
    const saving = catalogue.save(content, '"s"');
    source.writing.resolve(result);
    await saving;
    await catalogue.load(); // still has i1 as it was
    expect(shown()).toEqual(["Item 2", "New name"]);
  });

  it("gives way to a list that knows more", async () => {
    source.pages.push({ items: [summary(1)], cursor: "c" });
    source.pages.push({ items: [summary(1, { name: "Newer", version: "3" })], cursor: null });
    await catalogue.load();
    await catalogue.load();
    expect(shown()).toEqual(["Newer"]);
  });

  it("keeps version 10 when a list still has version 9", async () => {
    source.pages.push({ items: [summary(1, { version: "10" })], cursor: "c" });
    source.pages.push({ items: [summary(1, { name: "Older", version: "9" })], cursor: null });
    await catalogue.load();
    await catalogue.load();
    expect(shown()).toEqual(["Item 1"]);
  });
});

describe("remove", () => {
  it("hides at once and deletes on commit", async () => {
    await loaded(summary(2), summary(1));
    const removal = catalogue.remove("i1");
    expect(shown()).toEqual(["Item 2"]);
    expect(source.deletions).toEqual([]);
    const done = removal.commit();
    source.deleting.resolve();
    await done;
    expect(source.deletions).toEqual([["i1", false]]);
    expect(shown()).toEqual(["Item 2"]);
  });

  it("shows it again on undo, and then deletes nothing", async () => {
    await loaded(summary(1));
    const removal = catalogue.remove("i1");
    removal.undo();
    await removal.commit();
    expect(shown()).toEqual(["Item 1"]);
    expect(source.deletions).toEqual([]);
  });

  it("deletes once, even if asked to when the page goes", async () => {
    await loaded(summary(1));
    const removal = catalogue.remove("i1");
    source.deleting.resolve();
    await Promise.all([removal.commit(true), removal.commit()]);
    removal.undo();
    expect(source.deletions).toEqual([["i1", true]]);
    expect(shown()).toEqual([]);
  });

  it("shows it again when it fails", async () => {
    await loaded(summary(1));
    const done = catalogue.remove("i1").commit();
    source.deleting.reject(busy);
    await expect(done).rejects.toBe(busy);
    expect(shown()).toEqual(["Item 1"]);
  });

  it("outlives a list that still has it, but not a new item of that id", async () => {
    source.pages.push(
      { items: [summary(1)], cursor: "c" },
      { items: [summary(1)], cursor: "d" },
      { items: [summary(9, { id: "i1", name: "Another" })], cursor: null },
    );
    await catalogue.load();
    source.deleting.resolve();
    await catalogue.remove("i1").commit();
    await catalogue.load();
    expect(shown()).toEqual([]);
    await catalogue.load();
    expect(shown()).toEqual(["Another"]);
  });
});
