/** The page of somebody who is signed in: the list, the dialogs, and what happens between them. */

import { Conflict, type Environment, ItemsApi } from "./api";
import { Catalogue } from "./catalogue";
import { button, h, icon } from "./dom";
import type { Content, Stored } from "./item";
import { Memory, NEW } from "./memory";
import { asProblem, type Problem } from "./problem";
import { Removals } from "./removals";
import type { Person, Session } from "./session";
import { ConflictView } from "./views/conflict";
import { Editor } from "./views/editor";
import { sameTyped, typedOf } from "./views/fields";
import { Leaving } from "./views/leaving";
import { ListView } from "./views/list";
import type { Notice, Notices } from "./views/notices";
import { offlineBanner } from "./views/offline";
import { SessionEnded } from "./views/session_ended";

export class Workspace {
  private readonly memory: Memory;
  private readonly api: ItemsApi;
  private readonly catalogue: Catalogue;
  private readonly list: ListView;
  private readonly editor: Editor;
  private readonly conflict: ConflictView;
  private readonly ended: SessionEnded;
  private readonly search = h("input", {
    type: "search",
    id: "search",
    autocomplete: "off",
    placeholder: "Search what is loaded",
    on: { input: () => this.render() },
  });
  readonly element: HTMLElement;
  private readonly removals: Removals;
  private readonly saving = new Set<Promise<void>>();
  private readonly leaving = new Leaving();
  private unsaved: string | null = null;
  /** The message about the draft that was left last. */
  private kept: Notice | null = null;
  private finished = false;

  constructor(
    apiPath: string,
    person: Person,
    private readonly session: Session,
    private readonly notices: Notices,
  ) {
    this.memory = new Memory(person.sub);
    const environment: Environment = {
      fetch: (...request) => fetch(...request),
      token: (refused) => session.token(refused),
      online: () => navigator.onLine,
      wait: (milliseconds, problem) => notices.wait(milliseconds, problem),
      random: Math.random,
    };
    this.api = new ItemsApi(apiPath, environment);
    this.catalogue = new Catalogue(this.api, () => this.render());
    this.list = new ListView(this.catalogue, {
      open: (id) => this.open(id),
      remove: (id) => this.removals.remove(id),
      create: () => this.editor.create(),
    });
    this.removals = new Removals(this.catalogue, this.list, notices, this.memory, (problem) => {
      if (problem.kind === "session") this.endSession(problem.requestId);
    });
    this.editor = new Editor(this.memory, {
      read: (id) => this.read(id),
      save: (content, etag) => void this.save(content, etag),
      remove: (id) => this.removals.remove(id),
      left: (id) => this.left(id),
      opened: () => {
        this.kept?.dismiss();
        this.keepPlace();
      },
      closed: (id) => this.closed(id),
    });
    this.conflict = new ConflictView({
      keepMine: (mine, over) => void this.save(mine, over),
      takeTheirs: (id, theirs) => this.takeTheirs(id, theirs),
      edit: (mine, theirs) => this.editMine(mine, theirs),
    });
    this.ended = new SessionEnded(() => void this.signIn());
    this.element = this.build();
    this.listen();
  }

  /** Brings back where the person was, the list first. */
  async start(): Promise<void> {
    const place = this.memory.place();
    this.search.value = place?.query ?? "";
    await this.catalogue.load(place?.loaded ?? 0);
    if (this.catalogue.problem?.kind === "session") this.endSession();
    if (!place) return;
    window.scrollTo(0, place.scroll);
    if (place.open !== null) this.open(place.open);
    this.offerUnsaved();
  }

  /** Offers to sign in again; `unsaved` is the item to open then, if not the one that is. */
  endSession(requestId = "", unsaved: string | null = null): void {
    this.unsaved = unsaved ?? this.unsaved;
    this.keepPlace();
    this.ended.show(requestId);
  }

  /**
   * Before somebody leaves on purpose: what is under way is waited for. Whether they may go: not
   * if something was not saved and they would rather stay.
   */
  async finish(): Promise<boolean> {
    await Promise.all(this.saving);
    if (!(await this.removals.finish())) return false;
    const unsaved = this.memory.drafts().map((id) => this.memory.draft(id)?.name || "New item");
    if (unsaved.length > 0 && !(await this.leaving.ask(unsaved))) return false;
    this.finished = true;
    this.memory.forget();
    return true;
  }

  private build(): HTMLElement {
    const label = h("label", { htmlFor: "search", className: "unseen" }, "Search your items");
    const create = button("New item", "primary", () => this.editor.create(), icon("plus"));
    return h(
      "div",
      { className: "workspace" },
      offlineBanner(() => {
        if (this.catalogue.problem) void this.catalogue.load();
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
    addEventListener("pagehide", () => {
      this.removals.leave();
      this.keepPlace();
    });
    addEventListener("keydown", (event) => {
      const typing = event.target instanceof Element && event.target.closest("input, textarea");
      const undo = event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
      if (undo && !typing && this.removals.undoLast()) event.preventDefault();
    });
  }

  private render(): void {
    this.list.render(this.search.value, new Set(this.memory.drafts()));
    if (this.catalogue.problem?.kind === "session")
      this.endSession(this.catalogue.problem.requestId);
  }

  private open(id: string): void {
    void this.removals.keep(id);
    const summary = this.catalogue.row(id);
    const draft = this.memory.draft(id);
    if (summary) void this.editor.edit(id, typedOf(summary));
    else if (id === NEW || draft?.etag === null) this.editor.create(id);
    else if (draft) void this.editor.edit(id, draft);
  }

  private async read(id: string): Promise<Stored | null> {
    try {
      const stored = await this.api.get(id);
      if (stored) this.catalogue.accept(stored);
      else this.catalogue.drop(id);
      return stored;
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem.kind === "session") this.endSession(problem.requestId);
      throw problem;
    }
  }

  private save(content: Content, etag: string | null): Promise<void> {
    const saved = this.send(content, etag).finally(() => this.saving.delete(saved));
    this.saving.add(saved);
    return saved;
  }

  private async send(content: Content, etag: string | null): Promise<void> {
    await this.removals.keep(content.id);
    const sent = this.memory.draft(content.id);
    try {
      const stored = await this.catalogue.save(content, etag);
      this.editor.saved(stored);
      const now = this.memory.draft(content.id);
      // What has been typed since is a change to what is stored now.
      if (now && sent && !sameTyped(now, sent)) {
        this.memory.keepDraft(content.id, { ...now, etag: stored.etag });
      } else {
        this.memory.dropDraft(content.id);
      }
      this.render();
    } catch (thrown) {
      if (thrown instanceof Conflict) this.conflict.ask(thrown);
      else this.notSaved(content, etag, asProblem(thrown));
    }
  }

  private notSaved(content: Content, etag: string | null, problem: Problem): void {
    if (problem.kind === "session") {
      this.endSession(problem.requestId, content.id);
      return;
    }
    const summary = this.catalogue.row(content.id);
    const edit = () =>
      summary
        ? void this.editor.edit(content.id, typedOf(summary), problem.fields)
        : this.editor.create(content.id, problem.fields);
    if (problem.fields.length > 0) {
      edit();
      return;
    }
    const again = { label: "Try again", run: () => void this.save(content, etag) };
    const text = `“${content.name}” was not saved; what you typed is kept.`;
    this.notices.fail(text, problem, [again, { label: "Edit", run: edit }]);
  }

  private closed(id: string): void {
    this.keepPlace();
    this.render();
    // The dialog gives the focus back to where it was, which may be gone: a message, for one.
    const index = this.list.indexOf(id);
    if (index >= 0 || document.activeElement === document.body) this.list.focus(index);
  }

  private left(id: string): void {
    const discard = () => {
      this.memory.dropDraft(id);
      this.render();
    };
    this.kept = this.notices.tell("What you typed is kept as a draft.", {
      // Without a row, this is the way back to it.
      seconds: this.catalogue.row(id) ? 8 : 0,
      actions: [
        { label: "Continue", run: () => this.open(id) },
        { label: "Discard", run: discard },
      ],
    });
  }

  private takeTheirs(id: string, theirs: Stored | null): void {
    this.memory.dropDraft(id);
    if (theirs) this.catalogue.accept(theirs);
    else this.catalogue.drop(id);
  }

  private editMine(mine: Content, theirs: Stored): void {
    this.catalogue.accept(theirs);
    this.memory.keepDraft(mine.id, { ...typedOf(mine), etag: theirs.etag });
    void this.editor.edit(mine.id, typedOf(theirs.item));
  }

  /** New items whose saving was cut short, by the end of the session or of the page. */
  private offerUnsaved(): void {
    for (const id of this.memory.drafts()) {
      const draft = this.memory.draft(id);
      if (id === this.editor.openId || this.catalogue.row(id) || !draft) continue;
      this.notices.tell(`“${draft.name || "New item"}” is not saved yet.`, {
        seconds: 0,
        actions: [{ label: "Continue", run: () => this.open(id) }],
      });
    }
  }

  private keepPlace(): void {
    if (this.finished) return;
    this.memory.keepPlace({
      query: this.search.value,
      loaded: this.catalogue.loaded,
      scroll: window.scrollY,
      open: this.editor.openId ?? this.unsaved,
    });
  }

  private async signIn(): Promise<void> {
    this.keepPlace();
    await this.session.signIn();
  }
}
