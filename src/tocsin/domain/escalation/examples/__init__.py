"""Four policies to begin with. They name roles only, so that they work in any company."""

from importlib import resources

from tocsin.domain.escalation.logic import spec
from tocsin.domain.escalation.logic.policy import Policy


def sources() -> dict[str, str]:
    """Return the YAML of each example by its file's name without `.yaml`, in order of name."""
    files = (file for file in resources.files(__name__).iterdir() if file.name.endswith(".yaml"))
    return {file.name.removesuffix(".yaml"): file.read_text("utf-8") for file in sorted(files, key=lambda f: f.name)}


def load_all() -> dict[str, Policy]:
    """Return each example as a policy by the same name."""
    return {name: spec.load(text, filename=f"{name}.yaml") for name, text in sources().items()}
