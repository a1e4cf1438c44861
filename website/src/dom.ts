/** Elements, made in one expression. Text is only ever set as text. */

type Properties<E extends HTMLElement> = Partial<
  Omit<E, "attributes" | "children" | "style" | "dataset" | "classList">
> & {
  /** Attributes, for what has no property: ARIA, data, roles. */
  attributes?: Record<string, string>;
  on?: { [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };
};

type Child = Node | string | null;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  { attributes = {}, on = {}, ...properties }: Properties<HTMLElementTagNameMap[K]> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  Object.assign(element, properties);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  for (const [name, listener] of Object.entries(on)) {
    element.addEventListener(name, listener as EventListener);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  close: "M5 5l10 10M15 5L5 15",
  delete: "M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6M8.5 9v4.5M11.5 9v4.5",
  plus: "M10 4v12M4 10h12",
  search: "M9 3.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11zM13 13l4 4",
} as const;

/** A drawing that says nothing to a screen reader: what it stands on is labelled. */
export function icon(name: keyof typeof ICONS): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  for (const [key, value] of Object.entries({
    viewBox: "0 0 20 20",
    width: "20",
    height: "20",
    "aria-hidden": "true",
    class: "icon",
  })) {
    svg.setAttribute(key, value);
  }
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export function button(
  label: string,
  className: string,
  run: (event: MouseEvent) => void,
  ...before: Node[]
): HTMLButtonElement {
  return h("button", { type: "button", className, on: { click: run } }, ...before, label);
}

/** A round button with a drawing, and `label` for whoever does not see it. */
export function iconButton(
  name: keyof typeof ICONS,
  label: string,
  run: () => void,
): HTMLButtonElement {
  const attributes = { "aria-label": label };
  const properties = { type: "button", className: "plain round", attributes, on: { click: run } };
  return h("button", properties as Properties<HTMLButtonElement>, icon(name));
}

/** What a person did not ask for by name: the id to give to whoever runs the service. */
export function reference(requestId: string): HTMLElement | null {
  return requestId
    ? h("p", { className: "reference" }, "Request ", h("code", {}, requestId))
    : null;
}

/** Runs after the browser has drawn the next frame. A hidden tab draws none, and does not wait. */
export function afterFrame(run: () => void): void {
  if (document.hidden) run();
  else requestAnimationFrame(() => setTimeout(run));
}
