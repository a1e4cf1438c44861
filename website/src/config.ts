/** The application's name for machines, from .chalice/config.json. */
export const APP_NAME: string = import.meta.env.VITE_APP_NAME;

const KEYS = ["api_path", "region", "user_pool_id", "client_id", "login_url"] as const;

/** The stage, as deploy_site.py writes it into `config.json`. */
export type Config = Record<(typeof KEYS)[number], string>;

/** Reads `config.json`. Throws an `Error` with a sentence for a person. */
export async function loadConfig(get: typeof fetch = fetch): Promise<Config> {
  let config: Partial<Config> | null;
  try {
    // The request that index.html preloads. Its cache headers make browsers fetch a new version.
    const response = await get("/config.json");
    if (!response.ok) throw new Error(String(response.status));
    config = await response.json();
  } catch (cause) {
    throw new Error("The page's settings could not be loaded.", { cause });
  }
  const missing = KEYS.find((key) => typeof config?.[key] !== "string" || config[key] === "");
  if (missing) throw new Error(`The page's settings are not complete: ${missing} is missing.`);
  return config as Config;
}
