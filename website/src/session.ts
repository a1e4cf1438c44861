/** Signing in and out with Cognito's managed login: authorization code + PKCE. */

import { ErrorTimeout, type User, UserManager, WebStorageStateStore } from "oidc-client-ts";
import { APP_NAME, type Config } from "./config";
import { newId } from "./item";
import { forgetAll, PREFIX } from "./memory";
import { asProblem, networkProblem, sessionProblem } from "./problem";

const SCOPES = `openid email ${APP_NAME}/read ${APP_NAME}/write`;
/** The longest that signing out waits for the revocation. */
const REVOCATION_TIMEOUT = 2_000;
/** The longest that a reloaded tab waits for its own lock. */
const RELOAD_TIMEOUT = 1_000;

export interface Person {
  /** The owner's id in the API, and in this tab's storage. */
  sub: string;
  email: string;
}

/** Keeps the session without the ID token, whose claims are in the profile. */
class UserStore extends WebStorageStateStore {
  /** Signed out: a renewal or revocation that ends later must not sign in again. */
  closed = false;

  override async set(key: string, value: string): Promise<void> {
    if (this.closed) return;
    await super.set(key, JSON.stringify({ ...JSON.parse(value), id_token: undefined }));
  }
}

/** Returns whether a renewal failed before the token endpoint could decide. */
function isOutage(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof ErrorTimeout) return true;
  return error instanceof Error && /\(5\d\d\)|Content-Type/.test(error.message);
}

export class Session {
  private readonly manager: UserManager;
  private readonly store = new UserStore({ store: sessionStorage });
  private renewal: Promise<User | null> | undefined;
  /** The last access token, for a request that cannot wait. */
  lastToken = "";
  private sub = "";
  private readonly page = `${location.origin}/`;

  /** Calls `onEnd` when the session ends by itself, `onSignOut` when another tab signs out. */
  constructor(
    private readonly config: Config,
    onEnd: () => void,
    onSignOut: () => void,
  ) {
    const issuer = `https://cognito-idp.${config.region}.amazonaws.com/${config.user_pool_id}`;
    const login = config.login_url;
    this.manager = new UserManager({
      authority: issuer,
      // Not fetched, because the content security policy does not allow that origin.
      metadata: {
        issuer,
        authorization_endpoint: `${login}/oauth2/authorize`,
        token_endpoint: `${login}/oauth2/token`,
        revocation_endpoint: `${login}/oauth2/revoke`,
      },
      client_id: config.client_id,
      redirect_uri: this.page,
      scope: SCOPES,
      userStore: this.store,
      stateStore: new WebStorageStateStore({ store: sessionStorage }),
      automaticSilentRenew: true,
    });
    addEventListener("storage", () => {
      if (this.sub && !this.isCurrent()) void this.revoke().then(onSignOut);
    });
    this.manager.events.addUserLoaded(({ access_token }) => {
      this.lastToken = access_token;
    });
    this.manager.events.addAccessTokenExpired(() => {
      this.token().catch((error) => {
        if (asProblem(error).kind === "session") onEnd();
      });
    });
  }

  /**
   * Returns the person who is signed in, and completes a sign-in from the address bar.
   *
   * Throws an `Error` with a sentence for a person if that sign-in failed and there is no session,
   * a `Problem` if an earlier one could not be renewed.
   */
  async person(): Promise<Person | null> {
    const parameters = new URLSearchParams(location.search);
    let trouble: Error | null = null;
    if (parameters.has("code") || parameters.has("error")) {
      const returned = location.href;
      // Otherwise a reload or the history would use it twice.
      history.replaceState(null, "", "/");
      try {
        const { profile, state } = await this.manager.signinRedirectCallback(returned);
        history.replaceState(null, "", `/${state}`);
        this.sub = profile.sub;
        const key = this.key("session");
        sessionStorage.setItem(key, localStorage.getItem(key) ?? "");
      } catch (cause) {
        trouble = new Error("Signing in did not work. Please try again.", { cause });
      }
    }
    // A reopened address fails, although the sign-in with it worked.
    const user = await this.manager.getUser();
    this.sub = user?.profile.sub ?? "";
    if (user && !this.isCurrent()) {
      await this.revoke();
      return null;
    }
    if (user && !(await this.isOnlyTab())) {
      // Both tabs would rotate one refresh token, and lose it. Cognito still has its session.
      await this.manager.removeUser();
      await this.signIn();
      return new Promise(() => {});
    }
    if (!user || (user.expired && !(await this.renew()))) {
      if (trouble) throw trouble;
      return null;
    }
    return { sub: user.profile.sub, email: user.profile.email ?? "" };
  }

  /** Returns whether no tab has signed out since this tab signed in. */
  private isCurrent(): boolean {
    const key = this.key("session");
    return (sessionStorage.getItem(key) ?? "") === (localStorage.getItem(key) ?? "");
  }

  /** Returns whether this tab's session is its own, and not the copy of a duplicated tab. */
  private isOnlyTab(): Promise<boolean> {
    const key = this.key("tab");
    const tab = sessionStorage.getItem(key) ?? newId("tab");
    sessionStorage.setItem(key, tab);
    return new Promise((resolve) => {
      const held = () => {
        resolve(true);
        return new Promise(() => {}); // until the tab is gone
      };
      const signal = AbortSignal.timeout(RELOAD_TIMEOUT);
      navigator.locks?.request(tab, { signal }, held).catch(() => {
        sessionStorage.removeItem(key);
        resolve(false);
      }) ?? resolve(true);
    });
  }

  private key(name: string): string {
    return `${PREFIX}${this.sub}:${name}`;
  }

  /**
   * Returns a valid access token, renewed if it has expired or equals `refused`.
   *
   * Throws a `Problem`, of the kind "session" without a session.
   */
  async token(refused?: string): Promise<string> {
    let user = await this.manager.getUser();
    if (user && (user.expired || user.access_token === refused)) user = await this.renew();
    if (!user) throw sessionProblem();
    this.lastToken = user.access_token;
    return user.access_token;
  }

  /** Renews the session, once for all callers. Returns null if refused. Throws `Problem`. */
  private renew(): Promise<User | null> {
    this.renewal ??= this.manager
      .signinSilent()
      .catch((error) => {
        if (isOutage(error)) throw networkProblem(error, navigator.onLine);
        return null;
      })
      .finally(() => {
        this.renewal = undefined;
      });
    return this.renewal;
  }

  /** Leaves the page for the login page. */
  async signIn(): Promise<void> {
    await this.manager.signinRedirect({ state: location.hash });
  }

  /** Ends the session of all tabs, and leaves through Cognito's logout, which ends its own. */
  async signOut(): Promise<void> {
    // The other tabs get an event, a sleeping tab when it wakes.
    localStorage.setItem(this.key("session"), newId(""));
    await this.revoke();
    // Cognito does not know OpenID Connect's post_logout_redirect_uri.
    const query = new URLSearchParams({ client_id: this.config.client_id, logout_uri: this.page });
    location.assign(`${this.config.login_url}/logout?${query}`);
  }

  /** Revokes this tab's refresh token, and clears its storage. */
  private async revoke(): Promise<void> {
    const timeout = new Promise((resolve) => setTimeout(resolve, REVOCATION_TIMEOUT));
    // Best effort: the access token lives for minutes only.
    const revocation = this.manager.revokeTokens(["refresh_token"]).catch(() => undefined);
    await Promise.race([revocation, timeout]);
    this.store.closed = true;
    this.sub = "";
    await this.manager.removeUser();
    forgetAll(sessionStorage);
  }
}
