"""What tests of event streams share."""


def is_open(heard):
    return "open" in heard.comments


async def opened(stream):
    """Wait for the answer to begin."""
    await stream.until(lambda heard: heard.status)
    return stream
