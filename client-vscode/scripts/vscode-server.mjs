// VS Code in the browser: its own server, out of npm's code-server package, without running any install script.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The versions that the tests were seen to pass with: code-server 4.139.1 is VS Code 1.139.1, built for Node 24. */
const CODE_SERVER = "4.139.1";
const NODE_MAJOR = "24";

export const repo = fileURLToPath(new URL("../..", import.meta.url));
const cache = join(repo, ".cache", "vscode");
const home = join(cache, `${CODE_SERVER}-node${NODE_MAJOR}`);
const nodeBinary = join(home, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
const main = join(home, "code-server", "lib", "vscode", "out", "server-main.js");

/** @param {string[]} args @param {string} cwd */
function npm(args, cwd) {
  const quiet = ["--silent", "--ignore-scripts", "--no-audit", "--no-fund"];
  return execFileSync("npm", [...args, ...quiet], { cwd, encoding: "utf8" }).trim();
}

/** Installs VS Code's server into the cache unless it is there already (some 800 MB, less than a minute). */
export function ensureServer() {
  if (existsSync(main) && existsSync(nodeBinary)) return;
  if (process.platform === "win32")
    throw new Error("On Windows install VS Code itself, so that `code` is on the PATH.");
  console.log(`Installing VS Code's server (code-server ${CODE_SERVER}) into ${cache}`);
  const partial = `${home}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(join(partial, "code-server"), { recursive: true });
  writeFileSync(join(partial, "package.json"), '{"private":true}');
  npm(["install", `node-${process.platform}-${process.arch}@${NODE_MAJOR}`], partial);
  const archive = npm(["pack", `code-server@${CODE_SERVER}`], partial);
  execFileSync("tar", ["xzf", archive, "-C", "code-server", "--strip-components=1"], { cwd: partial });
  rmSync(join(partial, archive));
  const vscode = join(partial, "code-server", "lib", "vscode");
  npm(["install", "--omit=dev"], vscode);
  npm(["install", "--omit=dev"], join(vscode, "extensions"));
  const standIn = fileURLToPath(new URL("spdlog-stand-in.cjs", import.meta.url));
  copyFileSync(standIn, join(vscode, "node_modules", "@vscode", "spdlog", "index.js"));
  rmSync(home, { recursive: true, force: true });
  // Renamed at last: a broken installation never looks like a whole one.
  renameSync(partial, home);
}

/** @param {string} profile @param {string} vsix */
export function installExtension(profile, vsix) {
  const args = [
    main,
    "--accept-server-license-terms",
    "--server-data-dir",
    profile,
    "--install-extension",
    vsix,
  ];
  const output = execFileSync(nodeBinary, [...args, "--force"], { encoding: "utf8", stdio: "pipe" });
  if (!output.includes("was successfully installed"))
    throw new Error(`The extension was not installed: ${output}`);
}

/** @param {string} profile @param {Record<string, unknown>} settings */
export function writeSettings(profile, settings) {
  const folder = join(profile, "data", "Machine");
  mkdirSync(folder, { recursive: true });
  // Nothing is sent out, and no panel covers the editor.
  const quiet = {
    "chat.disableAIFeatures": true,
    "extensions.autoUpdate": false,
    "telemetry.telemetryLevel": "off",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
  };
  writeFileSync(join(folder, "settings.json"), JSON.stringify({ ...quiet, ...settings }, null, 2));
}

/** @returns {Promise<number>} */
async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

/**
 * @param {{ profile: string, port?: number, flags?: string[], env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ url: string, host: string, stop: () => Promise<void> }>}
 */
export async function startServer({ profile, port, flags = [], env = process.env }) {
  const chosen = port ?? (await freePort());
  const host = `127.0.0.1:${chosen}`;
  mkdirSync(profile, { recursive: true });
  const log = openSync(join(profile, "server.log"), "w");
  const args = ["--host", "127.0.0.1", "--port", String(chosen), "--without-connection-token"];
  args.push("--accept-server-license-terms", "--telemetry-level", "off", "--server-data-dir", profile);
  // Its own process group: stopping it ends its extension hosts and language servers too.
  const child = spawn(nodeBinary, [main, ...args, ...flags], {
    env,
    detached: true,
    stdio: ["ignore", log, log],
  });
  const stop = async () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    process.kill(-child.pid, "SIGTERM");
    await once(child, "exit");
  };
  const url = `http://${host}`;
  for (let tries = 0; ; tries++) {
    if (child.exitCode !== null)
      throw new Error(`VS Code's server ended; see ${join(profile, "server.log")}`);
    if (
      await fetch(url).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      return { url, host, stop };
    if (tries > 300) {
      await stop();
      throw new Error(`VS Code's server did not answer; see ${join(profile, "server.log")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
