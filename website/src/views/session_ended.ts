/** The dialog that says that the session has ended, and leads back to where one was. */

import { button, h, reference } from "../dom";
import { dialog } from "./dialog";

export class SessionEnded {
  private readonly shell = dialog("ended", null);
  readonly element = this.shell.element;

  constructor(private readonly signIn: () => void) {
    this.shell.title.textContent = "Your session has ended";
  }

  show(requestId = ""): void {
    if (this.element.open) return;
    this.shell.body.replaceChildren(
      h("p", {}, "Sign in again and you are back where you were. What you typed is kept."),
      ...[reference(requestId)].filter((node) => node !== null),
      h("footer", {}, button("Sign in again", "primary", this.signIn)),
    );
    this.element.showModal();
  }
}
