"""Lets ``python -m eventlab`` stand for the command ``eventlab``."""

from eventlab.cli.main import main

if __name__ == "__main__":
    main()
