"""Where the front line's pages are found."""

from django.urls import path

from tocsin.web.frontline import reassigning, shift

routes = [
    path("shift-handover", shift.shift_handover, name="shift_handover"),
    path("shift-handover/<uuid:bundle_id>", shift.shift, name="shift"),
    path("shift-handover/<uuid:bundle_id>/answer", shift.answer, name="shift_answer"),
    path("shift-handover/<uuid:bundle_id>/withdraw", shift.withdraw, name="shift_withdraw"),
    path("board/<int:number>/reassign", reassigning.reassign, name="board_reassign"),
]
