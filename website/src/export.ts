/** All items of a person, as a JSON file. */

import type { ItemsApi } from "./api";
import { APP_NAME } from "./config";
import { h } from "./dom";
import { writeExact } from "./exact_json";
import { isNumber } from "./fields";
import { contentOf } from "./item";
import type { Items } from "./items";
import { LARGEST_PAGE, type Pages } from "./pages";
import { asProblem } from "./problem";
import type { Notices } from "./views/notices";

const AT_ONCE = 6;

/** Returns each whole item, one a line, with every digit of its price. Throws `Problem`. */
export async function exportItems(
  api: Pick<ItemsApi, "get">,
  pages: Pick<Pages, "more" | "load" | "loaded" | "problem">,
  items: Pick<Items, "rows">,
): Promise<string> {
  while (pages.more) {
    await pages.load(pages.loaded + LARGEST_PAGE);
    if (pages.problem) throw pages.problem;
  }
  const ids = items.rows().map(({ item }) => item.id);
  const lines: string[] = [];
  while (ids.length > 0) {
    // The list lacks descriptions.
    for (const stored of await Promise.all(ids.splice(0, AT_ONCE).map((id) => api.get(id)))) {
      if (!stored) continue; // deleted meanwhile
      const { created_at, updated_at } = stored.item;
      lines.push(writeExact({ ...contentOf(stored.item), created_at, updated_at }, isNumber));
    }
  }
  return `[\n${lines.join(",\n")}\n]\n`;
}

/** Downloads all items as a file, with messages. */
export async function saveExport(
  api: ItemsApi,
  pages: Pages,
  items: Items,
  notices: Notices,
): Promise<void> {
  const running = notices.notify("Your items are being exported.", { stays: true });
  try {
    const text = await exportItems(api, pages, items);
    const href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    h("a", { href, download: `${APP_NAME}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
    notices.notify("Your items are exported.");
  } catch (thrown) {
    notices.fail("Your items were not exported.", asProblem(thrown));
  }
  running.dismiss();
}
