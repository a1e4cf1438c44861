import { type Config, loadConfig } from "./config";
import { button, h } from "./dom";
import { Problem } from "./problem";
import { type Person, Session } from "./session";
import { landing } from "./views/landing";
import { Notices } from "./views/notices";
import { Workspace } from "./workspace";

const app = document.querySelector<HTMLElement>("#app") as HTMLElement;

function frame(account: Node[], content: Node, ...after: Node[]): void {
  const main = h("main", { id: "main", tabIndex: -1 }, content);
  // Not by the fragment, which is the address within the list.
  const onclick = (event: Event) => {
    event.preventDefault();
    main.focus();
  };
  app.replaceChildren(
    h("a.skip", { href: "#main", onclick }, "Skip to the content"),
    h("header.top", h("span.brand", document.title), h("div.account", ...account)),
    main,
    ...after,
  );
  app.removeAttribute("aria-busy");
}

function showBroken(message: string, advice = "Check your connection, then try again."): void {
  const again = button("Try again", "primary", () => location.reload());
  const title = h("h1", "This page could not start");
  frame([], h("div.blank", { role: "alert" }, title, h("p", `${message} ${advice}`), again));
}

function showLanding(session: Session, trouble = ""): void {
  const failed = () => showBroken("The login page could not be reached.");
  const signIn = () => void session.signIn().catch(failed);
  frame([], landing(signIn, trouble));
}

function showWorkspace(session: Session, person: Person, config: Config): Workspace {
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
  const who = h("span.who", { title: person.email }, person.email);
  frame([who, leave], workspace.element, notices.element);
  return workspace;
}

/** Returns whether the browser gives this page storage, which signing in needs. */
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
    showBroken("Your browser does not let this page keep your sign-in.", advice);
    return;
  }
  let workspace: Workspace | undefined;
  let session: Session | undefined;
  const signedOutElsewhere = () => {
    workspace?.end();
    location.reload();
  };
  try {
    const config = await loadConfig();
    session = new Session(config, () => workspace?.endSession(), signedOutElsewhere);
    const person = await session.person();
    if (person) workspace = showWorkspace(session, person, config);
    else showLanding(session);
  } catch (error) {
    const { message } = error as Error;
    if (session && !(error instanceof Problem)) showLanding(session, message);
    else showBroken(message);
  }
  await workspace?.start();
}

// A page from the browser's back-forward cache may be of a person who has signed out since.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});
void start();
