"""Official documents (公文): what one says, as a `Paper`, and the same paper as a Word file."""

from cycle.documents.paper import Block, Heading, Items, Paper, Table, Text
from cycle.documents.word import DOCX_TYPE, docx

__all__ = ["DOCX_TYPE", "Block", "Heading", "Items", "Paper", "Table", "Text", "docx"]
