"""What a person typed into a form that can no longer be sent, to be shown again."""

from django import forms


def typed_texts(form: forms.BaseForm) -> list[tuple[str, str]]:
    """Return ``(label, text)`` of the fields of a bound form that hold words of a person."""
    return [
        (str(form[name].label), form[name].data)
        for name, field in form.fields.items()
        if isinstance(field, forms.CharField)
        and not field.widget.is_hidden
        and (form[name].data or "").strip()
    ]
