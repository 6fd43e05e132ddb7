"""The description of the API: for machines as OpenAPI 3.1, for people as a plain page.

The page is rendered here from the same description: the usual viewers need inline styles, which our
content security policy forbids, and none of them works without JavaScript.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
)
from drf_spectacular.views import SpectacularAPIView

from portal.access import PUBLIC, AudiencePermission, audience
from requests.api.schema import hidden


@audience(PUBLIC)
@hidden
class Schema(SpectacularAPIView):
    """Return the OpenAPI description, as JSON unless YAML is asked for."""

    permission_classes = [AudiencePermission]
    renderer_classes = [OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer]


@audience(PUBLIC)
@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """Show every operation with its parameters, body, answers and an example to copy."""
    described = SchemaGenerator().get_schema(request=None, public=True)
    schemas = described["components"]["schemas"]
    base = request.build_absolute_uri("/").rstrip("/")
    operations = [
        _operation(method, path, details, schemas)
        for path, methods in described["paths"].items()
        for method, details in methods.items()
    ]
    page = {"operations": operations, "base": base, "schema_url": reverse("api:schema")}
    return render(request, "requests/api/docs.html", page)


def _operation(method: str, path: str, details: dict, schemas: dict) -> dict:
    """Return one operation as the template shows it."""
    content = details.get("requestBody", {}).get("content", {}).get("application/json", {})
    body = _named(content.get("schema", {}), schemas)
    required = body.get("required", [])
    return {
        "anchor": details["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": details.get("summary", ""),
        "parameters": [
            {
                "name": row["name"],
                "kind": _kind(row.get("schema", {}), schemas),
                "required": row.get("required", False),
                "words": row.get("description", ""),
            }
            for row in details.get("parameters", [])
        ],
        "fields": [
            {
                "name": name,
                "kind": _kind(field, schemas),
                "required": name in required,
                "words": field.get("description", ""),
            }
            for name, field in body.get("properties", {}).items()
        ],
        "examples": [e["value"] for e in content.get("examples", {}).values()],
        "answers": [
            (status, answer.get("description", ""))
            for status, answer in details["responses"].items()
        ],
    }


def _named(schema: dict, schemas: dict) -> dict:
    """Return the schema that a reference names."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return schemas.get(name, schema)


def _kind(schema: dict, schemas: dict) -> str:
    """Return the type in a few words: ``string, at most 120``; an enumeration by its values."""
    for key in ("allOf", "oneOf"):
        if schema.get(key):
            return _kind(schema[key][0], schemas)
    schema = _named(schema, schemas)
    if schema.get("enum"):
        return " | ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}), schemas)}]"
    kind = schema.get("format") or schema.get("type", "")
    return f"{kind} ≤ {schema['maxLength']}" if "maxLength" in schema else str(kind)
