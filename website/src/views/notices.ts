/** Short messages at the edge of the page, for the eye and for screen readers. */

import { button, h, iconButton, reference } from "../dom";
import { advice, type Problem } from "../problem";

export interface Action {
  label: string;
  run: () => void;
}

interface Options {
  actions?: Action[];
  /** Goes away by itself after so many seconds, unless someone is at it; 0 stays. */
  seconds?: number;
  /** Called once when it has gone by itself or was closed, and not through an action. */
  onGone?: () => void;
  requestId?: string;
}

export interface Notice {
  /** Takes it away without a word. */
  dismiss(): void;
}

export class Notices {
  private readonly polite = h("div", { attributes: { "aria-live": "polite" } });
  private readonly urgent = h("div", { attributes: { role: "alert" } });
  readonly element = h(
    "section",
    { className: "notices", attributes: { "aria-label": "Messages" } },
    this.polite,
    this.urgent,
  );

  private cameFrom: HTMLElement | null = null;

  /** `home` is where it is while no dialog is open. */
  constructor(private readonly home: Element) {
    // Nothing outside of an open modal dialog can be read out or clicked, so this goes inside.
    for (const event of ["toggle", "close"]) {
      document.addEventListener(event, () => this.settle(), true);
    }
    this.element.addEventListener("focusin", ({ relatedTarget }) => {
      const outside = relatedTarget instanceof HTMLElement && !this.element.contains(relatedTarget);
      if (outside) this.cameFrom = relatedTarget;
    });
  }

  private settle(): void {
    const home = [...document.querySelectorAll("dialog[open]")].at(-1) ?? this.home;
    if (this.element.parentElement !== home) home.append(this.element);
  }

  /** Says that something has happened. */
  tell(text: string, options: Options = {}): Notice {
    return this.show(this.polite, "notice", text, { seconds: 8, ...options });
  }

  /** Says what went wrong and what to do; stays until it is closed. */
  fail(text: string, problem: Problem, actions: Action[] = []): Notice {
    const words = [text, problem.message, advice(problem)].filter(Boolean).join(" ");
    return this.show(this.urgent, "notice failed", words, {
      actions,
      requestId: problem.requestId,
    });
  }

  /** Says that a request is tried again, and when. Ends with the wait. */
  async wait(milliseconds: number, problem: Problem): Promise<void> {
    const until = Date.now() + milliseconds;
    const left = () => Math.max(1, Math.ceil((until - Date.now()) / 1000));
    // Read out once, not each second.
    const count = h("span", { attributes: { "aria-hidden": "true" } }, `${left()} s`);
    const notice = this.show(this.polite, "notice waiting", `${problem.message} Trying again in `, {
      requestId: problem.requestId,
      after: count,
    });
    const ticking = setInterval(() => {
      count.textContent = `${left()} s`;
    }, 250);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    clearInterval(ticking);
    notice.dismiss();
  }

  /** Puts the keyboard back where it was before it came to a message that is gone. */
  private leave(): void {
    const there = this.cameFrom?.isConnected ? this.cameFrom : document.querySelector("main");
    there?.focus();
  }

  private show(
    host: HTMLElement,
    className: string,
    text: string,
    { actions = [], seconds = 0, onGone, requestId = "", after }: Options & { after?: Node },
  ): Notice {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const dismiss = () => {
      clearTimeout(timer);
      const focused = element.contains(document.activeElement);
      element.remove();
      if (focused) this.leave();
    };
    const close = () => {
      if (!element.isConnected) return;
      dismiss();
      onGone?.();
    };
    const element = h(
      "div",
      { className },
      h("div", { className: "words" }, h("p", {}, text, after ?? null), reference(requestId)),
      h(
        "div",
        { className: "actions" },
        ...actions.map(({ label, run }) =>
          button(label, "plain strong", () => {
            dismiss();
            run();
          }),
        ),
        iconButton("close", "Close message", close),
      ),
    );
    if (seconds > 0) {
      const start = () => {
        clearTimeout(timer);
        timer = setTimeout(close, seconds * 1000);
      };
      const hold = () => clearTimeout(timer);
      element.addEventListener("pointerenter", hold);
      element.addEventListener("pointerleave", start);
      element.addEventListener("focusin", hold);
      element.addEventListener("focusout", start);
      start();
    }
    this.settle();
    host.append(element);
    return { dismiss };
  }
}
