"""The problems of a feedback letter as they are typed: one a line, key items marked with ★."""

import re
from dataclasses import dataclass

from cycle.models import Indicator, Subject
from cycle.queries.recurrence import earlier, repeat_words, topic_of, years_before

KEY_MARK = "★"
_NUMBERING = re.compile(r"(?:[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）.．、]\s*|[·•\-—]\s*)")
_NAMED = re.compile(r"([^：:，。；,;]{2,30})[：:]")
_CLAUSE = re.compile(r"[，。；,;]")
_NOTHING = {"无", "没有", "暂无", "未发现问题"}


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """One problem: what it is about, whether it is a key item, the indicator it names, the years before."""

    text: str
    topic: str
    is_key: bool
    indicator: Indicator | None
    years: tuple[int, ...] = ()

    @property
    def repeats(self) -> str:
        """That the problem came back, in words; empty for a new one."""
        return repeat_words(list(self.years))

    @property
    def in_letter(self) -> str:
        """The line as the letter has it: its mark, and that the problem came back."""
        again = f"（{self.repeats}）" if self.years else ""
        return f"{KEY_MARK if self.is_key else ''}{self.text}{again}"


def problem_lines(subject: Subject, text: str) -> list[ProblemLine]:
    """Return the problems of a letter to `subject`, each once.

    The topic is the indicator that the line names, else what stands before the colon, else its first clause.
    """
    indicators = list(Indicator.objects.filter(subject=subject).order_by("position", "version"))
    found: dict[str, ProblemLine] = {}
    for typed in text.splitlines():
        words, is_key = _plain(typed)
        if words and words.rstrip("。") not in _NOTHING and words not in found:
            found[words] = _line(subject, words, is_key, indicators)
    return list(found.values())


def _plain(typed: str) -> tuple[str, bool]:
    """The line without its number and without the mark of a key item, in whichever order they stand."""
    words, is_key = typed.strip(), False
    while True:
        if words.startswith(KEY_MARK):
            words, is_key = words[1:].strip(), True
        elif match := _NUMBERING.match(words):
            words = words[match.end() :].strip()
        else:
            return words, is_key


def _line(subject: Subject, words: str, is_key: bool, indicators: list[Indicator]) -> ProblemLine:
    named = [each for each in indicators if each.title and each.title in words]
    indicator = max(named, key=lambda each: (len(each.title), each.version), default=None)
    before = _NAMED.match(words)
    topic = topic_of(
        indicator.title if indicator else before[1] if before else _CLAUSE.split(words)[0][:40] or words
    )
    years = years_before(earlier(subject, topic, indicator.key if indicator else ""))
    return ProblemLine(words, topic, is_key, indicator, tuple(years))
