// VS Code writes its logs and output channels through a compiled module that an installation without install scripts
// lacks. This stands in for it, so that `Show Logs` shows something: plain appending, no rotation.
const { appendFileSync, mkdirSync } = require("node:fs");
const { dirname } = require("node:path");

const LEVELS = ["trace", "debug", "info", "warn", "error", "critical"];

class Logger {
  constructor(_type, _name, file) {
    mkdirSync(dirname(file), { recursive: true });
    this.file = file;
    this.level = 2;
    this.formatted = true;
    for (const [level, name] of LEVELS.entries()) this[name] = (message) => this.write(level, name, message);
  }

  write(level, name, message) {
    if (level < this.level) return;
    const time = new Date().toISOString().replace("T", " ").replace("Z", "");
    appendFileSync(this.file, this.formatted ? `${time} [${name}] ${message}\n` : message);
  }

  getLevel() {
    return this.level;
  }

  setLevel(level) {
    this.level = level;
  }

  clearFormatters() {
    this.formatted = false;
  }

  setPattern() {}

  flush() {}

  drop() {}
}

const create = async (name, file) => new Logger("rotating", name, file);

// One by one: an ES module sees only names that are exported so.
exports.version = 0;
exports.Logger = Logger;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
