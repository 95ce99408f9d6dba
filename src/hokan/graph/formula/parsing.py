"""Reading a formula: a recursive-descent parser. Nothing in a text is ever run as code.

The grammar, with the precedence of Python and of most languages for computing::

    expression = term (("+" | "-") term)*
    term       = factor (("*" | "/") factor)*
    factor     = ("-" | "+") factor | power
    power      = atom ["**" factor]                     # 2**3**2 is 2**(3**2), -a**2 is -(a**2)
    atom       = number | name | function "(" expression ("," expression)* ")" | "(" expression ")"
"""

from __future__ import annotations

import math

from hokan.errors import GraphError
from hokan.graph.formula.expression import (
    FUNCTIONS,
    Call,
    Name,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Sum,
)
from hokan.graph.formula.tokens import Token, error_at, tokens
from hokan.graph.wording import did_you_mean

LARGEST_DEPTH = 40


def parse(text: str) -> Node:
    """Read a formula.

    Raises
    ------
    GraphError
        With the place, if the text is no formula, or is larger or deeper than any law of physics.
    """
    return _Parser(text).whole()


class _Parser:
    """Reads one text from left to right, one token ahead."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.position = 0
        self.depth = 0

    @property
    def ahead(self) -> Token:
        return self.tokens[self.position]

    def whole(self) -> Node:
        if self.ahead.kind == "end":
            raise self._error("is empty")
        node = self._expression()
        if self.ahead.kind != "end":
            raise self._unexpected("an operator (+ - * / **) or its end")
        return node

    def _expression(self) -> Node:
        parts = [("+", self._term())]
        while sign := self._take("+", "-"):
            parts.append((sign, self._term()))
        return Sum(tuple(parts)) if len(parts) > 1 else parts[0][1]

    def _term(self) -> Node:
        parts = [("*", self._factor())]
        while sign := self._take("*", "/"):
            parts.append((sign, self._factor()))
        return Product(tuple(parts)) if len(parts) > 1 else parts[0][1]

    def _factor(self) -> Node:
        self.depth += 1
        if self.depth > LARGEST_DEPTH:
            raise self._error(f"is nested more than {LARGEST_DEPTH} deep here")
        if sign := self._take("+", "-"):
            part = self._factor()
            node = Negative(part) if sign == "-" else part
        else:
            node = self._power()
        self.depth -= 1
        return node

    def _power(self) -> Node:
        base = self._atom()
        return Power(base, self._factor()) if self._take("**") else base

    def _atom(self) -> Node:
        token = self.ahead
        if self._take("("):
            node = self._expression()
            self._close(token)
            return node
        if token.kind == "number":
            self.position += 1
            return Number(float(token.text))
        if token.kind == "name":
            self.position += 1
            return self._named(token)
        raise self._unexpected('a number, a name, a function or "("')

    def _named(self, token: Token) -> Node:
        opening = self.ahead
        if not token.is_quoted and token.text in FUNCTIONS:
            if not self._take("("):
                raise self._unexpected(f'"(" after the function {token.text}')
            arguments = [self._expression()]
            while self._take(","):
                arguments.append(self._expression())
            self._close(opening)
            self._check_count(token, len(arguments))
            return Call(token.text, tuple(arguments))
        if opening.kind == "sign" and opening.text == "(":
            raise error_at(
                self.text,
                token.start,
                f"has {token.text!r} before a parenthesis, which is no function"
                f"{did_you_mean(token.text, FUNCTIONS)}; functions are "
                f"{', '.join(FUNCTIONS)}, and a product is written with *",
            )
        if not token.is_quoted and token.text in ("pi", "π"):
            return Number(math.pi)
        return Name(token.text)

    def _check_count(self, token: Token, found: int) -> None:
        least, greatest = FUNCTIONS[token.text]
        if found < least or (greatest is not None and found > greatest):
            wanted = "one argument" if greatest == 1 else f"{least} arguments or more"
            raise error_at(self.text, token.start, f"gives {token.text} {found}: it has {wanted}")

    def _take(self, *signs: str) -> str:
        """Step over the sign ahead if it is one of these, and return it; else ``""``."""
        token = self.ahead
        if token.kind != "sign" or token.text not in signs:
            return ""
        self.position += 1
        return token.text

    def _close(self, opening: Token) -> None:
        if self._take(")"):
            return
        if self.ahead.kind == "end":
            raise error_at(self.text, opening.start, 'has a "(" that is not closed')
        raise self._unexpected('an operator (+ - * / **) or ")"')

    def _unexpected(self, wanted: str) -> GraphError:
        token = self.ahead
        found = "its end" if token.kind == "end" else repr(token.text)
        return self._error(f"should go on with {wanted}, found {found}")

    def _error(self, problem: str) -> GraphError:
        return error_at(self.text, self.ahead.start, problem)
