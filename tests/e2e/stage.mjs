// What every end-to-end test stands on: a fresh profile and workspace, VS Code's server and a browser, all removed after.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchBrowser } from "../../client-vscode/scripts/browser.mjs";
import {
  ensureServer,
  installExtension,
  repo,
  startServer,
  writeSettings,
} from "../../client-vscode/scripts/vscode-server.mjs";
import { Window } from "./window.mjs";

const { version } = JSON.parse(readFileSync(join(repo, "client-vscode", "package.json"), "utf8"));

/** The package under test; another one can be named. */
export const vsix =
  process.env.TENSORLS_VSIX ?? join(repo, "client-vscode", "dist", `tensorls-${version}.vsix`);

/** The interpreter whose torch answers. */
export const python = process.env.TENSORLS_E2E_PYTHON ?? join(repo, ".venv", "bin", "python");

export function checkPrerequisites({ needsPackage = true } = {}) {
  if (!existsSync(python))
    throw new Error(`There is no ${python}: run \`make\`, or set TENSORLS_E2E_PYTHON.`);
  if (needsPackage && !existsSync(vsix)) throw new Error(`There is no ${vsix}: run \`npm run package\`.`);
  ensureServer();
}

/**
 * @typedef {object} Setup
 * @property {string} name of the scenario
 * @property {Record<string, string>} files of the workspace
 * @property {Record<string, unknown>} [settings]
 * @property {string} [extension] package to install
 * @property {Record<string, string>} [unpacked] further extensions: their folders, by the name to be installed under
 * @property {NodeJS.ProcessEnv} [env]
 * @property {boolean} [hostTests] whether tests run inside the extension host
 * @property {boolean} [trust] asks whether the workspace is trusted, as VS Code does by default
 */

/**
 * Runs `play` in a new window on a new workspace.
 * @param {Setup} setup
 * @param {(window: Window, place: { url: string, host: string, folder: string }) => Promise<void>} play
 */
export async function stage(
  { name, files, settings = {}, extension, unpacked = {}, env, trust = false, hostTests = false },
  play,
) {
  const root = mkdtempSync(join(tmpdir(), "tensorls-e2e-"));
  const folder = mkdtempSync(join(root, "workspace-"));
  const profile = join(root, "profile");
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  writeSettings(profile, settings);
  if (extension !== undefined) installExtension(profile, extension);
  for (const [name, source] of Object.entries(unpacked)) {
    cpSync(source, join(profile, "extensions", name), { recursive: true });
  }
  const browser = await launchBrowser();
  // Without the grace time a closed page would leave its extension host and language server behind for hours.
  const flags = ["--reconnection-grace-time", "1"];
  // The driver that extension-host tests need keeps messages from popping up.
  if (hostTests) flags.push("--enable-smoke-test-driver");
  if (!trust) flags.push("--disable-workspace-trust");
  const server = await startServer({ profile, flags, ...(env && { env }) }).catch(async (error) => {
    await browser.close();
    throw error;
  });
  const page = await browser.newPage({ viewport: { width: 1200, height: 760 } });
  const window = new Window(page, name);
  try {
    await play(window, { url: server.url, host: server.host, folder });
  } catch (error) {
    await window.shot("failed").catch(() => undefined);
    throw error;
  } finally {
    await browser.close();
    await server.stop();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  }
}
