// Fills bundled/libs with the server and its dependencies: pure Python only, so that one package serves every platform
// and every Python from 3.10 on. torch and NumPy stay out: the user's own are asked.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const client = fileURLToPath(new URL("..", import.meta.url));
const repo = join(client, "..");
const libs = join(client, "bundled", "libs");
const constraints = join(client, "bundled", "constraints.txt");

/**
 * Needed by our dependencies on the oldest supported Pythons only. pip judges such conditions by the Python it runs
 * under, so a bundle made with a newer one would lack them.
 */
const BACKPORTS = ["exceptiongroup", "tomli", "typing_extensions"];

/** Not Python source: would tie the package to one platform. */
const COMPILED = /\.(so|pyd|dylib|dll)$/;
const FORBIDDEN = ["torch", "numpy"];

function python() {
  const folder = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];
  const own = join(repo, ".venv", ...folder);
  if (process.env.PYTHON) return process.env.PYTHON;
  if (existsSync(own)) return own;
  throw new Error(
    "There is no .venv in the repository: run `make` first, or set PYTHON to an interpreter with pip.",
  );
}

/** @param {string[]} args */
function pip(...args) {
  execFileSync(python(), ["-m", "pip", "--disable-pip-version-check", ...args], {
    stdio: "inherit",
    cwd: repo,
  });
}

/** @param {string} folder @returns {string[]} */
function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

/** pip's notes about this machine, starters that only work on it, and a thousand files about Django within jedi. */
function prune() {
  rmSync(join(libs, "jedi", "third_party", "django-stubs"), { recursive: true, force: true });
  rmSync(join(libs, "bin"), { recursive: true, force: true });
  for (const path of walk(libs)) {
    if (/\.dist-info[\\/](direct_url\.json|RECORD|REQUESTED|INSTALLER)$/.test(path)) rmSync(path);
  }
}

function check() {
  const wrong = walk(libs).filter((path) => COMPILED.test(path));
  wrong.push(...FORBIDDEN.map((name) => join(libs, name)).filter(existsSync));
  if (wrong.length > 0) throw new Error(`These do not belong into the bundle:\n${wrong.join("\n")}`);
  if (!existsSync(join(libs, "tensorls", "cli.py"))) throw new Error("The bundle lacks tensorls/cli.py.");
}

const wheels = mkdtempSync(join(tmpdir(), "tensorls-wheel-"));
try {
  pip("wheel", "--quiet", "--no-deps", "--wheel-dir", wheels, repo);
  const wheel = readdirSync(wheels).find((name) => /^tensorls-.*\.whl$/.test(name));
  if (wheel === undefined) throw new Error("pip built no wheel of the server.");
  rmSync(libs, { recursive: true, force: true });
  mkdirSync(libs, { recursive: true });
  const anywhere = [
    "--platform",
    "any",
    "--implementation",
    "py",
    "--abi",
    "none",
    "--python-version",
    "3.10",
  ];
  const target = ["--target", libs, "--only-binary", ":all:", "--no-compile", "--quiet"];
  pip("install", ...target, ...anywhere, "--constraint", constraints, join(wheels, wheel), ...BACKPORTS);
  prune();
  check();
} finally {
  rmSync(wheels, { recursive: true, force: true });
}
console.log(
  `Bundled: ${readdirSync(libs)
    .filter((name) => name.endsWith(".dist-info"))
    .join(", ")}`,
);
