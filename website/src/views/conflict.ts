/** The dialog that shows both versions of an item and lets the person choose. */

import type { Conflict } from "../api";
import { button, h } from "../dom";
import type { Content, Stored } from "../item";
import { formatPrice, samePrice } from "../price";
import { dialog } from "./dialog";

export interface ConflictActions {
  /** Write mine over the state that was found (null: there is none any more). */
  keepMine(mine: Content, over: string | null): void;
  takeTheirs(id: string, theirs: Stored | null): void;
  /** Go on typing, on top of the state that was found. */
  edit(mine: Content, theirs: Stored): void;
}

export class ConflictView {
  private readonly shell = dialog("conflict", null);
  readonly element = this.shell.element;

  constructor(private readonly actions: ConflictActions) {}

  ask({ mine, theirs }: Conflict): void {
    this.shell.title.textContent = theirs
      ? "This item was changed in the meantime"
      : "This item was deleted in the meantime";
    const choose = (label: string, className: string, run: () => void) =>
      button(label, className, () => {
        this.element.close();
        run();
      });
    const choices = [
      choose(theirs ? "Keep mine" : "Save mine again", "primary", () =>
        this.actions.keepMine(mine, theirs?.etag ?? null),
      ),
      choose(theirs ? "Take theirs" : "Let it go", "quiet", () =>
        this.actions.takeTheirs(mine.id, theirs),
      ),
    ];
    if (theirs) {
      choices.push(choose("Edit mine", "quiet", () => this.actions.edit(mine, theirs)));
    }
    this.shell.body.replaceChildren(
      h("p", {}, "Nothing of yours is lost. Which one should it be?"),
      comparison(mine, theirs?.item ?? null),
      h("footer", {}, ...choices),
    );
    if (!this.element.open) this.element.showModal();
  }
}

function comparison(mine: Content, theirs: Content | null): HTMLElement {
  const rows: [string, string, string, boolean][] = theirs
    ? [
        ["Name", mine.name, theirs.name, mine.name === theirs.name],
        ["Price", shown(mine.price), shown(theirs.price), samePrice(mine.price, theirs.price)],
        [
          "Description",
          mine.description ?? "",
          theirs.description ?? "",
          mine.description === theirs.description,
        ],
      ]
    : [
        ["Name", mine.name, "", true],
        ["Price", shown(mine.price), "", true],
        ["Description", mine.description ?? "", "", true],
      ];
  const heading = (text: string) => h("th", { scope: "col" }, text);
  return h(
    "table",
    {},
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("td"),
        heading("Yours"),
        ...(theirs ? [heading("Saved by somebody else")] : []),
      ),
    ),
    h(
      "tbody",
      {},
      ...rows.map(([label, my, their, same]) =>
        h(
          "tr",
          { className: same ? "" : "differs" },
          h(
            "th",
            { scope: "row" },
            label,
            same ? null : h("span", { className: "tag" }, "differs"),
          ),
          value("Yours", my),
          ...(theirs ? [value("Theirs", their)] : []),
        ),
      ),
    ),
  );
}

/** `label` shows where the columns are stacked, on a phone. */
function value(label: string, text: string): HTMLElement {
  return h("td", { attributes: { "data-label": label } }, text || "–");
}

function shown(price: string | undefined): string {
  return price === undefined ? "" : formatPrice(price);
}
