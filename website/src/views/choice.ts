/** The dialogs that take a choice. */

import type { Conflict } from "../api";
import { button, h, reference } from "../dom";
import { FIELDS, type Field, sameValue, show } from "../fields";
import type { Content } from "../item";
import { dialog } from "./dialog";

interface Question {
  title: string;
  words: (Node | null)[];
  /** The first is the one that stands out. */
  choices: string[];
}

export class Choice {
  private readonly shell;
  readonly element;
  private choose: (choice: string) => void = () => {};

  /** Escape makes the choice `wayOut`. Without one, only a button closes the dialog. */
  constructor(className: string, wayOut: string | null = null) {
    this.shell = dialog(className, wayOut === null ? null : () => this.choose(wayOut));
    this.element = this.shell.element;
  }

  /** Returns the choice. This question replaces one that is open. */
  ask({ title, words, choices }: Question): Promise<string> {
    const buttons = choices.map((choice, index) =>
      button(choice, index === 0 ? "primary" : "quiet", () => this.choose(choice)),
    );
    this.shell.title.textContent = title;
    this.shell.body.replaceChildren(h("div", ...words), h("footer", ...buttons));
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
  const text = "Sign in again and you are back where you were. Your text is kept.";
  const words = [h("p", text), reference(requestId)];
  return { title: "Your session has ended", words, choices: ["Sign in again"] };
}

/** Asks before signing out forgets the drafts with these names. */
export function leaving(names: string[]): Question {
  const list = h("ul", ...names.map((name) => h("li", { dir: "auto" }, name)));
  return {
    title: "Some of your changes are not saved",
    words: [h("p", "Signing out on this device deletes them:"), list],
    choices: [STAY, "Sign out anyway"],
  };
}

/** Shows both versions of an item, or only the person's if the other is deleted. */
export function conflict({ mine, theirs }: Conflict): Question {
  const text = theirs
    ? "Both versions are safe. Which one do you want to keep?"
    : "Your version is safe. Do you want to save it again?";
  return {
    title: `This item was ${theirs ? "changed" : "deleted"} in the meantime`,
    words: [h("p", text), comparison(mine, theirs?.item)],
    choices: theirs ? [MINE, "Take theirs", EDIT] : [AGAIN, "Keep it deleted"],
  };
}

function comparison(mine: Content, theirs?: Content): HTMLElement {
  const heading = (text: string) => h("th", { scope: "col" }, text);
  const row = (field: Field) => {
    const { name, label } = field;
    const differs = theirs !== undefined && !sameValue(field, mine[name], theirs[name]);
    return h(
      "tr",
      { className: differs ? "differs" : "" },
      h("th", { scope: "row" }, label, differs ? h("span.tag", "differs") : null),
      value("Yours", show(field, mine[name])),
      theirs ? value("Theirs", show(field, theirs[name])) : null,
    );
  };
  const headings = [heading("Yours"), theirs ? heading("Saved by another person") : null];
  return h("table", h("thead", h("tr", h("td"), ...headings)), h("tbody", ...FIELDS.map(row)));
}

/** Returns a cell. CSS shows `label` where the columns are stacked, on a phone. */
function value(label: string, text: string): HTMLElement {
  const cell = h("td", { dir: "auto" }, text || "–");
  cell.dataset.label = label;
  return cell;
}
