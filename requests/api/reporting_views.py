"""Figures by API: the views of requests/reporting, with their dictionary.

Head office reads all units, an agency's manager their own: the lines of the files and views.
"""

import datetime as dt
from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.access import Role, audience
from portal.problems import BadParameter
from requests.api.bodies import StrictSerializer
from requests.api.schema import CHECKED, READ, UNSEEN
from requests.reporting import queries
from requests.reporting.datasets import BY_NAME, DATASETS, Dataset

READERS = (Role.HEAD_OFFICE, Role.AGENCY_MANAGER)


class LineParameters(StrictSerializer):
    """The filters of a view's lines."""

    since = serializers.DateField(
        required=False, help_text=_("First month, as its first day: 2026-01-01.")
    )
    until = serializers.DateField(
        required=False, help_text=_("Last month, counted in, as its first day.")
    )
    unit = serializers.SlugField(
        max_length=30, required=False, help_text=_("Code of a unit; of your own for a manager.")
    )


class ColumnShape(serializers.Serializer):
    """What one column of a view means."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["date", "text", "count", "number", "money"])
    about = serializers.CharField()


class DatasetShape(serializers.Serializer):
    """A view: its name in the address, what a line is, what each column means."""

    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    period = serializers.CharField(help_text=_("The column that since and until compare with."))
    columns = ColumnShape(many=True)


class LinesShape(serializers.Serializer):
    """The lines of a view, each an object by column."""

    name = serializers.CharField()
    results = serializers.ListField(child=serializers.DictField())


@audience(*READERS)
@extend_schema_view(
    get=extend_schema(
        operation_id="reporting_list",
        summary=_("List the figures that can be read"),
        responses={200: DatasetShape(many=True), **READ},
    )
)
class Datasets(APIView):
    """List the views with the definition of each column."""

    def get(self, request: Request) -> Response:
        return Response(DatasetShape(DATASETS, many=True).data)


@audience(*READERS)
@extend_schema_view(
    get=extend_schema(
        operation_id="reporting_read",
        summary=_("Read the lines of one of the figures"),
        parameters=[LineParameters],
        responses={200: LinesShape, **CHECKED, **READ, **UNSEEN},
    )
)
class Lines(APIView):
    """Read a view, of a period and a unit where asked."""

    def get(self, request: Request, name: str) -> Response:
        dataset = BY_NAME.get(name)
        if dataset is None:
            raise Http404
        given = LineParameters(data=request.query_params)
        if not given.is_valid():
            raise BadParameter(given.errors)
        asked = given.validated_data
        membership: Any = request.membership
        if membership.role == Role.AGENCY_MANAGER:
            own = membership.unit.code
            if asked.setdefault("unit", own) != own:
                raise Http404
        found = queries.lines(dataset, **asked)
        return Response({"name": name, "results": [_as_object(dataset, line) for line in found]})


def _as_object(dataset: Dataset, line: queries.Line) -> dict:
    """Return a line by column; dates as text, sums and medians as numbers."""
    return {
        column.name: value.isoformat()
        if isinstance(value, dt.date)
        else float(value)
        if value is not None and column.kind in ("number", "money")
        else value
        for column, value in zip(dataset.columns, line, strict=True)
    }
