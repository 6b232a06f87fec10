import assert from "node:assert/strict";
import { test } from "node:test";
import type { Candidate, Source } from "../../src/python/interpreter.ts";
import type { Probe } from "../../src/python/probe.ts";
import { select } from "../../src/python/select.ts";

/** An imaginary machine: the interpreters that there are, by minor version. */
function machine(minors: Record<string, number>): Probe {
  return async (command) => {
    const minor = minors[command];
    if (minor === undefined) return { ok: false, reason: "there is no such program" };
    return { ok: true, executable: `/bin/${command}`, version: { major: 3, minor } };
  };
}

function named(source: Source, ...paths: string[]): Candidate[] {
  return paths.map((path) => ({ path, source }));
}

test("the first usable candidate runs the server and answers", async () => {
  const found = await select(named("path", "gone", "a", "b"), [], machine({ a: 11, b: 12 }));
  assert.equal(found.kind, "found");
  assert.ok(found.kind === "found" && found.host === found.selected);
  assert.equal(found.kind === "found" && found.selected.path, "/bin/a");
});

test("an old interpreter answers while a newer one runs the server", async () => {
  const found = await select(
    named("setting", "old"),
    named("path", "older", "new"),
    machine({ old: 8, older: 7, new: 13 }),
  );
  assert.ok(found.kind === "found");
  assert.equal(found.selected.path, "/bin/old");
  assert.equal(found.host.path, "/bin/new");
});

test("without a newer one the selected is reported as too old", async () => {
  const found = await select(named("path", "old"), [], machine({ old: 9 }));
  assert.ok(found.kind === "too-old");
  assert.deepEqual(found.selected.version, { major: 3, minor: 9 });
});

test("a broken setting is told, not replaced", async () => {
  const found = await select(named("setting", "gone"), named("path", "new"), machine({ new: 13 }));
  assert.ok(found.kind === "bad-setting");
  assert.equal(found.rejected.reason, "there is no such program");
});

test("nothing found lists what was tried", async () => {
  const found = await select(named("path", "python3", "python"), [], machine({}));
  assert.ok(found.kind === "none");
  assert.deepEqual(
    found.rejected.map((one) => one.candidate.path),
    ["python3", "python"],
  );
});
