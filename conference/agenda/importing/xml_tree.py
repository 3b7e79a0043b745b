"""XML with the place of every element, by expat. A document type is refused: it is not needed in this
format and is how entity bombs and outside files come in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn
from xml.parsers import expat

from conference.agenda.importing.fields import Field, refuse
from conference.errors import N_

DEEPEST = 16  # elements within elements; the format needs 7


class Element:
    """An element with its text (all of it, children's excluded) and where its start tag stands."""

    __slots__ = ("attributes", "children", "column", "file", "line", "name", "pieces")

    def __init__(self, name: str, attributes: dict[str, str], file: str, line: int, column: int) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Element] = []
        self.pieces: list[str] = []
        self.file, self.line, self.column = file, line, column

    def place(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def all(self, name: str) -> Iterator[Element]:
        """The children of this name, in order."""
        return (child for child in self.children if child.name == name)

    def first(self, name: str) -> Element | None:
        return next(self.all(name), None)

    def field(self, name: str) -> Field:
        """The text of the first child of this name; absent: None, at this element's place."""
        child = self.first(name)
        return Field(None, self.place) if child is None else Field(child.text, child.place)

    def attribute(self, name: str) -> Field:
        return Field(self.attributes.get(name), self.place)


def read_xml(data: bytes, file: str) -> Element:
    """The root element of *data*; `BadInput` with line and column when it is not well-formed."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    tree = _Tree(parser, file)
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        place = f"{file}:{error.lineno}:{error.offset + 1}"
        refuse(
            place,
            N_("%(place)s: this is not well-formed XML (%(reason)s)."),
            reason=expat.errors.messages[error.code],
        )
    except (LookupError, ValueError) as error:  # an encoding Python does not know, or bytes outside it
        refuse(tree.place(), N_("%(place)s: this is not well-formed XML (%(reason)s)."), reason=str(error))
    assert tree.root is not None
    return tree.root


class _Tree:
    """Builds the elements as expat reports them."""

    def __init__(self, parser: expat.XMLParserType, file: str) -> None:
        self.parser, self.file = parser, file
        self.root: Element | None = None
        self.open: list[Element] = []
        parser.StartDoctypeDeclHandler = self.doctype
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters

    def place(self) -> str:
        return f"{self.file}:{self.parser.CurrentLineNumber}:{self.parser.CurrentColumnNumber + 1}"

    def doctype(self, *_: object) -> NoReturn:
        refuse(self.place(), N_("%(place)s: a document type (DOCTYPE) is not accepted in a schedule."))

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) >= DEEPEST:
            refuse(self.place(), N_("%(place)s: elements are nested too deeply for a schedule."))
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        element = Element(name, attributes, self.file, line, column)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def end(self, _name: str) -> None:
        self.open.pop()

    def characters(self, text: str) -> None:
        self.open[-1].pieces.append(text)
