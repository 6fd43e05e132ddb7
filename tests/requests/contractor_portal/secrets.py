"""What a contractor must not read too early."""

SECRETS = ("Traoré", "0612345678", "12B4", "rue du Lin")


def text(answer) -> str:
    return answer.content.decode()
