"""Definition files written from the schemas that ship: of the right form, sense by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventlab.definitions.schema import json_schema
from tests.fuzz_trees import Raw, dump

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

__all__ = ["Grammar"]

SYMBOLS = ("NVDA", "ORCL", "BTC", "QQQ", "SPY", "ETH", "FET", "AMD", "^VIX", "DGS2", "UUP", "^GSPC")
GROUPS = ("@ai_tokens", "@big_tech", "@miners", "@issuer", "@ranks_1_10")
EVENTS = ("oracle-earnings", "nvidia-earnings", "fomc", "us-cpi", "ai-earnings", "crypto-shocks")
CLOCKS = ("XNYS", "24/7", "XLON", "XTKS", "NYSE", "CMES", "XHKG", "us_futures", "XSAU", "XXXX")
ZONES = ("UTC", "America/New_York", "Asia/Tokyo", "Europe/London", "UTC+05:30", "Nowhere/Land")
TAGS = ("cut", "hike", "hold", "scheduled", "unscheduled", "beat", "miss")
WORDS = ("eps_usd", "change_bp", "a", "Title: with a colon", "ünïcode", "[bold]x[/]", "1.5", "yes")
SPANS = ("63 bars", "30 days", "3 months", "1 year", "99999 years", "12 weeks")
FEATURES = ("beta", "volatility", "momentum", "fact.change_bp", "tag.cut", "level.^VIX", "state.a")
FORMS = {  # a piece of a pattern that tells what text is asked for, in the order they are tried
    "beta|volatility": FEATURES,
    "bars?|days?": SPANS,
    "^(@[a-z0-9]+": (*SYMBOLS, *SYMBOLS, *GROUPS),
    "^[A-Z0-9^]": SYMBOLS,
    "^[A-Za-z0-9/_.": CLOCKS,
    "[-_.+ ]": TAGS,
    "(_[a-z0-9]+)*$": ("a", "calm", "high_vix", "big_tech", "issuer"),
    "([-_.][a-z0-9]+)*$": ("a", "b", "fy2026-q2", "2025-12-10", "all"),
    "(-[a-z0-9]+)*$": EVENTS,
}
KEYS = {
    "zone": ZONES,
    "exchange": CLOCKS,
    "clock": CLOCKS,
    "calendar": CLOCKS,
    "event": EVENTS,
    "easing": EVENTS,
    "fact": WORDS,
    "surprise": WORDS,
    "data": ("sample", "arch", "prices", "../prices", "/dev/null", "no\\such"),
}
LEAST, MOST = -40, 40
PATHS = ("when.exit", "when.enter", "hedge.ratio.lookback", "costs.fee_bps", "limits.stop", "a.b")


class Grammar:
    """Writes files of one kind: every key that is required, some of the others."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._schema = json_schema(kind)

    def text(self, name: str, rng: random.Random) -> str:
        """Write a file that is to be called ``name``."""
        tree = self._value(self._schema, self.kind, rng, 0)
        if rng.random() < 0.85:
            tree |= {self.kind: name} if self.kind != "claims" else {}
            _mend(tree, rng)
        return dump(tree, rng)

    def _value(self, said: Mapping[str, Any], key: str, rng: random.Random, depth: int) -> Any:
        if "$ref" in said:
            said = self._schema["$defs"][said["$ref"].rpartition("/")[2]]
        if "anyOf" in said or "oneOf" in said:
            forms = said.get("anyOf") or said["oneOf"]
            return self._value(rng.choice(forms), key, rng, depth)
        if "enum" in said or "const" in said:
            return rng.choice(said.get("enum") or [said["const"]])
        makers = {"object": self._mapping, "array": self._list, "string": self._string}
        kind = said.get("type")
        if kind in makers:
            return makers[kind](said, key, rng, depth)
        if kind in {"integer", "number"}:
            return _number(said, rng)
        return rng.random() < 0.5 if kind == "boolean" else None

    def _mapping(self, said: Mapping[str, Any], key: str, rng: random.Random, depth: int) -> Any:
        known = said.get("properties")
        if known is None:
            return self._open_mapping(said, key, rng, depth)
        required = said.get("required", ())
        share = rng.choice((0.0, 0.1, 0.3, 0.6)) if depth else 0.7
        return {
            name: self._value(each, name, rng, depth + 1)
            for name, each in known.items()
            if name in required or rng.random() < share
        }

    def _open_mapping(
        self, said: Mapping[str, Any], key: str, rng: random.Random, depth: int
    ) -> Any:
        by_pattern = said.get("patternProperties") or {"": said.get("additionalProperties", {})}
        pattern, inner = next(iter(by_pattern.items()))
        inner = inner if isinstance(inner, dict) else {}
        names = PATHS if key == "sweep" else _words(pattern, key)
        return {
            rng.choice(names): self._value(inner, "", rng, depth + 1)
            for _ in range(rng.choice((1, 1, 2, 4)))
        }

    def _list(self, said: Mapping[str, Any], key: str, rng: random.Random, depth: int) -> Any:
        places = said.get("prefixItems")
        if places is not None:
            return [self._value(each, key, rng, depth + 1) for each in places]
        low, high = said.get("minItems", 0), said.get("maxItems", 4)
        count = rng.randint(low, max(low, min(high, low + 3)))
        return [self._value(said.get("items", {}), key, rng, depth + 1) for _ in range(count)]

    def _string(self, said: Mapping[str, Any], key: str, rng: random.Random, depth: int) -> Any:
        if key == "announced_at" or "[0-9]{4}-" in said.get("pattern", ""):
            day = f"{rng.choice((1993, 2015, 2019, 2024, 2025))}-{rng.randrange(1, 13):02}"
            day += f"-{rng.randrange(1, 31):02}"
            clock = (
                f" {rng.randrange(25):02}:{rng.randrange(60):02}" if key == "announced_at" else ""
            )
            return day + (clock if rng.random() < 0.5 else "")
        return rng.choice(_words(said.get("pattern", ""), key))


def _words(pattern: str, key: str) -> tuple[str, ...]:
    if key in KEYS:
        return KEYS[key]
    return next((words for piece, words in FORMS.items() if piece in pattern), WORDS)


def _number(said: Mapping[str, Any], rng: random.Random) -> Any:
    low = said.get("minimum", said.get("exclusiveMinimum", LEAST))
    high = said.get("maximum", said.get("exclusiveMaximum", MOST))
    if said["type"] == "integer":
        ends = (low, high, rng.randint(int(low), int(min(high, low + 300))))
        return rng.choice(
            (*ends, rng.randint(max(int(low), LEAST), max(int(low), min(high, MOST))))
        )
    return rng.choice((low, high, (low + high) / 2, low + (high - low) * rng.random(), Raw("1e-9")))


def _mend(tree: Any, rng: random.Random) -> None:
    """Make right what chance seldom does: windows that begin before they end, days of one form."""
    if isinstance(tree, list):
        if len(tree) == 2 and all(type(each) is int for each in tree):
            tree.sort()
        for each in tree:
            _mend(each, rng)
        return
    if not isinstance(tree, dict):
        return
    for each in tree.values():
        _mend(each, rng)
    if "announced_at" in tree:
        _mend_moment(tree, rng)
    _mend_windows(tree, rng)
    for index, one in enumerate(tree.get("occurrences") or tree.get("claims") or ()):
        if isinstance(one, dict):
            one["id"] = f"n{index}"


def _mend_windows(tree: dict[str, Any], rng: random.Random) -> None:
    if "assets" in tree and "event_window" in tree:
        for key in ("estimation_window", "event_window", "car_windows", "min_estimation"):
            tree.pop(key, None)
        tree["benchmark"] = rng.choice(SYMBOLS)
    if "calm_window" in tree:
        tree["calm_window"] = [-rng.randint(30, 200), -6]
        tree["crisis_window"] = [0, rng.randint(1, 20)]
    if isinstance(tree.get("enter"), int) and isinstance(tree.get("exit"), int):
        tree["exit"] = tree["enter"] + rng.randint(1, 20)


def _mend_moment(one: dict[str, Any], rng: random.Random) -> None:
    precision = rng.choice(("minute", "session", "date"))
    one["precision"], one["zone"] = precision, rng.choice(ZONES[:5])
    one["announced_at"] = str(one["announced_at"])[:10] + (
        " 16:05" if precision == "minute" else ""
    )
    one.pop("session", None)
    if precision == "session":
        one["session"] = rng.choice(("before_open", "after_close"))
