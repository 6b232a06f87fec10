// Draws images/icon.png from images/icon.svg. Needed only after the drawing changed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchBrowser } from "./browser.mjs";

const images = fileURLToPath(new URL("../images", import.meta.url));
const browser = await launchBrowser();
const page = await browser.newPage({ viewport: { width: 128, height: 128 } });
await page.setContent(`<body style="margin:0">${readFileSync(join(images, "icon.svg"), "utf8")}</body>`);
await page.screenshot({ path: join(images, "icon.png"), omitBackground: true });
await browser.close();
