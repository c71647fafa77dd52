"""The form of a provider, made from what its kind says it needs. Secrets can be written and never read."""

from typing import Any

from django import forms

from tocsin.domain.notify.models import Provider
from tocsin.domain.notify.transport import ProviderKind, Setting
from tocsin.kernel.errors import TocsinError
from tocsin.web.fields import Form

_PREFIX = "setting_"  # a kind may call a setting "name"


class ProviderForm(Form):
    """A provider's name and its kind's settings. `provider`: the one that is edited."""

    name = forms.CharField(label="Name", max_length=80, help_text="As pages, logs and metrics call it.")

    def __init__(self, *args: Any, kind: ProviderKind, provider: Provider | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kind = kind
        for setting in kind.settings:
            self.fields[_PREFIX + setting.name] = _field(setting, provider)
        self.order_fields(["name"])
        self._dress_again()

    def _dress_again(self) -> None:
        for field in self.fields.values():
            if "input" not in field.widget.attrs.get("class", ""):
                field.widget.attrs["class"] = "input"

    def values(self) -> dict[str, str]:
        """Return the settings by their own names."""
        return {setting.name: str(self.cleaned_data[_PREFIX + setting.name]) for setting in self._kind.settings}

    def refuse(self, error: TocsinError) -> None:
        """Show `error` at the settings that it names."""
        for name, problem in error.fields.items():
            if _PREFIX + name in self.fields:
                self.add_error(_PREFIX + name, problem)
            elif name in self.fields:
                self.add_error(name, problem)
        if not self.errors:
            self.add_error(None, error.message)


def _field(setting: Setting, provider: Provider | None) -> forms.CharField:
    # A secret that is there already is shown as nothing, and kept if nothing is written.
    kept = setting.secret and provider is not None
    hint = f"Kept as it is if left empty. {setting.remedy}" if kept else setting.remedy
    attrs = {"autocomplete": "off", "spellcheck": "false"}
    if setting.secret:
        widget: forms.Widget = forms.PasswordInput(render_value=False, attrs=attrs | {"autocomplete": "new-password"})
        initial = ""
    else:
        widget = forms.TextInput(attrs=attrs)
        initial = str(provider.settings.get(setting.name, "")) if provider else setting.default
    required = setting.required and not setting.default and not kept
    return forms.CharField(
        label=setting.label, required=required, help_text=hint.strip(), initial=initial, widget=widget, max_length=4000
    )
