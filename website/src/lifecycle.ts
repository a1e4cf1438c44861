/** The events in a tab's life. */

interface Listener {
  /** The person leaves the page, which may end without another event. */
  leave(): void;
  /** The person looks at the page again. */
  back(): void;
  /** Returns whether closing the tab would lose something. */
  unsaved(): boolean;
  /** A minute has passed, and the page may be in view. */
  minute(): void;
  /** The network is gone, or back. */
  network(online: boolean): void;
}

export function followLifecycle(listener: Listener): void {
  addEventListener("pagehide", () => listener.leave());
  // On a phone, a hidden page may get no event when it ends.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) listener.leave();
    else listener.back();
  });
  addEventListener("beforeunload", (event) => {
    if (listener.unsaved()) event.preventDefault();
  });
  setInterval(() => document.hidden || listener.minute(), 60_000);
  for (const type of ["online", "offline"])
    addEventListener(type, () => listener.network(navigator.onLine));
  listener.network(navigator.onLine);
}
