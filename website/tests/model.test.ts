/**
 * Random histories of one page, of somebody else, and of a network that loses and delays.
 *
 * Each is held against: what was typed is kept until it is saved, no state is replaced or deleted
 * that the person has not seen, and what is shown settles to what the service has.
 */

import fc from "fast-check";
import { expect, it } from "vitest";
import { type Conflict, ItemsApi } from "../src/api";
import { BLANK } from "../src/fields";
import { Items, type Outcome } from "../src/items";
import { type Draft, Memory } from "../src/memory";
import { Pages } from "../src/pages";
import { FakeStorage } from "./storage";

const IDS = ["a", "b", "c"];
const NOTHING: Draft = { ...BLANK, etag: null };
/** `HISTORIES=10000 npm test` for as many. */
const HISTORIES = Number(process.env.HISTORIES ?? 300);

interface State {
  id: string;
  name: string;
  etag: string;
  created_at: string;
  version: number;
}

/** The API, as RFC 9110 and docs/openapi.json have it, with a list that lags behind. */
class Service {
  states = new Map<string, State>();
  readonly history: Map<string, State>[] = [new Map()];
  private moment = 0;
  /** Called before the page replaces or deletes a state. */
  onWrite: (id: string, before: State | undefined, name: string | null) => void = () => {};

  constructor(private readonly unconditionalDelete: boolean) {}

  /** Writes (`name` null: deletes) for anybody. */
  write(id: string, name: string | null): State | undefined {
    const before = this.states.get(id);
    this.moment++;
    const created_at = before?.created_at ?? new Date(this.moment * 1000).toISOString();
    // Histories pass from 9 to 10, which is the smaller one only as text.
    const version = (before?.version ?? 8) + 1;
    const after = { id, name: name ?? "", etag: `"${this.moment}.0"`, created_at, version };
    this.states = new Map(this.states);
    if (name === null) this.states.delete(id);
    else this.states.set(id, after);
    this.history.push(this.states);
    return this.states.get(id);
  }

  answer(url: string, init: RequestInit, lag: number): Response {
    const id = decodeURIComponent(/^\/items\/(.+)/.exec(url)?.[1] ?? "");
    const headers = new Headers(init.headers);
    const match = headers.get("If-Match");
    if (init.method === "GET") {
      const state = this.states.get(id);
      if (id) return state ? found(state) : new Response("{}", { status: 404 });
      const then = this.history[Math.max(0, this.history.length - 1 - lag)] ?? this.states;
      const listed = [...then.values()].sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
      const items = listed.map((state) => ({ ...state, updated_at: state.created_at }));
      return new Response(JSON.stringify({ items, cursor: null }));
    }
    const given = init.method === "PUT" ? JSON.parse(String(init.body)) : { id, name: null };
    const before = this.states.get(given.id);
    const gone = init.method === "DELETE" && !before;
    const ignored = init.method === "DELETE" && this.unconditionalDelete;
    const matches = match === "*" ? before !== undefined : before?.etag === match;
    const differs = match !== null && !gone && !ignored && !matches;
    if (differs || (headers.has("If-None-Match") && before)) {
      return new Response("{}", { status: 412 });
    }
    if (!gone) this.onWrite(given.id, before, given.name);
    const after = this.write(given.id, given.name);
    return after ? found(after) : new Response(null, { status: 204 });
  }
}

function found({ etag, ...item }: State): Response {
  const body = JSON.stringify({ ...item, updated_at: item.created_at });
  return new Response(body, { headers: { ETag: etag } });
}

interface Pending {
  url: string;
  init: RequestInit;
  /** What the service has answered and is still on its way. */
  response: Response | null;
  resolve: (response: Response) => void;
  reject: (error: Error) => void;
}

type Fate = "answered" | "arrives" | "request lost" | "answer lost" | "refused" | "failed";

/** The page, the person at it, and what has to be true of both. */
class World {
  readonly service: Service;
  readonly memory = new Memory("me", new FakeStorage());
  readonly items: Items;
  readonly pages: Pages;
  private readonly pending: Pending[] = [];
  private readonly conflicts: Conflict[] = [];
  private readonly failed: Extract<Outcome, { kind: "not saved" }>[] = [];
  /** What was typed last and not acknowledged: it must be in the draft. */
  private readonly typed = new Map<string, string>();
  /** The draft that goes with a removal, and the state that was removed. */
  private readonly removed = new Map<string, { typed: string | undefined; etag: string }>();
  /** The states that each text was typed over, and those that the page wrote itself. */
  private readonly over = new Set<string>();
  private readonly written = new Set<string>();
  /** The state in which the page's last acknowledged write left an item; null: deleted. */
  private readonly acknowledged = new Map<string, string | null>();
  private readonly editors = new Map<string, { stored: Draft | null }>();
  /** The items of which a save has failed or met a conflict. */
  private readonly troubled = new Set<string>();
  private texts = 0;
  /** Kept until the next check, because the page catches what its callbacks throw. */
  private readonly broken: string[] = [];

  /** With one or both faults: removals go on, and the service ignores `If-Match` of a DELETE. */
  constructor(goesOn: boolean, unconditional: boolean) {
    this.service = new Service(unconditional);
    this.service.onWrite = (id, before, name) => this.write(id, before, name);
    const api = new ItemsApi("", {
      fetch: (url, init) =>
        new Promise((resolve, reject) => {
          const request = { url: String(url), init: init ?? {}, response: null };
          this.pending.push({ ...request, resolve, reject });
        }),
      token: async () => "token",
      lastToken: () => "token",
      online: () => true,
      wait: async () => {},
      random: () => 0,
    });
    this.items = new Items(
      api,
      this.memory,
      () => {},
      (outcome) => this.hear(outcome),
    );
    if (goesOn) this.items.undo = () => {};
    this.pages = new Pages(api, this.items, () => {});
  }

  private write(id: string, before: State | undefined, name: string | null): void {
    if (name === null) {
      expect(this.removed.get(id)?.etag, `${id} was deleted in a state not seen`).toBe(
        before?.etag,
      );
      return;
    }
    const seen = before === undefined || this.over.has(`${name} ${before.etag}`);
    expect(seen || this.written.has(before.etag), `${id} was replaced unseen`).toBe(true);
    // Its tag is the next one.
    this.written.add(`"${this.service.history.length}.0"`);
  }

  private hear(outcome: Outcome): void {
    reached.set(outcome.kind, (reached.get(outcome.kind) ?? 0) + 1);
    if (outcome.kind === "saved") {
      const { item, etag } = outcome.stored;
      const was = this.service.history.some((states) => states.get(item.id)?.etag === etag);
      if (!was) this.broken.push(`${item.name} is said to be saved and never was`);
      const shown = this.items.rows().some((row) => row.item.id === item.id);
      if (!shown) this.broken.push(`${item.name} is said to be saved and not shown`);
      if (this.typed.get(item.id) === item.name) this.typed.delete(item.id);
      this.acknowledged.set(item.id, etag);
    } else if (outcome.kind === "conflict") {
      const { mine, theirs } = outcome.conflict;
      const own = theirs !== null && this.acknowledged.get(mine.id) === theirs.etag;
      // One is right for what was typed before, and is decided or tried again.
      if (own && !this.troubled.has(mine.id))
        this.broken.push(`${mine.name} is in conflict with what was saved here`);
      this.troubled.add(mine.id);
      this.conflicts.push(outcome.conflict);
    } else if (outcome.kind === "not saved") {
      this.troubled.add(outcome.content.id);
      this.failed.push(outcome);
    } else if (outcome.kind === "deleted") {
      const { id } = outcome.item;
      this.acknowledged.set(id, null);
      const removed = this.removed.get(id);
      if (removed?.typed !== undefined && this.typed.get(id) === removed.typed) {
        this.typed.delete(id);
      }
    }
  }

  open(id: string): void {
    this.items.undo(id);
    const editor = { stored: null as Draft | null };
    this.editors.set(id, editor);
    this.items.read(id).then(
      (stored) => {
        const { item, etag = null } = stored ?? {};
        editor.stored = { ...BLANK, name: item?.name ?? "", etag };
        // As the editor does when there is no such item any more.
        const draft = this.items.draft(id);
        if (!stored && draft) this.items.type(id, { ...draft, etag: null }, NOTHING);
      },
      () => this.editors.delete(id),
    );
  }

  type(id: string): void {
    const stored = this.editors.get(id)?.stored;
    if (!stored) return;
    const name = `text ${++this.texts}`;
    const etag = (this.items.draft(id) ?? stored).etag;
    this.items.type(id, { ...BLANK, name, etag }, stored);
    this.typed.set(id, name);
    this.over.add(`${name} ${etag}`);
  }

  save(id: string): void {
    const draft = this.items.draft(id);
    if (!draft) return;
    this.editors.delete(id);
    this.over.add(`${draft.name} ${draft.etag}`);
    void this.items.save({ id, name: draft.name }, draft.etag);
  }

  /** Opens an item, types and saves, in one go. */
  async edit(id: string): Promise<void> {
    this.open(id);
    await turn();
    this.deliver(this.pending.length - 1, "answered", 0);
    await turn();
    this.type(id);
    this.save(id);
  }

  remove(id: string): void {
    const row = this.items.row(id);
    this.items.remove(id);
    const begun = this.items.removing().some(({ item }) => item.id === id);
    if (begun && row) this.removed.set(id, { typed: this.typed.get(id), etag: row.etag });
  }

  choose(mine: boolean): void {
    const conflict = this.conflicts.pop();
    if (!conflict) return;
    const { id, name } = conflict.mine;
    const over = conflict.theirs?.etag ?? null;
    if (mine) {
      this.over.add(`${name} ${over}`);
      void this.items.save({ id, name }, over);
    } else if (this.typed.get(id) === name) {
      this.typed.delete(id);
      this.items.discard(id);
    }
  }

  retry(): void {
    const last = this.failed.pop();
    if (last) void this.items.save(last.content, last.etag);
  }

  /** Removes an item, and deletes it. */
  async delete(id: string, fate: Fate): Promise<void> {
    this.remove(id);
    this.items.commit();
    await turn();
    this.deliver(this.pending.length - 1, fate, 0);
  }

  /** Takes one step of the `n`th request. */
  deliver(n: number, fate: Fate, lag: number): void {
    const request = this.pending[n % Math.max(1, this.pending.length)];
    if (!request) return;
    const lost = () => request.reject(new TypeError("Failed to fetch"));
    const apply = () => {
      request.response ??= this.service.answer(request.url, request.init, lag);
      return request.response;
    };
    if (fate === "arrives") {
      apply();
      return;
    }
    this.pending.splice(this.pending.indexOf(request), 1);
    if (fate === "answered") request.resolve(apply());
    else if (fate === "request lost") lost();
    else if (fate === "answer lost") {
      apply();
      lost();
    } else request.resolve(new Response("{}", { status: fate === "refused" ? 503 : 500 }));
  }

  check(): void {
    expect(this.broken).toEqual([]);
    for (const [id, etag] of this.acknowledged) {
      const current = this.service.states.get(id)?.etag ?? null;
      const sending = this.items.rows().some(({ item, saving }) => item.id === id && saving);
      // Nobody else has written since, so the page knows.
      if (etag !== null && current === etag && !sending) {
        expect(this.items.row(id)?.etag, `what is known of ${id}`).toBe(etag);
      }
    }
    for (const [id, name] of this.typed) {
      expect(this.items.draft(id)?.name, `what was typed into ${id}`).toBe(name);
    }
  }

  async settle(): Promise<void> {
    for (let round = 0; round < 40; round++) {
      this.items.commit();
      while (this.pending.length > 0) {
        this.deliver(0, "answered", 0);
        await turn();
      }
      while (this.conflicts.length > 0) this.choose(false);
      if (round === 38) void this.pages.refresh();
      await turn();
    }
    this.check();
    const shown = this.items
      .rows()
      .map(({ item, saving }) => [item.id, item.name, item.etag, saving]);
    const stored = [...this.service.states.values()].map((s) => [s.id, s.name, s.etag, false]);
    expect(shown.sort()).toEqual(stored.sort());
    expect(await this.items.finish()).toBe(true);
  }
}

/** Lets promises that are settled be heard of. */
async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}

/** How often each outcome came about: a history in which nothing happens proves nothing. */
const reached = new Map<string, number>();

type Step = (world: World) => void | Promise<void>;
const id = fc.constantFrom(...IDS);
const fate = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>("answered") },
  fc.constantFrom<Fate>("arrives", "request lost", "answer lost", "refused", "failed"),
);
const named = (name: string, step: Step): Step => Object.assign(step, { toString: () => name });
const each = (name: string, run: (world: World, id: string) => void | Promise<void>) =>
  id.map((id) => named(`${name} ${id}`, (world) => run(world, id)));
const step = fc.oneof(
  { weight: 3, arbitrary: each("edit", (world, id) => world.edit(id)) },
  each("open", (world, id) => world.open(id)),
  each("type", (world, id) => world.type(id)),
  each("save", (world, id) => world.save(id)),
  each("remove", (world, id) => world.remove(id)),
  fc
    .tuple(id, fate)
    .map(([id, fate]) => named(`delete ${id}, ${fate}`, (world) => world.delete(id, fate))),
  each("undo", (world, id) => world.items.undo(id)),
  each("other writes", (world, id) => void world.service.write(id, "other")),
  each("other deletes", (world, id) => void world.service.write(id, null)),
  fc.constant(named("commit", (world) => world.items.commit())),
  fc.constant(named("leave", (world) => world.items.leave())),
  fc.boolean().map((mine) => named(`choose ${mine}`, (world) => world.choose(mine))),
  fc.constant(named("retry", (world) => world.retry())),
  fc.constant(named("refresh", (world) => void world.pages.refresh())),
  {
    weight: 12,
    arbitrary: fc
      .tuple(fc.nat(5), fate, fc.nat(3))
      .map(([n, fate, lag]) => named(`${n} ${fate}`, (world) => world.deliver(n, fate, lag))),
  },
);

const history = (goesOn = false, unconditional = false) =>
  fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 50, size: "max" }), async (steps) => {
    const world = new World(goesOn, unconditional);
    for (const id of IDS.slice(1)) world.service.write(id, `first ${id}`);
    void world.pages.load();
    await turn();
    world.deliver(0, "answered", 0);
    await turn();
    for (const step of steps) {
      await step(world);
      await turn();
      world.check();
    }
    await world.settle();
  });

it(`keeps its promises in ${HISTORIES} random histories`, { timeout: 600_000 }, async () => {
  await fc.assert(history(), { numRuns: HISTORIES });
  const kinds = ["saved", "conflict", "not saved", "deleted", "changed", "not deleted"];
  expect(kinds.filter((kind) => (reached.get(kind) ?? 0) === 0)).toEqual([]);
});

it.each([
  ["removals that go on after an item is opened or saved", true, false],
  ["and deletions of whatever there is", true, true],
])("would find %s", async (_, goesOn, unconditional) => {
  const faulty = history(goesOn, unconditional);
  expect((await fc.check(faulty, { numRuns: 2_000, endOnFailure: true })).failed).toBe(true);
});
