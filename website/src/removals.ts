/** Deletions that can still be undone, and are only sent when they no longer can. */

import type { Catalogue } from "./catalogue";
import type { Memory } from "./memory";
import { asProblem, type Problem } from "./problem";
import type { ListView } from "./views/list";
import type { Notice, Notices } from "./views/notices";

const UNDO_SECONDS = 8;

interface Removal {
  id: string;
  commit(keepalive?: boolean): Promise<void>;
  undo(): void;
  notice: Notice;
}

export class Removals {
  /** The last one last. */
  private readonly open: Removal[] = [];
  private readonly running = new Map<string, Promise<boolean>>();

  constructor(
    private readonly catalogue: Catalogue,
    private readonly list: ListView,
    private readonly notices: Notices,
    private readonly memory: Memory,
    private readonly failed: (problem: Problem) => void,
  ) {}

  /** Takes an item from the list; it is deleted when the message about it has gone. */
  remove(id: string): void {
    const summary = this.catalogue.row(id);
    if (!summary) return;
    const index = this.list.indexOf(id);
    const removal: Removal = {
      id,
      ...this.catalogue.remove(id),
      notice: this.notices.tell(`“${summary.name}” is deleted.`, {
        seconds: UNDO_SECONDS,
        actions: [{ label: "Undo", run: () => this.undo(removal) }],
        onGone: () => {
          this.close(removal);
          void this.commit(removal);
        },
      }),
    };
    this.open.push(removal);
    this.list.focus(index);
  }

  /** Whether there was one to undo. */
  undoLast(): boolean {
    const last = this.open.at(-1);
    if (last) this.undo(last);
    return last !== undefined;
  }

  /**
   * Undoes the removal of an item that is wanted after all. If it has been sent, waits until it has
   * ended, so that it cannot delete what is saved afterwards.
   */
  async keep(id: string): Promise<void> {
    const removal = this.open.find((each) => each.id === id);
    if (removal) this.takeBack(removal);
    await this.running.get(id);
  }

  /** Sends all of them now; whether all there are have succeeded. */
  async finish(): Promise<boolean> {
    for (const removal of this.open.splice(0)) void this.commit(removal);
    return (await Promise.all(this.running.values())).every(Boolean);
  }

  /** Sends all of them while the page goes; nobody is there to be told of a failure. */
  leave(): void {
    for (const { commit } of this.open.splice(0)) commit(true).catch(() => undefined);
  }

  private undo(removal: Removal): void {
    this.takeBack(removal);
    this.list.focus(this.list.indexOf(removal.id));
  }

  private takeBack(removal: Removal): void {
    this.close(removal);
    removal.notice.dismiss();
    removal.undo();
  }

  private close(removal: Removal): void {
    const index = this.open.indexOf(removal);
    if (index >= 0) this.open.splice(index, 1);
  }

  private commit(removal: Removal): Promise<boolean> {
    const sent = this.send(removal).finally(() => this.running.delete(removal.id));
    this.running.set(removal.id, sent);
    return sent;
  }

  /** Whether it has succeeded. */
  private async send(removal: Removal): Promise<boolean> {
    removal.notice.dismiss();
    try {
      await removal.commit();
      this.memory.dropDraft(removal.id);
      return true;
    } catch (thrown) {
      const problem = asProblem(thrown);
      const again = { label: "Try again", run: () => this.remove(removal.id) };
      const name = this.catalogue.row(removal.id)?.name ?? removal.id;
      this.notices.fail(`“${name}” was not deleted.`, problem, [again]);
      this.failed(problem);
      return false;
    }
  }
}
