// Opens VS Code on examples/ (or another folder) with the built extension: the local `code`, apart from the user's own
// extensions and settings, or VS Code in the browser where there is none.
// usage: editor.mjs [--browser] [--port PORT] [FOLDER]
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ensureServer, installExtension, repo, startServer, writeSettings } from "./vscode-server.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { browser: { type: "boolean", default: false }, port: { type: "string" } },
});
const folder = resolve(positionals[0] ?? join(repo, "examples"));
const client = join(repo, "client-vscode");
const { version } = JSON.parse(readFileSync(join(client, "package.json"), "utf8"));
const vsix = join(client, "dist", `tensorls-${version}.vsix`);
const cache = join(repo, ".cache", "vscode");
const windows = process.platform === "win32";

/** The repository's own environment answers for the examples, as an activated one would. */
const venv = join(repo, ".venv");
const env = existsSync(venv) ? { ...process.env, VIRTUAL_ENV: venv } : process.env;

if (!existsSync(folder)) throw new Error(`There is no folder ${folder}`);
if (isOutdated()) {
  execFileSync(process.execPath, [join(client, "scripts", "package.mjs")], { stdio: "inherit" });
}

/** Whether something that goes into the package is newer than the package. */
function isOutdated() {
  if (!existsSync(vsix)) return true;
  const built = statSync(vsix).mtimeMs;
  const inside = ["src", "l10n", "images", "scripts", "bundled/tool"].map((name) => join(client, name));
  const files = ["README.md", "package.json", "package.nls.json", "package.nls.ja.json"].map((name) =>
    join(client, name),
  );
  files.push(join(client, "bundled", "constraints.txt"), join(repo, "pyproject.toml"));
  return [join(repo, "server"), ...inside]
    .flatMap(walk)
    .concat(files)
    .some((f) => statSync(f).mtimeMs > built);
}

/** @param {string} folder @returns {string[]} */
function walk(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== "__pycache__" && !name.endsWith(".egg-info"))
    .flatMap((entry) => (entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)]));
}

const hasCode = spawnSync("code", ["--version"], { shell: windows }).status === 0;
if (hasCode && !values.browser) {
  const apart = ["--extensions-dir", join(cache, "extensions"), "--user-data-dir", join(cache, "user")];
  execFileSync("code", [...apart, "--install-extension", vsix, "--force"], {
    stdio: "inherit",
    shell: windows,
  });
  execFileSync("code", [...apart, folder], { stdio: "inherit", shell: windows, env });
} else {
  ensureServer();
  const profile = join(cache, "editor");
  writeSettings(profile, {});
  installExtension(profile, vsix);
  const port = values.port === undefined ? undefined : Number(values.port);
  const server = await startServer({ profile, port, env, flags: ["--disable-workspace-trust"] });
  console.log(`VS Code: ${server.url}/?folder=${encodeURI(folder)}\nCtrl+C ends it.`);
  for (const signal of ["SIGINT", "SIGTERM"])
    process.once(signal, () => void server.stop().then(() => process.exit(0)));
}
