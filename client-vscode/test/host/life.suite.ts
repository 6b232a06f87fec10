import assert from "node:assert/strict";
import * as vscode from "vscode";
import { api, openPython, PYTHON, set, statusThat, useFakeServer } from "./tools.ts";

describe("the server's life", () => {
  before(async () => {
    await set("interpreter", PYTHON);
    await useFakeServer();
  });

  it("starts with a Python file and tells its interpreter and torch", async () => {
    await openPython("x = 1\n");
    const status = await statusThat(({ state, torch }) => state === "ready" && torch === "2.99.0");
    assert.equal(status.interpreter, PYTHON);
  });

  it("is told the settings, the locale and the trust", async () => {
    const { message } = await statusThat(({ state }) => state === "ready");
    const options = JSON.parse(message ?? "{}");
    assert.equal(options.settings.inlayHints.enabled, true);
    assert.equal(options.locale, vscode.env.language);
    assert.equal(options.trusted, true);
  });

  it("restarts on command", async () => {
    const before = (await api()).status.version;
    await vscode.commands.executeCommand("tensorls.restart");
    const after = await statusThat(({ state, version }) => state === "ready" && version !== before);
    assert.notEqual(after.version, before);
  });

  it("tells itself on command", async () => {
    const told = await vscode.commands.executeCommand("tensorls.serverInfo");
    assert.deepEqual(told, (await api()).status);
  });

  it("comes back after a crash", async () => {
    const before = (await api()).status.version;
    process.kill(Number(before), "SIGKILL");
    const after = await statusThat(({ state, version }) => state === "ready" && version !== before);
    assert.notEqual(after.version, before);
  });

  it("gives up on a server that crashes on and on", async () => {
    for (let crash = 0; crash < 3; crash++) {
      const { version } = await statusThat(({ state }) => state === "ready");
      process.kill(Number(version), "SIGKILL");
      await statusThat((status) => status.version !== version && status.state !== "starting");
    }
    const { message } = await statusThat(({ state }) => state === "failed");
    assert.match(message ?? "", /stopped too often: .*SIGKILL/);
    await vscode.commands.executeCommand("tensorls.restart");
    await statusThat(({ state }) => state === "ready");
  });

  it("shows a missing torch", async () => {
    await useFakeServer("--state=no-torch");
    const status = await statusThat(({ state }) => state === "no-torch");
    assert.equal(status.torch, null);
  });

  it("says why a server does not start", async () => {
    await useFakeServer("--state=broken");
    const status = await statusThat(({ state }) => state === "failed");
    assert.match(status.message ?? "", /the fake server is broken/);
  });

  it("recovers once the setting is mended", async () => {
    await useFakeServer();
    await statusThat(({ state }) => state === "ready");
  });

  it("shows inlay hints unless they are switched off", async () => {
    const { document } = await openPython("x = 1\n");
    const hints = async (): Promise<number> => {
      const range = new vscode.Range(0, 0, 1, 0);
      const found = await vscode.commands.executeCommand<vscode.InlayHint[]>(
        "vscode.executeInlayHintProvider",
        document.uri,
        range,
      );
      return found.length;
    };
    await statusThat(({ state }) => state === "ready");
    assert.equal(await hints(), 1);
    await set("inlayHints.enabled", false);
    assert.equal(await hints(), 0);
    await set("inlayHints.enabled", undefined);
    assert.equal(await hints(), 1);
  });
});
