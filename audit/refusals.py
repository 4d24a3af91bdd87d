"""How a service says no. Each refusal is a whole Chinese sentence that a person can act on."""


class Refusal(Exception):
    """A command was understood and declined; nothing was written.

    `cite` names the article of the policy that the refusal rests on, where there is one; `field` the
    form field that caused it, so that a page can show the sentence in its place.
    """

    def __init__(self, sentence: str, *, cite: str = "", field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.cite = cite
        self.field = field

    def __str__(self) -> str:
        return f"{self.sentence}（依据：{self.cite}）" if self.cite else self.sentence


class NotAllowed(Refusal):
    """You may not: the person, the office or the capacity is the wrong one."""


class NotPossible(Refusal):
    """Not now, or not like this: the state, the date or the input forbids it."""


class NotFound(Refusal):
    """There is no such thing, or none that you may know of; pages answer 404."""
