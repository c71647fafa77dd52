"""Files of tickets: downloaded, never opened by the browser; raster pictures may be shown (SECURITY "Mail and content")."""

from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_safe

from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import NotFound
from tocsin.web.access import signed_in, viewer

LARGEST_PICTURE = 15_000_000  # bytes; a larger one is only downloaded


@signed_in
@require_safe
def download(request: HttpRequest, attachment_id: UUID) -> FileResponse:
    """Send a file as a download: always bytes without a type, so that nothing in it can run on our address."""
    found = tickets.access_attachment(viewer(request), attachment_id)
    return harmless(
        FileResponse(tickets.content_of(found), as_attachment=True, filename=found.name),
        "application/octet-stream",
        found.size,
    )


@signed_in
@require_safe
def picture(request: HttpRequest, attachment_id: UUID) -> FileResponse:
    """Show a picture that is raster by its own first bytes; SVG and HTML are none."""
    found = tickets.access_attachment(viewer(request), attachment_id)
    if not found.is_picture or found.size > LARGEST_PICTURE:
        raise NotFound("not_a_picture", "This file cannot be shown. Download it instead.")
    return harmless(FileResponse(tickets.content_of(found), filename=found.name), found.kind, found.size)


def harmless(response: FileResponse, kind: str, size: int) -> FileResponse:
    """Mark a file so that nothing in it can run on our address."""
    response["Content-Type"] = kind
    response["Content-Length"] = str(size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, max-age=3600"
    return response
