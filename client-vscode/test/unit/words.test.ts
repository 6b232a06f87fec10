import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ServerStatus } from "../../src/protocol.ts";
import { statusView } from "../../src/statusView.ts";

/** Unit tests are run with the extension's folder as the current one. */
const root = process.cwd();

function json(...parts: string[]): Record<string, unknown> {
  return JSON.parse(readFileSync(join(root, ...parts), "utf8")) as Record<string, unknown>;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : [readFileSync(path, "utf8")];
  });
}

const status: ServerStatus = {
  state: "ready",
  interpreter: "/v/bin/python",
  torch: "2.13.0",
  numpy: "2.4.6",
  message: null,
  version: "0.1.0",
};

function translate(message: string, ...args: string[]): string {
  return message.replace(/\{(\d)\}/g, (_, index: string) => args[Number(index)] ?? "");
}

test("a ready server shows its torch and interpreter", () => {
  const view = statusView(status, translate);
  assert.equal(view.text, "torch 2.13.0");
  assert.equal(view.detail, "NumPy 2.4.6, /v/bin/python");
  assert.equal(view.severity, "information");
});

test("a missing torch is a warning with its remedy", () => {
  const view = statusView({ ...status, state: "no-torch", torch: null }, translate);
  assert.equal(view.severity, "warning");
  assert.match(view.detail, /Install torch in \/v\/bin\/python/);
  assert.equal(view.action, "selectInterpreter");
});

test("a failure is an error that leads to the logs; a start is busy", () => {
  const view = statusView({ ...status, state: "failed", message: "no Python" }, translate);
  assert.deepEqual([view.severity, view.detail, view.action], ["error", "no Python", "showLogs"]);
  assert.ok(statusView({ ...status, state: "starting" }, translate).busy);
});

test("every message has its Japanese, and none is left over", () => {
  const said = sources(join(root, "src")).flatMap((text) =>
    [...text.matchAll(/\bt\(\s*"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]),
  );
  assert.deepEqual([...new Set(said)].sort(), Object.keys(json("l10n", "bundle.l10n.ja.json")).sort());
});

test("every word of the manifest exists in both languages", () => {
  const asked = [...readFileSync(join(root, "package.json"), "utf8").matchAll(/"%([\w.]+)%"/g)].map(
    (m) => m[1],
  );
  const wanted = [...new Set(asked)].sort();
  assert.deepEqual(Object.keys(json("package.nls.json")).sort(), wanted);
  assert.deepEqual(Object.keys(json("package.nls.ja.json")).sort(), wanted);
});
