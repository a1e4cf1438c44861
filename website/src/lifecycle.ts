/** What the browser tells a page of its life. */

interface Listener {
  /** The page goes, or may be ended without another word. */
  leave(): void;
  /** Somebody looks at it again. */
  back(): void;
  /** Whether something would be lost with the tab. */
  unsaved(): boolean;
  /** Called each minute that somebody may look at it. */
  minute(): void;
}

export function followLifecycle(listener: Listener): void {
  addEventListener("pagehide", () => listener.leave());
  // On a phone, a page that is hidden may never hear of its end.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) listener.leave();
    else listener.back();
  });
  addEventListener("beforeunload", (event) => {
    if (listener.unsaved()) event.preventDefault();
  });
  setInterval(() => document.hidden || listener.minute(), 60_000);
}
