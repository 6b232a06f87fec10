import { type Candidate, type Interpreter, runsServer } from "./interpreter.ts";
import type { Probe } from "./probe.ts";

export interface Rejected {
  readonly candidate: Candidate;
  readonly reason: string;
}

export type Selection =
  | { readonly kind: "found"; readonly selected: Interpreter; readonly host: Interpreter }
  | { readonly kind: "bad-setting"; readonly rejected: Rejected }
  | { readonly kind: "none"; readonly rejected: readonly Rejected[] }
  | { readonly kind: "too-old"; readonly selected: Interpreter };

/**
 * Chooses the interpreter that is asked about torch, and the one that runs the server.
 * They are the same unless the first is older than the server can bear.
 */
export async function select(
  choices: readonly Candidate[],
  fallbacks: readonly Candidate[],
  probe: Probe,
): Promise<Selection> {
  const rejected: Rejected[] = [];
  const usable = async (candidate: Candidate): Promise<Interpreter | undefined> => {
    const answer = await probe(candidate.path);
    if (answer.ok) return { path: answer.executable, source: candidate.source, version: answer.version };
    rejected.push({ candidate, reason: answer.reason });
    return undefined;
  };

  const selected = await first(choices, usable);
  if (selected === undefined) {
    const [only] = rejected;
    return only?.candidate.source === "setting"
      ? { kind: "bad-setting", rejected: only }
      : { kind: "none", rejected };
  }
  if (runsServer(selected.version)) return { kind: "found", selected, host: selected };

  const newer = async (candidate: Candidate): Promise<Interpreter | undefined> => {
    const found = await usable(candidate);
    return found !== undefined && runsServer(found.version) ? found : undefined;
  };
  const host = await first([...choices, ...fallbacks], newer);
  return host === undefined ? { kind: "too-old", selected } : { kind: "found", selected, host };
}

async function first<T>(
  choices: readonly Candidate[],
  test: (candidate: Candidate) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const candidate of choices) {
    const result = await test(candidate);
    if (result !== undefined) return result;
  }
  return undefined;
}
