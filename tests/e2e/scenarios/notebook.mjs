import assert from "node:assert/strict";
import { test } from "node:test";
import { python, stage, vsix } from "../stage.mjs";

/** @param {string} id @param {string[]} lines */
function cell(id, ...lines) {
  const source = lines.map((line, index) => (index < lines.length - 1 ? `${line}\n` : line));
  return { cell_type: "code", execution_count: null, id, metadata: {}, outputs: [], source };
}

const NOTEBOOK = {
  cells: [
    cell("a1", "import torch", "y = torch.zeros(2, 3).cuda().permute(1, 0)"),
    cell("a2", "%matplotlib inline", "bad = torch.zeros(5, 10) @ torch.zeros(5, 10)"),
    cell("a3", "broken = ("),
    cell("a4", "rows = y[None]"),
  ],
  metadata: { language_info: { name: "python" } },
  nbformat: 4,
  nbformat_minor: 5,
};

test("a notebook: hover and errors in cells, also in what is typed", async () => {
  const files = { "demo.ipynb": JSON.stringify(NOTEBOOK) };
  const settings = { "tensorls.interpreter": python };
  await stage({ name: "notebook", files, extension: vsix, settings }, async (window, { url, folder }) => {
    const { page } = window;
    await window.open(url, folder);
    await window.openFile("demo.ipynb");
    await page.waitForSelector(".notebookOverlay .squiggly-error", { timeout: 60_000 });
    await window.hover(window.word("permute", "y"), "torch.Tensor (3,2) cuda float32");
    await window.shot("hover");
    await window.leave();
    await window.waitForLine("rows(1,3,2) f32 cuda");

    const title = await window.quickFix(window.word("rows", "None"), /unsqueeze\(0\)/);
    assert.match(title, /^Replace/);
    await window.waitForLine("y.unsqueeze(0)", 20_000);
    await window.shot("fixed");

    const { x, y } = await window.word("bad =", "zeros")();
    await page.mouse.click(x, y);
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.keyboard.type("also = torch.zeros(5, 10) @ torch.zeros(5, 10)");
    const errors = () => document.querySelectorAll(".notebookOverlay .squiggly-error").length >= 2;
    await page.waitForFunction(errors, null, { timeout: 60_000 });
    await window.shot("typed");
  });
});
