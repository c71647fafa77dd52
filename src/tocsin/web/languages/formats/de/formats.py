"""How Django writes values in German: numbers with a point, since templates also write them into drawings and forms."""

DECIMAL_SEPARATOR = "."
