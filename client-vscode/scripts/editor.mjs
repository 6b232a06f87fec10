// Opens VS Code on examples/ (or another folder) with the built extension: the local `code`, apart from the user's own
// extensions and settings, or VS Code in the browser where there is none.
// usage: editor.mjs [--browser] [--port PORT] [FOLDER]
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
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
if (!existsSync(vsix)) {
  execFileSync(process.execPath, [join(client, "scripts", "package.mjs")], { stdio: "inherit" });
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
