/** The page of somebody who is signed in: the list, the dialogs, and what happens between them. */

import { type Address, formatAddress, parseAddress } from "./address";
import { type Conflict, type Environment, ItemsApi } from "./api";
import { button, h, icon } from "./dom";
import type { Content, Stored } from "./item";
import { Items, type Outcome } from "./items";
import { Memory, NEW } from "./memory";
import { Pages } from "./pages";
import { asProblem, type Problem } from "./problem";
import { Removals } from "./removals";
import type { Person, Session } from "./session";
import { BLANK, typedOf } from "./typed";
import { AGAIN, Choice, conflict, EDIT, leaving, MINE, STAY, sessionEnded } from "./views/choice";
import { Editor } from "./views/editor";
import { ListView } from "./views/list";
import type { Notice, Notices } from "./views/notices";
import { offlineBanner } from "./views/offline";

export class Workspace {
  private readonly memory: Memory;
  private readonly items: Items;
  private readonly pages: Pages;
  private readonly list: ListView;
  private readonly editor: Editor;
  private readonly removals: Removals;
  private readonly conflict = new Choice("conflict");
  private readonly ended = new Choice("ended");
  private readonly leaving = new Choice("leaving", STAY);
  private readonly search = h("input", {
    type: "search",
    id: "search",
    autocomplete: "off",
    placeholder: "Search",
    on: { input: () => this.find() },
  });
  readonly element: HTMLElement;
  private address: Address = parseAddress(location.hash);
  /** Ends when the history is where `address` is: going back takes a while. */
  private history: Promise<unknown> = Promise.resolve();
  private returning = false;
  /** The message about the draft that was left last. */
  private kept: Notice | null = null;
  private finished = false;

  constructor(
    apiPath: string,
    person: Person,
    private readonly session: Session,
    private readonly notices: Notices,
  ) {
    const full = "This browser's storage is full: what you type is lost when this tab is reloaded.";
    this.memory = new Memory(person.sub, sessionStorage, () => notices.tell(full, { seconds: 0 }));
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
    this.items = new Items(api, this.memory, changed, (outcome) => this.tell(outcome));
    this.pages = new Pages(api, this.items, changed);
    this.list = new ListView(this.items, this.pages, {
      open: (id) => this.open(id),
      remove: (id) => this.removals.remove(id),
      create: () => this.editor.create(),
      sort: (order) => {
        this.go({ order });
        void this.pages.sort(order);
      },
    });
    this.removals = new Removals(this.items, this.list, notices);
    this.editor = new Editor(this.items, {
      read: (id) => this.read(id),
      save: (content, etag) => void this.items.save(content, etag),
      remove: (id) => this.removals.remove(id),
      left: (id) => this.left(id),
      opened: (id) => {
        this.kept?.dismiss();
        if (this.address.open !== id) this.go({ open: id }, this.address.open === null);
      },
      closed: (id) => this.closed(id),
    });
    this.element = this.build();
    this.listen();
  }

  /** Brings back where the person was, the list first. */
  async start(): Promise<void> {
    const place = this.memory.place();
    this.search.value = this.address.query;
    this.pages.order = this.address.order;
    await this.pages.load(place?.loaded ?? 0);
    if (place) window.scrollTo(0, place.scroll);
    if (this.address.open !== null) this.open(this.address.open);
    this.offerUnsaved();
  }

  /** Offers to sign in again; `unsaved` is the item to open then, if not the one that is. */
  endSession(requestId = "", unsaved: string | null = null): void {
    if (unsaved !== null) this.go({ open: unsaved });
    if (!this.ended.element.open)
      void this.ended.ask(sessionEnded(requestId)).then(() => this.signIn());
  }

  /**
   * Before somebody leaves on purpose: what is under way is waited for. Whether they may go: not
   * if something was not saved and they would rather stay.
   */
  async finish(): Promise<boolean> {
    if (!(await this.items.finish())) return false;
    const unsaved = this.items.drafts().map((id) => this.items.draft(id)?.name || "New item");
    if (unsaved.length > 0 && (await this.leaving.ask(leaving(unsaved))) === STAY) return false;
    this.end();
    return true;
  }

  /** Keeps nothing from now on. */
  end(): void {
    this.finished = true;
  }

  private build(): HTMLElement {
    const label = h("label", { htmlFor: "search", className: "unseen" }, "Search your items");
    const create = button("New item", "primary", () => this.editor.create(), icon("plus"));
    return h(
      "div",
      { className: "workspace" },
      offlineBanner(() => {
        if (this.pages.problem) void this.pages.load();
      }),
      h("div", { className: "title" }, h("h1", {}, "Your items"), create),
      h(
        "div",
        { className: "search", attributes: { role: "search" } },
        label,
        icon("search"),
        this.search,
      ),
      this.list.element,
      this.editor.element,
      this.conflict.element,
      this.ended.element,
      this.leaving.element,
    );
  }

  private listen(): void {
    const leave = () => {
      this.items.leave();
      this.keepPlace();
    };
    addEventListener("pagehide", leave);
    // On a phone, a page that is hidden may be ended without another word.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) leave();
      else void this.pages.refresh();
    });
    // What was typed is gone with the tab.
    addEventListener("beforeunload", (event) => {
      if (!this.finished && this.items.drafts().length > 0) event.preventDefault();
    });
    addEventListener("popstate", () => this.follow());
    // "5 minutes ago" is not true for long.
    setInterval(() => document.hidden || this.render(), 60_000);
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

  private find(): void {
    this.go({ query: this.query }, this.address.query === "");
    this.render();
  }

  /** Changes the address; `push` lets Back lead to the one before. */
  private go(changes: Partial<Address>, push = false): void {
    this.address = { ...this.address, ...changes };
    const url = location.pathname + formatAddress(this.address);
    this.history = this.history.then(() =>
      push ? history.pushState("pushed", "", url) : history.replaceState(history.state, "", url),
    );
  }

  /** Shows what the address says, after Back, Forward, or a link. */
  private follow(): void {
    if (this.returning) return;
    const before = this.address;
    this.address = parseAddress(location.hash);
    const { open, query, order } = this.address;
    this.search.value = query;
    void this.pages.sort(order);
    if (open !== before.open && this.editor.openId !== open) {
      if (open === null) this.editor.close();
      else this.open(open);
    }
    this.render();
  }

  private open(id: string): void {
    this.items.undo(id);
    const summary = this.items.row(id);
    const draft = this.items.draft(id);
    if (summary) void this.editor.edit(id, typedOf(summary));
    else if (id === NEW || draft?.etag === null) this.editor.create(id);
    else void this.editor.edit(id, draft ?? BLANK);
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

  private tell(outcome: Outcome): void {
    switch (outcome.kind) {
      case "saved": {
        const { stored } = outcome;
        this.editor.saved(stored);
        this.render();
        const hidden = this.list.shows(stored.item.id) ? "" : " The search does not match it.";
        this.notices.tell(`“${stored.item.name}” is saved.${hidden}`);
        break;
      }
      case "not saved":
        this.notSaved(outcome.content, outcome.etag, outcome.problem);
        break;
      case "conflict":
        void this.resolve(outcome.conflict);
        break;
      default:
        this.removals.tell(outcome, (id) => this.open(id));
        if (outcome.kind === "not deleted" && outcome.problem.kind === "session")
          this.endSession(outcome.problem.requestId);
    }
  }

  private notSaved(content: Content, etag: string | null, problem: Problem): void {
    if (problem.kind === "session") {
      this.endSession(problem.requestId, content.id);
      return;
    }
    const summary = this.items.row(content.id);
    const edit = () =>
      summary
        ? void this.editor.edit(content.id, typedOf(summary), problem.fields)
        : this.editor.create(content.id, problem.fields);
    if (problem.fields.length > 0) {
      edit();
      return;
    }
    const again = { label: "Try again", run: () => void this.items.save(content, etag) };
    const text = `“${content.name}” was not saved; what you typed is kept.`;
    this.notices.fail(text, problem, [again, { label: "Edit", run: edit }]);
  }

  private closed(id: string): void {
    if (this.address.open !== null) {
      this.address = { ...this.address, open: null };
      this.history = this.history.then(() => this.goBack());
    }
    this.render();
    // The dialog gives the focus back to where it was, which may be gone: a message, for one.
    const index = this.list.indexOf(id);
    if (index >= 0 || document.activeElement === document.body) this.list.focus(index);
  }

  /** From an open item to the list: to where it was opened, if that is one step back. */
  private async goBack(): Promise<void> {
    if (history.state === "pushed") {
      this.returning = true;
      history.back();
      await new Promise((resolve) => addEventListener("popstate", resolve, { once: true }));
      this.returning = false;
    } else {
      history.replaceState(null, "", location.pathname + formatAddress(this.address));
    }
  }

  private left(id: string): void {
    this.kept = this.notices.tell("What you typed is kept as a draft.", {
      // Without a row, this is the way back to it.
      seconds: this.items.row(id) ? 8 : 0,
      actions: [
        { label: "Continue", run: () => this.open(id) },
        { label: "Discard", run: () => this.items.discard(id) },
      ],
    });
  }

  private async resolve(found: Conflict): Promise<void> {
    const { mine, theirs } = found;
    const choice = await this.conflict.ask(conflict(found));
    if (theirs && choice === EDIT) {
      const stored = { ...typedOf(theirs.item), etag: theirs.etag };
      this.items.type(mine.id, { ...typedOf(mine), etag: theirs.etag }, stored);
      void this.editor.edit(mine.id, stored);
    } else if (choice === MINE || choice === AGAIN) {
      void this.items.save(mine, theirs?.etag ?? null);
    } else {
      this.items.discard(mine.id);
    }
  }

  /** New items whose saving was cut short, by the end of the session or of the page. */
  private offerUnsaved(): void {
    for (const id of this.items.drafts()) {
      const draft = this.items.draft(id);
      if (id === this.editor.openId || this.items.row(id) || !draft) continue;
      this.notices.tell(`“${draft.name || "New item"}” is not saved yet.`, {
        seconds: 0,
        actions: [{ label: "Continue", run: () => this.open(id) }],
      });
    }
  }

  private keepPlace(): void {
    if (this.finished) return;
    this.memory.keepPlace({ loaded: this.pages.loaded, scroll: window.scrollY });
  }

  private async signIn(): Promise<void> {
    this.keepPlace();
    this.end();
    await this.history;
    await this.session.signIn();
  }
}
