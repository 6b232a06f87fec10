"""One open document of a client's session, as a test handles it."""

from __future__ import annotations

from typing import Any

from tests.lsp.client import Client


class Document:
    """Text positions are (line, character) from 0, in the client's units; ``at`` finds them by what stands there."""

    def __init__(self, client: Client, uri: str, text: str = "", language: str = "python") -> None:
        self.client, self.uri, self.text, self.version = client, uri, text, 1
        item = {"uri": uri, "languageId": language, "version": 1, "text": text}
        client.notify("textDocument/didOpen", {"textDocument": item})

    # changes

    def replace(self, text: str, version: int | None = None) -> None:
        """A full-text change."""
        self.text = text
        self._change([{"text": text}], version)

    def edit(self, old: str, new: str) -> None:
        """An incremental change of the first place where a text stands."""
        start = self.text.index(old)
        change = {"range": {"start": self._at(start), "end": self._at(start + len(old))}, "text": new}
        self.text = self.text.replace(old, new, 1)
        self._change([change], None)

    def _change(self, changes: list[dict[str, Any]], version: int | None) -> None:
        self.version = self.version + 1 if version is None else version
        identifier = {"uri": self.uri, "version": self.version}
        self.client.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": changes})

    def close(self) -> None:
        self.client.notify("textDocument/didClose", self._me())

    def _me(self) -> dict[str, Any]:
        return {"textDocument": {"uri": self.uri}}

    # places

    def _at(self, offset: int, encoding: str = "utf-16") -> dict[str, int]:
        before = self.text[:offset]
        line = before[before.rfind("\n") + 1 :]
        return {"line": before.count("\n"), "character": units(line, encoding)}

    def at(self, words: str, inside: str = "", encoding: str = "utf-16") -> dict[str, int]:
        """The position of a text, or of a part inside it."""
        return self._at(self.text.index(words) + words.index(inside), encoding)

    # questions

    def hover(self, words: str, inside: str = "", encoding: str = "utf-16") -> str | None:
        """The text of the hover at a place, as written there."""
        found = self.hover_at(self.at(words, inside, encoding))
        return None if found is None else found["contents"]["value"]

    def first(self, words: str, inside: str = "") -> str | None:
        """The first line of a hover."""
        text = self.hover(words, inside)
        return None if text is None else text.split("\n")[0].rstrip().replace("\\*", "*")

    def hover_at(self, position: dict[str, int]) -> Any:
        return self.client.ask("textDocument/hover", {**self._me(), "position": position})

    def hints(self, first: int = 0, last: int = 100_000) -> Any:
        wanted = {"start": {"line": first, "character": 0}, "end": {"line": last, "character": 0}}
        return self.client.ask("textDocument/inlayHint", {**self._me(), "range": wanted})

    def actions(self, diagnostic: dict[str, Any], only: list[str] | None = None) -> Any:
        context: dict[str, Any] = {"diagnostics": [diagnostic]} | ({"only": only} if only is not None else {})
        return self.client.ask("textDocument/codeAction", {**self._me(), "range": diagnostic["range"], "context": context})

    def facts(self, **more: Any) -> Any:
        return self.client.ask("tensorls/facts", {**self._me(), **more})

    def diagnostics(self) -> list[dict[str, Any]]:
        """The diagnostics of the newest version, once they have come."""
        self.facts()  # answered after the analysis; its diagnostics are sent before or right after
        mine = self.client.wait(lambda: [p for p in self.published() if p["version"] == self.version])
        found = mine[-1]["diagnostics"]
        assert isinstance(found, list)
        return found

    def published(self) -> list[dict[str, Any]]:
        return [p for p in self.client.told("textDocument/publishDiagnostics") if p["uri"] == self.uri]

    def apply(self, action: dict[str, Any]) -> str:
        """The text after a code action."""
        lines = self.text.split("\n")
        for edit in sorted(action["edit"]["changes"][self.uri], key=lambda e: _key(e["range"]["start"]), reverse=True):
            (first, start), (last, end) = _key(edit["range"]["start"]), _key(edit["range"]["end"])
            before, after = lines[first][: points(lines[first], start)], lines[last][points(lines[last], end) :]
            lines[first : last + 1] = (before + edit["newText"] + after).split("\n")
        return "\n".join(lines)


def _key(position: dict[str, int]) -> tuple[int, int]:
    return position["line"], position["character"]


def units(text: str, encoding: str = "utf-16") -> int:
    """How many units of an encoding a text takes."""
    name, size = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}[encoding]
    return len(text.encode(name)) // size


def points(line: str, count: int) -> int:
    """How many code points the first UTF-16 units of a line are."""
    return len(line.encode("utf-16-le")[: 2 * count].decode("utf-16-le"))
