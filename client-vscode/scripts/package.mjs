// Makes dist/tensorls-<version>.vsix: the built extension with the bundled server, everything but torch.
// With --keep-bundle the server bundled before is taken again.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const client = fileURLToPath(new URL("..", import.meta.url));
const { version } = JSON.parse(readFileSync(join(client, "package.json"), "utf8"));
const vsix = join(client, "dist", `tensorls-${version}.vsix`);

/** @param {string} script @param {string[]} args */
function node(script, ...args) {
  execFileSync(process.execPath, [script, ...args], { stdio: "inherit", cwd: client });
}

const keep = process.argv.includes("--keep-bundle") && existsSync(join(client, "bundled", "libs"));
if (!keep) node(join(client, "scripts", "bundle.mjs"));
node(join(client, "scripts", "build.mjs"), "--minify");

const vsce = join(dirname(createRequire(import.meta.url).resolve("@vscode/vsce/package.json")), "vsce");
// The search for secrets takes over a minute on the thousands of files of published packages, and can find none there.
const flags = ["--no-dependencies", "--allow-missing-repository", "--allow-package-all-secrets"];
node(vsce, "package", ...flags, "--out", vsix);
console.log(`${vsix} (${(statSync(vsix).size / 1e6).toFixed(1)} MB)`);
