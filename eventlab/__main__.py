"""``python -m eventlab`` and the command ``eventlab``."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; Ctrl-C before it is there needs no traceback either."""
    try:
        from eventlab.cli.main import main as command  # noqa: PLC0415 - takes a tenth of a second
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; nothing was left half written\n")
        sys.exit(130)
    command()


if __name__ == "__main__":
    main()
