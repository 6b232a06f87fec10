import * as vscode from "vscode";
import { folderPaths, interpreterSetting, mainFolder } from "../settings.ts";
import { candidates, newerPythons } from "./candidates.ts";
import type { PythonExtension } from "./extensionApi.ts";
import { type Candidate, versionText } from "./interpreter.ts";
import { probeInterpreter } from "./probe.ts";
import { type Selection, select } from "./select.ts";

/** Every interpreter that this window offers, best first. `setting: false` looks past an explicit choice. */
export async function available(python: PythonExtension, setting = true): Promise<Candidate[]> {
  const explicit = setting ? interpreterSetting() : "";
  return candidates({
    setting: explicit,
    pythonExtension: explicit === "" ? await python.interpreter(mainFolder()) : undefined,
    folders: folderPaths(),
    env: process.env,
    platform: process.platform,
    trusted: vscode.workspace.isTrusted,
  });
}

export async function discover(python: PythonExtension, log: vscode.LogOutputChannel): Promise<Selection> {
  const choices = await available(python);
  const selection = await select(choices, newerPythons(process.platform), async (command) => {
    const answer = await probeInterpreter(command);
    if (!answer.ok) log.debug(`Not usable: ${command}: ${answer.reason}`);
    return answer;
  });
  if (selection.kind === "found") {
    const { selected, host } = selection;
    log.info(
      `Interpreter: ${selected.path} (Python ${versionText(selected.version)}, from ${selected.source})`,
    );
    if (host !== selected) log.info(`The server itself runs under ${host.path}`);
  }
  return selection;
}
