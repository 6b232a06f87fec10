// One VS Code window in Chromium, and what a person does in it. Monaco redraws its lines at any time, so that every
// step that depends on the layout is tried again until its effect is seen.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** @typedef {import("playwright-core").Page} Page @typedef {() => Promise<{ x: number, y: number }>} Place */

const output = fileURLToPath(new URL("output", import.meta.url));
const TRIES = 6;

export class Window {
  /** @param {Page} page @param {string} name of the scenario, for its screenshots */
  constructor(page, name) {
    this.page = page;
    this.name = name;
    mkdirSync(output, { recursive: true });
  }

  /** @param {string} url @param {string} folder */
  async open(url, folder) {
    await this.page.goto(`${url}/?folder=${encodeURI(folder)}`);
    await this.page.waitForSelector(".explorer-folders-view .monaco-list-row", { timeout: 90_000 });
  }

  /** @param {string} step */
  async shot(step) {
    // Hovers and messages fade in.
    await this.page.waitForTimeout(300);
    await this.page.screenshot({ path: join(output, `${this.name}-${step}.png`) });
  }

  /** @param {string} name */
  async openFile(name) {
    const { page } = this;
    await page.keyboard.press("Control+P");
    await page.waitForSelector(".quick-input-widget:visible");
    await page.keyboard.type(name);
    await page.waitForSelector(`.quick-input-list .monaco-list-row:has-text("${name}")`);
    await page.keyboard.press("Enter");
    await page.waitForSelector(".monaco-editor .view-line", { timeout: 30_000 });
  }

  /**
   * A word within the first line that holds `line`. Found by its characters, not by Monaco's spans: how those are cut
   * depends on the colours. @param {string} line @param {string} word @returns {Place}
   */
  word(line, word) {
    return async () => {
      await this.waitForLine(line);
      return this.page.evaluate(locate, { line, word });
    };
  }

  /** Waits until some line of an editor reads as `text`; Monaco writes its blanks as NBSP. @param {string} text */
  async waitForLine(text, timeout = 60_000) {
    await this.page.waitForFunction(
      (wanted) =>
        [...document.querySelectorAll(".view-line")].some((line) =>
          (line.textContent ?? "").replace(/\u00a0/g, " ").includes(wanted),
        ),
      text,
      { timeout },
    );
  }

  /**
   * Points at a place and waits for a hover that says `text`. @param {Place} place @param {string} text
   * @returns {Promise<string>} all that the hover says
   */
  async hover(place, text) {
    const shown = this.page.locator(".monaco-hover:visible", { hasText: text }).first();
    await this.retry(async () => {
      const { x, y } = await place();
      await this.page.mouse.move(900, 640);
      await this.page.mouse.move(x - 2, y);
      await this.page.mouse.move(x, y, { steps: 3 });
      await shown.waitFor({ timeout: 8_000 });
    });
    return (await shown.innerText()).replace(/\u00a0/g, " ");
  }

  /** Moves the pointer off, so that no hover hides the text. */
  async leave() {
    await this.page.mouse.move(900, 640);
    await this.page
      .locator(".monaco-editor .monaco-hover:visible")
      .waitFor({ state: "hidden", timeout: 10_000 });
  }

  /** Puts the cursor on a place and applies the quick fix whose title holds `title`. @param {Place} place @param {RegExp} title */
  async quickFix(place, title, shot = "quickfix") {
    const item = this.page.locator(".action-widget:visible .monaco-list-row", { hasText: title }).first();
    await this.retry(async () => {
      await this.page.keyboard.press("Escape");
      const { x, y } = await place();
      await this.page.mouse.click(x, y);
      await this.page.keyboard.press("Control+.");
      await item.waitFor({ timeout: 6_000 });
    });
    const text = (await item.innerText()).trim();
    await this.shot(shot);
    await item.click();
    return text;
  }

  /** @param {() => Promise<void>} step */
  async retry(step) {
    for (let tries = 1; ; tries++) {
      try {
        await step();
        return;
      } catch (error) {
        if (tries === TRIES) throw error;
      }
    }
  }
}

/** Runs in the page: the middle of a word, by the geometry of its characters. @param {{ line: string, word: string }} wanted */
function locate({ line, word }) {
  for (const row of document.querySelectorAll(".view-line")) {
    const text = (row.textContent ?? "").replace(/\u00a0/g, " ");
    let start = text.includes(line) ? text.indexOf(word) : -1;
    if (start < 0) continue;
    const nodes = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
    for (let node = nodes.nextNode(); node !== null; node = nodes.nextNode()) {
      const length = node.textContent?.length ?? 0;
      if (start < length) {
        const range = document.createRange();
        range.setStart(node, start);
        range.setEnd(node, Math.min(start + word.length, length));
        const box = range.getBoundingClientRect();
        return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      }
      start -= length;
    }
  }
  throw new Error(`no line with ${line} holds ${word}`);
}
