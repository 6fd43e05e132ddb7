"""Boards to take away: CSV for French spreadsheets, XLSX, PDF."""

from datetime import datetime

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from agencies.http_types import StaffRequest
from portal.access import DESK_ROLES, audience
from portal.database.replica import reads_from_replica
from portal.export import csv_file
from requests.attachments.responses import pdf
from requests.figures import actions, board_page, exports
from requests.figures.boards import Board
from requests.figures.fact_models import FigureClock
from requests.figures.forms import Choice
from requests.figures.views import PAGES
from requests.kit import pdf as documents

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _file_name(board: str, choice: Choice) -> str:
    """Return the name of a file without its ending: the board and the days that it is about."""
    return f"palier-{board}-{choice.span.first.isoformat()}-{choice.span.last.isoformat()}"


def _made(request: StaffRequest, name: str) -> tuple[Board, Choice, str, datetime | None]:
    """Return the board that is asked for. Raises Http404 for one that the member may not open."""
    if name not in PAGES or request.membership.role not in PAGES[name][1]:
        raise Http404
    asked = board_page.ask(request)
    clock = FigureClock.objects.filter(pk=1).first()
    board = PAGES[name][2](asked)
    actions.record_view(
        membership=request.membership,
        path=board_page.address(request),
        now=asked.moment,
        unit=asked.place.unit.pk if asked.place else None,
    )
    return board, asked.choice, board_page.title_of(asked), clock.at if clock else None


@audience(*DESK_ROLES)
@require_GET
@reads_from_replica
def as_csv(request: StaffRequest, board: str) -> HttpResponse:
    """Return a board as CSV with semicolons and a byte-order mark, for Excel in French."""
    made = _made(request, board)
    return csv_file(_file_name(board, made[1]), exports.all_rows(*made))


@audience(*DESK_ROLES)
@require_GET
@reads_from_replica
def as_xlsx(request: StaffRequest, board: str) -> HttpResponse:
    """Return a board as a workbook, a sheet for each question."""
    made = _made(request, board)
    response = HttpResponse(exports.workbook(*made), content_type=XLSX)
    name = _file_name(board, made[1])
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


@audience(*DESK_ROLES)
@require_GET
@reads_from_replica
def as_pdf(request: StaffRequest, board: str) -> HttpResponse:
    """Return a board as a document to print or send."""
    made, choice, whose, at = _made(request, board)
    context = {"board": made, "choice": choice, "whose": whose, "at": at}
    name = _file_name(board, choice)
    return pdf(documents.pdf("requests/figures/board_pdf.html", context), f"{name}.pdf")
