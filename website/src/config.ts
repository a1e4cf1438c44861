/** The application's name for machines, from .chalice/config.json. */
export const APP_NAME: string = import.meta.env.VITE_APP_NAME;

/** What the page must know of its stage. Written by deploy_site.py, fetched at start. */
export interface Config {
  api_path: string;
  region: string;
  user_pool_id: string;
  client_id: string;
  login_url: string;
}

const KEYS = ["api_path", "region", "user_pool_id", "client_id", "login_url"] as const;

/** Reads `config.json`. Throws an `Error` with a sentence for a person if it is not there. */
export async function loadConfig(get: typeof fetch = fetch): Promise<Config> {
  let found: unknown;
  try {
    // As index.html preloads it; it is served so that no browser takes an old one.
    const response = await get("/config.json");
    if (!response.ok) throw new Error(String(response.status));
    found = await response.json();
  } catch (cause) {
    throw new Error("The page's settings could not be loaded.", { cause });
  }
  const config = found as Record<string, unknown> | null;
  for (const key of KEYS) {
    if (typeof config?.[key] !== "string" || config[key] === "") {
      throw new Error(`The page's settings are not complete: ${key} is missing.`);
    }
  }
  return config as unknown as Config;
}
