/**
 * Runs Lighthouse and prints what it found as JSON.
 *
 * Argument: JSON with `url`, `chromium` (its program), `username` and `password`.
 */
import lighthouse, { desktopConfig } from "lighthouse";
import puppeteer from "puppeteer-core";

const { url, chromium, username, password } = JSON.parse(process.argv[2]);
const CATEGORIES = ["performance", "accessibility", "best-practices"];

async function signIn(page) {
  await page.goto(url);
  // Not a click: the button moves a little when the font comes.
  await (await page.waitForSelector("main button.primary")).press("Enter");
  await (await page.waitForSelector("input[name=username]")).type(username);
  await page.type("input[name=password]", password);
  await page.keyboard.press("Enter");
  await page.waitForSelector("main .row");
}

/** An audit that is not perfect, and why. */
function shortcoming(audit) {
  const items = audit.details?.items ?? [];
  return {
    id: audit.id,
    title: audit.title,
    score: audit.score,
    shown: audit.displayValue ?? "",
    details: items.slice(0, 4).map((item) => JSON.stringify(item).slice(0, 300)),
  };
}

async function measure(page, config) {
  const flags = { onlyCategories: CATEGORIES, disableStorageReset: true, logLevel: "error" };
  const { lhr } = await lighthouse(url, flags, config, page);
  const wanted = Object.values(lhr.categories).flatMap(({ auditRefs }) => auditRefs);
  const counted = new Set(wanted.filter(({ weight }) => weight > 0).map(({ id }) => id));
  const audits = Object.values(lhr.audits).filter(({ score }) => score !== null && score < 1);
  return {
    address: lhr.finalDisplayedUrl,
    warnings: lhr.runWarnings,
    scores: Object.fromEntries(CATEGORIES.map((id) => [id, lhr.categories[id].score])),
    failed: audits.filter(({ id }) => counted.has(id)).map(shortcoming),
    hints: audits.filter(({ id }) => !counted.has(id)).map(shortcoming),
  };
}

const browser = await puppeteer.launch({
  executablePath: chromium,
  args: ["--no-sandbox", "--no-proxy-server", "--disable-quic", "--disable-background-networking"],
});
const found = [];
try {
  for (const signedIn of [false, true]) {
    for (const [device, config] of [
      ["phone", undefined],
      ["desktop", desktopConfig],
    ]) {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      if (signedIn) await signIn(page);
      found.push({ device, signedIn, ...(await measure(page, config)) });
      await context.close();
    }
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(found));
