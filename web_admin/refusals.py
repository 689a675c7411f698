"""What is shown instead of a page when something goes wrong. Never the words of an error."""

from __future__ import annotations

import logging

from aiohttp import web

from core.database import Busy
from core.kernel.errors import DomainError
from core.kernel.ids import new_code
from core.kernel.text import Text, say
from web_admin.pages import Visit, render

logger = logging.getLogger(__name__)

_SAID = {
    404: (say("office.error.missing"), say("office.error.missing_body")),
    405: (say("office.error.missing"), say("office.error.missing_body")),
    413: (say("office.error.large"), say("office.error.large_body")),
}
_WRONG = (say("office.error.wrong"), say("office.error.wrong_body"))


def refused(visit: Visit, error: Exception) -> web.Response:
    """The page for an error: a refusal with its sentence, one of ours with a reference that stands in the log too."""
    match error:
        case web.HTTPException():
            if error.status < 400:
                raise error
            response = said(visit, error.status, *_SAID.get(error.status, _WRONG))
            if "Allow" in error.headers:
                response.headers["Allow"] = error.headers["Allow"]
            return response
        case Busy():
            response = said(visit, 503, say("office.error.busy"), say("office.error.busy_body"))
            response.headers["Retry-After"] = "5"
            return response
        case DomainError():
            return said(visit, 422, say("office.error.refused"), error.text)
    reference = new_code()
    logger.error("page failed, reference %s\n%s", reference, visit.office.trace(error))
    return said(visit, 500, say("office.error.ours"), say("office.error.ours_body", reference=reference))


def said(visit: Visit, status: int, heading: Text, body: Text) -> web.Response:
    return render(visit, "said.html", status, heading=heading, body=body)
