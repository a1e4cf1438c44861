import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import config from "../vite.config";

it("is built for the browsers that README.md names", () => {
  const readme = readFileSync(join(import.meta.dirname, "..", "..", "README.md"), "utf8");
  const [, named = ""] = /^The page runs in (.*), and newer\.$/m.exec(readme) ?? [];
  const targets = named.split(", ").map((browser) => browser.toLowerCase().replace(" ", ""));
  expect(targets).toEqual(config.build?.target);
});
