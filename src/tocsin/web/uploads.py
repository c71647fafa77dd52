"""Files that come with a form: bounded while they arrive, handed on as plain values."""

from collections.abc import Iterable
from typing import Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from tocsin.domain.tickets.logic.attached import Upload, megabytes
from tocsin.kernel.errors import InvalidInput

SLACK = 1_000_000  # bytes beyond the bound until a file is dropped while it arrives


class Quota(FileUploadHandler):
    """Drops what exceeds the bound of one message while it arrives, before it fills a disk. Stands first in settings."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._got = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002 - Django's arguments
        """Count, and let the next handler have the bytes."""
        self._got += len(raw_data)
        if self._got > settings.ATTACHMENT_TOTAL + SLACK:
            if self.request is not None:
                self.request.META["tocsin.upload_dropped"] = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 - Django's arguments
        """Leave the file to the next handler."""
        return


def uploads_of(request: HttpRequest, name: str = "files") -> list[Upload]:
    """Return the files of a form's field in order. Raises InvalidInput when more was sent than is taken."""
    if request.META.get("tocsin.upload_dropped"):
        problem = f"These files are larger than {megabytes(settings.ATTACHMENT_TOTAL)} together."
        raise InvalidInput("too_large", f"{problem} Send fewer, or share them another way.", {name: problem})
    files = cast("Iterable[UploadedFile[Any]]", request.FILES.getlist(name))
    return [Upload(name=file.name or "", content=file.read(), declared=file.content_type or "") for file in files]
