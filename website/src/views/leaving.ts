/** The dialog that asks whether to sign out although something is not saved. */

import { button, h } from "../dom";
import { dialog } from "./dialog";

export class Leaving {
  private readonly shell = dialog("leaving", () => this.answer(false));
  readonly element = this.shell.element;
  private resolve: (leave: boolean) => void = () => undefined;

  constructor() {
    this.shell.title.textContent = "Some of what you typed is not saved";
  }

  /** Whether to leave all the same; `names` are what would be lost. */
  ask(names: string[]): Promise<boolean> {
    this.shell.body.replaceChildren(
      h("p", {}, "Signing out on this device forgets it:"),
      h("ul", {}, ...names.map((name) => h("li", {}, name))),
      h(
        "footer",
        {},
        button("Stay", "primary", () => this.answer(false)),
        button("Sign out anyway", "quiet", () => this.answer(true)),
      ),
    );
    this.element.showModal();
    return new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  private answer(leave: boolean): void {
    this.element.close();
    this.resolve(leave);
  }
}
