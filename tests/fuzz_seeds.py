"""The definitions that ship, cut short: what fuzzed files are made of, and lie among."""

from __future__ import annotations

from pathlib import Path

from eventlab.definitions.yaml_reader import Node, compose

ROOT = Path(__file__).resolve().parents[1]
_FOLDERS = ("events", "strategies", "universes")
_ENDS = 2  # occurrences that stay at either end
_LATELY = "2024"  # what strategies ask for; of each tag one before and one after stays as well


def shipped_texts(root: Path = ROOT) -> dict[str, str]:
    """Every definition file that ships and the settings, as they are, by relative path."""
    paths = [path for folder in _FOLDERS for path in sorted((root / folder).glob("*.yaml"))]
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in (*paths, root / "eventlab.toml")
    }


def seed_texts(root: Path = ROOT) -> dict[str, str]:
    """The same with a few of their occurrences: those that others name, and one for each tag."""
    texts = shipped_texts(root)
    named = "\n".join(texts.values())
    return {name: cut_short(text, named) for name, text in texts.items()}


def cut_short(text: str, named: str) -> str:
    """Drop the lines of occurrences that nothing rests on."""
    top, _ = compose(text)
    listed = top.child("occurrences") if top is not None else None
    if listed is None or not isinstance(listed.content, list):
        return text
    entries = listed.content
    first_after = _next_key(text, entries[-1].line)
    begins = [entry.line for entry in entries] + [first_after]
    lines = text.split("\n")
    kept = lines[: begins[0] - 1]
    seen: set[tuple[str, bool]] = set()
    for at, entry in enumerate(entries):
        tags = _tags(entry)
        new = not tags <= seen
        if new or _is_kept(at, len(entries), entry, named):
            seen |= tags
            kept += lines[begins[at] - 1 : begins[at + 1] - 1]
    return "\n".join([*kept, *lines[first_after - 1 :]])


def write_texts(folder: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def _is_kept(at: int, count: int, entry: Node, named: str) -> bool:
    name = entry.child("id")
    return (
        at < _ENDS
        or at >= count - _ENDS
        or (name is not None and f"occurrence: {name.content}\n" in named)
    )


def _tags(entry: Node) -> set[tuple[str, bool]]:
    tags, moment = entry.child("tags"), entry.child("announced_at")
    held = tags.content if tags is not None else None
    late = moment is not None and str(moment.content) > _LATELY
    return {(str(one.content), late) for one in held} if isinstance(held, list) else set()


def _next_key(text: str, line: int) -> int:
    """Line of the first key at the left margin after a line; the end where there is none."""
    lines = text.split("\n")
    for number in range(line, len(lines)):
        if lines[number][:1].isalpha():
            return number + 1
    return len(lines) + 1
