/** What the extension host runs: every suite beside this file. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { format } from "node:util";
import Mocha from "mocha";

/** The runner outside tells the tests' words from VS Code's own by this. */
const MARK = "[test] ";

export function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: 40_000, reporter: "spec", color: false });
  Mocha.reporters.Base.consoleLog = (...parts: unknown[]) => console.log(MARK + format(...parts));
  for (const name of readdirSync(__dirname)) {
    if (name.endsWith(".suite.js")) mocha.addFile(join(__dirname, name));
  }
  return new Promise((resolve, reject) => {
    mocha.run((failures) => (failures === 0 ? resolve() : reject(new Error(`${failures} tests failed`))));
  });
}
