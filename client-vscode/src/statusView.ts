import type { ServerStatus } from "./protocol.ts";

export interface StatusView {
  readonly text: string;
  readonly detail: string;
  readonly severity: "information" | "warning" | "error";
  readonly busy: boolean;
  readonly action: "serverInfo" | "selectInterpreter" | "showLogs";
}

export type Translate = (message: string, ...args: string[]) => string;

/** How a status reads in the language status item. */
export function statusView(status: ServerStatus, t: Translate): StatusView {
  const calm = { severity: "information", busy: false, action: "serverInfo" } as const;
  const where = status.interpreter;
  switch (status.state) {
    case "starting":
      return { ...calm, text: t("tensorls: starting"), detail: where, busy: true };
    case "ready": {
      const numpy = status.numpy === null ? "" : `NumPy ${status.numpy}, `;
      return { ...calm, text: `torch ${status.torch ?? "?"}`, detail: numpy + where };
    }
    case "no-torch":
      return {
        text: t("tensorls: no torch"),
        detail: t("Install torch in {0}, or select another interpreter", where),
        severity: "warning",
        busy: false,
        action: "selectInterpreter",
      };
    case "failed":
      return {
        text: t("tensorls: not running"),
        detail: status.message ?? where,
        severity: "error",
        busy: false,
        action: "showLogs",
      };
  }
}
