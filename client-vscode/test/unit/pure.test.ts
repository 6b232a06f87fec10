import assert from "node:assert/strict";
import { test } from "node:test";
import { CrashGuard } from "../../src/crashGuard.ts";
import { buildLaunch, parseOverride, sameLaunch } from "../../src/launch.ts";
import { expandPath, isInside } from "../../src/paths.ts";
import { parseStatus } from "../../src/protocol.ts";
import { parseAnswer } from "../../src/python/probe.ts";

test("the bundled server is started by the host and told the selected interpreter", () => {
  const launch = buildLaunch({ override: [], host: "/h", selected: "/s", extensionPath: "/e" });
  assert.equal(launch.command, "/h");
  assert.deepEqual(launch.args, ["/e/bundled/tool/launch.py", "server", "--stdio", "--python", "/s"]);
});

test("an override replaces program and script, and keeps the arguments", () => {
  const launch = buildLaunch({
    override: ["py", "-m", "x"],
    host: "/h",
    selected: "/s",
    extensionPath: "/e",
  });
  assert.deepEqual(launch, { command: "py", args: ["-m", "x", "server", "--stdio", "--python", "/s"] });
  assert.ok(sameLaunch(launch, { ...launch }));
  assert.ok(!sameLaunch(launch, { ...launch, command: "other" }));
  assert.ok(!sameLaunch(undefined, launch));
});

test("the environment's override is words or a JSON array", () => {
  assert.deepEqual(parseOverride(undefined), []);
  assert.deepEqual(parseOverride(" python  -m tensorls "), ["python", "-m", "tensorls"]);
  assert.deepEqual(parseOverride('["/a b/python", "-m"]'), ["/a b/python", "-m"]);
  assert.throws(() => parseOverride("[nonsense"), /TENSORLS_SERVER_COMMAND must be/);
});

test("paths are expanded", () => {
  const where = { home: "/home/me", env: { PLACE: "/opt" }, folder: "/w" };
  assert.equal(expandPath("~/py", where), "/home/me/py");
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the user writes it so
  assert.equal(expandPath("${workspaceFolder}/.venv/bin/python", where), "/w/.venv/bin/python");
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the user writes it so
  assert.equal(expandPath("${env:PLACE}/py", where), "/opt/py");
  assert.equal(expandPath(".venv/bin/python", where), "/w/.venv/bin/python");
  assert.equal(expandPath("python3.12", where), "python3.12");
  assert.equal(expandPath("x~/y", { ...where, folder: undefined }), "x~/y");
});

test("inside means strictly below", () => {
  assert.ok(isInside("/w/.venv/bin/python", "/w"));
  assert.ok(isInside("/w/..odd/python", "/w"));
  assert.ok(!isInside("/w", "/w"));
  assert.ok(!isInside("/wider/python", "/w"));
  assert.ok(!isInside("/bin/python", "/w"));
});

test("a crashed server is restarted a few times within the window only", () => {
  let now = 0;
  const guard = new CrashGuard(2, 1000, () => now);
  assert.ok(guard.mayRestart());
  assert.ok(guard.mayRestart());
  assert.ok(!guard.mayRestart());
  now = 5000;
  assert.ok(guard.mayRestart());
});

test("the interpreter's answer is parsed; a bare name gains its path", () => {
  const version = { major: 3, minor: 11 };
  assert.deepEqual(parseAnswer("python3", "3 11 /usr/bin/python3\n"), {
    ok: true,
    executable: "/usr/bin/python3",
    version,
  });
  assert.deepEqual(parseAnswer("/v/bin/python", "3 11 /usr/bin/python3\r\n"), {
    ok: true,
    executable: "/v/bin/python",
    version,
  });
  assert.equal(parseAnswer("echo", "hello").ok, false);
});

test("only a status that makes sense is accepted", () => {
  assert.equal(parseStatus(null), undefined);
  assert.equal(parseStatus({ state: "dancing" }), undefined);
  assert.deepEqual(parseStatus({ state: "ready", torch: "2.13.0", interpreter: "/p", numpy: 3 }), {
    state: "ready",
    interpreter: "/p",
    torch: "2.13.0",
    numpy: null,
    message: null,
    version: "",
  });
});
