"""Templates in the language being spoken: translated when they are compiled, so that showing them costs nothing."""

from typing import Any

from django.template import Origin
from django.template.loaders import cached, filesystem

from tocsin.web.languages.catalogue import SOURCE, exact, language_now
from tocsin.web.languages.segments import translated


class Source(filesystem.Loader):
    """Reads a template and lets it say its sentences in the language being spoken."""

    def get_contents(self, origin: Origin) -> str:
        """Django's hook."""
        source = str(super().get_contents(origin))
        return source if language_now() == SOURCE else translated(source, exact)


class Loader(cached.Loader):
    """Keeps compiled templates, each language's apart."""

    def cache_key(self, template_name: str, skip: list[Origin] | None = None) -> str:
        """Django's hook."""
        return f"{language_now()}:{super().cache_key(template_name, skip)}"

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Any:
        """Django's hook."""
        return super().get_template(template_name, skip)
