/** What the server and this client agree on beyond the standard protocol. */

export const STATUS_REQUEST = "tensorls/status";
export const STATUS_CHANGED = "tensorls/statusChanged";

export type ServerState = "starting" | "ready" | "no-torch" | "failed";

export interface ServerStatus {
  readonly state: ServerState;
  readonly interpreter: string;
  readonly torch: string | null;
  readonly numpy: string | null;
  readonly message: string | null;
  readonly version: string;
}

const STATES: readonly string[] = ["starting", "ready", "no-torch", "failed"];

/** The server may be another version than the client: nothing it sends is taken on trust. */
export function parseStatus(value: unknown): ServerStatus | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const raw = value as Readonly<Record<string, unknown>>;
  const state = raw["state"];
  if (typeof state !== "string" || !STATES.includes(state)) return undefined;
  const text = (key: string): string | null => {
    const found = raw[key];
    return typeof found === "string" && found !== "" ? found : null;
  };
  return {
    state: state as ServerState,
    interpreter: text("interpreter") ?? "",
    torch: text("torch"),
    numpy: text("numpy"),
    message: text("message"),
    version: text("version") ?? "",
  };
}
