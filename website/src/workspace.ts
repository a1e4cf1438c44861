/** The page of a person who is signed in: the list, the dialogs, and their interplay. */

import { type Address, Trail } from "./address";
import { type Environment, ItemsApi } from "./api";
import { afterFrame, button, h, icon } from "./dom";
import { saveExport } from "./export";
import { BLANK, typedOf } from "./fields";
import type { Stored } from "./item";
import { Items, type Outcome } from "./items";
import { followLifecycle } from "./lifecycle";
import { Memory, NEW } from "./memory";
import { Pages } from "./pages";
import { asProblem, type FieldError } from "./problem";
import { Removals } from "./removals";
import { Saves } from "./saves";
import type { Person, Session } from "./session";
import { Choice, leaving, STAY, sessionEnded } from "./views/choice";
import { Editor } from "./views/editor";
import { ListView } from "./views/list";
import type { Notices } from "./views/notices";

const OFFLINE = "You are offline. The list may be out of date. Your text is kept.";
const FULL = "This browser's storage is full. Reloading this tab loses your unsaved text.";

export class Workspace {
  private readonly memory: Memory;
  private readonly items: Items;
  private readonly pages: Pages;
  private readonly list: ListView;
  private readonly editor: Editor;
  private readonly removals: Removals;
  private readonly saves: Saves;
  private readonly banner = h("p.banner", { role: "status" });
  private readonly ended = new Choice("ended");
  private readonly leaving = new Choice("leaving", STAY);
  private readonly search = h("input", {
    type: "search",
    id: "search",
    autocomplete: "off",
    placeholder: "Search",
    oninput: () => this.find(),
  });
  readonly element: HTMLElement;
  private readonly trail = new Trail((before) => this.follow(before));
  private finished = false;
  private finding = false;

  constructor(
    apiPath: string,
    person: Person,
    private readonly session: Session,
    notices: Notices,
  ) {
    this.memory = new Memory(person.sub, sessionStorage, () =>
      notices.notify(FULL, { stays: true }),
    );
    const environment: Environment = {
      fetch: (...request) => fetch(...request),
      token: (refused) => session.token(refused),
      lastToken: () => session.lastToken,
      online: () => navigator.onLine,
      wait: (milliseconds, problem) => notices.wait(milliseconds, problem),
      random: Math.random,
    };
    const api = new ItemsApi(apiPath, environment);
    const changed = () => this.render();
    this.items = new Items(api, this.memory, changed, (outcome) => this.report(outcome));
    this.pages = new Pages(api, this.items, changed);
    this.list = new ListView(this.items, this.pages, {
      open: (id) => this.open(id),
      remove: (id) => this.removals.remove(id),
      create: () => this.editor.create(),
      sort: (order) =>
        afterFrame(() => {
          this.trail.go({ order });
          void this.pages.sort(order);
        }),
      export: () => void saveExport(api, this.pages, this.items, notices),
    });
    this.removals = new Removals(this.items, this.list, notices);
    this.saves = new Saves(this.items, notices, (id, errors) => this.open(id, errors));
    this.editor = new Editor(this.items, {
      read: (id) => this.read(id),
      save: (content, etag) => void this.items.save(content, etag),
      remove: (id) => this.removals.remove(id),
      left: (id) => this.saves.left(id),
      opened: (id) => {
        this.saves.opened();
        // Changing the address is slow, so the dialog is drawn first.
        afterFrame(() => {
          const { open } = this.trail.at;
          if (this.editor.openId === id && open !== id) this.trail.go({ open: id }, open === null);
        });
      },
      closed: (id) => this.closed(id),
    });
    this.element = this.build();
    this.listen();
  }

  /** Loads the list, then restores the person's place. */
  async start(): Promise<void> {
    const place = this.memory.place();
    this.search.value = this.trail.at.query;
    this.pages.order = this.trail.at.order;
    await this.pages.load(place?.loaded ?? 0);
    if (place) window.scrollTo(0, place.scroll);
    if (this.trail.at.open !== null) this.open(this.trail.at.open);
    this.saves.offer(this.editor.openId);
  }

  /** Offers to sign in again. `unsaved` is the item to open then, if another than the open one. */
  endSession(requestId = "", unsaved: string | null = null): void {
    if (unsaved !== null) this.trail.go({ open: unsaved });
    if (!this.ended.element.open)
      void this.ended.ask(sessionEnded(requestId)).then(() => this.signIn());
  }

  /**
   * Waits for writes under way, and returns whether the person may sign out. They may not after a
   * failed write, nor if they choose to stay for a draft.
   */
  async finish(): Promise<boolean> {
    if (!(await this.items.finish())) return false;
    const unsaved = this.items.drafts().map((id) => this.items.draft(id)?.name || "New item");
    if (unsaved.length > 0 && (await this.leaving.ask(leaving(unsaved))) === STAY) return false;
    this.end();
    return true;
  }

  /** Stops storing the place and warning of drafts. */
  end(): void {
    this.finished = true;
  }

  private build(): HTMLElement {
    const label = h("label.unseen", { htmlFor: "search" }, "Search your items");
    const create = button("New item", "primary", () => this.editor.create(), icon("plus"));
    return h(
      "div.workspace",
      this.banner,
      h("div.title", h("h1", "Your items"), create),
      h("div.search", { role: "search" }, label, icon("search"), this.search),
      this.list.element,
      this.editor.element,
      this.saves.element,
      this.ended.element,
      this.leaving.element,
    );
  }

  private listen(): void {
    followLifecycle({
      leave: () => {
        this.items.leave();
        this.keepPlace();
      },
      back: () => void this.pages.refresh(),
      unsaved: () => !this.finished && this.items.drafts().length > 0,
      // "5 minutes ago" is not true for long.
      minute: () => this.render(),
      network: (online) => {
        this.banner.textContent = online ? "" : OFFLINE;
        if (online && this.pages.problem) void this.pages.load();
      },
    });
    addEventListener("keydown", (event) => {
      const typing = event.target instanceof Element && event.target.closest("input, textarea");
      const undo = event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
      if (undo && !typing && this.removals.undoLast()) event.preventDefault();
    });
  }

  private render(): void {
    this.removals.render();
    this.list.render(this.search.value, new Set(this.items.drafts()));
    const { problem } = this.pages;
    if (problem?.kind === "session") this.endSession(problem.requestId);
    else if (this.query) void this.pages.loadAll(() => this.query !== "");
  }

  private get query(): string {
    return this.search.value.trim();
  }

  /** Searches after the letter is drawn, once for all letters until then. */
  private find(): void {
    if (this.finding) return;
    this.finding = true;
    afterFrame(() => {
      this.finding = false;
      const { query } = this.trail.at;
      if (this.query !== query) this.trail.go({ query: this.query }, query === "");
      this.render();
    });
  }

  /** Shows the address after Back or Forward. */
  private follow(before: Address): void {
    const { open, query, order } = this.trail.at;
    this.search.value = query;
    void this.pages.sort(order);
    if (open !== before.open && this.editor.openId !== open) {
      if (open === null) this.editor.close();
      else this.open(open);
    }
    this.render();
  }

  private open(id: string, errors: FieldError[] = []): void {
    this.items.undo(id);
    const summary = this.items.row(id);
    const draft = this.items.draft(id);
    if (summary) void this.editor.edit(id, typedOf(summary), errors);
    else if (id === NEW || draft?.etag === null) this.editor.create(id, errors);
    else void this.editor.edit(id, draft ?? BLANK, errors);
  }

  private async read(id: string): Promise<Stored | null> {
    try {
      return await this.items.read(id);
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem.kind === "session") this.endSession(problem.requestId);
      throw problem;
    }
  }

  private report(outcome: Outcome): void {
    if ("problem" in outcome && outcome.problem.kind === "session") {
      const saving = outcome.kind === "not saved" ? outcome.content.id : null;
      this.endSession(outcome.problem.requestId, saving);
      if (saving !== null) return;
    }
    if (outcome.kind === "saved") {
      this.editor.saved(outcome.stored);
      this.saves.saved(outcome.stored, this.list.rows.indexOf(outcome.stored.item.id) >= 0);
    } else if (outcome.kind === "not saved") this.saves.failed(outcome);
    else if (outcome.kind === "conflict") void this.saves.resolve(outcome.conflict);
    else this.removals.report(outcome, (id) => this.open(id));
  }

  private closed(id: string): void {
    this.trail.close();
    this.render();
    // The dialog returns the focus to its previous place, which may be gone, such as a message.
    const index = this.list.rows.indexOf(id);
    if (index >= 0 || document.activeElement === document.body) this.list.focus(index);
  }

  private keepPlace(): void {
    if (this.finished) return;
    this.memory.keepPlace({ loaded: this.pages.loaded, scroll: window.scrollY });
  }

  private async signIn(): Promise<void> {
    this.keepPlace();
    this.end();
    await this.trail.settled;
    await this.session.signIn();
  }
}
