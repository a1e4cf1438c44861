import { type Config, loadConfig } from "./config";
import { button, h } from "./dom";
import { Problem } from "./problem";
import { type Person, Session } from "./session";
import { landing } from "./views/landing";
import { Notices } from "./views/notices";
import { Workspace } from "./workspace";

const app = document.querySelector<HTMLElement>("#app") as HTMLElement;

/** Not by the address, which says where in the list somebody is. */
function skip(event: Event): void {
  event.preventDefault();
  document.querySelector("main")?.focus();
}

function frame(account: (Node | string)[], content: Node, ...after: Node[]): void {
  app.replaceChildren(
    h("a", { className: "skip", href: "#main", on: { click: skip } }, "Skip to the content"),
    h(
      "header",
      { className: "top" },
      h("span", { className: "brand" }, document.title),
      h("div", { className: "account" }, ...account),
    ),
    h("main", { id: "main", tabIndex: -1 }, content),
    ...after,
  );
  app.removeAttribute("aria-busy");
}

function broken(message: string, advice = "Check your connection, then try again."): HTMLElement {
  const again = button("Try again", "primary", () => location.reload());
  const text = h("p", {}, `${message} ${advice}`);
  const alert = { className: "blank", attributes: { role: "alert" } };
  return h("div", alert, h("h1", {}, "This page could not start"), text, again);
}

function signedOut(session: Session, trouble: string): void {
  const signIn = () => {
    session.signIn().catch(() => frame([], broken("The login page could not be reached.")));
  };
  frame([], landing(signIn, trouble));
}

function signedIn(session: Session, person: Person, config: Config): Workspace {
  const notices = new Notices(app);
  const workspace = new Workspace(config.api_path, person, session, notices);
  const failed = () =>
    notices.fail("", new Problem("http", "Something went wrong on this page."), [
      { label: "Reload", run: () => location.reload() },
    ]);
  addEventListener("error", failed);
  addEventListener("unhandledrejection", failed);
  const leave = button("Sign out", "plain", async () => {
    leave.disabled = true;
    if (await workspace.finish()) await session.signOut();
    leave.disabled = false;
  });
  const who = h("span", { className: "who", title: person.email }, person.email);
  frame([who, leave], workspace.element, notices.element);
  return workspace;
}

/** Whether the browser lets this page keep anything, without which nobody can sign in. */
function canKeep(): boolean {
  try {
    return Boolean(sessionStorage && localStorage);
  } catch {
    return false;
  }
}

async function start(): Promise<void> {
  if (!canKeep()) {
    const advice = "Let it store data for this site, then try again.";
    frame([], broken("Your browser does not let this page keep your sign-in.", advice));
    return;
  }
  let workspace: Workspace | undefined;
  let session: Session;
  let person: Person | null;
  let config: Config;
  try {
    config = await loadConfig();
    const signedOutElsewhere = () => {
      workspace?.end();
      location.reload();
    };
    session = new Session(config, () => workspace?.endSession(), signedOutElsewhere);
  } catch (error) {
    frame([], broken((error as Error).message));
    return;
  }
  try {
    person = await session.person();
  } catch (error) {
    if (error instanceof Problem) frame([], broken(error.message));
    else signedOut(session, (error as Error).message);
    return;
  }
  if (!person) {
    signedOut(session, "");
    return;
  }
  workspace = signedIn(session, person, config);
  await workspace.start();
}

// A page that comes back from the browser's cache is as it was left: whoever is signed in now.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});
void start();
