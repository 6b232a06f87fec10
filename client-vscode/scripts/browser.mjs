// The Chromium that drives VS Code in the tests: the system's own, never a downloaded one.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launchBrowser() {
  const executablePath = process.env.CHROMIUM ?? PLACES.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error(
      "The tests need Chromium: `apt-get install chromium fonts-dejavu-core`, or set CHROMIUM to an executable.",
    );
  }
  return chromium.launch({ executablePath, headless: true, args: QUIET });
}
