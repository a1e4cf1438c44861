import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";

const settings = readFileSync(join(import.meta.dirname, "..", ".chalice", "config.json"), "utf8");
const { app_name } = JSON.parse(settings) as { app_name: string };
// The page's one name: for its scopes and storage keys, and as the words of its title.
process.env.VITE_APP_NAME = app_name;
process.env.VITE_TITLE = app_name.replace(/^./, (c) => c.toUpperCase()).replaceAll("-", " ");

/** `make run` writes the page's config.json here. On AWS, deploy_site.py uploads it. */
const home = process.env.LOCAL_HOME ?? join(import.meta.dirname, "..", ".local");

function localConfig(): Plugin {
  return {
    name: "local-config",
    configureServer(server) {
      server.middlewares.use("/config.json", (_request, response) => {
        try {
          response.setHeader("Content-Type", "application/json");
          response.end(readFileSync(join(home, "site-config.json")));
        } catch {
          response.statusCode = 503;
          response.end(JSON.stringify({ detail: "no local deployment: run `make run`" }));
        }
      });
    },
  };
}

export default defineConfig({
  plugins: [localConfig()],
  build: {
    // The oldest browsers, as in README.md. Firefox sends the last request of a closing page
    // (`keepalive`) since 133. The other browsers could be a few versions older.
    target: ["chrome111", "edge111", "firefox133", "safari16.4"],
    // The content security policy allows neither data: addresses nor anything inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    host: "localhost",
    port: 5173,
    strictPort: true,
    proxy: {
      // `chalice local` has no stage in its paths.
      "/api": {
        target: process.env.API_ORIGIN ?? "http://127.0.0.1:8000",
        rewrite: (path) => path.replace(/^\/api/, ""),
      },
    },
  },
});
