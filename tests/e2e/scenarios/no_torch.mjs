import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { python, stage, vsix } from "../stage.mjs";

const FILES = { "demo.py": "import torch\n\nx = torch.zeros(2, 3)\n" };

test("an interpreter without torch: the message, its buttons and the way out", async () => {
  const bare = mkdtempSync(join(tmpdir(), "tensorls-bare-"));
  try {
    execFileSync(python, ["-m", "venv", "--without-pip", bare]);
    const settings = { "tensorls.interpreter": join(bare, "bin", "python") };
    await stage(
      { name: "no-torch", files: FILES, extension: vsix, settings },
      async (window, { url, folder }) => {
        const { page } = window;
        await window.open(url, folder);
        await window.openFile("demo.py");
        const toast = page.locator(".notification-toast", { hasText: "there is no torch in" });
        await toast.waitFor({ timeout: 60_000 });
        assert.ok((await toast.innerText()).includes(bare));
        await toast.getByText("Show Logs", { exact: true }).waitFor();
        await window.shot("message");
        await toast.getByText("Select Interpreter", { exact: true }).click();
        await page.locator(".quick-input-list .monaco-list-row", { hasText: "Python 3" }).first().waitFor();
        await window.shot("choose");
      },
    );
  } finally {
    rmSync(bare, { recursive: true, force: true });
  }
});

test("an interpreter that is not there: what is wrong, and the buttons", async () => {
  const settings = { "tensorls.interpreter": "/nowhere/python" };
  await stage(
    { name: "bad-setting", files: FILES, extension: vsix, settings },
    async (window, { url, folder }) => {
      const { page } = window;
      await window.open(url, folder);
      await window.openFile("demo.py");
      const toast = page.locator(".notification-toast", {
        hasText: "is not a usable Python: /nowhere/python",
      });
      await toast.waitFor({ timeout: 60_000 });
      await toast.getByText("Show Logs", { exact: true }).click();
      await page.locator(".part.panel", { hasText: "is not a usable Python" }).waitFor({ timeout: 20_000 });
      await window.shot("logs");
    },
  );
});
