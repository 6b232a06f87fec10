import assert from "node:assert/strict";
import { join } from "node:path";
import * as vscode from "vscode";
import {
  aliasedPython,
  openPython,
  PYTHON,
  set,
  statusThat,
  useFakeServer,
  workspaceFolder,
} from "./tools.ts";

interface StubPython {
  choose(path: string): void;
}

async function stub(): Promise<StubPython> {
  const extension = vscode.extensions.getExtension<StubPython>("ms-python.python");
  assert.ok(extension, "the stand-in for the Python extension is not there");
  return extension.activate();
}

function readyWith(interpreter: string): Promise<unknown> {
  return statusThat((status) => status.state === "ready" && status.interpreter === interpreter);
}

describe("the interpreter", () => {
  before(async () => {
    await useFakeServer();
    await openPython("x = 1\n");
  });

  it("is the setting's, where there is one", async () => {
    (await stub()).choose(aliasedPython());
    await set("interpreter", PYTHON);
    await readyWith(PYTHON);
  });

  it("is the Python extension's selection without a setting, and follows it", async () => {
    const one = aliasedPython();
    (await stub()).choose(one);
    await set("interpreter", undefined);
    await readyWith(one);
    const two = aliasedPython();
    (await stub()).choose(two);
    await readyWith(two);
  });

  it("is the workspace's .venv where the Python extension has no answer", async () => {
    const own = aliasedPython(join(workspaceFolder(), ".venv", "bin"));
    (await stub()).choose("");
    await readyWith(own);
  });

  it("is never another one than an unusable setting asks for", async () => {
    await set("interpreter", "/nowhere/python");
    const { message } = await statusThat(({ state }) => state === "failed");
    assert.match(message ?? "", /\/nowhere\/python \(there is no such program\)/);
  });
});
