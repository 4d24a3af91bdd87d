"""What is told when an embedded service cannot be used."""


class EmbeddedError(RuntimeError):
    """An embedded service cannot run here; the message is a Chinese sentence that says what to do."""
