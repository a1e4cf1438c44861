/** Create each element in one expression. Text never becomes markup. */

type Properties<E extends HTMLElement> = Partial<
  Omit<E, "children" | "style" | "dataset" | "classList">
>;
type Child = Node | string | null;

/** Returns an element: `h("p.lead", { dir: "auto" }, "Text")` has the class "lead". */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K | `${K}.${string}`,
  ...content: (Properties<HTMLElementTagNameMap[K]> | Child)[]
): HTMLElementTagNameMap[K] {
  const [name = "", ...classes] = tag.split(".");
  const element = document.createElement(name as K);
  element.classList.add(...classes);
  for (const part of content) {
    if (typeof part === "string" || part instanceof Node) element.append(part);
    else Object.assign(element, part);
  }
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  close: "M5 5l10 10M15 5L5 15",
  delete: "M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6M8.5 9v4.5M11.5 9v4.5",
  plus: "M10 4v12M4 10h12",
  search: "M9 3.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11zM13 13l4 4",
} as const;

/** Returns a drawing that screen readers skip: the element around it has the label. */
export function icon(name: keyof typeof ICONS): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  const size = { viewBox: "0 0 20 20", width: "20", height: "20" };
  const attributes = { ...size, class: "icon", "aria-hidden": "true" };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export function button(
  label: string,
  className: string,
  onclick: () => void,
  ...before: Node[]
): HTMLButtonElement {
  return h("button", { type: "button", className, onclick }, ...before, label);
}

/** Returns a round button with a drawing. */
export function iconButton(
  name: keyof typeof ICONS,
  ariaLabel: string,
  onclick: () => void,
): HTMLButtonElement {
  return h("button.plain.round", { type: "button", ariaLabel, onclick }, icon(name));
}

/** Returns the id to quote when reporting a problem, null without one. */
export function reference(requestId: string): HTMLElement | null {
  return requestId ? h("p.reference", "Request ", h("code", requestId)) : null;
}

/** Runs after the browser has drawn the next frame, in a hidden tab at once: it draws no frame. */
export function afterFrame(run: () => void): void {
  if (document.hidden) run();
  else requestAnimationFrame(() => setTimeout(run));
}
