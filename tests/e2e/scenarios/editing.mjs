import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { python, stage, vsix } from "../stage.mjs";

const PROGRAM = `import torch

x = torch.tensor([1, 2, 3])
x_none = x[None]
y = torch.zeros(2, 3).cuda().permute(1, 0)
bad = torch.zeros(5, 10) @ torch.zeros(5, 10)
`;
const MISMATCH = "mat1 and mat2 shapes cannot be multiplied (5x10 and 5x10)";

test("a Python file: hint, error, hover, status and quick fix", async () => {
  const settings = { "tensorls.interpreter": python };
  const setup = { name: "editing", files: { "demo.py": PROGRAM }, extension: vsix, settings };
  await stage(setup, async (window, { url, folder }) => {
    const { page } = window;
    await window.open(url, folder);
    await window.openFile("demo.py");

    await page.waitForSelector(".monaco-editor .squiggly-error", { timeout: 120_000 });
    await window.waitForLine("y(3,2) f32 cuda");
    await window.shot("open");

    await window.hover(window.word("bad =", "@"), MISMATCH);
    await window.shot("error");
    await window.leave();

    const said = await window.hover(window.word("permute", "y"), "torch.Tensor");
    assert.ok(said.includes("torch.Tensor (3,2) cuda float32"), said);
    await window.shot("hover");
    await window.leave();

    await page.locator('[id="status.languageStatus"]').first().click();
    await page
      .locator(".hover-language-status:visible", { hasText: /torch \d/ })
      .first()
      .waitFor();
    await window.shot("status");
    await page.keyboard.press("Escape");

    const title = await window.quickFix(window.word("x_none", "None"), /unsqueeze\(0\)/);
    assert.match(title, /^Replace/);
    await window.waitForLine("x_none", 20_000);
    await window.waitForLine("x.unsqueeze(0)", 20_000);
    await page.keyboard.press("Control+S");
    const file = join(folder, "demo.py");
    await assertSoon(() => readFileSync(file, "utf8"), PROGRAM.replace("x[None]", "x.unsqueeze(0)"));
    await window.shot("fixed");

    // The new server offers the same commands as the one before.
    await page.keyboard.press("F1");
    await page.waitForSelector(".quick-input-widget:visible");
    await page.keyboard.type("tensorls: Restart Server");
    await page.waitForSelector('.quick-input-list .monaco-list-row:has-text("Restart Server")');
    await page.keyboard.press("Enter");
    await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
    await page.keyboard.press("Control+End");
    await page.keyboard.type("again = y + 1\n");
    await window.waitForLine("again(3,2) f32 cuda");
    await window.shot("restarted");
    assert.equal(await page.locator(".notification-toast").count(), 0);
  });
});

/** @param {() => string} read @param {string} expected */
async function assertSoon(read, expected) {
  for (let tries = 0; tries < 100 && read() !== expected; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal(read(), expected);
}
