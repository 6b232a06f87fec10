// The installed package in real VS Code, seen through Chromium. Run by `npm run e2e`, or alone with `npm run browser`.
import { checkPrerequisites } from "./stage.mjs";

checkPrerequisites();
await import("./scenarios/editing.mjs");
await import("./scenarios/notebook.mjs");
await import("./scenarios/no_torch.mjs");
