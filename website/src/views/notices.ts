/** The message area: one short message at a time, for the eye and for screen readers. */

import { button, h, iconButton, reference } from "../dom";
import { advice, type Problem } from "../problem";
import { topDialog } from "./dialog";

export interface Action {
  label: string;
  run: () => void;
}

interface Options {
  actions?: Action[];
  /** It stays until it is closed. */
  stays?: boolean;
  /** Called when it closes without an action. */
  onGone?: () => void;
  requestId?: string;
  /** A hint about keys for its actions. */
  keys?: string;
}

export interface Notice {
  dismiss(): void;
}

const RANKS = { done: 0, waiting: 1, asking: 2, failed: 3 };
type Rank = keyof typeof RANKS;

interface Message {
  rank: Rank;
  element: HTMLElement;
  /** The seconds until it closes. 0 stays. */
  seconds: number;
  close: () => void;
}

/** The time to read a message, and to choose an action, such as to undo a deletion. */
const SECONDS = { done: 4, waiting: 0, asking: 8, failed: 0 };
const KEY = "F8";

export class Notices {
  private readonly polite = h("div", { ariaLive: "polite" });
  private readonly urgent = h("div", { role: "alert" });
  private readonly label = { ariaLabel: "Messages", ariaKeyShortcuts: KEY };
  readonly element = h("section.notices", this.label, this.polite, this.urgent);
  /** By rank, and by age within a rank. The last one is shown. */
  private readonly messages: Message[] = [];
  private shown: Message | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** The pointer or the focus is on the message. */
  private held = false;
  private cameFrom: HTMLElement | null = null;

  /** `home` is its parent while no dialog is open. */
  constructor(private readonly home: Element) {
    // Everything outside of an open modal dialog is inert, so this moves inside.
    for (const event of ["toggle", "close"]) {
      document.addEventListener(event, () => this.moveIntoDialog(), true);
    }
    document.addEventListener("keydown", (event) => {
      const first = this.element.querySelector("button");
      if (event.key !== KEY || !first) return;
      event.preventDefault();
      first.focus();
    });
    const { element } = this;
    element.addEventListener("focusin", ({ relatedTarget }) => {
      const outside = relatedTarget instanceof HTMLElement && !element.contains(relatedTarget);
      if (outside) this.cameFrom = relatedTarget;
    });
    const hold = (held: boolean) => () => {
      this.held = held;
      this.show();
    };
    element.addEventListener("pointerover", hold(true));
    element.addEventListener("pointerleave", hold(false));
    element.addEventListener("focusin", hold(true));
    element.addEventListener("focusout", hold(false));
  }

  /** Shows a message, with actions if there are any. */
  notify(text: string, options: Options = {}): Notice {
    return this.add(options.actions ? "asking" : "done", text, options);
  }

  /** Shows a problem until it is closed. */
  fail(text: string, problem: Problem, actions: Action[] = []): Notice {
    const words = [text, problem.message, advice(problem)].filter(Boolean).join(" ");
    return this.add("failed", words, { actions, requestId: problem.requestId });
  }

  /** Waits, and shows the problem and the time to the retry meanwhile. */
  async wait(milliseconds: number, problem: Problem): Promise<void> {
    const until = Date.now() + milliseconds;
    const left = () => Math.max(1, Math.ceil((until - Date.now()) / 1000));
    // Screen readers read the message once, not each second.
    const count = h("span", { ariaHidden: "true" }, `${left()} s`);
    const { requestId } = problem;
    const text = `${problem.message} Trying again in `;
    const notice = this.add("waiting", text, { requestId }, count);
    const ticking = setInterval(() => {
      count.textContent = `${left()} s`;
    }, 250);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    clearInterval(ticking);
    notice.dismiss();
  }

  private moveIntoDialog(): void {
    const home = topDialog() ?? this.home;
    if (this.element.parentElement === home) return;
    home.append(this.element);
    this.held = false; // the browser reports no leaving of an element that moves
  }

  /** Returns the focus to where it was before it came to a message. */
  private leave(): void {
    const there = this.cameFrom?.isConnected ? this.cameFrom : document.querySelector("main");
    there?.focus();
  }

  private add(
    rank: Rank,
    text: string,
    { actions = [], stays = false, onGone, requestId = "", keys = "" }: Options,
    after: Node | null = null,
  ): Notice {
    const dismiss = () => {
      const index = this.messages.indexOf(message);
      if (index < 0) return;
      this.messages.splice(index, 1);
      const focused = element.contains(document.activeElement);
      this.show();
      if (focused) this.leave();
    };
    const close = () => {
      if (!this.messages.includes(message)) return;
      dismiss();
      onGone?.();
    };
    const buttons = actions.map(({ label, run }) =>
      button(label, "plain strong", () => {
        dismiss();
        run();
      }),
    );
    const hint = actions.length > 0 ? h("p.keys", `${KEY} leads here. ${keys}`) : null;
    const words = h("div.words", h("p", text, after), reference(requestId), hint);
    const closer = iconButton("close", "Close message", close);
    const element = h(`div.notice.${rank}`, words, h("div.actions", ...buttons, closer));
    const message: Message = { rank, element, seconds: stays ? 0 : SECONDS[rank], close };
    this.messages.push(message);
    this.messages.sort((one, other) => RANKS[one.rank] - RANKS[other.rank]);
    this.moveIntoDialog();
    this.show();
    return { dismiss };
  }

  /** Shows the last message, unless another one is held. */
  private show(): void {
    const { shown } = this;
    const kept = this.held && shown && this.messages.includes(shown);
    const next = kept ? shown : this.messages.at(-1);
    if (next !== shown) {
      // Set before the removal, because a focused element calls this again when removed.
      this.shown = next;
      this.held = false;
      shown?.element.remove();
      if (next) (next.rank === "failed" ? this.urgent : this.polite).append(next.element);
    }
    clearTimeout(this.timer);
    if (next?.seconds && !this.held) this.timer = setTimeout(next.close, next.seconds * 1000);
  }
}
