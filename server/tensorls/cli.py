"""The command line.  What outside tools rely on may only grow; human output may change."""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from tensorls import __version__
from tensorls.collecting import collect_rarely
from tensorls.config import Config, ConfigError, find_interpreter, load_config
from tensorls.source.files import Unreadable, read_source
from tensorls.source.parsing import ParsedSource, parse
from tensorls.stack import run_deep

FOUND, UNUSABLE = 1, 2
SKIPPED = frozenset({"node_modules", "__pycache__", "build", "dist", "site-packages", "venv", "env"})


class Unusable(Exception):
    """The call or its input cannot be used; the text is one line that says what and the remedy."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit status: 0 nothing found, 1 an error found, 2 unusable call or input."""
    args = _parser().parse_args(argv)
    logging.basicConfig(stream=sys.stderr, level=os.environ.get("TENSORLS_LOG", "WARNING").upper(), format="tensorls: %(message)s")
    try:
        return int(args.run(args) if args.run is _server else run_deep(lambda: args.run(args)))
    except (Unusable, Unreadable, ConfigError) as error:
        print(f"tensorls: {error}", file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        print("tensorls: interrupted", file=sys.stderr)
        return UNUSABLE
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNUSABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tensorls", description="Know every tensor before you run.")
    parser.add_argument("--version", action="version", version=f"tensorls {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--python", metavar="PATH", help="the interpreter whose torch and numpy answer")
    common.add_argument("--no-memo", action="store_true", help="neither read nor write the answers kept on disk")
    common.add_argument("--config", metavar="FILE", type=Path, help="a TOML file with a [tool.tensorls] table")

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, parents=[common], help=text, description=text)
        sub.set_defaults(run=run)
        return sub

    server = command("server", _server, "the language server (on standard input and output by default)")
    server.add_argument("--stdio", action="store_true", help="speak on standard input and output (the default)")
    server.add_argument("--tcp", metavar="HOST:PORT", help="listen on a TCP port instead")
    show = command("show", _show, "the source with its facts beside each line")
    show.add_argument("paths", nargs="+", metavar="PATH")
    show.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    facts = command("facts", _facts, "facts and diagnostics as JSON")
    facts.add_argument("paths", nargs="*", metavar="PATH")
    facts.add_argument("--entry", action="append", default=[], metavar="FILE", help="a program that uses the modules analysed")
    facts.add_argument("--jsonl", action="store_true", help="many small programs: a JSON request per line on standard input")
    check = command("check", _check, "diagnostics")
    check.add_argument("paths", nargs="+", metavar="PATH")
    check.add_argument("--format", choices=("concise", "full", "json", "github", "sarif"), default="concise")
    check.add_argument("--fix", action="store_true", help="apply the quick fixes that are offered first")
    check.add_argument("--diff", action="store_true", help="print what --fix would change")
    validate = command("validate", _validate, "execute in the sandbox and compare")
    validate.add_argument("paths", nargs="+", metavar="PATH")
    validate.add_argument("--backend", choices=("fake", "real"), default="fake")
    validate.add_argument("--timeout", type=float, default=60.0, metavar="SECONDS")
    doctor = command("doctor", _doctor, "versions, interpreter, devices, memo")
    doctor.add_argument("--format", choices=("text", "json"), default="text")
    return parser


# shared


@contextlib.contextmanager
def _workspace(args: argparse.Namespace) -> Iterator[tuple[Any, Any, Config]]:
    """The analysis service, its oracle and the settings."""
    from tensorls.oracle.process import OracleUnavailable
    from tensorls.oracle.start import open_oracle
    from tensorls.workspace import Workspace

    collect_rarely()
    folder = Path.cwd()
    config = load_config(args.config, folder)
    try:
        oracle = open_oracle(find_interpreter(args.python, folder), memo=not args.no_memo)
    except OracleUnavailable as error:
        raise Unusable(str(error)) from error
    try:
        yield Workspace(oracle, config, folder, libraries=oracle.folders), oracle, config
    except OracleUnavailable as error:
        raise Unusable(str(error)) from error
    finally:
        oracle.close()


def _expand(paths: Sequence[str]) -> list[str]:
    """Files as given, folders as the Python files below them."""
    found: list[str] = []
    for path in paths:
        if os.path.isdir(path):
            for folder, names, files in os.walk(path):
                names[:] = sorted(n for n in names if n not in SKIPPED and not n.startswith("."))
                found += [os.path.join(folder, f) for f in sorted(files) if f.endswith(".py")]
        else:
            found.append(path)
    if not found:
        raise Unusable(f"{', '.join(paths)}: no Python files there; name a file or a folder that holds some")
    return list(dict.fromkeys(found))


def _read(paths: Sequence[str]) -> dict[str, ParsedSource]:
    return {path: parse(read_source(path)) for path in paths}


def _absolute(given: dict[str, ParsedSource]) -> tuple[dict[str, ParsedSource], dict[str, str]]:
    """The same by absolute path, and how each was named."""
    names = {str(Path(p).resolve()): p for p in given}
    return {str(Path(p).resolve()): parsed for p, parsed in given.items()}, names


def _has_errors(diagnostics: Sequence[Any]) -> bool:
    return any(d.severity == "error" for d in diagnostics)


# commands


def _server(args: argparse.Namespace) -> int:
    from tensorls.lsp.server import serve

    host, port = "", 0
    if args.tcp:
        host, _, number = args.tcp.rpartition(":")
        if not host or not number.isdigit():
            raise Unusable(f"--tcp {args.tcp}: give it as HOST:PORT, for instance 127.0.0.1:2087")
        port = int(number)
    serve(python=args.python, memo=not args.no_memo, config=args.config, tcp=(host, port) if args.tcp else None)
    return 0


def _facts(args: argparse.Namespace) -> int:
    if args.jsonl:
        return _facts_jsonl(args)
    if not args.paths:
        raise Unusable("facts: name at least one file, or use --jsonl")
    from tensorls.render.data import diagnostic_data, fact_data

    given = _read(_expand(args.paths))
    entries = [str(Path(e).resolve()) for e in args.entry]
    for entry in args.entry:
        read_source(entry)
    with _workspace(args) as (workspace, oracle, _):
        absolute, names = _absolute(given)
        reports = workspace.analyse(absolute, list(absolute), entries) if entries else workspace.analyse_together(absolute)
        files = {}
        failed = False
        for path, report in reports.items():
            fixed = workspace.with_fixes(report)
            failed = failed or _has_errors(fixed.diagnostics)
            name = names[path]
            files[name] = {
                "facts": [_named(fact_data(f, name), names) for f in fixed.facts],
                "diagnostics": [_named(diagnostic_data(d, name), names) for d in fixed.diagnostics],
            }
        versions = oracle.versions
        answer = {"version": 1, "torch": versions.torch, "numpy": versions.numpy, "files": files}
        json.dump(answer, sys.stdout, ensure_ascii=False)
        print()
    return FOUND if failed else 0


def _named(data: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Contexts name files as the caller did, or relative to the current folder."""
    context = data.get("context")
    if context:
        path, _, line = context.rpartition(":")
        shown = names.get(path)
        if shown is None:
            shown = os.path.relpath(path)
            shown = Path(path).name if shown.startswith("..") else shown
        data["context"] = f"{shown}:{line}"
    return data


def _facts_jsonl(args: argparse.Namespace) -> int:
    from tensorls.render.data import diagnostic_data, fact_data
    from tensorls.workspace import text_of

    failed = False
    with _workspace(args) as (workspace, _, _config):
        for line in sys.stdin:
            if not line.strip():
                continue
            answer: dict[str, Any] = {"id": None}
            try:
                request = json.loads(line)
                answer["id"] = request.get("id")
                name = str(request.get("filename") or "<input>.py")
                report = workspace.analyse({name: text_of(str(request["source"]))}, [name])[name]
                report = workspace.with_fixes(report, _has_fix_worth_proving)
                answer["facts"] = [fact_data(f, name) for f in report.facts]
                answer["diagnostics"] = [diagnostic_data(d, name) for d in report.diagnostics]
                failed = failed or _has_errors(report.diagnostics)
            except (ValueError, KeyError, AttributeError) as error:
                answer["error"] = f"{type(error).__name__}: {error}"
            except Exception as error:
                logging.getLogger(__name__).error("request %r failed", answer["id"], exc_info=error)
                answer["error"] = f"internal error: {type(error).__name__}: {error}"
            print(json.dumps(answer, ensure_ascii=False), flush=True)
    return FOUND if failed else 0


def _has_fix_worth_proving(found: Any) -> bool:
    return True


def _show(args: argparse.Namespace) -> int:
    from tensorls.render.text import BOLD, RESET, beside

    given = _read(_expand(args.paths))
    colour = _colour(args.color, sys.stdout)
    failed = False
    with _workspace(args) as (workspace, _, _config):
        absolute, names = _absolute(given)
        for index, (path, report) in enumerate(workspace.analyse_together(absolute).items()):
            failed = failed or _has_errors(report.diagnostics)
            title = names[path]
            print(("\n" if index else "") + (f"{BOLD}{title}{RESET}" if colour else title))
            for line in beside(report.parsed.text.lines, report.facts, report.diagnostics, colour):
                print(line)
    return FOUND if failed else 0


def _colour(wish: str, stream: TextIO) -> bool:
    return wish == "always" or (wish == "auto" and stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb")


def _check(args: argparse.Namespace) -> int:
    from tensorls.render.check import run_check

    given = _read(_expand(args.paths))
    with _workspace(args) as (workspace, _, _config):
        absolute, names = _absolute(given)
        reports = [workspace.with_fixes(workspace.analyse(absolute, [path])[path]) for path in absolute]
        return FOUND if run_check(reports, names, args.format, args.fix, args.diff, sys.stdout) else 0


def _validate(args: argparse.Namespace) -> int:
    raise Unusable("validate is not part of this version yet; 'tensorls facts' and 'tensorls check' state what is inferred")


def _doctor(args: argparse.Namespace) -> int:
    with _workspace(args) as (_, oracle, _config):
        facts = {
            "tensorls": __version__, "server_python": sys.version.split()[0], "interpreter": oracle.interpreter,
            "python": oracle.versions.python, "torch": oracle.versions.torch, "numpy": oracle.versions.numpy,
            "devices": list(oracle.devices), "memo": {"location": oracle.memo_location, "bytes": oracle.memo_size},
        }  # fmt: skip
    if args.format == "json":
        print(json.dumps(facts, ensure_ascii=False))
    else:
        for key, value in facts.items():
            shown = f"{value['location']} ({value['bytes']} bytes)" if isinstance(value, dict) else value
            print(f"{key:>14}  {'not installed' if shown is None else shown}")
    return 0 if facts["torch"] else FOUND
