// Runs the extension's own test suites inside a real extension host. Nothing is downloaded for it: VS Code in the
// browser takes the same test parameters that the desktop one takes on its command line.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { format } from "node:util";
import { repo } from "../../client-vscode/scripts/vscode-server.mjs";
import { checkPrerequisites, python, stage } from "./stage.mjs";

const MARK = "[test] ";
const PATIENCE_MS = 180_000;

checkPrerequisites({ needsPackage: false });
const client = join(repo, "client-vscode");
execFileSync(process.execPath, [join(client, "scripts", "build.mjs"), "--tests"], { stdio: "inherit" });

const setup = {
  name: "host",
  files: { "demo.py": "x = 1\n" },
  hostTests: true,
  unpacked: { "ms-python.python-0.0.0": join(client, "test", "fixtures", "python-extension") },
  env: { ...process.env, TENSORLS_E2E_PYTHON: python, VIRTUAL_ENV: "" },
};
await stage(setup, async ({ page }, { url, host, folder }) => {
  /** @type {Promise<number>} */
  const ended = new Promise((resolve) => page.exposeFunction("codeAutomationExit", resolve));
  await page.exposeFunction(
    "codeAutomationLog",
    (/** @type {string} */ _type, /** @type {unknown[]} */ args) => {
      const text = format(...args);
      // VS Code tells much about itself; only the suites' words are wanted.
      if (text.startsWith(MARK)) console.log(text.slice(MARK.length));
    },
  );
  const remote = (/** @type {string[]} */ ...parts) => `vscode-remote://${host}${join(client, ...parts)}`;
  const payload = JSON.stringify([
    ["extensionDevelopmentPath", remote()],
    ["extensionTestsPath", remote("dist", "test", "host", "index.js")],
  ]);
  await page.goto(`${url}/?folder=${encodeURI(folder)}&payload=${encodeURIComponent(payload)}`);
  const late = new Promise((_, reject) =>
    setTimeout(() => reject(new Error("no result in time")), PATIENCE_MS).unref(),
  );
  const code = await Promise.race([ended, late]);
  console.log(`extension host tests: exit ${code}`);
  process.exitCode = code === 0 ? 0 : 1;
});
