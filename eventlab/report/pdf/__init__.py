"""A run on paper: its pages read back as blocks, pictures drawn as vectors, all of it typeset."""

from typing import Final

__all__ = ["PDF"]

PDF: Final = "report.pdf"  # its name in the run folder
