// Bundles the extension into one file; with --tests also the unit tests and the extension-host tests.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const flags = new Set(process.argv.slice(2));

/** @type {esbuild.BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node18",
  sourcemap: true,
  logLevel: "warning",
};

/** @type {esbuild.BuildOptions} */
const extension = {
  ...common,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  format: "cjs",
  external: ["vscode"],
  minify: flags.has("--minify"),
};

/** @param {string} folder @returns {string[]} */
const sources = (folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));

async function tests() {
  rmSync(join(root, "dist", "test"), { recursive: true, force: true });
  await esbuild.build({
    ...common,
    entryPoints: sources("test/unit"),
    outdir: "dist/test/unit",
    format: "esm",
    outExtension: { ".js": ".mjs" },
  });
  await esbuild.build({
    ...common,
    entryPoints: sources("test/host"),
    outdir: "dist/test/host",
    format: "cjs",
    external: ["vscode", "mocha"],
  });
}

if (flags.has("--watch")) {
  await (await esbuild.context({ ...extension, logLevel: "info" })).watch();
} else {
  await esbuild.build(extension);
  if (flags.has("--tests")) await tests();
}
