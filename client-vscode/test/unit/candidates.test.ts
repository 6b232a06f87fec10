import assert from "node:assert/strict";
import { test } from "node:test";
import { candidates, newerPythons, type Surroundings } from "../../src/python/candidates.ts";

const linux: Surroundings = {
  setting: "",
  pythonExtension: undefined,
  folders: ["/w"],
  env: {},
  platform: "linux",
  trusted: true,
};

function paths(around: Partial<Surroundings>): string[] {
  return candidates({ ...linux, ...around }).map((one) => one.path);
}

test("an explicit setting is the only candidate", () => {
  assert.deepEqual(candidates({ ...linux, setting: "/opt/py", pythonExtension: "/ext/python" }), [
    { path: "/opt/py", source: "setting" },
  ]);
});

test("the order is Python extension, workspace, environment, PATH", () => {
  const env = { VIRTUAL_ENV: "/v", CONDA_PREFIX: "/c" };
  assert.deepEqual(candidates({ ...linux, pythonExtension: "/ext/python", folders: ["/w", "/u"], env }), [
    { path: "/ext/python", source: "python-extension" },
    { path: "/w/.venv/bin/python", source: "workspace" },
    { path: "/u/.venv/bin/python", source: "workspace" },
    { path: "/v/bin/python", source: "environment" },
    { path: "/c/bin/python", source: "environment" },
    { path: "python3", source: "path" },
    { path: "python", source: "path" },
  ]);
});

test("Windows keeps its interpreters elsewhere", () => {
  const env = { VIRTUAL_ENV: "C:\\v", CONDA_PREFIX: "C:\\c" };
  assert.deepEqual(paths({ platform: "win32", folders: ["C:\\w"], env }), [
    "C:\\w\\.venv\\Scripts\\python.exe",
    "C:\\v\\Scripts\\python.exe",
    "C:\\c\\python.exe",
    "python",
    "py",
  ]);
  assert.equal(newerPythons("win32")[0]?.path, "py");
});

test("the same interpreter is offered once", () => {
  assert.deepEqual(paths({ pythonExtension: "/w/.venv/bin/python" }), [
    "/w/.venv/bin/python",
    "python3",
    "python",
  ]);
});

test("nothing inside an untrusted workspace is run", () => {
  const env = { VIRTUAL_ENV: "/w/other", CONDA_PREFIX: "/c" };
  assert.deepEqual(paths({ trusted: false, pythonExtension: "/w/.venv/bin/python", env }), [
    "/c/bin/python",
    "python3",
    "python",
  ]);
  assert.deepEqual(paths({ trusted: false, setting: "/w/evil" }), []);
});
