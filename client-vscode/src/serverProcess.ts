import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { LogOutputChannel } from "vscode";
import type { Launch } from "./launch.ts";

const KEPT_LINES = 20;

/**
 * The process behind the client. It is owned here rather than by the language client, so that a server that
 * never answers can still be ended, and the words it left behind can be shown.
 */
export class ServerProcess {
  private child: ChildProcess | undefined;
  private lastWords: string[] = [];

  constructor(
    private readonly launch: Launch,
    private readonly cwd: string | undefined,
    private readonly log: LogOutputChannel,
  ) {}

  async spawn(): Promise<ChildProcess> {
    const { command, args } = this.launch;
    this.log.info(`Starting: ${[command, ...args].join(" ")}`);
    this.lastWords = [];
    const child = spawn(command, args, { cwd: this.cwd, env: process.env, windowsHide: true });
    this.child = child;
    child.stderr.on("data", (data: Buffer) => this.hear(data.toString("utf8")));
    child.on("exit", (code, signal) => this.log.info(`The server ended (${signal ?? `exit ${code}`})`));
    // Rejects when the program can't be started at all.
    await once(child, "spawn");
    return child;
  }

  /** Why it ended: the last line on its standard error, or how the system saw it end. */
  get reason(): string | undefined {
    const ending = this.child?.signalCode ?? this.child?.exitCode ?? undefined;
    return this.lastWords.at(-1) ?? (ending === undefined ? undefined : `exit ${ending}`);
  }

  /** Ends the process if it does not end by itself within the grace time. */
  async end(graceMs: number): Promise<void> {
    const child = this.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
    await once(child, "exit");
    clearTimeout(timer);
  }

  private hear(text: string): void {
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
    this.lastWords = [...this.lastWords, ...lines].slice(-KEPT_LINES);
  }
}
