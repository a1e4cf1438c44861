/** The dialogs that take a choice. */

import type { Conflict } from "../api";
import { button, h, reference } from "../dom";
import { FIELDS, type Field, sameValue, show } from "../fields";
import type { Content } from "../item";
import { dialog } from "./dialog";

/** What is asked, and the choices: the first is the one that stands out. */
export interface Question {
  title: string;
  words: (Node | null)[];
  choices: string[];
}

export class Choice {
  private readonly shell;
  readonly element;
  private choose: (choice: string) => void = () => {};

  /** Escape makes the choice `wayOut`; without one, nothing but a choice closes it. */
  constructor(className: string, wayOut: string | null = null) {
    this.shell = dialog(className, wayOut === null ? null : () => this.choose(wayOut));
    this.element = this.shell.element;
  }

  /** Returns the choice. A question that is open already gives way to this one. */
  ask({ title, words, choices }: Question): Promise<string> {
    const buttons = choices.map((choice, index) =>
      button(choice, index === 0 ? "primary" : "quiet", () => this.choose(choice)),
    );
    this.shell.title.textContent = title;
    const shown = words.filter((node) => node !== null);
    this.shell.body.replaceChildren(...shown, h("footer", {}, ...buttons));
    if (!this.element.open) this.element.showModal();
    return new Promise((resolve) => {
      this.choose = (choice) => {
        this.element.close();
        resolve(choice);
      };
    });
  }
}

export const STAY = "Stay";
export const MINE = "Keep mine";
export const AGAIN = "Save mine again";
export const EDIT = "Edit mine";

export function sessionEnded(requestId: string): Question {
  const text = "Sign in again and you are back where you were. What you typed is kept.";
  const words = [h("p", {}, text), reference(requestId)];
  return { title: "Your session has ended", words, choices: ["Sign in again"] };
}

/** `names` are what would be lost. */
export function leaving(names: string[]): Question {
  return {
    title: "Some of what you typed is not saved",
    words: [
      h("p", {}, "Signing out on this device forgets it:"),
      h("ul", {}, ...names.map((name) => h("li", { dir: "auto" }, name))),
    ],
    choices: [STAY, "Sign out anyway"],
  };
}

/** Both versions of an item. */
export function conflict({ mine, theirs }: Conflict): Question {
  return {
    title: `This item was ${theirs ? "changed" : "deleted"} in the meantime`,
    words: [
      h("p", {}, "Nothing of yours is lost. Which one should it be?"),
      comparison(mine, theirs?.item ?? null),
    ],
    choices: theirs ? [MINE, "Take theirs", EDIT] : [AGAIN, "Let it go"],
  };
}

function comparison(mine: Content, theirs: Content | null): HTMLElement {
  const heading = (text: string) => h("th", { scope: "col" }, text);
  const row = (field: Field) => {
    const { name, label } = field;
    const differs = theirs !== null && !sameValue(field, mine[name], theirs[name]);
    const tag = differs ? h("span", { className: "tag" }, "differs") : null;
    return h(
      "tr",
      { className: differs ? "differs" : "" },
      h("th", { scope: "row" }, label, tag),
      value("Yours", show(field, mine[name])),
      theirs && value("Theirs", show(field, theirs[name])),
    );
  };
  return h(
    "table",
    {},
    h(
      "thead",
      {},
      h("tr", {}, h("td"), heading("Yours"), theirs && heading("Saved by somebody else")),
    ),
    h("tbody", {}, ...FIELDS.map(row)),
  );
}

/** `label` shows where the columns are stacked, on a phone. */
function value(label: string, text: string): HTMLElement {
  return h("td", { dir: "auto", attributes: { "data-label": label } }, text || "–");
}
